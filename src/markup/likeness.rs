//! Whether a text that is to be sent as it is looks as if it were written in HTML.

/// Tags that texts from other systems hold. None of them is a word between angle brackets.
const TAGS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "html",
    "i",
    "img",
    "li",
    "meta",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "tt",
    "u",
    "ul",
];

/// How far behind a tag's name its end is looked for.
const LONGEST_TAG: usize = 2_048;

/// Whether a text holds a tag of HTML, an escaped one such as `&lt;p&gt;`, or `&nbsp;`.
pub fn looks_like_html(text: &str) -> bool {
    memchr::memchr2_iter(b'<', b'&', text.as_bytes()).any(|at| {
        let rest = &text.as_bytes()[at + 1..];
        match text.as_bytes()[at] {
            b'<' => is_tag(rest, b">"),
            _ => begins_with(rest, b"nbsp;") || is_escaped_tag(rest),
        }
    })
}

/// Whether a text was escaped as a whole: it holds no tags, and escaped ones where a text that only
/// speaks of tags would have none, at its beginning, to end something or to break a line.
pub fn is_escaped_html(text: &str) -> bool {
    let begins = text.trim_start().as_bytes().strip_prefix(b"&");
    let is_telling = |at: usize| {
        let behind = &text.as_bytes()[at + 1..];
        (begins_with(behind, b"lt;/") || begins_with(behind, b"lt;br")) && is_escaped_tag(behind)
    };
    !text.contains('<')
        && (begins.is_some_and(is_escaped_tag)
            || memchr::memchr_iter(b'&', text.as_bytes()).any(is_telling))
}

fn is_escaped_tag(behind_ampersand: &[u8]) -> bool {
    let tag = behind_ampersand.get("lt;".len()..).unwrap_or_default();
    begins_with(behind_ampersand, b"lt;") && is_tag(tag, b"&gt;")
}

/// Whether this is the rest of a tag behind its first bracket, with `end` as the last one.
fn is_tag(rest: &[u8], end: &[u8]) -> bool {
    if begins_with(rest, b"!doctype") || begins_with(rest, b"!--") {
        return true;
    }
    let name = rest.strip_prefix(b"/").unwrap_or(rest);
    let length = name
        .iter()
        .take(12)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let (name, behind) = name.split_at(length);
    let is_known = TAGS
        .iter()
        .any(|tag| name.eq_ignore_ascii_case(tag.as_bytes()));
    if !is_known {
        return false;
    }
    let behind = &behind[..behind.len().min(LONGEST_TAG)];
    let has_attributes = |attributes: &[u8]| {
        let close = attributes
            .windows(end.len())
            .position(|window| window == end);
        close.is_some_and(|close| attributes[..close].contains(&b'='))
    };
    let inner = behind.trim_ascii_start();
    let closed = inner.strip_prefix(b"/").unwrap_or(inner);
    begins_with(closed, end) || (inner.len() < behind.len() && has_attributes(inner))
}

fn begins_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len())
        .is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_known_by_its_tags() {
        for text in [
            "<p>x</p>",
            "a<br>b",
            "a<BR />b",
            "x</div>",
            "<a href=\"https://a.example\">x</a>",
            "<div\nclass=x>",
            "10&nbsp;000",
            "&lt;p&gt;x",
            "&lt;a href=&quot;x&quot;&gt;",
            "<!DOCTYPE html>",
        ] {
            assert!(looks_like_html(text), "{text}");
        }
        for text in [
            "",
            "plain",
            "a < b & c > d",
            "x<y and y>z",
            "a <b and c> d",
            "<ann@a.example>",
            "<b",
            "R&D, &amp; &lt; 5",
            "[b]x[/b]",
            "a -> b",
            "Vec<String>",
        ] {
            assert!(!looks_like_html(text), "{text}");
        }
        assert!(is_escaped_html(" &lt;p&gt;a &amp; b&lt;/p&gt;"));
        assert!(is_escaped_html("one&lt;br /&gt;two") && is_escaped_html("a &lt;b&gt;c&lt;/b&gt;"));
        assert!(!is_escaped_html("use &lt;p&gt;") && !is_escaped_html("&lt;p&gt;<br>"));
    }
}
