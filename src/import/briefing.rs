//! What is about to happen, for the screen before the first post.

/// One of the first rows that will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub row: u64,
    pub entity: Option<String>,
    pub excerpt: String,
}

/// Everything that the user should know before it can't be undone.
#[derive(Clone, Debug, Default)]
pub struct Briefing {
    pub portal: String,
    pub user: String,
    pub target: &'static str,
    pub rows: u64,
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    pub already_posted: u64,
    pub in_doubt: u64,
    pub samples: Vec<Sample>,
    /// What deserves a second look.
    pub warnings: Vec<String>,
}
