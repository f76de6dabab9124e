//! What comes out of a conversion.

use std::borrow::Cow;

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
