//! A file that grows and would then be read otherwise stops until the user says how it is to be read.

use encoding_rs::{KOI8_R, WINDOWS_1251};

use crate::common::{LEDGER, Sandbox, Workspace, assert_counts};

const HEADER: &str = "external_id,message,entity_type,entity_id,audience\n";
const RUSSIAN: &str = "3,\"Клиент просил перезвонить, ждёт ответа\",deal,3,U1\n\
    4,Отправили предложение и договор,deal,4,U1\n";
const ASCII: &str = "1,one,deal,1,U1\n2,two,deal,2,U1\n";

/// Imports once more and is refused, with that message; nothing is sent.
#[track_caller]
fn refuses(workspace: &Workspace, portal: &Sandbox, says: &[&str]) {
    let before = portal.count();
    for more in [&[][..], &["--dry-run"]] {
        let (code, message) = workspace.import(portal, more).expect(1).error();
        assert_eq!(code, "read_otherwise");
        for part in says {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    assert_eq!(portal.count(), before);
}

#[test]
fn an_encoding_that_changes_stops_until_it_is_named() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    let text = format!("{HEADER}{RUSSIAN}");
    workspace.write("m.csv", WINDOWS_1251.encode(&text).0);
    let first = workspace.import(&portal, &[]).expect(0);
    assert_counts(&first.json(), &[("posted", 2)]);
    let more = format!("{text}5,Ещё одна запись,deal,5,U1\n");
    workspace.write("m.csv", KOI8_R.encode(&more).0);
    let says = [
        "run 1,",
        "the encoding `windows-1251`;",
        "its encoding seems to be `koi8-r`",
        "--encoding \"windows-1251\" as before, or --encoding \"koi8-r\"",
    ];
    refuses(&workspace, &portal, &says);
    let named = workspace.import(&portal, &["--encoding", "koi8-r"]);
    assert_counts(
        &named.expect(0).json(),
        &[("posted", 1), ("already_posted", 2)],
    );
    // That is the last run that posted now.
    let again = workspace.import(&portal, &[]).expect(0);
    assert_counts(&again.json(), &[("already_posted", 3)]);
    let ledger = workspace.open(LEDGER);
    let mut kept = ledger
        .prepare("SELECT format || ' ' || encoding || ' ' || delimiter FROM runs ORDER BY id")
        .unwrap();
    let kept: Vec<String> = kept
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(kept, ["csv windows-1251 ,", "csv koi8-r ,"]);
}

#[test]
fn plain_ascii_may_go_on_in_any_encoding_that_holds_it() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", format!("{HEADER}{ASCII}"));
    let first = workspace.import(&portal, &[]).expect(0);
    assert_counts(&first.json(), &[("posted", 2)]);
    let text = format!("{HEADER}{ASCII}{RUSSIAN}");
    workspace.write("m.csv", WINDOWS_1251.encode(&text).0);
    let grown = workspace.import(&portal, &[]).expect(0);
    assert_counts(&grown.json(), &[("posted", 2), ("already_posted", 2)]);
    // The other way round as well, but not to an encoding with other bytes.
    workspace.write("m.csv", format!("{HEADER}{ASCII}"));
    let shorter = workspace.import(&portal, &[]).expect(0);
    assert_counts(&shorter.json(), &[("already_posted", 2)]);
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    workspace.write("m.csv", wide(&text));
    refuses(&workspace, &portal, &["--encoding \"utf-16le\""]);
}

#[test]
fn a_delimiter_that_changes_stops_until_it_is_named() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", format!("{HEADER}{ASCII}"));
    workspace.import(&portal, &[]).expect(0);
    workspace.write("m.csv", format!("{HEADER}{ASCII}").replace(',', "\t"));
    let says = ["with the delimiter `,`;", "or --delimiter \"tab\""];
    refuses(&workspace, &portal, &says);
    let named = workspace.import(&portal, &["--delimiter", "tab"]).expect(0);
    assert_counts(&named.json(), &[("already_posted", 2)]);
}

#[test]
fn a_run_that_posted_nothing_settles_nothing() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write(
        "m.csv",
        format!("{HEADER}9,x,deal,x,U1\n").replace(',', ";"),
    );
    workspace.import(&portal, &[]).expect(3);
    workspace.write("m.csv", format!("{HEADER}{ASCII}"));
    workspace.import(&portal, &[]).expect(0);
}
