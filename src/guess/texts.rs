//! What texts are like: HTML by its tags, and which column holds the notes.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::column::Column;
use super::dates::is_date;
use super::ids::{is_id, is_path};

/// Share of the texts, in percent, that must have tags for the column to be HTML.
const MOST: usize = 20;

static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let tags = "p|div|span|br|b|strong|i|em|u|a|ul|ol|li|table|tbody|tr|td|th|img|h[1-6]|font|\
                blockquote|pre|html|body|style";
    Regex::new(&format!("(?i)</?({tags})(\\s[^<>]*)?/?>")).ok()
});

/// How the texts of columns are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    Html,
    /// Some texts have tags.
    SomeHtml(usize),
    /// The tags themselves are written as `&lt;p&gt;` in so many texts.
    Escaped(usize),
    None,
}

impl Markup {
    pub fn of(columns: &[&Column<'_>]) -> Markup {
        let texts = || columns.iter().flat_map(|column| column.values());
        let has_tag = |text: &&str| TAG.as_ref().is_some_and(|tag| tag.is_match(text));
        let tagged = texts().filter(has_tag).count();
        let is_escaped = |text: &&str| text.contains("&lt;") && text.contains("&gt;");
        let escaped = texts().filter(is_escaped).count();
        match (tagged, escaped) {
            (0, 0) => Markup::None,
            (0, escaped) => Markup::Escaped(escaped),
            (tagged, _) if 100 * tagged >= MOST * texts().count() => Markup::Html,
            (tagged, _) => Markup::SomeHtml(tagged),
        }
    }
}

/// The column that is likeliest to hold the notes by what it holds: the longest texts, most of them
/// its own.
pub(super) fn likeliest<'t, 's>(columns: &[&'t Column<'s>]) -> Option<&'t Column<'s>> {
    let score = |column: &Column<'_>| {
        let is_other = |value: &str| {
            is_id(value) || is_date(value) || is_path(value) || value.starts_with(['[', '{'])
        };
        let count = column.filled();
        if count == 0 || column.is_mostly(is_other) {
            return 0;
        }
        let letters: usize = column.values().map(|text| text.chars().count()).sum();
        letters * column.counted().len() / (count * count)
    };
    let scored = columns.iter().map(|column| (score(column), *column));
    // Of equally long ones the first.
    let best = scored.rev().max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score > 0)
        .map(|(_, column)| column)
}
