//! A row's message as it is sent: in BBCode, whatever it is written in.

use crate::markup::{Images, looks_like_html, to_bbcode};
use crate::post::{Field, MessageFormat, Post};

use super::cells::Cells;
use super::{Code, Place, Problem, Rules};

/// What is worth a word about a message.
#[derive(Debug, Default)]
pub(super) struct MessageFinds {
    /// None where there is nothing to say of its images.
    pub images: Option<Box<Images>>,
    /// That it looks like HTML although nobody has said how it is written. A problem of the file
    /// once there are many.
    pub html_unasked: Option<Box<Problem>>,
}

/// Turns the message into BBCode if somebody has said that it is written otherwise.
pub(super) fn convert(
    cells: &mut Cells<'_, '_>,
    post: &mut Post<'_>,
    rules: &Rules,
) -> MessageFinds {
    if post.message_format == MessageFormat::BbCode {
        let is_unasked = looks_like_html(&post.message) && rules.format_said(cells.row()).is_none();
        return MessageFinds {
            html_unasked: is_unasked.then(|| Box::new(html_unasked(cells, &post.message))),
            ..MessageFinds::default()
        };
    }
    if post.message.is_empty() {
        return MessageFinds::default();
    }
    let attachments = post.attachments.iter();
    let names: Vec<&str> = attachments
        .map(|attachment| attachment.shown_name())
        .collect();
    let message = std::mem::take(&mut post.message);
    let converted = to_bbcode(message, post.message_format, &names);
    if converted.text.trim().is_empty() {
        let written = cells.written(Field::Message);
        let advice = format!(
            "read as {}, the message says nothing; write one or remove the row",
            post.message_format.name()
        );
        cells.objection(Field::Message, Code::MessageMissing, &written, advice);
    }
    post.message = converted.text;
    let images = converted.images;
    MessageFinds {
        images: (!images.is_empty()).then(|| Box::new(images)),
        html_unasked: None,
    }
}

fn html_unasked(cells: &Cells<'_, '_>, message: &str) -> Problem {
    let place = Place {
        at: cells.row().at,
        column: cells.column(Field::Message),
    };
    // What to do depends on how many there are.
    Problem::of_column(place, Code::MessageLikeHtml, message, "")
}
