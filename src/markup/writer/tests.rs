//! What is written of single calls.

use super::frame::DEEPEST;
use super::{Mark, Writer};

fn written(tell: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::default();
    tell(&mut writer);
    writer.finish()
}

#[test]
fn marks_are_nested_whatever_order_they_end_in() {
    let text = written(|writer| {
        writer.start(Mark::Bold);
        writer.text("one ");
        writer.start(Mark::Italic);
        writer.text("two");
        writer.end(Mark::Bold);
        writer.text(" three");
        writer.end(Mark::Italic);
        writer.text(" four");
    });
    assert_eq!(text, "[b]one [i]two[/i][/b] [i]three[/i] four");
}

#[test]
fn lists_and_quotes_hold_what_has_words() {
    let text = written(|writer| {
        writer.text("a");
        writer.start_list(None);
        for item in ["x", "", "y"] {
            writer.start_item();
            writer.text(item);
            writer.end_holder();
        }
        writer.end_holder();
        writer.start_quote();
        writer.end_holder();
        writer.start_quote();
        writer.text("q");
        writer.end_holder();
        writer.text("b");
    });
    assert_eq!(text, "a\n[list]\n[*]x\n[*]y\n[/list]\n[quote]q[/quote]\nb");
}

#[test]
fn a_list_from_another_number_is_text() {
    let text = written(|writer| {
        writer.start_list(Some(3));
        for item in ["c", "d"] {
            writer.start_item();
            writer.text(item);
            writer.end_holder();
        }
        writer.end_holder();
    });
    assert_eq!(text, "3. c\n4. d");
}

#[test]
fn what_lies_too_deep_loses_its_holder_and_no_word() {
    let text = written(|writer| {
        (0..1_000).for_each(|_| writer.start_quote());
        writer.text("deep");
        (0..1_000).for_each(|_| writer.end_holder());
        writer.text("flat");
    });
    assert!(text.ends_with("[/quote]\nflat"), "{text}");
    assert_eq!(text.matches("[quote]").count(), DEEPEST);
}
