//! What each element of HTML means for the text.

use crate::markup::writer::Mark;

/// What an element means for the text. Those that are not in the table leave their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Mark(Mark),
    Link,
    /// Changes nothing but what its style says.
    Span,
    /// A line of its own.
    Block,
    /// With empty lines around it.
    Paragraph,
    Heading,
    Quote,
    List {
        ordered: bool,
    },
    Item,
    Preformatted,
    Table,
    Row,
    Cell {
        is_header: bool,
    },
    Caption,
    Quotation,
    /// Its content is no text for readers.
    Hidden,
}

pub fn kind(name: &str) -> Kind {
    match name {
        "b" | "strong" => Kind::Mark(Mark::Bold),
        "i" | "em" | "cite" | "dfn" | "var" => Kind::Mark(Mark::Italic),
        "u" | "ins" => Kind::Mark(Mark::Underline),
        "s" | "strike" | "del" => Kind::Mark(Mark::Strike),
        "code" | "tt" | "kbd" | "samp" => Kind::Mark(Mark::Code),
        "a" => Kind::Link,
        "q" => Kind::Quotation,
        "address" | "article" | "aside" | "body" | "center" | "dd" | "details" | "dialog"
        | "div" | "dt" | "figcaption" | "figure" | "footer" | "form" | "header" | "hgroup"
        | "html" | "legend" | "main" | "nav" | "optgroup" | "option" | "search" | "section"
        | "summary" | "textarea" => Kind::Block,
        "p" | "dl" | "fieldset" => Kind::Paragraph,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Kind::Heading,
        "blockquote" => Kind::Quote,
        "ul" | "menu" | "dir" => Kind::List { ordered: false },
        "ol" => Kind::List { ordered: true },
        "li" => Kind::Item,
        "pre" | "xmp" | "listing" => Kind::Preformatted,
        "table" => Kind::Table,
        "tr" => Kind::Row,
        "td" => Kind::Cell { is_header: false },
        "th" => Kind::Cell { is_header: true },
        "caption" => Kind::Caption,
        // The last ones are settings that Word writes beside its text.
        "script"
        | "style"
        | "title"
        | "template"
        | "iframe"
        | "noembed"
        | "noframes"
        | "datalist"
        | "xml"
        | "w:worddocument"
        | "w:latentstyles"
        | "o:officedocumentsettings" => Kind::Hidden,
        _ => Kind::Span,
    }
}

/// Whether an element shows something from elsewhere.
pub fn is_embedded(name: &str) -> bool {
    matches!(name, "iframe" | "video" | "audio")
}

/// Whether an element has no content, and so no end.
pub fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "image"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether the element begins or ends a line, so that line ends of the source are none.
pub fn breaks_lines(name: &str) -> bool {
    matches!(name, "br" | "hr")
        || !matches!(
            kind(name),
            Kind::Mark(_) | Kind::Link | Kind::Span | Kind::Quotation | Kind::Hidden
        )
}

/// Whether the element ends a paragraph that is still open.
pub fn ends_paragraph(name: &str, kind: Kind) -> bool {
    let is_block = matches!(
        kind,
        Kind::Block
            | Kind::Paragraph
            | Kind::Heading
            | Kind::Quote
            | Kind::List { .. }
            | Kind::Item
            | Kind::Preformatted
            | Kind::Table
    );
    is_block
        && !matches!(
            name,
            "option" | "optgroup" | "textarea" | "body" | "html" | "legend"
        )
}

/// Whether what is outside the element can't be ended inside it.
pub fn is_boundary(kind: Kind) -> bool {
    matches!(kind, Kind::Table | Kind::Cell { .. } | Kind::Caption)
}

/// Whether the element is a part of a table.
pub fn is_table_part(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Table | Kind::Row | Kind::Cell { .. } | Kind::Caption
    )
}

/// Whether the element ends where its end tag stands, whatever has begun inside it.
pub fn is_inline(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Mark(_) | Kind::Link | Kind::Span | Kind::Quotation
    )
}
