//! What a tag's attributes say.

use html5ever::tokenizer::Tag;

use super::style::{Style, is_at_most_one};

/// The value of an attribute.
pub fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    let found = tag
        .attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name);
    found.map(|attribute| &*attribute.value)
}

/// Whether what the tag shows is hidden or of one pixel: that only tells its sender that the mail was
/// opened.
pub fn is_unseen(tag: &Tag) -> bool {
    let is_pixel = |name| attribute(tag, name).is_some_and(is_at_most_one);
    let style = attribute(tag, "style").map_or_else(Style::default, Style::parse);
    style.is_hidden || style.is_pixel || is_pixel("width") || is_pixel("height")
}

/// Outlook's paragraphs have no distance between them.
pub fn is_tight_class(class: &str) -> bool {
    class.starts_with("Mso")
}

/// Whether a table holds data or is there for the layout, where its tag says so.
pub fn is_data(tag: &Tag) -> Option<bool> {
    let role = attribute(tag, "role")?;
    (role == "presentation" || role == "none").then_some(false)
}
