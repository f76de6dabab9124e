//! Tags of a post. A portal keeps them as numbered categories and answers only the numbers
//! (bitrix24-rest.md §2.2); here a tag's number is made of its name, so that it outlives the
//! process.

use sha2::{Digest, Sha256};

use super::super::super::php::Php;
use super::super::super::post::NewPost;

/// The tags of `TAGS`: a list, or a text with commas between them.
pub(super) fn sent(tags: Option<&Php>) -> Vec<String> {
    let texts: Vec<_> = match tags {
        Some(Php::Array(list)) => list.values().filter_map(Php::to_text).collect(),
        Some(scalar) => scalar.to_text().into_iter().collect(),
        None => Vec::new(),
    };
    let split = texts.iter().flat_map(|text| {
        let text = String::from_utf8_lossy(text).into_owned();
        text.split(',').map(trimmed).collect::<Vec<_>>()
    });
    split.filter(|tag| !tag.is_empty()).collect()
}

fn trimmed(tag: &str) -> String {
    tag.trim().to_owned()
}

/// The numbers of a post's tags, those written as `#tag` within the text included; each once.
pub(super) fn categories(post: &NewPost) -> Vec<u32> {
    let message = String::from_utf8_lossy(&post.message);
    let sent = post.news.iter().flat_map(|news| &news.tags);
    let mut numbers = Vec::new();
    for tag in sent.map(String::as_str).chain(inline(&message)) {
        let number = number(tag);
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

fn inline(message: &str) -> impl Iterator<Item = &str> {
    let words = message.split(char::is_whitespace);
    words.filter_map(|word| {
        let tag = word.strip_prefix('#')?;
        let end = tag.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        Some(&tag[..end.unwrap_or(tag.len())]).filter(|tag| !tag.is_empty())
    })
}

/// A number above 0, the same for every way to write the tag in capitals.
fn number(tag: &str) -> u32 {
    let hash: [u8; 32] = Sha256::digest(tag.to_lowercase()).into();
    let [first, second, third, fourth, ..] = hash;
    (u32::from_be_bytes([first, second, third, fourth]) >> 1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_as_a_list_or_as_a_text() {
        assert_eq!(sent(Some(&Php::text("a, b c ,,d"))), ["a", "b c", "d"]);
        let list = Php::map([("x", Php::text("a")), ("y", Php::Int(5))]);
        assert_eq!(sent(Some(&list)), ["a", "5"]);
        assert_eq!(sent(None), [""; 0]);
    }

    #[test]
    fn tags_within_the_text_are_words() {
        let found: Vec<&str> = inline("#one a#two #три, [b]#four[/b] # #five_5!").collect();
        assert_eq!(found, ["one", "три", "five_5"]);
        assert_eq!(number("News"), number("news"));
        assert_ne!(number("news"), number("new"));
    }
}
