//! What is told at the end of a check.

use std::collections::BTreeMap;

use indicatif::{HumanBytes, HumanCount};

use crate::check::{Code, Findings, OddRows, ProblemKind, RowSample};
use crate::manifest::{KnownBy, Manifest};
use crate::post::{AudienceKind, EntityKind};

use super::notices::{
    EMPTY_FOLDERS, HTML_PAGES, HTML_UNASKED, IMAGES_LEFT_OUT, OTHERWISE_NAMED, VALUES_LEFT_OUT,
    mojibake_text,
};
use super::style::{ERROR, GOOD, LABEL, styled};
use super::words::{self, attachments, labelled, printable, rows, shown_if, values};

/// How many rows can be sent, and how many can't; then what is left out and who is notified, what was
/// found about the file, and each kind of problem with its first place.
pub fn findings_text(manifest: &Manifest, findings: &Findings) -> String {
    let mut lines = remarks(findings);
    let names = [
        ("file", vec![file(manifest)]),
        ("encoding", vec![manifest.encoding().to_string()]),
        ("records", records(manifest, findings)),
        ("first rows", findings.samples.iter().map(sample).collect()),
        ("entities", entities(findings)),
        ("audiences", audiences(findings)),
        ("notified", notified(findings)),
        ("attachments", attachment_types(findings)),
        ("images from", image_hosts(findings)),
        ("due", due(findings)),
        ("posted", listed(&used_columns(manifest))),
        ("not posted", listed(&findings.ignored_columns)),
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
        return manifest.form().to_owned();
    };
    let columns = manifest.columns().count();
    let known = match dialect.known_by {
        KnownBy::Option => "as you say",
        KnownBy::SepLine => "by its first line",
        KnownBy::Header => "by its header",
        KnownBy::Counts => "by its first records",
        KnownBy::OneColumn => return "CSV of one column".to_owned(),
    };
    format!(
        "CSV of {columns} columns, separated by `{}` ({known})",
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

/// How many users, groups and departments may see posts.
fn audiences(findings: &Findings) -> Vec<String> {
    let kinds = findings.tally.audiences();
    let told: Vec<String> = kinds
        .map(|(kind, count)| match kind {
            AudienceKind::Everyone => "everybody (UA)".to_owned(),
            kind => format!("{}: {}", kind.prefix(), HumanCount(count)),
        })
        .collect();
    shown_if(!told.is_empty(), told.join(", "))
}

/// Whom the rows notify by name.
fn notified(findings: &Findings) -> Vec<String> {
    let tally = &findings.tally;
    let people = tally.people();
    let is_open = tally.audiences().any(|(kind, _)| {
        matches!(
            kind,
            AudienceKind::Workgroup | AudienceKind::Department | AudienceKind::Everyone
        )
    });
    let text = format!(
        "{} by name, with {}{}",
        counted(people, "person", "people"),
        counted(tally.notifications(), "notification", "notifications"),
        if is_open {
            "; groups may have more"
        } else {
            ""
        }
    );
    shown_if(people > 0, text)
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        HumanCount(count),
        if count == 1 { one } else { many }
    )
}

/// What the attachments are, and how large the largest is.
fn attachment_types(findings: &Findings) -> Vec<String> {
    let types = findings.tally.file_types().iter();
    let mut told: Vec<(u64, &str)> = types.map(|(name, count)| (*count, *name)).collect();
    told.sort_by_key(|(count, name)| (std::cmp::Reverse(*count), *name));
    let told: Vec<String> = told
        .iter()
        .map(|(count, name)| format!("{name}: {}", HumanCount(*count)))
        .collect();
    let largest = findings.largest_file;
    let text = format!("{}; the largest {}", told.join(", "), HumanBytes(largest));
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

/// When the rows are to be posted, where some are not now.
fn due(findings: &Findings) -> Vec<String> {
    let schedule = findings.schedule;
    let text = format!(
        "{} now, {} later",
        HumanCount(schedule.due),
        HumanCount(schedule.not_due)
    );
    shown_if(schedule.not_due > 0, text)
}

/// The columns that give fields, or that a mapping makes use of.
pub fn used_columns(manifest: &Manifest) -> Vec<String> {
    if let Some(mapping) = manifest.mapping() {
        return mapping.columns().used.clone();
    }
    let columns = manifest.columns();
    let names = columns.names().iter().enumerate();
    let used = names.filter(|(place, _)| columns.is_field(*place));
    used.map(|(_, name)| name.clone()).collect()
}

/// Names of columns.
fn listed(names: &[String]) -> Vec<String> {
    let shown: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.escape_debug()))
        .collect();
    shown_if(!names.is_empty(), shown.join(", "))
}

/// Texts that were probably cut before the export, and the first of their rows.
fn cut(odd: &OddRows, at: &str) -> Vec<String> {
    let first: Vec<String> = odd.first.iter().map(u64::to_string).collect();
    let text = format!(
        "{} ({}{}): the text has exactly {at}, and may have been cut there",
        rows(odd.count),
        first.join(", "),
        if odd.count > odd.first.len() as u64 {
            ", ..."
        } else {
            ""
        }
    );
    shown_if(odd.count > 0, text)
}

/// One kind of problem, where it first is, and what to do.
fn problem_kind((code, kind): (&Code, &ProblemKind)) -> String {
    let count = HumanCount(kind.count).to_string();
    let name = styled(ERROR, format!("{:<24}", code.as_str()));
    let (row, line, advice) = (kind.row, kind.line, &kind.advice);
    format!("  {name}{count:>8}  first in row {row} (line {line}): {advice}")
}

/// Rows of whose exploded columns each is filled.
const FULL: &str = "every column of [explode] holds something; the old system may have cut further \
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
    let text = format!("{}: {VALUES_LEFT_OUT}", values(left_out));
    lines.extend(shown_if(left_out > 0, text));
    let images = findings.images_left_out;
    let text = format!("{} {IMAGES_LEFT_OUT}", HumanCount(images));
    lines.extend(shown_if(images > 0, text));
    let folders = findings.empty_folders;
    let text = format!("{}: {EMPTY_FOLDERS}", words::folders(folders));
    lines.extend(shown_if(folders > 0, text));
    let files = [
        (findings.otherwise_named, OTHERWISE_NAMED),
        (findings.html_pages, HTML_PAGES),
    ];
    let shown = files.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(shown.map(|(count, what)| format!("{}: {what}", attachments(count))));
    lines.extend(cut(
        &findings.cut.excel,
        "the 32,767 characters of a cell of Excel",
    ));
    lines.extend(cut(
        &findings.cut.database,
        "the 65,535 bytes of many a database",
    ));
    let mojibake = findings.mojibake.found();
    lines.extend(mojibake.map(|(kind, rows)| mojibake_text(kind, rows)));
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
