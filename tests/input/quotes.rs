//! Quotes that are wrong are told with their place: nobody's text is posted on another's record,
//! and no row is taken in unseen.

use std::fmt::Write;

use crate::common::{Run, Workspace, assert_counts, count};
use serde_json::Value;

const HEADER: &str = "external_id,entity_type,entity_id,message\n";

/// A manifest `m.csv` in a folder of its own, checked.
struct Checked {
    workspace: Workspace,
    run: Run,
}

fn check(content: &str) -> Checked {
    let workspace = Workspace::new();
    workspace.write("m.csv", content);
    let arguments = ["check", "m.csv", "--target", "timeline", "--format", "json"];
    let run = workspace.run(&arguments);
    Checked { workspace, run }
}

impl Checked {
    /// Row, line and code of every problem.
    fn problems(&self) -> Vec<(u64, u64, String)> {
        let problem = |value: &Value| {
            let code = value["code"].as_str().unwrap().to_owned();
            (count(value, "row"), count(value, "line"), code)
        };
        self.values().iter().map(problem).collect()
    }

    fn values(&self) -> Vec<Value> {
        self.run.checked().0
    }

    /// The texts that are posted to each deal or company when invalid rows are left out, and how
    /// many rows are invalid.
    fn posted(&self) -> (Vec<(u64, String)>, u64) {
        let import = [
            "import",
            "m.csv",
            "--target",
            "timeline",
            "--sandbox",
            "--format",
            "json",
        ];
        let refused = self.workspace.run(&import);
        let run = self
            .workspace
            .run(&[&import[..], &["--skip-invalid"]].concat());
        assert_eq!(
            (refused.code, run.code),
            (self.run.code, self.run.code),
            "{}",
            run.stderr
        );
        let summary = run.json();
        let (posted, invalid) = (count(&summary, "posted"), count(&summary, "invalid"));
        if self.run.code == 3 {
            assert_counts(&summary, &[("posted", posted), ("invalid", invalid)]);
        }
        let store = self.workspace.open("m.csv.sandbox.store.db");
        let mut posts = store
            .prepare("SELECT entity_id, message FROM posts ORDER BY id")
            .unwrap();
        let posts = posts
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .unwrap();
        let posts = posts.map(|post| {
            let (entity, message) = post.unwrap();
            (u64::try_from(entity).unwrap(), message)
        });
        (posts.collect(), invalid)
    }
}

