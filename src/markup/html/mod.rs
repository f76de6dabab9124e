//! HTML → BBCode.
//!
//! The text is cut into tags and words by html5ever, as browsers do it; what these mean is decided
//! here while they pass by (`walk`), with a table of elements (`elements`) and what of their styles
//! matters in a text (`style`).

mod attributes;
mod elements;
mod style;
mod walk;

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::converted::Converted;
use super::likeness::is_escaped_html;

pub use walk::Walk;

/// HTML in BBCode. A text that was escaped as a whole is unescaped first.
pub fn to_bbcode(html: &str, attachments: &[&str]) -> Converted<'static> {
    let html = match is_escaped_html(html) {
        true => Cow::Owned(unescaped(html)),
        false => Cow::Borrowed(html),
    };
    let mut walk = Walk::new(attachments);
    walk.keeps_lines = !has_line_tag(&html);
    read(walk, &html).finish()
}

/// Takes a walk through a piece of HTML, from where it stands.
pub fn read<'n>(walk: Walk<'n>, html: &str) -> Walk<'n> {
    let reader = Reader(RefCell::new(walk));
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    let input = BufferQueue::default();
    for piece in pieces(html) {
        input.push_back(StrTendril::from_slice(piece));
        // Nothing here stops the tokenizer before the end of its input.
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// The longest piece that the tokenizer is given: it has 32 bits for a length.
const PIECE: usize = 1 << 20;

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = (PIECE..rest.len()).find(|at| rest.is_char_boundary(*at));
        let (piece, others) = rest.split_at(end.unwrap_or(rest.len()));
        rest = others;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Hands the tokens on.
struct Reader<'n>(RefCell<Walk<'n>>);

impl TokenSink for Reader<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut walk = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => walk.text(&text),
            Token::TagToken(tag) => match tag.kind {
                TagKind::StartTag => {
                    walk.start(&tag);
                    return content_of(&tag.name);
                }
                TagKind::EndTag => walk.end(&tag.name),
            },
            Token::CommentToken(_)
            | Token::DoctypeToken(_)
            | Token::NullCharacterToken
            | Token::ParseError(_)
            | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}

/// How the tokenizer is to read an element's content.
fn content_of(name: &str) -> TokenSinkResult<()> {
    let kind: RawKind = match name {
        "script" => ScriptData,
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Rawtext,
        "title" | "textarea" => Rcdata,
        _ => return TokenSinkResult::Continue,
    };
    TokenSinkResult::RawData(kind)
}

/// The text without one layer of the entities by which HTML is escaped.
fn unescaped(text: &str) -> String {
    const ENTITIES: [(&str, char); 7] = [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&#39;", '\''),
        ("&#039;", '\''),
        ("&amp;", '&'),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let entity = ENTITIES
            .iter()
            .find(|(entity, _)| after.starts_with(entity));
        let (letter, length) = entity.map_or(('&', 1), |(entity, letter)| (*letter, entity.len()));
        out.push(letter);
        rest = &after[length..];
    }
    out.push_str(rest);
    out
}

/// Whether a text has a tag that breaks lines. Without one its line ends are its lines: a plain text
/// with a few bold words.
fn has_line_tag(html: &str) -> bool {
    memchr::memchr_iter(b'<', html.as_bytes()).any(|at| {
        let rest = html.as_bytes()[at + 1..].iter();
        let name: Vec<u8> = rest
            .take(12)
            .skip_while(|byte| **byte == b'/')
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect();
        std::str::from_utf8(&name).is_ok_and(elements::breaks_lines)
    })
}
