//! Rows in doubt: what is known of each, and how the user settles it.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::ledger::{Resolved, RowInDoubt};

use super::Commands;
use super::style::{ERROR, STRONG, WARNING, styled};
use super::words::{printable, rows, time};

/// What `resolve` found and did, as one JSON object.
#[derive(Clone, Debug, Serialize)]
pub struct ResolveReport {
    /// Path of the ledger.
    pub ledger: String,
    /// The portal that it is bound to.
    pub portal: Option<String>,
    /// Rows settled now, as posted.
    pub posted: u64,
    /// Rows settled now, to be sent again.
    pub pending: u64,
    /// Rows that stay in doubt, each of them in `rows`.
    pub in_doubt: u64,
    /// The rows that stay in doubt.
    pub rows: Vec<DoubtfulRow>,
    /// Whether anything was to be settled.
    #[serde(skip)]
    settled: bool,
}

/// A row in doubt.
#[derive(Clone, Debug, Serialize)]
pub struct DoubtfulRow {
    /// Its number in the manifest.
    pub row: u64,
    /// What `--posted` and `--resend` take.
    pub row_key: String,
    /// The row's own ID.
    pub external_id: Option<String>,
    /// Where it was sent.
    pub target: String,
    /// When it was sent, as RFC 3339.
    pub sent_at: Option<String>,
    /// The CRM entity, by kind and number.
    pub entity: Option<String>,
    /// The user that it was to be posted as.
    pub author_id: Option<u64>,
    /// The portal's code, or one of our own in lower case.
    pub code: String,
    /// The words that came with the code.
    pub message: String,
    /// How its text begins.
    pub excerpt: String,
}

impl From<RowInDoubt> for DoubtfulRow {
    fn from(doubt: RowInDoubt) -> DoubtfulRow {
        DoubtfulRow {
            row: doubt.row,
            row_key: doubt.row_key,
            external_id: doubt.external_id,
            target: doubt.target,
            sent_at: doubt.sent_at.and_then(time),
            entity: doubt.entity,
            author_id: doubt.author_id,
            code: doubt.code,
            message: doubt.message,
            excerpt: doubt.excerpt,
        }
    }
}

impl ResolveReport {
    /// The report on a ledger; `resolved` is none when nothing was to be settled.
    pub fn new(
        ledger: String,
        portal: Option<String>,
        resolved: Option<Resolved>,
        doubts: Vec<RowInDoubt>,
    ) -> ResolveReport {
        let settled = resolved.unwrap_or_default();
        ResolveReport {
            ledger,
            portal,
            posted: settled.posted,
            pending: settled.resent,
            in_doubt: doubts.len() as u64,
            rows: doubts.into_iter().map(DoubtfulRow::from).collect(),
            settled: resolved.is_some(),
        }
    }
}

/// The report for people: what was settled, or else the list of what is to be settled.
pub fn text(report: &ResolveReport, commands: &Commands) -> String {
    if report.settled {
        return settled(report, &commands.resolve());
    }
    if report.rows.is_empty() {
        return "no row is in doubt".to_owned();
    }
    let mut lines = vec![format!("ledger: {}", report.ledger)];
    if let Some(portal) = &report.portal {
        lines.push(format!("portal: {portal}"));
    }
    lines.push(format!(
        "in doubt: {}, sent without an answer that tells whether they arrived",
        styled(WARNING, rows(report.in_doubt))
    ));
    lines.extend(report.rows.iter().map(listed));
    lines.push(advice(commands));
    lines.join("\n")
}

fn settled(report: &ResolveReport, resolve: &str) -> String {
    let mut lines = Vec::new();
    if report.posted > 0 {
        lines.push(format!("now posted: {}", rows(report.posted)));
    }
    if report.pending > 0 {
        let count = rows(report.pending);
        lines.push(format!("now pending: {count}, for the next import"));
    }
    lines.push(match report.in_doubt {
        0 => "no row is in doubt any more".to_owned(),
        count => format!("still in doubt: {}; list them: {resolve}", rows(count)),
    });
    lines.join("\n")
}

/// One row, on two lines to four.
fn listed(row: &DoubtfulRow) -> String {
    let key = printable(&row.row_key);
    let heading = styled(STRONG, format!("row {}  {key}", row.row));
    let mut text = format!("\n{heading}\n  sent");
    if let Some(at) = &row.sent_at {
        let _ = write!(text, " {at}");
    }
    let _ = write!(text, " to the {}", row.target);
    if let Some(entity) = &row.entity {
        let _ = write!(text, " of {entity}");
    }
    if let Some(author) = row.author_id {
        let _ = write!(text, ", as user {author}");
    }
    if !row.code.is_empty() {
        let message = one_line(&row.message);
        let code = styled(ERROR, &row.code);
        let _ = write!(text, "\n  came back: {code}: {message}");
    }
    if !row.excerpt.is_empty() {
        let _ = write!(text, "\n  text: {}", row.excerpt);
    }
    text
}