/// Row, line and code of a problem.
type Expected = (u64, u64, &'static str);

fn expected(problems: &[Expected]) -> Vec<(u64, u64, String)> {
    let own = |(row, line, code): &Expected| (*row, *line, (*code).to_owned());
    problems.iter().map(own).collect()
}

#[test]
fn quotes_that_are_wrong_are_told_with_their_place_and_nothing_else_is() {
    const STRAY: &str = "quote_stray";
    const SUSPECT: &str = "quote_suspect";
    const SWALLOWED: &str = "quote_swallowed";
    const UNCLOSED: &str = "quote_unclosed";
    // Rows from the first line on, and the problems by row and line.
    let cases: &[(&str, &[Expected])] = &[
        (
            "1,deal,1,\"He said \"hello\" to us\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"starts quoted\" and goes on\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"back \\\"slash\\\" text\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"Mail: \\\"Hi\n2,deal,2,\"second \\\"note\"\n3,deal,3,ok\n",
            &[(1, 2, STRAY), (2, 3, STRAY)],
        ),
        (
            "1,deal,1,\"\"z\"\"\n2,deal,2,\"Valve \"\"DN50\"\"\"\n3,deal,3,\"Valve \"DN50\"\"\n",
            &[(1, 2, STRAY), (3, 4, STRAY)],
        ),
        ("1,deal,1,\"text\" \n2,deal,2,ok\n", &[(1, 2, STRAY)]),
        // A blank before what is probably meant as an opening quote.
        ("1,deal,1, \"text\"\n2,deal,2,ok\n", &[(1, 2, STRAY)]),
        ("1,deal,1, \"text, more\"\n2,deal,2,ok\n", &[(1, 2, STRAY)]),
        // A quote doubled at the end.
        (
            "1,deal,1,\"Pipe 2\"\"\n2,deal,2,\"Confidential\"\n3,deal,3,\"ok\"\n",
            &[(1, 2, STRAY), (2, 3, SWALLOWED)],
        ),
        (
            "\"1\",\"deal\",\"1\",\"Pipe 2\"\"\n\"2\",\"deal\",\"2\",\"Confidential\"\n\"3\",\"deal\",\"3\",\"ok\"\n",
            &[(1, 2, STRAY), (2, 3, SWALLOWED)],
        ),
        // A lost closing quote, and the next quote so far away that rows without any lie between.
        (
            "1,deal,1,\"Pipe\n2,deal,2,a\n3,deal,3,b\n4,deal,4,\"c\"\n5,deal,5,ok\n",
            &[
                (1, 2, STRAY),
                (2, 3, SWALLOWED),
                (3, 4, SWALLOWED),
                (4, 5, SWALLOWED),
            ],
        ),
        // Quotes that are formally right.
        (
            "1,deal,1,\"Pipe 2\"\"\n2,deal,2,valve 3\"\n3,deal,3,ok\n",
            &[(1, 2, SUSPECT), (2, 3, SWALLOWED)],
        ),
        (
            "1,deal,1,\"Pipe\n2,deal,2,\"\nDear client\"\n3,deal,3,ok\n",
            &[(1, 2, SUSPECT), (2, 3, SWALLOWED)],
        ),
        // A lost opening quote, and a text that is closed too early.
        (
            "1,deal,1,one\ntwo\nthree\"\n2,deal,2,ok\n",
            &[(1, 2, SUSPECT)],
        ),
        (
            "1,deal,1,\"one\"\ntwo\nthree\"\n2,deal,2,ok\n",
            &[(1, 2, SUSPECT)],
        ),
        (
            "\"1\",\"deal\",\"1\",one\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        ("1,deal,1,\"a \"\"b\"\"\nc,d,e,f\"\n2,deal,2,ok\n", &[]),
        // A stray quote in a text of several lines.
        (
            "1,deal,1,\"He said \"hello\" to us\nand more\nbye\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"one\nsaid \"hello\" to us\nbye\"\n2,deal,2,ok\n",
            &[(1, 3, STRAY)],
        ),
        (
            "1,deal,1,a\n2,deal,2,\"never closed\n3,deal,3,b\n4,deal,4,c\n",
            &[(2, 3, UNCLOSED), (3, 4, SWALLOWED), (4, 5, SWALLOWED)],
        ),
        // Nothing is wrong with these.
        (
            "1,deal,1,\"one\n\ntwo, or 2,5 m, and, so\nthree\"\n2,deal,2,ok\n",
            &[],
        ),
        (
            "1,deal,1,say \"yes\" now\n2,deal,2,pipe 6\"\n3,deal,3,\"a \"\"b\"\", c\"\"\"\n",
            &[],
        ),
    ];
    for (rows, problems) in cases {
        for line_end in ["\n", "\r\n", "\r"] {
            let content = format!("{HEADER}{rows}").replace('\n', line_end);
            let checked = check(&content);
            assert_eq!(
                checked.problems(),
                expected(problems),
                "{rows}{}",
                checked.run.stderr
            );
            assert_eq!(checked.run.code, if problems.is_empty() { 0 } else { 3 });
        }
        let (posts, invalid) = check(&format!("{HEADER}{rows}")).posted();
        assert_eq!(invalid, problems.len() as u64, "{rows}");
        for (entity, message) in posts {
            let is_own = !message.contains("deal,") && !message.contains("Confidential");
            assert!(is_own, "{entity}: {message}");
        }
    }
}

#[test]
fn a_stray_quote_is_told_with_column_and_remedy() {
    let rows = "1,deal,1,\"He said \"hello\" to us\"\n2,deal,2,\"a \\\"b\\\" c\"\n";
    let values = check(&format!("{HEADER}{rows}")).values();
    assert_eq!(values[0]["column"], "message");
    assert_eq!(values[0]["value"], "\"He said \"hello\" to us\"");
    let advice = |place: usize| values[place]["advice"].as_str().unwrap();
    assert!(
        advice(0).contains("column 20") && advice(0).contains("twice"),
        "{}",
        advice(0)
    );
    assert!(advice(1).contains("backslash"), "{}", advice(1));
}

#[test]
fn an_unclosed_quote_tells_what_it_took_and_its_rows_are_counted() {
    let mut content = HEADER.to_owned();
    for n in 1..=1_000 {
        let quote = if n == 500 { "\"" } else { "" };
        let _written = writeln!(content, "{n},deal,{n},{quote}note {n}");
    }
    let checked = check(&content);
    let advice = checked.values()[0]["advice"].as_str().unwrap().to_owned();
    assert!(
        advice.contains("501 lines") && advice.contains("1001"),
        "{advice}"
    );
    assert!(
        checked
            .run
            .stderr
            .contains("1,000 rows, 501 of them invalid"),
        "{}",
        checked.run.stderr
    );
    let (posts, invalid) = checked.posted();
    assert_eq!((posts.len(), invalid), (499, 501));
    assert!(
        posts
            .iter()
            .all(|(entity, text)| *text == format!("note {entity}"))
    );
}

#[test]
fn a_header_with_a_stray_quote_is_refused_with_its_place() {
    let checked = check("external_id,\"mess\"age\n1,a\n");
    assert_eq!(checked.run.code, 1);
    assert!(
        checked.run.stderr.contains("column 19"),
        "{}",
        checked.run.stderr
    );
}
