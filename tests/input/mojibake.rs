//! Texts that were decoded wrongly before the export are counted and told, and keep nothing back.

use crate::common::{HEADER, Sandbox, Workspace, assert_counts};

fn manifest() -> String {
    let texts = [
        "Привет",
        "РџСЂРёРІРµС‚",
        "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
        "?????? ??? 15",
        "one_x000D_two",
        "line_x000D_",
        "What????",
        "x_x000D_",
        "y_x000D_",
    ];
    let rows = texts.iter().enumerate();
    let rows = rows.map(|(place, text)| format!("{place},{text},deal,{place}1,U1\n"));
    format!("{HEADER}{}", rows.collect::<String>())
}

#[test]
fn check_counts_spoiled_texts_by_kind_and_names_the_first_rows() {
    let workspace = Workspace::new();
    workspace.write("m.csv", manifest());
    let human = workspace.run(&["check", "m.csv"]).expect(0);
    for part in [
        "\n1 row (2): text in UTF-8 that was read as Windows-1251",
        "\n1 row (3): text in UTF-8 that was read as Windows-1252",
        "\n1 row (4): question marks in place of letters",
        "\n4 rows (5, 6, 8, ...): Excel's signs for line ends",
    ] {
        assert!(human.stdout.contains(part), "{part}: {}", human.stdout);
    }
    let json = workspace
        .run(&["check", "m.csv", "--format", "json"])
        .expect(0);
    let (_, summary) = json.checked();
    let warnings = serde_json::json!({
        "mojibake_utf8_as_windows_1251": 1,
        "mojibake_utf8_as_windows_1252": 1,
        "mojibake_question_marks": 1,
        "mojibake_excel_escape": 4,
    });
    assert_eq!(summary["warnings"], warnings);
}

#[test]
fn an_import_tells_of_them_before_the_first_post() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", manifest());
    let import = workspace.import(&portal, &[]).expect(0);
    let said = "4 rows (5, 6, 8, ...): Excel's signs for line ends";
    assert!(import.stderr.contains(said), "{}", import.stderr);
    let summary = import.json();
    assert_counts(&summary, &[("posted", 9)]);
    assert_eq!(summary["warnings"]["mojibake_excel_escape"], 4);
}
