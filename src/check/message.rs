//! A row's message as it is sent: in BBCode, whatever it is written in.

use crate::markup::{Images, looks_like_html, to_bbcode};
use crate::post::{Field, MessageFormat, Post};

use super::cells::Cells;
use super::{Code, Place, Problem, Rules};

/// What is worth a word about a message. Few have anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageFind {
    /// Its images are shown from elsewhere, or can't be.
    Images(Images),
    /// It looks like HTML although nobody has said how it is written: a problem of the file once
    /// there are many.
    HtmlUnasked(Problem),
}

/// Turns the message into BBCode if somebody has said that it is written otherwise.
#[inline]
pub(super) fn convert(
    cells: &mut Cells<'_, '_>,
    post: &mut Post<'_>,
    rules: &Rules,
) -> Option<Box<MessageFind>> {
    if post.message_format != MessageFormat::BbCode {
        return convert_from(cells, post, post.message_format);
    }
    let is_unasked = looks_like_html(&post.message) && rules.format_said(cells.row()).is_none();
    is_unasked.then(|| Box::new(MessageFind::HtmlUnasked(html_unasked(cells, &post.message))))
}

fn convert_from(
    cells: &mut Cells<'_, '_>,
    post: &mut Post<'_>,
    format: MessageFormat,
) -> Option<Box<MessageFind>> {
    if post.message.is_empty() {
        return None;
    }
    let attachments = post.attachments.iter();
    let names: Vec<&str> = attachments
        .map(|attachment| attachment.shown_name())
        .collect();
    let message = std::mem::take(&mut post.message);
    let converted = to_bbcode(message, format, &names);
    if converted.text.trim().is_empty() {
        let written = cells.written(Field::Message);
        let advice = format!(
            "read as {}, the message says nothing; write one or remove the row",
            format.name()
        );
        cells.objection(Field::Message, Code::MessageMissing, &written, advice);
    }
    post.message = converted.text;
    let images = converted.images;
    (!images.is_empty()).then(|| Box::new(MessageFind::Images(images)))
}

fn html_unasked(cells: &Cells<'_, '_>, message: &str) -> Problem {
    let place = Place {
        at: cells.row().at,
        column: cells.column(Field::Message),
    };
    // What to do depends on how many there are.
    Problem::of_column(place, Code::MessageLikeHtml, message, "")
}
