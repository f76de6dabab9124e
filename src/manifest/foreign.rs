//! Files that other programs have written and that are no text, known by how they begin.

use std::fmt;

/// What a file is, and what makes a manifest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    what: &'static str,
    advice: &'static str,
}

impl fmt::Display for Foreign {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.what, self.advice)
    }
}

const fn foreign(what: &'static str, advice: &'static str) -> Foreign {
    Foreign { what, advice }
}

const SAVE_AS_CSV: &str = "open it and save the sheet with the rows as CSV UTF-8, with commas";
const UNPACK: &str = "unpack it and name the CSV or JSON file that is inside";
const NO_ROWS: &str = "name the CSV or JSON file that holds the rows";

const EXCEL: Foreign = foreign("an Excel workbook (xlsx)", SAVE_AS_CSV);
const OPEN_DOCUMENT: Foreign = foreign("an OpenDocument file", SAVE_AS_CSV);
const WORD: Foreign = foreign("a Word document (docx)", NO_ROWS);
const ZIP: Foreign = foreign("a ZIP archive", UNPACK);
const HTML: Foreign = foreign(
    "an HTML page, as some programs save under the name of a table",
    SAVE_AS_CSV,
);
const EXCEL_XML: Foreign = foreign("an Excel workbook in XML", SAVE_AS_CSV);
const XML: Foreign = foreign("an XML file", NO_ROWS);
const UTF_32: Foreign = foreign("UTF-32", "save it as UTF-8");
const BINARY: Foreign = foreign("binary data, no text", NO_ROWS);
const IMAGE: Foreign = foreign("an image", NO_ROWS);

