//! What the ledger knows, for people and scripts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use indicatif::HumanCount;
use serde::Serialize;

use crate::ledger::{FailedRow, LedgerStatus, RowInDoubt, State, StateCounts};

use super::Commands;
use super::style::{ERROR, STRONG, WARNING, styled};
use super::words::{count_line, printable, time};

/// The ledger's knowledge as one JSON object.
#[derive(Clone, Debug, Serialize)]
pub struct StatusReport {
    /// Path of the ledger.
    pub ledger: String,
    /// The portal that it is bound to.
    pub portal: Option<String>,
    /// When the last run began, as RFC 3339.
    pub last_run_at: Option<String>,
    /// Whether a run is on.
    pub running: bool,
    /// Rows by state; every state is there.
    pub rows: BTreeMap<&'static str, u64>,
    /// Failed rows by their code.
    pub failures: Vec<FailedRow>,
    /// The first rows in doubt.
    pub in_doubt: Vec<RowInDoubt>,
    /// The ledger of a rehearsal, where there is no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<String>,
}

impl StatusReport {
    /// The report on a ledger; none of its rows when it isn't there.
    pub fn new(
        ledger: String,
        status: Option<LedgerStatus>,
        rehearsal: Option<PathBuf>,
    ) -> StatusReport {
        let status = status.unwrap_or_default();
        StatusReport {
            ledger,
            portal: status.portal,
            last_run_at: status.last_run_at.and_then(time),
            running: status.running,
            rows: by_state(&status.counts),
            failures: status.failures,
            in_doubt: status.doubts,
            rehearsal: rehearsal.map(|path| path.display().to_string()),
        }
    }
}

fn by_state(counts: &StateCounts) -> BTreeMap<&'static str, u64> {
    State::ALL
        .into_iter()
        .map(|state| (state.as_str(), counts.get(&state).copied().unwrap_or(0)))
        .collect()
}

/// The report for people.
pub fn status_text(report: &StatusReport, commands: &Commands) -> String {
    let mut lines = vec![format!("ledger: {}", report.ledger)];
    if let Some(portal) = &report.portal {
        lines.push(format!("portal: {portal}"));
    }
    if let Some(at) = &report.last_run_at {
        let running = if report.running { ", going on now" } else { "" };
        lines.push(format!("last run: {at}{running}"));
    }
    if report.rows.values().all(|count| *count == 0) {
        lines.push("no row of this manifest has been sent yet".to_owned());
        if let Some(rehearsal) = &report.rehearsal {
            lines.push(format!(
                "a rehearsal has a ledger of its own: --ledger {rehearsal}"
            ));
        }
        return lines.join("\n");
    }
    lines.extend(counts(report));
    lines.extend(failures(&report.failures));
    lines.extend(doubts(report, commands));
    lines.join("\n")
}

fn counts(report: &StatusReport) -> Vec<String> {
    let shown = report.rows.iter().filter(|(_, count)| **count > 0);
    shown
        .map(|(state, count)| count_line(state, *count))
        .collect()
}

fn failures(failures: &[FailedRow]) -> Vec<String> {
    if failures.is_empty() {
        return Vec::new();
    }
    let each = failures.iter().map(|failure| {
        let (code, rows) = (printable(&failure.code), HumanCount(failure.rows));
        let (row, message) = (failure.row, printable(&failure.message));
        let code = styled(ERROR, code);
        format!("  {code}: {rows}, such as row {row}: {message}")
    });
    std::iter::once(styled(STRONG, "failed, by code:"))
        .chain(each)
        .collect()
}

fn doubts(report: &StatusReport, commands: &Commands) -> Vec<String> {
    let states: &[&str] = if report.running {
        &["in_doubt"]
    } else {
        &["in_doubt", "sending"]
    };
    let in_doubt: u64 = states
        .iter()
        .filter_map(|state| report.rows.get(state))
        .sum();
    if in_doubt == 0 {
        return Vec::new();
    }
    let mut lines = vec![styled(STRONG, "in doubt (sent, no answer):")];
    lines.extend(report.in_doubt.iter().map(|doubt| {
        let at = doubt.sent_at.and_then(time).unwrap_or_default();
        let entity = doubt.entity.as_deref().unwrap_or("");
        let (row, key, excerpt) = (doubt.row, printable(&doubt.row_key), &doubt.excerpt);
        let row = styled(WARNING, format!("row {row}"));
        format!("  {row}  {key}  {at}  {entity}  {excerpt}")
    }));
    let unlisted = in_doubt.saturating_sub(report.in_doubt.len() as u64);
    if unlisted > 0 {
        lines.push(format!("  and {} more", HumanCount(unlisted)));
    }
    if !report.running {
        lines.push(format!("to settle them: {}", commands.resolve()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    fn commands() -> Commands {
        Commands {
            manifest: "m.csv".into(),
            reading: Vec::new(),
            ledger: None,
        }
    }

    fn status() -> LedgerStatus {
        LedgerStatus {
            portal: Some("a.test".into()),
            counts: [
                (State::Posted, 1_200),
                (State::Failed, 2),
                (State::InDoubt, 2),
            ]
            .into_iter()
            .collect(),
            failures: vec![FailedRow {
                code: "no_right".into(),
                rows: 2,
                row: 3,
                message: "No.\u{1b}[2J\n".into(),
            }],
            doubts: vec![RowInDoubt {
                row_key: "x:\u{1b}[31m7".into(),
                row: 7,
                external_id: Some("7".into()),
                target: "crm-feed".into(),
                sent_at: Some(1_700_000_000_123),
                entity: Some("deal 5".into()),
                author_id: Some(1),
                code: "run_died".into(),
                message: "the run ended".into(),
                excerpt: "Hello".into(),
            }],
            last_run_at: None,
            running: false,
        }
    }

    #[test]
    fn counts_failures_and_doubts_are_listed() {
        let report = StatusReport::new("l.db".into(), Some(status()), None);
        let expected = "\
ledger: l.db
portal: a.test
  failed                   2
  in_doubt                 2
  posted               1,200
failed, by code:
  no_right: 2, such as row 3: No.\\u{1b}[2J\\n
in doubt (sent, no answer):
  row 7  x:\\u{1b}[31m7  2023-11-14T22:13:20Z  deal 5  Hello
  and 1 more
to settle them: b24post resolve m.csv";
        assert_eq!(plain(&status_text(&report, &commands())), expected);
    }

    #[test]
    fn a_manifest_never_sent_has_no_rows() {
        let report = StatusReport::new("l.db".into(), None, Some("r.db".into()));
        let text = status_text(&report, &commands());
        assert!(text.contains("no row of this manifest has been sent yet"));
        assert!(text.ends_with("--ledger r.db"));
        assert_eq!(report.rows.len(), State::ALL.len());
    }
}
