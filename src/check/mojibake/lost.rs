//! Traces of characters that are lost, and of line ends that an Excel file has in its own form.

/// Whether letters have become question marks: runs of these stand where words do, and there is hardly any
/// letter beside them.
pub(super) fn has_lost_letters(text: &str) -> bool {
    const FEWEST: usize = 5;
    let (mut runs, mut marks, mut longest) = (0, 0, 0);
    let mut is_last = false;
    let mut rest = text;
    while let Some(start) = rest.find('?') {
        let behind = rest[start..].trim_start_matches('?');
        let length = rest.len() - start - behind.len();
        let is_word = rest[..start]
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || "\"'(«,;:-/".contains(before));
        if is_word {
            runs += usize::from(length > 1);
            marks += length;
            longest = longest.max(length);
        }
        is_last = !behind.contains(char::is_alphanumeric);
        rest = behind;
    }
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_emphasis = runs == 1 && is_last && letters > 0;
    marks >= FEWEST && longest > 2 && marks >= 2 * letters && !is_emphasis
}

/// Whether a control character stands in it as Excel's own files write it.
pub(super) fn has_excel_escape(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"_x00").any(
        |at| matches!(text[at + 4..], [b'0' | b'1', digit, b'_', ..] if digit.is_ascii_hexdigit()),
    )
}
