//! The last line of a check in JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::{Code, Findings};
use crate::manifest::Manifest;

use super::failure::Failure;
use super::findings::used_columns;

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
    delimiter: Option<char>,
    /// The header's columns; JSONL has none.
    columns: &'f [String],
    ignored_columns: &'f [String],
    problems: BTreeMap<Code, u64>,
    warnings: BTreeMap<&'static str, u64>,
    /// Hosts from which images are shown.
    image_hosts: Vec<&'f str>,
    attachments: u64,
    attachment_bytes: u64,
    due: u64,
    not_due: u64,
    overdue: u64,
    /// Records of the file, and those of them that make no post.
    source_rows: u64,
    skipped: u64,
    empty: u64,
    /// The header's columns that give fields.
    used_columns: Vec<String>,
    /// CRM records by their types.
    entities: BTreeMap<String, u64>,
    /// Those who may see posts, by the letters of their codes.
    audiences: BTreeMap<&'static str, u64>,
    /// Those who are notified by name, and how often.
    people: u64,
    notifications: u64,
    /// Attachments by what they are.
    attachment_types: BTreeMap<&'static str, u64>,
    largest_attachment: u64,
    /// The first place of each kind of problem, and what to do.
    first_problems: BTreeMap<Code, FirstProblem<'f>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'f Failure>,
}

impl<'f> CheckSummary<'f> {
    /// What a check has counted.
    pub fn new(manifest: &'f Manifest, findings: &'f Findings) -> CheckSummary<'f> {
        let dialect = manifest.dialect();
        let summary = ProblemCounts {
            rows: findings.rows,
            invalid: findings.invalid,
            encoding: Some(manifest.encoding().name()),
            delimiter: dialect.map(|dialect| dialect.delimiter.byte().into()),
            columns: manifest.columns().names(),
            ignored_columns: &findings.ignored_columns,
            problems: counts(findings),
            warnings: findings.warnings.clone(),
            image_hosts: findings.image_hosts.keys().map(String::as_str).collect(),
            attachments: findings.files,
            attachment_bytes: findings.bytes,
            due: findings.schedule.due,
            not_due: findings.schedule.not_due,
            overdue: findings.schedule.overdue,
            source_rows: findings.records.all,
            skipped: findings.records.skipped,
            empty: findings.records.empty,
            used_columns: used_columns(manifest),
            entities: entities(findings),
            audiences: audiences(findings),
            people: findings.tally.people(),
            notifications: findings.tally.notifications(),
            attachment_types: findings.tally.file_types().clone(),
            largest_attachment: findings.largest_file,
            first_problems: first_problems(findings),
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

/// Where a kind of problem is first.
#[derive(Debug, Serialize)]
struct FirstProblem<'f> {
    row: u64,
    line: u64,
    advice: &'f str,
}

/// Problems by their codes.
fn counts(findings: &Findings) -> BTreeMap<Code, u64> {
    let kinds = findings.by_code.iter();
    kinds.map(|(code, kind)| (*code, kind.count)).collect()
}

fn first_problems(findings: &Findings) -> BTreeMap<Code, FirstProblem<'_>> {
    let kinds = findings.by_code.iter();
    let first = kinds.map(|(code, kind)| {
        let first = FirstProblem {
            row: kind.row,
            line: kind.line,
            advice: &kind.advice,
        };
        (*code, first)
    });
    first.collect()
}

fn entities(findings: &Findings) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    for entity in findings.entities.iter() {
        *kinds.entry(entity.kind.to_string()).or_default() += 1;
    }
    kinds
}

fn audiences(findings: &Findings) -> BTreeMap<&'static str, u64> {
    let kinds = findings.tally.audiences();
    kinds.map(|(kind, count)| (kind.prefix(), count)).collect()
}
