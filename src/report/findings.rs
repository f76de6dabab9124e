//! What is told at the end of a check.

use std::collections::BTreeMap;

use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::check::{Code, Findings, ProblemKind, RowSample};
use crate::manifest::{KnownBy, Manifest};
use crate::post::EntityKind;

use super::failure::Failure;
use super::notices::{
    EMPTY_FOLDERS, HTML_PAGES, HTML_UNASKED, IMAGES_LEFT_OUT, OTHERWISE_NAMED, VALUES_LEFT_OUT,
};
use super::style::{ERROR, GOOD, LABEL, styled};
use super::words::{attachments, labelled, printable, rows, shown_if};

/// How many rows can be sent, and how many can't; then what is left out and who is notified, what was
/// found about the file, and each kind of problem with its first place.
pub fn findings_text(manifest: &Manifest, findings: &Findings) -> String {
    let mut lines = remarks(findings);
    let names = [
        ("file", vec![file(manifest)]),
        ("records", records(manifest, findings)),
        ("first rows", findings.samples.iter().map(sample).collect()),
        ("entities", entities(findings)),
        ("largest", largest_file(findings)),
        ("images from", image_hosts(findings)),
        ("not posted", not_posted(findings)),
    ];
    for (name, texts) in names {
        lines.extend(labelled(LABEL, name, texts));
    }
    lines.extend(findings.by_code.iter().map(problem_kind));
    lines.join("\n")
}

/// What the file is, and how that is known.
fn file(manifest: &Manifest) -> String {
    let Some(dialect) = manifest.dialect() else {
        return "JSON lines, UTF-8".to_owned();
    };
    let columns = manifest.columns().count();
    let known = match dialect.known_by {
        KnownBy::Option => "as you say",
        KnownBy::SepLine => "by its first line",
        KnownBy::Header => "by its header",
        KnownBy::Counts => "by its first records",
        KnownBy::OneColumn => return "CSV of one column, UTF-8".to_owned(),
    };
    format!(
        "CSV of {columns} columns, separated by `{}` ({known}), UTF-8",
        dialect.delimiter
    )
}

/// How many records the file has and what became of them, where a mapping decides that.
fn records(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    let records = findings.records;
    let counted = [
        (records.skipped, "left out by the mapping"),
        (records.empty, "with nothing to post"),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = counted
        .map(|(count, what)| format!(", {} {what}", HumanCount(count)))
        .collect();
    let posts = HumanCount(findings.rows);
    let text = format!(
        "{}{}; posts: {posts}",
        HumanCount(records.all),
        told.concat()
    );
    shown_if(manifest.mapping().is_some(), text)
}

/// One of the first rows as it would be posted.
fn sample(sample: &RowSample) -> String {
    let entity = sample.entity.map(|entity| format!(", {entity}"));
    let title = sample.title.as_deref().map(|title| format!("{title} | "));
    let text = [title.as_deref().unwrap_or_default(), &sample.message].concat();
    let row = sample.row;
    format!(
        "row {row}{}: {}",
        entity.unwrap_or_default(),
        printable(&text)
    )
}

/// How many CRM entities of each kind the rows name.
fn entities(findings: &Findings) -> Vec<String> {
    let mut kinds: BTreeMap<EntityKind, u64> = BTreeMap::new();
    for entity in findings.entities.iter() {
        *kinds.entry(entity.kind).or_default() += 1;
    }
    let told = kinds.iter();
    let told: Vec<String> = told
        .map(|(kind, count)| format!("{kind}: {}", HumanCount(*count)))
        .collect();
    shown_if(!told.is_empty(), told.join(", "))
}

fn largest_file(findings: &Findings) -> Vec<String> {
    let largest = findings.largest_file;
    let text = format!("file of {}", HumanBytes(largest));
    shown_if(largest > 0, text)
}

/// Hosts from which images are shown.
fn image_hosts(findings: &Findings) -> Vec<String> {
    let hosts = findings.image_hosts.iter();
    let hosts: Vec<String> = hosts
        .map(|(host, count)| format!("{} ({})", printable(host), rows(*count)))
        .collect();
    shown_if(!hosts.is_empty(), hosts.join(", "))
}

/// Columns that are no fields.
fn not_posted(findings: &Findings) -> Vec<String> {
    let names = findings.ignored_columns.iter();
    let names: Vec<String> = names
        .map(|name| format!("`{}`", name.escape_debug()))
        .collect();
    shown_if(!names.is_empty(), names.join(", "))
}

/// One kind of problem, where it first is, and what to do.
fn problem_kind((code, kind): (&Code, &ProblemKind)) -> String {
    let count = HumanCount(kind.count).to_string();
    let name = styled(ERROR, format!("{:<24}", code.as_str()));
    let (row, line, advice) = (kind.row, kind.line, &kind.advice);
    format!("  {name}{count:>8}  first in row {row} (line {line}): {advice}")
}

/// Problems by their codes.
fn counts(findings: &Findings) -> BTreeMap<Code, u64> {
    let kinds = findings.by_code.iter();
    kinds.map(|(code, kind)| (*code, kind.count)).collect()
}

/// Rows of whose exploded columns each is filled.
const FULL: &str = "have something in every column of [explode]; the old system may have cut further \
                    notes";

fn remarks(findings: &Findings) -> Vec<String> {
    let mut lines = vec![verdict(findings)];
    let notes = [
        (findings.dropped, "posted without a field that is dropped"),
        (findings.mentioning, "mention users, who are notified"),
        (
            findings.schedule.overdue,
            "due for more than a day; what they announce may be over",
        ),
        (findings.records.full, FULL),
        (findings.html_unasked, HTML_UNASKED),
    ];
    let shown = notes.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(shown.map(|(count, what)| format!("{}: {what}", rows(count))));
    let left_out = findings.left_out;
    let text = format!("{} {VALUES_LEFT_OUT}", HumanCount(left_out));
    lines.extend(shown_if(left_out > 0, text));
    let images = findings.images_left_out;
    let text = format!("{} {IMAGES_LEFT_OUT}", HumanCount(images));
    lines.extend(shown_if(images > 0, text));
    let folders = findings.empty_folders;
    let text = format!("{} {EMPTY_FOLDERS}", HumanCount(folders));
    lines.extend(shown_if(folders > 0, text));
    let files = [
        (findings.otherwise_named, OTHERWISE_NAMED),
        (findings.html_pages, HTML_PAGES),
    ];
    let shown = files.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(shown.map(|(count, what)| format!("{}: {what}", attachments(count))));
    lines
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
    encoding: Option<&'static str>,
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
            encoding: Some("utf-8"),
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
            plain(&remarks(&findings).join("\n")),
            "1,200 rows, all valid; 2 attachments, 2.00 KiB"
        );
        findings.files = 1;
        assert_eq!(
            plain(&remarks(&findings).join("\n")),
            "1,200 rows, all valid; 1 attachment, 2.00 KiB"
        );
        findings.dropped = 4;
        assert!(
            plain(&remarks(&findings).join("\n"))
                .ends_with("\n4 rows: posted without a field that is dropped")
        );
        findings.invalid = 3;
        findings.problems = 5;
        assert!(
            plain(&remarks(&findings).join("\n"))
                .starts_with("1,200 rows, 3 of them invalid with 5 problems")
        );
    }
}