/// Bytes of a file, and where they stand.
type Mark = (usize, &'static [u8]);

/// What a kind of file has at some places, and no text has there.
const MARKS: &[(&[Mark], Foreign)] = &[
    (
        &[(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")],
        foreign("an old Excel or Word file (xls, doc)", SAVE_AS_CSV),
    ),
    (
        &[(0, b"\x1f\x8b")],
        foreign("a gzip archive", "unpack it with gunzip"),
    ),
    (
        &[(0, b"\x28\xb5\x2f\xfd")],
        foreign("a zstd archive", "unpack it with unzstd"),
    ),
    (
        &[(0, b"BZh"), (4, b"1AY&SY")],
        foreign("a bzip2 archive", "unpack it with bunzip2"),
    ),
    (
        &[(0, b"\xfd7zXZ")],
        foreign("an xz archive", "unpack it with unxz"),
    ),
    (
        &[(0, b"7z\xbc\xaf\x27\x1c")],
        foreign("a 7-Zip archive", UNPACK),
    ),
    (&[(0, b"Rar!\x1a")], foreign("a RAR archive", UNPACK)),
    (&[(256, b"\0ustar")], foreign("a tar archive", UNPACK)),
    (&[(0, b"%PDF-")], foreign("a PDF", NO_ROWS)),
    (&[(0, b"\x89PNG")], IMAGE),
    (&[(0, b"\xff\xd8\xff")], IMAGE),
    (&[(0, b"GIF87a")], IMAGE),
    (&[(0, b"GIF89a")], IMAGE),
    (&[(0, b"II*\0")], IMAGE),
    (&[(0, b"MM\0*")], IMAGE),
    (&[(0, b"RIFF"), (8, b"WEBP")], IMAGE),
    (
        &[(0, b"\0\0"), (4, b"ftyp")],
        foreign("an image or a video", NO_ROWS),
    ),
    (
        &[(0, b"SQLite format 3\0")],
        foreign(
            "an SQLite database, perhaps a ledger",
            "name the manifest itself, a CSV or JSON file",
        ),
    ),
    (&[(0, b"{\\rtf")], foreign("an RTF document", NO_ROWS)),
    (
        &[(0, b"PAR1\x15")],
        foreign("a Parquet file", "write its rows as CSV or JSON"),
    ),
];

/// What a file is if its bytes are those of no text. Known by its beginning; of archives the end tells
/// more.
pub(super) fn recognise(head: &[u8], tail: &[u8]) -> Option<Foreign> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(archive(head, tail));
    }
    let has = |(at, bytes): &Mark| {
        let rest = head.get(*at..);
        rest.is_some_and(|rest| rest.starts_with(bytes))
    };
    let marked = MARKS.iter().find(|(marks, _)| marks.iter().all(has));
    marked
        .map(|(_, foreign)| *foreign)
        .or_else(|| is_utf32(head).then_some(UTF_32))
}

/// What a file is if its beginning, in an encoding in which ASCII is ASCII, is no rows.
pub(super) fn recognise_text(text: &[u8]) -> Option<Foreign> {
    markup(text).or_else(|| is_binary(text).then_some(BINARY))
}

/// What a ZIP archive holds; its files' names stand at its end, those of the first ones also at its
/// beginning.
fn archive(head: &[u8], tail: &[u8]) -> Foreign {
    let holds = |text: &[u8]| [head, tail].iter().any(|part| contains(part, text));
    match () {
        () if holds(b"xl/") => EXCEL,
        () if holds(b"word/") => WORD,
        () if holds(b"application/vnd.oasis") => OPEN_DOCUMENT,
        () => ZIP,
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

/// Whether it is text in units of four bytes, by its mark or by where the NULs of its first letters stand.
fn is_utf32(head: &[u8]) -> bool {
    if let [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] = head {
        return true;
    }
    let (units, _) = head.get(..64).unwrap_or(head).as_chunks::<4>();
    let is_nul = |place: usize| units.iter().all(|unit| unit[place] == 0);
    units.len() >= 2 && ((is_nul(0) && is_nul(1)) || (is_nul(2) && is_nul(3)))
}

/// Pages and documents whose text begins with a tag.
fn markup(head: &[u8]) -> Option<Foreign> {
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let begins = |tag: &&[u8]| {
        let start = text.get(..tag.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(tag))
    };
    const PAGES: [&[u8]; 5] = [b"<!doctype html", b"<html", b"<table", b"<head", b"<body"];
    const DOCUMENTS: [&[u8]; 3] = [b"<?xml", b"<workbook", b"<svg"];
    if PAGES.iter().any(begins) {
        return Some(HTML);
    }
    let is_excel = || contains(head, b"urn:schemas-microsoft-com:office:spreadsheet");
    let found = DOCUMENTS.iter().any(begins);
    found.then(|| if is_excel() { EXCEL_XML } else { XML })
}

/// Whether so many bytes are none of a text's that these are no single slips.
fn is_binary(head: &[u8]) -> bool {
    const FEWEST: usize = 16;
    let is_control = |byte: &&u8| **byte < b' ' && !matches!(**byte, b'\t' | b'\n' | b'\r');
    let nuls = head.iter().filter(|byte| **byte == 0).count();
    let controls = head.iter().filter(is_control).count();
    (nuls >= FEWEST && nuls > head.len() / 10) || (controls >= FEWEST && controls > head.len() / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &[u8]) -> Option<&'static str> {
        let found = recognise(head, b"").or_else(|| recognise_text(head));
        found.map(|foreign| foreign.what)
    }

    #[test]
    fn text_is_never_foreign() {
        for text in [
            "",
            "message",
            "message,title\n\u{1}a\0b\u{2},c\n",
            "{\"message\":\"<html>\"}",
            "Привет",
            "a\0",
            "BMW,message\n",
            "PK,message\n",
            "message,WEBP\n",
            "BZhelp,message\n",
            "GIF8,message\n",
            "abc,ftyp,message\n",
        ] {
            assert_eq!(found(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn an_archive_is_known_by_either_end() {
        let head = b"PK\x03\x04anything";
        assert_eq!(recognise(head, b"..xl/workbook.xml"), Some(EXCEL));
        assert_eq!(recognise(head, b""), Some(ZIP));
    }

    #[test]
    fn letters_of_four_bytes_are_known_by_their_nuls() {
        let wide = |text: &str| -> Vec<u8> {
            let letters = text.chars().map(u32::from);
            letters.flat_map(u32::to_be_bytes).collect()
        };
        assert_eq!(found(&wide("message,title\nПривет")), Some("UTF-32"));
        assert_eq!(found(&wide("a")), None, "too little to tell");
    }
}
