use proptest::prelude::*;

use super::*;

const TEXT: &str =
    "[file]\nfill_down = ['a', 'b']\n[fields]\nmessage = { template = '{a}|{b}|{c}' }";

fn mapping() -> BoundMapping {
    bind(TEXT, &["a", "b", "c"])
}

/// A record's cells; none if it can't be read.
type Record = Option<[String; 3]>;

fn cells_of(record: &[String; 3]) -> Vec<Cell<'_>> {
    let mapping = mapping();
    let record: Vec<&str> = record.iter().map(String::as_str).collect();
    cells(&mapping, &record)
}

/// The rows of some records from there on, as somebody maps them who has that carry.
fn filled(carry: &mut Carry, records: &[Record]) -> Vec<String> {
    let mapping = mapping();
    let row = |record: &Record| {
        let Some(record) = record else {
            carry.skip_unreadable();
            return "unreadable".to_owned();
        };
        let mut cells = cells_of(record);
        let unknown: Vec<usize> = carry.fill(&mut cells).collect();
        match unknown.first() {
            Some(slot) => mapping.nothing_above(*slot).column,
            None => shown(&mapping, &cells).concat(),
        }
    };
    records.iter().map(row).collect()
}

fn records(rows: &[&str]) -> Vec<Record> {
    let record = |row: &&str| {
        let mut cells = row.split(',').map(str::to_owned);
        let mut next = || cells.next().unwrap_or_default();
        (*row != "!").then(|| [next(), next(), next()])
    };
    rows.iter().map(record).collect()
}

#[test]
fn an_empty_cell_has_the_value_above_it() {
    let mut carry = mapping().carry();
    assert!(!carry.is_idle());
    assert!(bind("", &["message"]).carry().is_idle());
    let rows = filled(&mut carry, &records(&[",,1", "x,,2", " ,y,3", "z,,4"]));
    assert_eq!(
        rows,
        [
            "[message=\"||1\"]",
            "[message=\"x||2\"]",
            "[message=\"x|y|3\"]",
            "[message=\"z|y|4\"]"
        ]
    );
}

#[test]
fn behind_a_record_that_can_not_be_read_the_value_above_is_not_known() {
    let mut carry = mapping().carry();
    let rows = filled(&mut carry, &records(&["x,y,1", "!", ",y,2", "z,,3", ",,4"]));
    assert_eq!(
        rows,
        [
            "[message=\"x|y|1\"]",
            "unreadable",
            "a",
            "[message=\"z|y|3\"]",
            "[message=\"z|y|4\"]"
        ]
    );
    let problem = mapping().nothing_above(0);
    assert_eq!(problem.column, "a");
    assert!(problem.kind.advice().contains("mend the record above"));
}

fn any_record() -> impl Strategy<Value = Record> {
    let cell = || prop_oneof![3 => Just(String::new()), 1 => "[a-c]", 1 => Just(" ".to_owned())];
    prop_oneof![
        8 => [cell(), cell(), cell()].prop_map(Some),
        1 => Just(None),
    ]
}

proptest! {
    #[test]
    fn chunks_are_filled_as_the_whole_is(
        records in prop::collection::vec(any_record(), 0..40),
        size in 1..8_usize,
    ) {
        let whole = filled(&mut mapping().carry(), &records);
        let (mut carry, mut rows) = (mapping().carry(), Vec::new());
        for chunk in records.chunks(size) {
            rows.extend(filled(&mut carry.clone(), chunk));
            let mut passing = carry.pass();
            for record in chunk.iter().rev() {
                let cells = record.as_ref().map(cells_of);
                passing.record(cells.as_deref());
            }
        }
        prop_assert_eq!(rows, whole);
    }
}
