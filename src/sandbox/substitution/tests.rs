use proptest::prelude::*;

use super::super::php::parse_str;
use super::*;

/// Two commands have run: `one` gave 17, `two` an array, `three` failed; key 0 gave a text.
fn answered() -> BatchResults {
    let mut answered = BatchResults {
        result: Array::from_names([
            ("one", Php::Int(17)),
            ("two", Php::map([("ID", Php::text("42"))])),
            ("yes", Php::Bool(true)),
        ]),
        error: Array::from_names([("three", Php::map([("error", Php::text("CODE"))]))]),
        time: Array::from_names([("one", Php::map([("duration", Php::Float(0.5))]))]),
        ..BatchResults::default()
    };
    answered.result.insert(Key::Int(0), Php::text("zero"));
    answered
}

fn replaced(text: &str) -> Php {
    answered().text(Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn a_text_that_is_a_reference_becomes_what_it_reaches() {
    for (text, value) in [
        ("$result[one]", Php::Int(17)),
        ("$result[0]", Php::text("zero")),
        ("$result[two][ID]", Php::text("42")),
        ("$result[two]", Php::map([("ID", Php::text("42"))])),
        ("$RESULT[one]", Php::Int(17)),
        ("$results[one]", Php::Int(17)),
        ("$result[one]tail", Php::Int(17)),
        ("$result-then[two]and[ID]", Php::text("42")),
        ("$error[three][error]", Php::text("CODE")),
        ("$time[one][duration]", Php::Float(0.5)),
        ("$result[yes]", Php::Bool(true)),
        ("$result[none]", Php::Null),
        ("$result[one][deeper]", Php::Null),
        ("$total[/b]", Php::Null),
        ("$timeline[3]", Php::Null),
        ("$next[x]", Php::Null),
    ] {
        assert_eq!(replaced(text), value, "{text}");
    }
}

#[test]
fn within_other_text_only_scalars_are_put_in() {
    for (text, value) in [
        ("id $result[one] end", "id 17 end"),
        ("x$result[one]", "x17"),
        ("$result[one] $result[two][ID]", "17 42"),
        ("$result[one] and $result[one] again", "17 and 17 again"),
        ("a $Result[0]", "a zero"),
        ("a $time[one][duration]", "a 0.5"),
        ("a $result[two]", "a $result[two]"),
        ("a $result[none]", "a $result[none]"),
        ("a $result[yes]", "a $result[yes]"),
        ("[b]$total[/b]", "[b]$total[/b]"),
    ] {
        assert_eq!(replaced(text), Php::text(value), "{text}");
    }
}

#[test]
fn what_is_no_reference_stays() {
    for text in [
        "",
        "$",
        "$result",
        "$result [one]",
        "$result\n[one]",
        "$result\u{b}[one]",
        "$result[]",
        "$result[one",
        "$res[one]",
        "result[one]",
        "$ result[one]",
        "costs $5 [net]",
        "$answer[one]",
    ] {
        assert_eq!(replaced(text), Php::text(text), "{text:?}");
    }
}

#[test]
fn a_no_break_space_does_not_end_a_reference() {
    assert_eq!(replaced("$result\u{a0}[one]"), Php::Int(17));
}

#[test]
fn no_key_holds_a_reference_once_parse_str_has_read_it() {
    let query = Bytes::from_static(b"$result[one]=1&a[$result[one]]=2&a[$result%5Bone%5D]=3");
    let params = parse_str(&query);
    assert_eq!(substitute(params.clone(), &answered()), params);
}

#[test]
fn references_are_found_at_any_depth() {
    let params = parse_str(&Bytes::from_static(
        b"f[a][]=$result[one]&f[b]=%24result%5Bone%5D",
    ));
    let params = substitute(params, &answered());
    let fields = params.named("f").unwrap().as_array().unwrap();
    assert_eq!(fields.named("b"), Some(&Php::Int(17)));
    let list = fields.named("a").unwrap().as_array().unwrap();
    assert_eq!(list.get(&Key::Int(0)), Some(&Php::Int(17)));
}

proptest! {
    #[test]
    fn any_text_is_read(text in r"[$a\[\]xresultRESULT \n]{0,40}") {
        replaced(&text);
    }

    #[test]
    fn a_text_without_a_dollar_stays(text in "[^$]{0,40}") {
        prop_assert_eq!(replaced(&text), Php::text(&text));
    }
}
