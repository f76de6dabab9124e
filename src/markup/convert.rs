//! A text of any format in BBCode.

use std::borrow::Cow;

use crate::post::MessageFormat;

use super::brackets;
use super::html;
use super::markdown;

/// A text in BBCode, and what became of its images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted<'a> {
    /// Borrowed where nothing had to be changed.
    pub text: Cow<'a, str>,
    /// What is worth a word about its images.
    pub images: Images,
}

/// Images that a reader of the post sees from elsewhere, or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    /// The hosts from which they are shown, each once.
    pub hosts: Vec<String>,
    /// Those that can't be shown: they have no address on the web, and their files are not among
    /// the attachments.
    pub left_out: u32,
}

impl Images {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.left_out == 0
    }
}

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
