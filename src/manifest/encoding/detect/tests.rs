use encoding_rs::WINDOWS_1254;
use proptest::prelude::*;

use super::super::bytes_seen::SampleBuilder;
use super::*;

mod sentences;
use sentences::{CZECH, FRENCH, GERMAN, POLISH, RUSSIAN, SPANISH, UKRAINIAN};

fn sample(bytes: &[u8]) -> Sample {
    let mut builder = SampleBuilder::default();
    builder.add(bytes);
    builder.finish()
}

/// Whether the encoding was found; a wrong one is no text as it was written.
#[track_caller]
fn is_found(text: &str, encoding: &'static Encoding) -> bool {
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{} lacks letters of {text}", encoding.name());
    match by_letters(&sample(&bytes)) {
        // Its rows will have problems.
        Ok(found) if found.basis == EncodingBasis::MostlyUtf8 => false,
        Ok(found) => {
            let read = found.decoded(&bytes);
            assert_eq!(read, text, "{} read as {}", encoding.name(), found.name());
            true
        }
        Err(unsure) => {
            assert!(unsure.candidates.len() > 1, "{unsure}");
            false
        }
    }
}

type Case = (&'static [&'static str], &'static [&'static Encoding]);

const CASES: &[Case] = &[
    (RUSSIAN, &[WINDOWS_1251]),
    (UKRAINIAN, &[WINDOWS_1251]),
    (
        GERMAN,
        &[
            WINDOWS_1252,
            WINDOWS_1250,
            ISO_8859_2,
            ISO_8859_15,
            WINDOWS_1254,
            MACINTOSH,
        ],
    ),
    (
        FRENCH,
        &[WINDOWS_1252, ISO_8859_15, WINDOWS_1254, MACINTOSH],
    ),
    (SPANISH, &[WINDOWS_1252, ISO_8859_15, MACINTOSH]),
    (POLISH, &[WINDOWS_1250, ISO_8859_2]),
    (CZECH, &[WINDOWS_1250, ISO_8859_2]),
];
/// The same letters without `№`, `«` and the dash, which not all of these have.
const PLAIN_CASES: &[Case] = &[
    (
        RUSSIAN,
        &[KOI8_R, KOI8_U, IBM866, ISO_8859_5, X_MAC_CYRILLIC],
    ),
    (UKRAINIAN, &[KOI8_U, ISO_8859_5]),
];

fn all_cases() -> Vec<(&'static [&'static str], &'static Encoding, bool)> {
    let of = |cases: &'static [Case], plain| {
        let each = move |(sentences, encodings): &'static Case| {
            encodings
                .iter()
                .map(move |encoding| (*sentences, *encoding, plain))
        };
        cases.iter().flat_map(each)
    };
    of(CASES, false).chain(of(PLAIN_CASES, true)).collect()
}

/// Rows of these sentences under a header.
fn table(sentences: &[&str], plain: bool) -> String {
    let mut text = "external_id,entity_type,entity_id,message\r\n".to_owned();
    for (place, sentence) in sentences.iter().enumerate() {
        let row = format!("{},deal,{},\"{sentence}\"\r\n", place + 1, 7 * place + 1);
        text.push_str(&row);
    }
    match plain {
        true => text
            .replace(['«', '»'], "'")
            .replace('–', "-")
            .replace('№', "N"),
        false => text,
    }
}

