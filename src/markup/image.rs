//! What stands in a text in place of an image.

use super::address::{host, image_address};

/// An image as the text names it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Image<'a> {
    pub src: &'a str,
    pub alt: &'a str,
}

/// What becomes of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageText {
    /// It is shown from its address on the web.
    Shown { tag: String, host: Option<String> },
    /// It is among the attachments, or is a letter of its own, such as an emoji: this text.
    Named(String),
    /// It can't be shown; its description or file name, which may be empty.
    LeftOut(String),
}

/// What becomes of an image of a post with these attachments.
pub fn image_text(image: Image<'_>, attachments: &[&str]) -> ImageText {
    let alt = image.alt.trim();
    if is_emoji(alt) {
        return ImageText::Named(alt.to_owned());
    }
    if let Some(address) = image_address(image.src) {
        return ImageText::Shown {
            tag: format!("[img]{address}[/img]"),
            host: host(&address),
        };
    }
    let name = file_name(image.src);
    let is_name = |attachment: &&&str| attachment.eq_ignore_ascii_case(&name);
    if let Some(attachment) = attachments.iter().find(is_name) {
        return ImageText::Named((*attachment).to_owned());
    }
    match alt.is_empty() {
        true => ImageText::LeftOut(name),
        false => ImageText::LeftOut(alt.to_owned()),
    }
}

/// The file's name in an address such as `cid:image001.png@01D9` or `images/a%20b.png`; empty
/// where the address is the image itself.
fn file_name(src: &str) -> String {
    let src = src.trim();
    let scheme = |name: &str| {
        let start = src.get(..name.len())?;
        start.eq_ignore_ascii_case(name).then(|| &src[name.len()..])
    };
    if scheme("data:").is_some() {
        return String::new();
    }
    let path = match scheme("cid:") {
        Some(id) => id.split('@').next().unwrap_or_default(),
        None => src.split(['?', '#']).next().unwrap_or_default(),
    };
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    percent_encoding::percent_decode_str(last)
        .decode_utf8_lossy()
        .into_owned()
}

/// Mail programs show an emoji as an image, described by the emoji.
fn is_emoji(alt: &str) -> bool {
    !alt.is_empty()
        && alt.chars().count() <= 8
        && alt
            .chars()
            .all(|letter| !letter.is_ascii() && !letter.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_shown_named_or_described() {
        let files = ["image001.PNG", "a b.png"];
        let of = |src, alt| image_text(Image { src, alt }, &files);
        assert_eq!(
            of("https://a.example/x.png", "x"),
            ImageText::Shown {
                tag: "[img]https://a.example/x.png[/img]".into(),
                host: Some("a.example".into())
            }
        );
        for (src, alt, text) in [
            ("cid:image001.png@01D9.5E", "", "image001.PNG"),
            ("images/a%20b.png?v=1", "Plan", "a b.png"),
            ("https://mail.example/e/1f600", "😀", "😀"),
        ] {
            assert_eq!(of(src, alt), ImageText::Named(text.into()), "{src}");
        }
        for (src, alt, text) in [
            ("cid:logo.gif@x", "", "logo.gif"),
            ("data:image/png;base64,AAAA", "", ""),
            ("data:image/png;base64,AAAA", "Scheme", "Scheme"),
        ] {
            assert_eq!(of(src, alt), ImageText::LeftOut(text.into()), "{src}");
        }
    }
}
