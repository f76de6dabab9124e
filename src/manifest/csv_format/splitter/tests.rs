use proptest::prelude::*;

use super::super::fields::CsvFields;
use super::*;

/// The records of an input that comes in parts of that size: bytes, line, ending.
fn split(input: &[u8], part: usize) -> Vec<(Vec<u8>, u64, InputEnd)> {
    let mut splitter = CsvSplitter::new(Delimiter::default());
    let (mut records, mut record) = (Vec::new(), Vec::new());
    for mut part in input.chunks(part.max(1)) {
        while !part.is_empty() {
            let step = splitter.scan(part);
            record.extend_from_slice(&part[step.record]);
            part = &part[step.used..];
            if step.ended {
                let line = splitter.record_line();
                records.push((std::mem::take(&mut record), line, InputEnd::Record));
            }
        }
    }
    match splitter.finish() {
        InputEnd::Clean => assert!(record.is_empty()),
        ending => records.push((record, splitter.record_line(), ending)),
    }
    records
}

fn quotes(record: &[u8]) -> Quotes {
    let mut splitter = CsvSplitter::new(Delimiter::default());
    splitter.scan(record);
    splitter.quotes()
}

fn csv(input: &str) -> Vec<(String, u64)> {
    let text = |(bytes, line, _)| (String::from_utf8(bytes).unwrap(), line);
    let records = split(input.as_bytes(), input.len());
    records.into_iter().map(text).collect()
}

fn owned(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    let own = |(text, line): &(&str, u64)| ((*text).to_owned(), *line);
    expected.iter().map(own).collect()
}

#[test]
fn lines_count_alike_for_every_line_end() {
    let expected = owned(&[("a,b", 1), ("c", 2), ("d", 3)]);
    assert_eq!(csv("a,b\nc\nd\n"), expected);
    assert_eq!(csv("a,b\r\nc\r\nd\r\n"), expected);
    assert_eq!(csv("a,b\rc\rd\r"), expected);
    assert_eq!(csv("a,b\r\nc\rd"), expected);
}

#[test]
fn blank_lines_are_no_records_but_count() {
    let expected = owned(&[("a", 2), ("b", 5), (" ", 7)]);
    assert_eq!(csv("\na\n\n\nb\n\n \n\n"), expected);
    assert_eq!(csv("\r\na\r\n\r\n\r\nb\r\n\r\n \r\n"), expected);
    assert_eq!(csv("\ra\r\r\rb\r\r \r"), expected);
}

#[test]
fn line_ends_in_quotes_belong_to_the_record_and_count() {
    for line_end in ["\n", "\r\n", "\r"] {
        let input = format!("a,\"x{line_end}{line_end}y\",b{line_end}c{line_end}");
        let first = format!("a,\"x{line_end}{line_end}y\",b");
        assert_eq!(csv(&input), owned(&[(&first, 1), ("c", 4)]));
    }
}

#[test]
fn a_quote_opens_only_at_the_start_of_a_field() {
    assert_eq!(csv("a\"b\nc\n"), owned(&[("a\"b", 1), ("c", 2)]));
    assert_eq!(csv(" \"b\nc\n"), owned(&[(" \"b", 1), ("c", 2)]));
    assert_eq!(
        csv("\"a\"\"\nb\"\nc\n"),
        owned(&[("\"a\"\"\nb\"", 1), ("c", 3)])
    );
}

#[test]
fn text_behind_a_closing_quote_ends_the_record_with_its_line() {
    for (input, stray) in [
        ("\"a\"b\"\nc\n", &[("\"a\"b\"", 1), ("c", 2)][..]),
        ("\"a\"b,\"\n\"\"\n", &[("\"a\"b,\"", 1), ("\"\"", 2)]),
        ("\"a\r\nb\"c\r\nd", &[("\"a\r\nb\"c", 1), ("d", 3)]),
    ] {
        assert_eq!(csv(input), owned(stray), "{input}");
    }
    let stray = |record: &[u8]| quotes(record).stray;
    assert!(stray(b"\"a\"b\n") && stray(b"a,\"b\" ,c") && stray(b"\"\"z\"\""));
    assert!(!stray(b"\"a\"\"b\",\"\",c\"d\"e\n"));
}

#[test]
fn suspect_lines_are_records_of_their_own() {
    let input = b"\"a\n\"\n\n\"b\nc\"\n\"d\ne\"\n";
    let mut splitter = CsvSplitter::new(Delimiter::default());
    splitter.suspect(4, 5);
    let (mut rest, mut lines) = (&input[..], Vec::new());
    while !rest.is_empty() {
        rest = &rest[splitter.scan(rest).used..];
        lines.push((splitter.record_line(), splitter.last_line()));
    }
    assert_eq!(lines, [(1, 2), (4, 4), (5, 5), (6, 7)]);
}

#[test]
fn an_unclosed_quote_is_known_by_the_line_where_it_opened() {
    let records = split(b"a\n\"b\n\",c,\"d\ne\n", 3);
    let ending = InputEnd::UnclosedQuote { line: 3 };
    let last = (b"\"b\n\",c,\"d\ne\n".to_vec(), 2, ending);
    assert_eq!(records.last(), Some(&last));
}

/// Inputs made of what matters to the machine, so that every transition is met.
fn awkward() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::sample::select(b"\"\",\r\na \xff\0".to_vec());
    proptest::collection::vec(bytes, 0..40)
}

proptest! {
    #[test]
    fn the_csv_crate_sees_the_same_records(input in awkward(), part in 1usize..8) {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(&input[..]);
        let theirs: Vec<Vec<Vec<u8>>> = reader
            .byte_records()
            .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
            .collect();
        let ours = split(&input, part);
        if ours.iter().any(|(record, ..)| quotes(record).stray) {
            return Ok(());
        }
        prop_assert_eq!(ours.len(), theirs.len());
        let mut fields = CsvFields::new(input.len() + 1, Delimiter::default());
        for ((mut bytes, _, ending), theirs) in ours.into_iter().zip(theirs) {
            if ending == InputEnd::Record {
                bytes.push(b'\n');
                let ours = fields.split(&bytes);
                let ours: Vec<Vec<u8>> = ours.iter().map(<[u8]>::to_vec).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn the_cut_of_the_input_changes_nothing(input in awkward(), part in 1usize..8) {
        prop_assert_eq!(split(&input, part), split(&input, input.len()));
    }

    /// A record's line is one more than the line ends before its first byte.
    #[test]
    fn lines_are_those_of_the_bytes(input in awkward(), part in 1usize..8) {
        let mut from = 0;
        for (bytes, line, _) in split(&input, part) {
            from += input[from..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let before = String::from_utf8_lossy(&input[..from]).replace("\r\n", "\n");
            let ends = before.matches(['\n', '\r']).count() as u64;
            prop_assert_eq!(line, ends + 1);
            prop_assert_eq!(&input[from..from + bytes.len()], &bytes[..]);
            from += bytes.len();
        }
    }
}
