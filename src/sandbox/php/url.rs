//! `parse_url`, as far as a batch command needs it: the method before `?`, the query behind it.

use bytes::Bytes;
use memchr::{memchr, memchr2};

/// A command taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandUrl {
    /// Empty when PHP finds no path.
    pub path: Bytes,
    /// What followed `?`; empty if nothing did.
    pub query: Bytes,
}

/// Splits a command at `#` and `?`. Raw control characters become `_` (bitrix24-rest.md §4.1).
///
/// A scheme before the path is cut off as PHP does; where PHP would see a host (`//`) or fail,
/// there is no path, so no method either.
pub fn parse_url(command: &Bytes) -> CommandUrl {
    let whole = command.as_ref();
    let kept = &whole[..memchr(b'#', whole).unwrap_or(whole.len())];
    let (path, query) = match memchr(b'?', kept) {
        Some(at) => (&kept[..at], &kept[at + 1..]),
        None => (kept, &kept[kept.len()..]),
    };
    let path = without_scheme(path);
    let path = if path.starts_with(b"//") { b"" } else { path };
    CommandUrl {
        path: without_controls(command, path),
        query: without_controls(command, query),
    }
}

/// The bytes before a command's first `?` or `#`: enough to tell its method beforehand.
pub fn leading_path(command: &[u8]) -> &[u8] {
    &command[..memchr2(b'?', b'#', command).unwrap_or(command.len())]
}

fn without_scheme(path: &[u8]) -> &[u8] {
    let is_scheme = |scheme: &[u8]| {
        !scheme.is_empty()
            && scheme
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
    };
    match memchr(b':', path) {
        Some(at) if is_scheme(&path[..at]) => &path[at + 1..],
        _ => path,
    }
}

fn without_controls(whole: &Bytes, part: &[u8]) -> Bytes {
    if part.is_empty() {
        return Bytes::new();
    }
    if !part.iter().any(u8::is_ascii_control) {
        return whole.slice_ref(part);
    }
    part.iter()
        .map(|byte| if byte.is_ascii_control() { b'_' } else { *byte })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_split_as_in_php() {
        for (command, path, query) in [
            ("m", "m", ""),
            ("m?", "m", ""),
            ("m?a=1", "m", "a=1"),
            ("m?a=1#b", "m", "a=1"),
            ("m#x?a=1", "m", ""),
            ("#", "", ""),
            ("", "", ""),
            ("?a=1", "", "a=1"),
            ("m?a=1?b=2", "m", "a=1?b=2"),
            ("m?a=1\n2\x7f\t3", "m", "a=1_2__3"),
            ("m\n?a", "m_", "a"),
            ("m?a=b:80", "m", "a=b:80"),
            ("m?a=http://x/y?z", "m", "a=http://x/y?z"),
            ("m/n?q=1", "m/n", "q=1"),
            ("m ?q=1", "m ", "q=1"),
            ("a:b?c=d", "b", "c=d"),
            ("x:80?c=1", "80", "c=1"),
            (":80?q", ":80", "q"),
            ("//h?q", "", "q"),
        ] {
            let target = parse_url(&Bytes::copy_from_slice(command.as_bytes()));
            assert_eq!(target.path, path, "{command:?}");
            assert_eq!(target.query, query, "{command:?}");
        }
    }

    #[test]
    fn bytes_beyond_ascii_stay() {
        let command = Bytes::from("m?a=\u{85}я");
        assert_eq!(parse_url(&command).query, "a=\u{85}я");
    }

    #[test]
    fn the_leading_path_ends_at_the_first_mark() {
        assert_eq!(leading_path(b"m?a#b"), b"m");
        assert_eq!(leading_path(b"m#b?a"), b"m");
        assert_eq!(leading_path(b"m"), b"m");
    }
}
