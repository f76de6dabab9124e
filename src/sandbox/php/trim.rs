//! PHP's `trim`.

/// The text without what PHP takes for blanks at its ends.
pub fn trim(text: &[u8]) -> &[u8] {
    let Some(first) = text.iter().position(|byte| !is_blank(*byte)) else {
        return &[];
    };
    let behind = text.iter().rposition(|byte| !is_blank(*byte));
    &text[first..behind.map_or(first, |last| last + 1)]
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_six_bytes() {
        assert_eq!(trim(b" \t\n\r\0\x0ba b\x0b "), b"a b");
        assert_eq!(trim(b" \n"), b"");
        assert_eq!(trim(b""), b"");
        assert_eq!(trim("\u{a0}a\u{c}".as_bytes()), "\u{a0}a\u{c}".as_bytes());
    }
}