#[test]
fn all_sentences_of_a_language_tell_its_encoding() {
    for (sentences, encoding, plain) in all_cases() {
        assert!(
            is_found(&table(sentences, plain), encoding),
            "{}",
            encoding.name()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn twenty_words_are_read_right_or_not_at_all(
        case in prop::sample::select(all_cases()), from in 0_usize..100, count in 3_usize..6,
    ) {
        let (sentences, encoding, plain) = case;
        let some: Vec<&str> = sentences.iter().cycle().skip(from).take(count).copied().collect();
        is_found(&table(&some, plain), encoding);
    }

    #[test]
    fn no_number_of_sentences_is_read_wrongly(
        case in prop::sample::select(all_cases()), from in 0_usize..100, count in 1_usize..40,
    ) {
        let (sentences, encoding, plain) = case;
        let some: Vec<&str> = sentences.iter().cycle().skip(from).take(count).copied().collect();
        is_found(&table(&some, plain), encoding);
        let whole = sentences.iter().cycle().skip(from).take(count).copied();
        let pieces: Vec<&str> = whole.map(|text| text.split(' ').next_back().unwrap_or(text)).collect();
        let (bytes, _, lossy) = encoding.encode(pieces[0]);
        if !lossy && !bytes.is_ascii() {
            is_found(&pieces.join(" "), encoding);
        }
    }
}

/// Prints how often an encoding is found, by the number of sentences.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "a measurement")]
fn how_often_it_is_found() {
    for count in [1, 2, 3, 5] {
        for (sentences, encoding, plain) in all_cases() {
            let tables = (0..sentences.len()).map(|from| {
                let some = sentences.iter().cycle().skip(from).take(count).copied();
                table(&some.collect::<Vec<_>>(), plain)
            });
            let tables: Vec<String> = tables.collect();
            let found = tables
                .iter()
                .filter(|table| is_found(table, encoding))
                .count();
            let words: usize = tables.iter().map(|table| table.split(' ').count()).sum();
            let (name, first) = (encoding.name(), sentences[0]);
            println!(
                "{count} {name:15} {found}/{} ~{} words {first}",
                tables.len(),
                words / tables.len()
            );
        }
    }
}

#[test]
fn utf8_is_utf8_also_with_some_bad_bytes() {
    let basis = |bytes: &[u8]| {
        let found = by_letters(&sample(bytes)).unwrap();
        assert!(found.is_utf8(), "{found}");
        found.basis
    };
    assert_eq!(basis(b"plain"), EncodingBasis::Ascii);
    assert_eq!(basis("é".as_bytes()), EncodingBasis::ValidUtf8);
    let spoiled = [
        table(RUSSIAN, false).as_bytes(),
        b"\xff",
        "Привет".as_bytes(),
    ]
    .concat();
    assert_eq!(basis(&spoiled), EncodingBasis::MostlyUtf8);
    let [one, other] = ["Größe", "bad"].map(str::as_bytes);
    let latin = [one, b",", other, b"\xe4\n"].concat();
    assert_eq!(basis(&latin), EncodingBasis::MostlyUtf8);
    assert_eq!(
        basis(b"id,message\n1,a\x81\x98b\n"),
        EncodingBasis::MostlyUtf8
    );
}

#[test]
fn few_letters_are_enough_where_one_reading_makes_sense() {
    for (text, encoding) in [
        ("name\nMüller\nJäger\n", WINDOWS_1252),
        ("name\nПривет, мир, Клиент\n", WINDOWS_1251),
        ("name\nПетров Иван\n", KOI8_R),
        ("name\nПоставка труб\n", IBM866),
        ("name\nSpółka Łąka, święta\n", WINDOWS_1250),
        ("name\nGüneş Işığı, Çağrı\n", WINDOWS_1254),
    ] {
        assert!(is_found(text, encoding), "{text}");
    }
}

#[test]
fn too_little_to_tell_is_asked_with_a_line_of_the_file() {
    let unsure = by_letters(&sample(b"id,name\n1,\xe9\xff \xe9\xff\n")).unwrap_err();
    assert!(unsure.candidates.len() >= 2);
    let starts = |read: &ReadAs| read.text.starts_with("1,");
    assert!(unsure.candidates.iter().all(starts), "{unsure}");
    let shown = unsure.to_string();
    assert_eq!(shown.lines().count(), unsure.candidates.len() + 1);
}

#[test]
fn a_byte_that_the_encoding_lacks_does_not_hide_it() {
    let (mut bytes, _, _) =
        WINDOWS_1251.encode("Клиент просил перезвонить. Договор подписан. Позвонить ему ещё раз");
    bytes.to_mut().insert(10, 0x98);
    assert_eq!(by_letters(&sample(&bytes)).unwrap().name(), "windows-1251");
}
