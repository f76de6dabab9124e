//! The last word of a check.

use std::collections::BTreeMap;

use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::check::{Code, Findings};
use crate::manifest::{InputFormat, Manifest};

use super::failure::Failure;
use super::style::{ERROR, GOOD, styled};
use super::words::{attachments, rows};

/// How many rows can be sent, and how many can't; then what is left out, and who is notified.
pub fn findings_text(findings: &Findings) -> String {
    let mut lines = vec![verdict(findings)];
    let notes = [
        (findings.dropped, "posted without a field that is dropped"),
        (findings.mentioning, "mention users, who are notified"),
        (
            findings.schedule.overdue,
            "due for more than a day; what they announce may be over",
        ),
    ];
    let shown = notes.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(shown.map(|(count, what)| format!("{}: {what}", rows(count))));
    lines.join("\n")
}

/// How the manifest is read.
pub fn reading_text(manifest: &Manifest) -> String {
    format!("encoding {}", manifest.encoding())
}

fn verdict(findings: &Findings) -> String {
    let (rows, files) = (rows(findings.rows), attachments(findings.files));
    let bytes = HumanBytes(findings.bytes);
    if findings.invalid == 0 {
        let valid = styled(GOOD, "all valid");
        return format!("{rows}, {valid}; {files}, {bytes}");
    }
    let problems = match findings.problems {
        1 => "1 problem".to_owned(),
        count => format!("{} problems", HumanCount(count)),
    };
    format!(
        "{rows}, {} of them invalid with {problems} in all; {files}, {bytes}",
        styled(ERROR, HumanCount(findings.invalid)),
    )
}

/// The last line of a check in JSON.
#[derive(Debug, Serialize)]
pub struct CheckSummary<'f> {
    summary: ProblemCounts<'f>,
}

#[derive(Debug, Default, Serialize)]
struct ProblemCounts<'f> {
    rows: u64,
    /// Rows with a problem.
    invalid: u64,
    encoding: Option<String>,
    /// None where the format has none.
    delimiter: Option<&'static str>,
    /// The header's columns; JSONL has none.
    columns: &'f [String],
    ignored_columns: &'f [String],
    problems: BTreeMap<Code, u64>,
    warnings: BTreeMap<&'static str, u64>,
    attachments: u64,
    attachment_bytes: u64,
    due: u64,
    not_due: u64,
    overdue: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'f Failure>,
}

impl<'f> CheckSummary<'f> {
    /// What a check has counted.
    pub fn new(manifest: &'f Manifest, findings: &'f Findings) -> CheckSummary<'f> {
        let summary = ProblemCounts {
            rows: findings.rows,
            invalid: findings.invalid,
            encoding: Some(manifest.encoding().name()),
            delimiter: (manifest.format() == InputFormat::Csv).then_some(","),
            columns: manifest.columns().names(),
            ignored_columns: &findings.ignored_columns,
            problems: findings.by_code.clone(),
            warnings: findings.warnings.clone(),
            attachments: findings.files,
            attachment_bytes: findings.bytes,
            due: findings.schedule.due,
            not_due: findings.schedule.not_due,
            overdue: findings.schedule.overdue,
            error: None,
        };
        CheckSummary { summary }
    }

    /// That the manifest can't be read.
    pub fn failed(error: &'f Failure) -> CheckSummary<'f> {
        let summary = ProblemCounts {
            error: Some(error),
            ..ProblemCounts::default()
        };
        CheckSummary { summary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    #[test]
    fn it_counts_rows_and_problems() {
        let mut findings = Findings {
            rows: 1_200,
            files: 2,
            bytes: 2_048,
            ..Findings::default()
        };
        assert_eq!(
            plain(&findings_text(&findings)),
            "1,200 rows, all valid; 2 attachments, 2.00 KiB"
        );
        findings.files = 1;
        assert_eq!(
            plain(&findings_text(&findings)),
            "1,200 rows, all valid; 1 attachment, 2.00 KiB"
        );
        findings.dropped = 4;
        assert!(
            plain(&findings_text(&findings))
                .ends_with("\n4 rows: posted without a field that is dropped")
        );
        findings.invalid = 3;
        findings.problems = 5;
        assert!(
            plain(&findings_text(&findings))
                .starts_with("1,200 rows, 3 of them invalid with 5 problems")
        );
    }
}
