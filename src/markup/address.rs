//! Addresses of links and images, as they may stand in a tag.

use std::fmt::Write;

/// What the address of a link may begin with.
const SCHEMES: [&str; 8] = [
    "http:", "https:", "mailto:", "tel:", "ftp:", "sip:", "callto:", "skype:",
];

/// The longest address that is written; a longer one is no link that anybody could follow.
const LONGEST: usize = 8_192;

/// The address of a link; none of one that leads nowhere from the portal, such as `#top`, a path
/// or a script.
pub fn link_address(href: &str) -> Option<String> {
    let href = in_tag(href)?;
    if href.starts_with("//") {
        return Some(format!("https:{href}"));
    }
    if begins_with(&href, "www.") {
        return Some(format!("http://{href}"));
    }
    let is_known = SCHEMES
        .iter()
        .any(|scheme| begins_with(&href, scheme) && href.len() > scheme.len());
    is_known.then_some(href)
}

/// The address of an image on the web.
pub fn image_address(src: &str) -> Option<String> {
    let src = in_tag(src)?;
    match src.starts_with("//") {
        true => Some(format!("https:{src}")),
        false => {
            let is_web = begins_with(&src, "http://") || begins_with(&src, "https://");
            is_web.then_some(src)
        }
    }
}

/// The host that an address leads to.
pub fn host(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    url.host_str().map(str::to_owned)
}

/// An address without outer blanks and line ends, in which nothing can end the tag around it.
fn in_tag(address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.len() > LONGEST {
        return None;
    }
    let mut out = String::with_capacity(address.len());
    for letter in address.chars() {
        match letter {
            '\t' | '\n' | '\r' => {}
            '[' | ']' | '"' | '<' | '>' | ' ' | '\\' | '\u{a0}' => percent_encode(&mut out, letter),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    Some(out)
}

fn percent_encode(out: &mut String, letter: char) {
    let mut bytes = [0; 4];
    for byte in letter.encode_utf8(&mut bytes).bytes() {
        // Writing into a String can't fail.
        let _ = write!(out, "%{byte:02X}");
    }
}

fn begins_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_somewhere_are_kept() {
        for (href, address) in [
            (" https://a.example/x y ", Some("https://a.example/x%20y")),
            ("HTTP://a.example", Some("HTTP://a.example")),
            ("//a.example/p", Some("https://a.example/p")),
            ("www.a.example", Some("http://www.a.example")),
            ("mailto:ann@a.example", Some("mailto:ann@a.example")),
            ("tel:+7 900", Some("tel:+7%20900")),
            (
                "https://a.example/?q[b]=1",
                Some("https://a.example/?q%5Bb%5D=1"),
            ),
            ("https://a.exam\nple/", Some("https://a.example/")),
            ("javascript:alert(1)", None),
            ("#top", None),
            ("/deals/5", None),
            ("mailto:", None),
            ("", None),
        ] {
            assert_eq!(link_address(href).as_deref(), address, "{href}");
        }
    }

    #[test]
    fn images_are_on_the_web_or_not() {
        assert_eq!(
            image_address("//cdn.example/a.png").as_deref(),
            Some("https://cdn.example/a.png")
        );
        for src in [
            "cid:a@b",
            "data:image/png;base64,AA",
            "a.png",
            "file:///a.png",
        ] {
            assert_eq!(image_address(src), None, "{src}");
        }
        assert_eq!(
            host("https://CDN.example/a.png").as_deref(),
            Some("cdn.example")
        );
        assert_eq!(host("no address"), None);
    }
}
