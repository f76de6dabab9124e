//! Columns that old systems call otherwise are named by `--map`; no row is new because of it.

use crate::common::{Sandbox, Workspace, assert_counts};

/// As HubSpot exports notes, cut to what the timeline takes.
const EXPORT: &str = "Record ID;Type;Deal;Body;Body;message\n\
    51;deal;9001;<p>Called</p>;Sent;not this\n52;deal;9002;Offer;;nor this\n";

const MAP: [&str; 8] = [
    "--map",
    "external_id=Record ID",
    "--map",
    "message=body",
    "--map",
    "entity_type=TYPE",
    "--map",
    "entity_id=Deal",
];

#[test]
fn an_export_is_posted_under_the_names_that_it_has() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", EXPORT);
    let timeline = [&MAP[..], &["--target", "timeline"]].concat();
    let held = workspace.import(&portal, &timeline).expect(3);
    assert!(
        held.stderr.contains("column_like_field"),
        "the other Body: {}",
        held.stderr
    );
    let timeline = [&timeline[..], &["--ignore-column", "Body"]].concat();
    let run = workspace.import(&portal, &timeline).expect(0).json();
    assert_counts(&run, &[("posted", 2)]);
    let texts: Vec<String> = portal
        .posts_once()
        .into_iter()
        .map(|post| post.message)
        .collect();
    assert_eq!(texts, ["<p>Called</p>", "Offer"]);
    // The same rows under our own names are the same rows.
    let ours = "external_id;entity_type;entity_id;message\n51;deal;9001;<p>Called</p>\n52;deal;9002;Offer\n";
    workspace.write("m.csv", ours);
    let again = workspace
        .import(&portal, &["--target", "timeline"])
        .expect(0)
        .json();
    assert_counts(&again, &[("already_posted", 2), ("changed", 0)]);
}

#[test]
fn the_second_column_of_one_name_and_keys_of_json_are_named_too() {
    let workspace = Workspace::new();
    workspace.write("m.csv", EXPORT);
    let second = [
        &MAP[..2],
        &MAP[4..],
        &["--map", "message=Body#2", "--target", "timeline"],
    ]
    .concat();
    let check = workspace
        .run(&[&["check", "m.csv"], &second[..]].concat())
        .expect(3)
        .stdout;
    assert!(check.contains("row 1, deal 9001: Sent"), "{check}");
    workspace.write(
        "m.jsonl",
        "{\"Text\":\"a\",\"entity_type\":\"deal\",\"entity_id\":1}\n",
    );
    let json = [
        "check",
        "m.jsonl",
        "--map",
        "message=text",
        "--target",
        "timeline",
    ];
    workspace.run(&json).expect(0);
}

#[test]
fn a_column_that_is_not_there_is_told_with_the_nearest_ones() {
    let workspace = Workspace::new();
    workspace.write("m.csv", EXPORT);
    let check = |more: &[&str]| workspace.run(&[&["check", "m.csv"], more].concat());
    let absent = check(&["--map", "message=Bodi"]).expect(1).stderr;
    let told = "--map message=\"Bodi\": no column is named `Bodi`; perhaps `Body`";
    assert!(absent.contains(told), "{absent}");
    let twice = ["--map", "message=Body", "--map", "title=body"];
    assert!(check(&twice).expect(2).stderr.contains("twice"));
    assert!(
        check(&["--map", "text=Body"])
            .expect(2)
            .stderr
            .contains("no such field")
    );
}
