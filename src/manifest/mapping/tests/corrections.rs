//! What a corrected mapping, or another order, must not change: the names of posts.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const COLUMNS: [&str; 9] = [
    "ID", "Тема", "Дата", "Тип", "n1", "n2", "n/1", "Contacts", "Deals",
];

/// What may be corrected once rows have been posted.
#[derive(Clone, Debug)]
struct Corrections {
    rules: Vec<String>,
    entries: Vec<String>,
}

fn corrections() -> impl Strategy<Value = Corrections> {
    let zones = select(&["Europe/Moscow", "Asia/Almaty", "UTC"][..]);
    let formats = select(&["%d.%m.%Y %H:%M", "%m/%d/%Y", "unix"][..]);
    let maps = select(&["", ", map = 'entity'", ", map = 'entity', missing = 'warn'"][..]);
    let values = select(&["x = 'a'", "x = 'b', y = 'c'", "y = 'x'"][..]);
    let messages = select(&["{explode}", "{Тема}: {explode}", "{explode}\\n{Тип}"][..]);
    (zones, formats, maps, values, messages).prop_map(|(zone, format, map, values, message)| {
        Corrections {
            rules: vec![
                format!(
                    "created_at = {{ column = 'Дата', format = '{format}', timezone = '{zone}' }}"
                ),
                format!("title = {{ column = 'Тип', values = {{ {values} }}, missing = 'warn' }}"),
                format!("message = {{ template = \"{message}\" }}"),
            ],
            entries: ["contact", "deal"]
                .map(|kind| {
                    let column = if kind == "deal" { "Deals" } else { "Contacts" };
                    let map = map.replace(", ", "\n");
                    format!(
                        "[[records]]\ntype = '{kind}'\ncolumn = '{column}'\nseparator = ';'{map}\n"
                    )
                })
                .to_vec(),
        }
    })
}

fn mapping_text(corrections: &Corrections, exploded: &[&str], is_turned: bool) -> String {
    let mut entries = corrections.entries.clone();
    let mut exploded: Vec<String> = exploded.iter().map(|name| format!("'{name}'")).collect();
    if is_turned {
        entries.reverse();
        exploded.reverse();
    }
    format!(
        "[fields]\nexternal_id = 'ID'\n{}\n[explode]\ncolumns = [{}]\n{}",
        corrections.rules.join("\n"),
        exploded.join(", "),
        entries.join("")
    )
}

/// A row by its columns.
type Record = [String; COLUMNS.len()];

fn names(text: &str, order: &[usize], record: &Record) -> BTreeSet<String> {
    let header: Vec<&str> = order.iter().map(|column| COLUMNS[*column]).collect();
    let record: Vec<&str> = order
        .iter()
        .map(|column| record[*column].as_str())
        .collect();
    let mapping = bind(text, &header);
    let cells = cells(&mapping, &record);
    let mut buffer = PartBuffer::default();
    match mapping.apply(&cells, &mut buffer) {
        Applied::Parts(parts) => {
            let names = parts.iter().map(|part| part.name().unwrap().to_owned());
            let names: BTreeSet<String> = names.collect();
            assert_eq!(names.len(), parts.count(), "two posts have one name");
            names
        }
        Applied::Skipped | Applied::Empty => BTreeSet::new(),
    }
}

fn record() -> impl Strategy<Value = Record> {
    let ids = || {
        let ids = subsequence(&["1", "2", "30", "x"][..], 0..=4).prop_shuffle();
        ids.prop_map(|ids| ids.join(";"))
    };
    let text = || select(&["", "x", "y", "два слова", " "][..]).prop_map(str::to_owned);
    (
        select(&["", "51", "2019/51", "a@b"][..]),
        [text(), text(), text(), text(), text(), text()],
        [ids(), ids()],
    )
        .prop_map(|(id, [a, b, c, d, e, f], [contacts, deals])| {
            [id.to_owned(), a, b, c, d, e, f, contacts, deals]
        })
}

fn order() -> impl Strategy<Value = Vec<usize>> {
    Just((0..COLUMNS.len()).collect::<Vec<_>>()).prop_shuffle()
}

fn turned(ids: &str) -> String {
    ids.split(';').rev().collect::<Vec<_>>().join("; ")
}

proptest! {
    #[test]
    fn no_correction_and_no_order_changes_a_name(
        before in corrections(),
        after in corrections(),
        record in record(),
        order in order(),
        is_turned: bool,
    ) {
        let exploded = ["n1", "n2", "n/1"];
        let in_order: Vec<usize> = (0..COLUMNS.len()).collect();
        let first = names(&mapping_text(&before, &exploded, false), &in_order, &record);
        let mut again = record.clone();
        for ids in &mut again[7..] {
            *ids = turned(ids);
        }
        let second = names(&mapping_text(&after, &exploded, is_turned), &order, &again);
        prop_assert_eq!(first, second);
    }

    #[test]
    fn a_further_column_record_or_text_changes_no_other_name(
        corrections in corrections(),
        record in record(),
        more in record(),
    ) {
        let in_order: Vec<usize> = (0..COLUMNS.len()).collect();
        let first = names(&mapping_text(&corrections, &["n1"], false), &in_order, &record);
        let mut again = record.clone();
        again[5..7].clone_from_slice(&more[5..7]);
        for cell in &mut again[7..] {
            let ids = cell.split(';').filter(|id| !id.is_empty());
            let ids: Vec<&str> = ids.chain(["77"]).collect();
            *cell = ids.join(";");
        }
        let second = names(&mapping_text(&corrections, &["n2", "n1"], false), &in_order, &again);
        // A row that named no record had one post of that name, which was never sent.
        let names_records = first.iter().any(|name| name.contains('@') && name.contains(':'));
        prop_assert!(!names_records || first.is_subset(&second), "{first:?} {second:?}");
    }

    #[test]
    fn no_two_rows_have_a_name_in_common(
        corrections in corrections(),
        one in record(),
        other in record(),
    ) {
        let in_order: Vec<usize> = (0..COLUMNS.len()).collect();
        let text = mapping_text(&corrections, &["n1", "n2", "n/1"], false);
        let [first, second] = [&one, &other].map(|record| names(&text, &in_order, record));
        prop_assert!(one[0] == other[0] || first.is_disjoint(&second));
    }
}
