//! Texts in HTML, Markdown or without any markup → BBCode, the markup that Bitrix24 renders.
//!
//! Each format has a reader that walks through a text once and tells `writer` what it meets:
//! words, line breaks, paragraphs, bold, lists, tables. The writer knows BBCode and nothing else, so
//! what comes out is always well nested, whatever went in. No tree is built: a text that nests a
//! million tags takes as long as any other of its size, and no more stack.

mod address;
mod brackets;
mod convert;
mod converted;
mod html;
mod image;
mod likeness;
mod markdown;
mod table;
mod writer;

pub use convert::to_bbcode;
pub use converted::{Converted, Images};
pub use likeness::looks_like_html;

#[cfg(test)]
mod tests;
