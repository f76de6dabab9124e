use super::*;
use crate::manifest::column_names::ColumnNames;

fn columns(names: &str) -> Columns {
    let names: Vec<&str> = names.split(',').collect();
    Columns::from_header(&names, Delimiter::default(), &ColumnNames::default())
        .unwrap()
        .columns
}

fn known(id: &str, distance: u64) -> KnownId<'_> {
    let id = id.as_bytes();
    KnownId { id, distance }
}

#[test]
fn a_row_is_known_by_the_cells_that_have_a_form() {
    for (header, line, is_row) in [
        (
            "external_id,entity_type,entity_id,message",
            "2,deal,2,ok",
            true,
        ),
        (
            "external_id,entity_type,entity_id,message",
            "\"2\",\"deal\",\"2\",\"a, b\"",
            true,
        ),
        (
            "external_id,entity_type,entity_id,message",
            "n2,company,11,valve 3\"",
            true,
        ),
        (
            "external_id,entity_type,entity_id,message",
            "n2,company,11,\"",
            true,
        ),
        (
            "external_id,entity_type,entity_id,message",
            "a, b, c, d",
            false,
        ),
        (
            "external_id,entity_type,entity_id,message",
            "2,deal,2",
            false,
        ),
        (
            "external_id,entity_type,entity_id,message",
            " 2,deal,2,ok",
            false,
        ),
        (
            "external_id,entity_type,entity_id,message",
            "2,dealer,2,ok",
            false,
        ),
        ("message,entity_type,entity_id", "bye\",deal,3", true),
        ("message,entity_type,entity_id", "we, three, 3", false),
        ("message,audience", "hello,U1", true),
        ("message,audience", "hello,\"U1,SG5\"", true),
        ("message,audience", "hello,world", false),
        ("message,created_at", "hello,2019-03-01T10:00:00Z", true),
        ("message,title", "hello,world", false),
        ("message", "2", false),
    ] {
        let columns = columns(header);
        let likeness = Likeness::new(&columns);
        assert_eq!(
            likeness.is_row(line.as_bytes(), KnownId::default()),
            is_row,
            "{header}: {line}"
        );
    }
}

#[test]
fn what_a_text_may_hold_by_chance_is_no_row() {
    let columns = columns("external_id,entity_type,entity_id,message");
    let likeness = Likeness::new(&columns);
    let is_row = |line: &str| likeness.is_row(line.as_bytes(), known("N-1", 1));
    assert!(is_row(
        "N-2,2,12,a kind by its number and an ID of the same form"
    ));
    assert!(!is_row("2,2,12,5 m"), "two numbers alone");
    assert!(!is_row("by, deal, 2, or later"), "blanks behind the commas");
}

#[test]
fn one_side_alone_may_be_asked() {
    let columns = columns("external_id,message,entity_type,entity_id");
    let likeness = Likeness::new(&columns);
    // The last line of a text, with the cells of its own row behind it.
    let last = b"equipment only; FOB\",lead,312";
    assert!(!likeness.on(Side::Before).is_row(last, known("N-1", 1)));
    assert!(likeness.on(Side::Behind).is_tight_row(b"1,Pipe 2,deal,1"));
    assert!(!likeness.on(Side::Behind).is_tight_row(b"1,Pipe, deal, 1"));
}

#[test]
fn an_id_is_known_by_its_form() {
    let columns = columns("external_id,message");
    let likeness = Likeness::new(&columns);
    for (own, line, is_row) in [
        ("1", "2,valve 3\"", true),
        ("1", "3,valve", false),
        ("2", "1,5 m of pipe", false),
        ("1", "2, 5 m of pipe", false),
        ("10001", "10044,valve", true),
        ("10001", "10000,5 m", false),
        ("n1", "n2,valve", true),
        ("N-17", "M-3,valve", true),
        ("n1", "2,valve", false),
        ("n1", "Hello,world", false),
        ("", "2,valve", false),
    ] {
        assert_eq!(
            likeness.is_row(line.as_bytes(), known(own, 1)),
            is_row,
            "{own}: {line}"
        );
    }
}

#[test]
fn a_row_with_too_many_fields_still_begins_or_ends_as_one() {
    let columns = columns("entity_type,entity_id,message,created_at");
    let likeness = Likeness::new(&columns);
    for (line, resembles) in [
        ("deal,6,pipe, 3\" valve, 2\"", true),
        ("deal,6,short", true),
        ("deal,x,pipe", false),
        ("and bye\"", false),
        ("pipe, and, more\",2019-03-01T10:00:00Z", false),
    ] {
        assert_eq!(
            likeness.resembles_row(line.as_bytes(), KnownId::default()),
            resembles,
            "{line}"
        );
    }
}

#[test]
fn a_row_whose_text_goes_on_is_known_by_its_first_line() {
    let middle = columns("external_id,message,entity_type,entity_id");
    let last = columns("external_id,message");
    for (columns, line, begins) in [
        (&middle, "3,\"pipe", true),
        (&middle, "\"3\",\"say \"\"yes\"\"", true),
        (&middle, "3,\"pipe\"", false),
        (&middle, "3,pipe", false),
        (&middle, "by,\"pipe", false),
        (&middle, " 3,\"pipe", false),
        (&middle, "\"3", false),
        (&last, "3,pipe, valve\"", true),
        (&last, "by,pipe, valve\"", false),
        (&last, "3", false),
    ] {
        let likeness = Likeness::new(columns);
        assert_eq!(likeness.begins_row(line.as_bytes(), b"1"), begins, "{line}");
    }
    let first = columns("message,external_id");
    assert!(!Likeness::new(&first).begins_row(b"\"pipe", b"1"));
}

#[test]
fn a_row_whose_text_began_before_is_known_by_its_last_line() {
    let columns = columns("external_id,message,entity_type,entity_id");
    let likeness = Likeness::new(&columns);
    for (line, ends) in [
        ("bye\",deal,3", true),
        ("and, bye\"\",deal,3", true),
        ("bye, deal, 3", false),
        ("deal,3", false),
        ("bye,dealer,3", false),
        ("", false),
    ] {
        let is_end = likeness.ends_row(line.as_bytes(), KnownId::default());
        assert_eq!(is_end, ends, "{line}");
    }
}
