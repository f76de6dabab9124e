//! What text is shown as, and the tags for it.

/// What a stretch of text is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Bold,
    Italic,
    Underline,
    Strike,
    Code,
    Link,
}

/// The tags around a mark.
pub(super) fn tags(mark: Mark) -> [&'static str; 2] {
    match mark {
        Mark::Bold => ["[b]", "[/b]"],
        Mark::Italic => ["[i]", "[/i]"],
        Mark::Underline => ["[u]", "[/u]"],
        Mark::Strike => ["[s]", "[/s]"],
        Mark::Code => ["[code]", "[/code]"],
        Mark::Link => ["[url]", "[/url]"],
    }
}
