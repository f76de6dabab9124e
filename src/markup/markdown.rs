//! Markdown → BBCode: CommonMark with tables, strikethrough and task lists.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::address::link_address;
use super::converted::Converted;
use super::html::{self, Walk};
use super::image::Image;
use super::writer::Mark;

/// Markdown in BBCode. HTML in it is read as HTML.
pub fn to_bbcode(markdown: &str, attachments: &[&str]) -> Converted<'static> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = Reader {
        walk: Walk::new(attachments),
        html: None,
        image: None,
        links: Vec::new(),
        is_header: false,
    };
    for event in Parser::new_ext(markdown, options) {
        reader.take(event);
    }
    reader.walk.finish()
}

struct Reader<'n> {
    walk: Walk<'n>,
    /// A block of HTML, which is read as a whole.
    html: Option<String>,
    /// The image under way: its address, and its description so far.
    image: Option<(String, String)>,
    /// Whether each open link leads somewhere.
    links: Vec<bool>,
    /// Whether the cells are those of a table's header.
    is_header: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>) {
        if let Some((_, alt)) = &mut self.image {
            match event {
                Event::End(TagEnd::Image) => self.end_image(),
                Event::Text(text) | Event::Code(text) => alt.push_str(&text),
                Event::SoftBreak | Event::HardBreak => alt.push(' '),
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.html {
                Some(html) => html.push_str(&text),
                None => self.walk.text(&text),
            },
            Event::Code(text) => {
                self.walk.writer.start(Mark::Code);
                self.walk.text(&text);
                self.walk.writer.end(Mark::Code);
            }
            Event::Html(text) => match &mut self.html {
                Some(html) => html.push_str(&text),
                None => self.read_html(&text),
            },
            Event::InlineHtml(text) => self.read_html(&text),
            Event::SoftBreak | Event::HardBreak => self.walk.writer.line_break(),
            Event::Rule => self.walk.writer.rule(),
            Event::TaskListMarker(is_done) => self.walk.task(is_done),
            // Not asked for.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.walk.text(&text);
            }
        }
    }

    fn read_html(&mut self, text: &str) {
        let walk = std::mem::replace(&mut self.walk, Walk::new(&[]));
        self.walk = html::read(walk, text);
    }

    fn start(&mut self, tag: Tag<'_>) {
        let writer = &mut self.walk.writer;
        match tag {
            Tag::Paragraph => writer.paragraph(),
            Tag::Heading { .. } => {
                writer.paragraph();
                writer.start(Mark::Bold);
            }
            Tag::BlockQuote(_) => writer.start_quote(),
            Tag::CodeBlock(_) => {
                writer.block();
                writer.start(Mark::Code);
                writer.start_preformatted();
            }
            Tag::HtmlBlock => self.html = Some(String::new()),
            Tag::List(first) => writer.start_list(first),
            Tag::Item => writer.start_item(),
            Tag::Table(_) => writer.start_table(Some(true)),
            Tag::TableHead => self.is_header = true,
            Tag::TableRow => {}
            Tag::TableCell => writer.start_cell(self.is_header),
            Tag::Emphasis => writer.start(Mark::Italic),
            Tag::Strong => writer.start(Mark::Bold),
            Tag::Strikethrough => writer.start(Mark::Strike),
            Tag::Link { dest_url, .. } => {
                let address = link_address(&dest_url);
                self.links.push(address.is_some());
                if let Some(address) = address {
                    writer.start_link(address);
                }
            }
            Tag::Image { dest_url, .. } => self.image = Some((dest_url.to_string(), String::new())),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let writer = &mut self.walk.writer;
        match tag {
            TagEnd::Paragraph => writer.paragraph(),
            TagEnd::Heading(_) => {
                writer.end(Mark::Bold);
                writer.paragraph();
            }
            TagEnd::CodeBlock => {
                writer.end(Mark::Code);
                writer.end_preformatted();
                writer.paragraph();
            }
            TagEnd::HtmlBlock => {
                if let Some(html) = self.html.take() {
                    self.read_html(&html);
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => writer.end_holder(),
            TagEnd::Table => writer.end_table(),
            TagEnd::TableHead => {
                self.is_header = false;
                writer.end_row();
            }
            TagEnd::TableRow => writer.end_row(),
            TagEnd::TableCell => writer.end_cell(),
            TagEnd::Emphasis => writer.end(Mark::Italic),
            TagEnd::Strong => writer.end(Mark::Bold),
            TagEnd::Strikethrough => writer.end(Mark::Strike),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        if self.links.pop() == Some(true) {
            self.walk.writer.end(Mark::Link);
        }
    }

    fn end_image(&mut self) {
        if let Some((src, alt)) = self.image.take() {
            self.walk.image(Image {
                src: &src,
                alt: &alt,
            });
        }
    }
}
