//! `parse_str`: a query string as the array PHP makes of it.
//!
//! PHP reads names as C texts (a NUL ends them), lets brackets build arrays, and quietly drops
//! what it does not like. Raw NULs between the pairs do not occur here: a batch command has lost
//! them before (`parse_url`), and an HTTP request line cannot hold one.

use std::borrow::Cow;

use bytes::Bytes;
use memchr::memchr;

use super::{Array, Key, Php};

/// PHP's `max_input_vars`: pairs beyond it are cut off with a warning nobody sees (bitrix24-rest.md
/// §5).
pub(super) const MAX_INPUT_VARS: usize = 1000;

/// PHP's `max_input_nesting_level`: a deeper name takes its whole variable away.
const MAX_NESTING: usize = 64;

/// Beginnings that a variable or an index may not have unless the whole name has it.
const GUARDED: [&[u8]; 2] = [b"__Host-", b"__Secure-"];

/// Reads a query string as PHP 8 does.
pub fn parse_str(query: &Bytes) -> Array {
    let mut vars = Array::new();
    for pair in query
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .take(MAX_INPUT_VARS)
    {
        let (name, value) = match memchr(b'=', pair) {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[pair.len()..]),
        };
        let value = match url_decode(value) {
            Cow::Borrowed(same) => query.slice_ref(same),
            Cow::Owned(decoded) => Bytes::from(decoded),
        };
        register(&mut vars, &url_decode(name), Php::Text(value));
    }
    vars
}

/// PHP's `urldecode`: `+` is a blank, `%` with two hex digits a byte, all else itself.
fn url_decode(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = text.iter().position(|byte| matches!(byte, b'+' | b'%')) else {
        return Cow::Borrowed(text);
    };
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend_from_slice(&text[..first]);
    let mut rest = &text[first..];
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = match (byte, after) {
            (b'+', _) => (b' ', after),
            (b'%', [high, low, beyond @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, beyond),
                _ => (b'%', after),
            },
            _ => (byte, after),
        };
        decoded.push(byte);
        rest = after;
    }
    Cow::Owned(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// A variable's name taken apart.
struct Name<'a> {
    /// The variable, mangled.
    top: Vec<u8>,
    /// What stood in each pair of brackets; `None` for `[]`.
    indexes: Vec<Option<&'a [u8]>>,
    too_deep: bool,
}

/// Puts a value where its decoded name says.
pub(super) fn register(vars: &mut Array, name: &[u8], value: Php) {
    let name = c_text(name);
    let Some(parts) = read_name(name) else {
        return;
    };
    let top = Key::from_text(&parts.top);
    if parts.too_deep {
        vars.remove(&top);
        return;
    }
    let mut place = vars;
    let mut key = Some(top);
    for index in parts.indexes {
        let inner = match key {
            Some(key) => place.array_at(key),
            None => place.push_array(),
        };
        place = match inner {
            Some(array) if !index.is_some_and(|index| is_disguised(index, name)) => array,
            _ => return,
        };
        key = index.map(Key::from_text);
    }
    match key {
        Some(key) => place.insert(key, value),
        None => {
            place.push(value);
        }
    }
}

/// The name up to the first NUL, without blanks before it.
fn c_text(name: &[u8]) -> &[u8] {
    let name = &name[..memchr(0, name).unwrap_or(name.len())];
    let blanks = name.iter().take_while(|byte| **byte == b' ').count();
    &name[blanks..]
}

fn read_name(name: &[u8]) -> Option<Name<'_>> {
    let bracket = memchr(b'[', name);
    let top = mangled(&name[..bracket.unwrap_or(name.len())]);
    if top.is_empty() || is_disguised(&top, name) {
        return None;
    }
    let mut read = Name {
        top,
        indexes: Vec::new(),
        too_deep: false,
    };
    if let Some(at) = bracket {
        read_indexes(name, at + 1, &mut read);
    }
    Some(read)
}

/// Whether a part of a name looks like a guarded cookie's, which the name itself does not.
fn is_disguised(part: &[u8], name: &[u8]) -> bool {
    GUARDED
        .iter()
        .any(|prefix| part.starts_with(prefix) && !name.starts_with(prefix))
}

/// Reads `x][y][]` from `at`, which is just behind the first bracket.
///
/// A bracket that is never closed is no bracket: at the top it becomes part of the name, further
/// down it is ignored with all behind it. So is anything between `]` and the end.
fn read_indexes<'a>(name: &'a [u8], at: usize, read: &mut Name<'a>) {
    let mut rest = Some(&name[at..]);
    while let Some(text) = rest {
        if read.indexes.len() == MAX_NESTING {
            read.too_deep = true;
            return;
        }
        let blank = usize::from(text.first().is_some_and(|byte| is_space(*byte)));
        let Some(end) = memchr(b']', &text[blank..]).map(|end| end + blank) else {
            if read.indexes.is_empty() {
                read.top = mangled(name);
            }
            return;
        };
        read.indexes.push((end > blank).then(|| &text[..end]));
        rest = text[end + 1..].strip_prefix(b"[");
    }
}

/// PHP variables hold no blanks, dots or opening brackets.
fn mangled(name: &[u8]) -> Vec<u8> {
    name.iter()
        .map(|byte| match byte {
            b' ' | b'.' | b'[' => b'_',
            _ => *byte,
        })
        .collect()
}

/// C's `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests;