/// What a portal or a gateway wrote, fit for a terminal.
fn one_line(text: &str) -> String {
    let is_space = |letter: char| letter.is_whitespace() || letter.is_control();
    let words: Vec<&str> = text
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn advice(commands: &Commands) -> String {
    let resolve = |options| commands.resolve_with(options);
    format!(
        "
Look for each on the portal, then settle it:
  it is there:       {}
  it is not there:   {}
  none of them is:   {}
The next import sends again what is not there.",
        resolve(" --posted KEY=ID"),
        resolve(" --resend KEY"),
        resolve(" --resend-all")
    )
}

/// What is asked before every row in doubt is sent again.
pub fn question(in_doubt: u64) -> String {
    format!(
        "In doubt: {}. Those that you don't settle otherwise will be sent again; what has arrived \
         is then posted twice. Send them?",
        rows(in_doubt)
    )
}

/// Why nothing is done where that can't be asked.
pub fn nobody_to_ask(in_doubt: u64) -> String {
    format!(
        "--resend-all posts what has arrived of the {} in doubt a second time, and there is nobody \
         to ask: add --yes to do it; nothing was changed",
        rows(in_doubt)
    )
}

/// What to say where there is no ledger.
pub fn no_ledger(path: &Path, rehearsal: Option<&Path>) -> String {
    let mut text = format!(
        "there is no ledger {}, so nothing is known of this manifest; name another place with \
         --ledger",
        path.display()
    );
    if let Some(rehearsal) = rehearsal {
        let rehearsal = rehearsal.display();
        let _ = write!(
            text,
            "; a rehearsal has one of its own: --ledger {rehearsal}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    fn commands() -> Commands {
        Commands {
            manifest: "m.csv".into(),
            reading: Vec::new(),
            ledger: Some("l.db".into()),
        }
    }

    fn doubt() -> RowInDoubt {
        RowInDoubt {
            row_key: "x:\u{1b}[1m7".into(),
            row: 7,
            external_id: Some("7".into()),
            target: "timeline".into(),
            sent_at: Some(1_700_000_000_123),
            entity: Some("deal 5".into()),
            author_id: Some(3),
            code: "bad_gateway".into(),
            message: "<html>\r\n\u{1b}[1m502".into(),
            excerpt: "Hello".into(),
        }
    }

    #[test]
    fn each_row_is_listed_with_all_that_is_known_and_the_ways_out() {
        let unclaimed = RowInDoubt {
            row_key: "h:ab:0".into(),
            row: 9,
            sent_at: None,
            entity: None,
            author_id: None,
            code: String::new(),
            excerpt: String::new(),
            ..doubt()
        };
        let portal = Some("a.test".into());
        let report = ResolveReport::new("l.db".into(), portal, None, vec![doubt(), unclaimed]);
        let expected = "\
ledger: l.db
portal: a.test
in doubt: 2 rows, sent without an answer that tells whether they arrived

row 7  x:\\u{1b}[1m7
  sent 2023-11-14T22:13:20Z to the timeline of deal 5, as user 3
  came back: bad_gateway: <html> [1m502
  text: Hello

row 9  h:ab:0
  sent to the timeline

Look for each on the portal, then settle it:
  it is there:       b24post resolve m.csv --ledger l.db --posted KEY=ID
  it is not there:   b24post resolve m.csv --ledger l.db --resend KEY
  none of them is:   b24post resolve m.csv --ledger l.db --resend-all
The next import sends again what is not there.";
        assert_eq!(plain(&text(&report, &commands())), expected);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["in_doubt"], 2);
        assert_eq!(json["rows"][0]["sent_at"], "2023-11-14T22:13:20Z");
        assert_eq!(json["rows"][0]["message"], "<html>\r\n\u{1b}[1m502");
    }

    #[test]
    fn what_was_settled_is_counted_and_what_is_left_is_named() {
        let resolved = Resolved {
            posted: 2,
            resent: 1,
        };
        let report = |doubts| ResolveReport::new("l.db".into(), None, Some(resolved), doubts);
        assert_eq!(
            plain(&text(&report(vec![doubt()]), &commands())),
            "now posted: 2 rows\nnow pending: 1 row, for the next import\n\
             still in doubt: 1 row; list them: b24post resolve m.csv --ledger l.db"
        );
        let done = text(&report(Vec::new()), &commands());
        assert!(done.ends_with("\nno row is in doubt any more"), "{done}");
        let none = ResolveReport::new("l.db".into(), None, None, Vec::new());
        assert_eq!(text(&none, &commands()), "no row is in doubt");
    }

    #[test]
    fn a_rehearsals_ledger_is_named_where_there_is_no_other() {
        let text = no_ledger(Path::new("l.db"), Some(Path::new("r.db")));
        assert!(text.starts_with("there is no ledger l.db,"), "{text}");
        assert!(text.ends_with("--ledger r.db"), "{text}");
    }
}
