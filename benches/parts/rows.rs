//! Rows as a CRM's notes are: some with quotes and line ends, some in Cyrillic.

use std::fmt::Write;

/// A CSV manifest of so many notes.
pub fn csv(rows: u64) -> String {
    let mut csv = "external_id,title,message,entity_type,entity_id,audience\n".to_owned();
    for number in 1..=rows {
        let _written = writeln!(csv, "{}", note(number));
    }
    csv
}

/// The same with a few words each.
#[allow(dead_code, reason = "one of the two benchmarks uses it")]
pub fn small_csv(rows: u64) -> String {
    let mut csv = "external_id,message,entity_type,entity_id,audience\n".to_owned();
    for number in 1..=rows {
        let record = number % 5_000 + 1;
        let _written = writeln!(csv, "N-{number},Message {number},deal,{record},U1");
    }
    csv
}

/// The same with a title and a sentence each, some of them quoted.
#[allow(dead_code, reason = "one of the two benchmarks uses it")]
pub fn sentence_csv(rows: u64) -> String {
    let mut csv = "external_id,title,message,entity_type,entity_id,audience\n".to_owned();
    for number in 1..=rows {
        let record = number % 5_000 + 1;
        let text = match number % 10 {
            0 => format!("\"Called the customer, number {number}: asked about the invoice.\""),
            _ => format!("Called the customer number {number}; asked about the invoice."),
        };
        let _written = writeln!(csv, "N-{number},Note {number},{text},deal,{record},U1");
    }
    csv
}

/// The same in Russian, with letters that Windows-1251 has.
#[allow(dead_code, reason = "one of the two benchmarks uses it")]
pub fn russian_csv(rows: u64) -> String {
    let mut csv = "external_id,title,message,entity_type,entity_id,audience\n".to_owned();
    for number in 1..=rows {
        let record = number % 5_000 + 1;
        let text = match number % 10 {
            0 => format!("\"Клиент № {number} звонил, просил «скидку»;\nперезвонить в четверг\""),
            _ => {
                format!("Клиент № {number} просил перезвонить в четверг; договор отправлен – ждём")
            }
        };
        let _written = writeln!(csv, "N-{number},Звонок {number},{text},deal,{record},U1");
    }
    csv
}

/// So many notes of which every twentieth has a file: one of so many, `0.bin` and so on.
#[allow(dead_code, reason = "one of the two benchmarks uses it")]
pub fn csv_with_files(rows: u64, files: u64) -> String {
    let mut csv =
        "external_id,title,message,entity_type,entity_id,audience,attachments\n".to_owned();
    for number in 1..=rows {
        let file = match number % 20 {
            0 => format!("{}.bin", number / 20 % files),
            _ => String::new(),
        };
        let _written = writeln!(csv, "{},{file}", note(number));
    }
    csv
}

/// A row with an ID, a title, a record and a reader.
fn note(number: u64) -> String {
    let (record, user) = (number * 7_919 % 5_000 + 1, number % 50 + 1);
    let text = message(number);
    format!("N-{number},Note {number},{text},deal,{record},U{user}")
}

/// About 130 bytes, as a CSV cell.
fn message(number: u64) -> String {
    let text = "called the customer about the offer and agreed to send the contract next week, as \
                soon as the price is signed off by the office";
    match number % 7 {
        0 => format!("\"{text}, \"\"sure\"\"\nsecond line\""),
        1 => format!("\"Клиент звонил: {text}\""),
        _ => text.replace(',', ";"),
    }
}
