//! A text of any format in BBCode.

use std::borrow::Cow;

use crate::post::MessageFormat;

use super::brackets;
use super::converted::Converted;
use super::html;
use super::markdown;

/// A text in BBCode. `attachments` are the names of the post's files, by which images of a mail
/// are known.
pub fn to_bbcode<'a>(
    text: Cow<'a, str>,
    format: MessageFormat,
    attachments: &[&str],
) -> Converted<'a> {
    match format {
        MessageFormat::BbCode => Converted {
            text,
            ..Converted::default()
        },
        MessageFormat::Text => Converted {
            text: match brackets::without_tags(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(changed) => Cow::Owned(changed),
            },
            ..Converted::default()
        },
        MessageFormat::Html => html::to_bbcode(&text, attachments),
        MessageFormat::Markdown => markdown::to_bbcode(&text, attachments),
    }
}
