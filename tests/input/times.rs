//! Times as old systems write them: in a format and a zone that the user names, never guessed.

use crate::common::{Sandbox, Workspace, assert_counts};

const ROWS: &str = "message,entity_type,entity_id,audience,created_at\n\
    First,deal,1,U1,12.03.2019 14:05:00\nSecond,deal,2,U1,13.03.2019 9:30:00\n";

const FORMAT: [&str; 2] = ["--date-format", "%d.%m.%Y %H:%M:%S"];

#[test]
fn a_zone_that_is_corrected_makes_no_posted_row_new() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", ROWS);
    let import = |zone: &str| {
        let more = [&FORMAT[..], &["--timezone", zone]].concat();
        workspace.import(&portal, &more).expect(0).json()
    };
    assert_counts(&import("Europe/Moscow"), &[("posted", 2)]);
    let again = import("Asia/Almaty");
    assert_counts(
        &again,
        &[("posted", 0), ("already_posted", 2), ("changed", 0)],
    );
    let posts = portal.posts_once();
    assert!(
        posts[0].message.starts_with("[i]12.03.2019 14:05[/i]"),
        "{}",
        posts[0].message
    );
}

#[test]
fn without_its_zone_a_time_is_a_problem_that_names_the_option() {
    let workspace = Workspace::new();
    workspace.write("m.csv", ROWS);
    let check = |more: &[&str]| workspace.run(&[&["check", "m.csv"], more].concat());
    let unread = check(&[]).expect(3).stdout;
    assert!(
        unread.contains("not a time like 2026-03-12T14:05:00+03:00"),
        "{unread}"
    );
    let nowhere = check(&FORMAT).expect(3).stdout;
    assert!(nowhere.contains("or give --timezone"), "{nowhere}");
    let moscow = [&FORMAT[..], &["--timezone", "Europe/Moscow"]].concat();
    check(&moscow).expect(0);
}

#[test]
fn zones_and_formats_that_can_not_be_are_refused_with_a_hint() {
    let workspace = Workspace::new();
    workspace.write("m.csv", ROWS);
    let check = |more: &[&str]| {
        workspace
            .run(&[&["check", "m.csv"], more].concat())
            .expect(2)
            .stderr
    };
    let zone = check(&["--timezone", "Moscow"]);
    assert!(zone.contains("Europe/Moscow"), "{zone}");
    let format = check(&["--date-format", "dd.mm.yyyy"]);
    assert!(format.contains("%d.%m.%Y"), "{format}");
}

#[test]
fn a_time_that_a_zone_skips_or_has_twice_is_a_problem() {
    let workspace = Workspace::new();
    let rows = "message,entity_type,entity_id,audience,created_at\n\
        a,deal,1,U1,2019-03-31 02:30\nb,deal,1,U1,2019-10-27 02:30\nc,deal,1,U1,2019-10-27 03:30\n";
    workspace.write("m.csv", rows);
    let check = workspace
        .run(&["check", "m.csv", "--timezone", "Europe/Berlin"])
        .expect(3)
        .stdout;
    for part in [
        "the zone has no such time",
        "the zone has this time twice",
        "3 rows, 2 of them invalid",
    ] {
        assert!(check.contains(part), "{part}: {check}");
    }
}
