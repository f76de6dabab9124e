//! The last word of a check.

use indicatif::{HumanBytes, HumanCount};

use crate::check::Findings;

use super::words::{attachments, rows};

/// How many rows can be sent, and how many can't; then what is left out, and who is notified.
pub fn findings_text(findings: &Findings) -> String {
    let mut lines = vec![verdict(findings)];
    let notes = [
        (findings.dropped, "posted without a field that is dropped"),
        (findings.mentioning, "mention users, who are notified"),
    ];
    let shown = notes.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(shown.map(|(count, what)| format!("{}: {what}", rows(count))));
    lines.join("\n")
}

fn verdict(findings: &Findings) -> String {
    let (rows, files) = (rows(findings.rows), attachments(findings.files));
    let bytes = HumanBytes(findings.bytes);
    if findings.invalid == 0 {
        return format!("{rows}, all valid; {files}, {bytes}");
    }
    format!(
        "{rows}, {} of them invalid with {} problems in all; {files}, {bytes}",
        HumanCount(findings.invalid),
        HumanCount(findings.problems)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_rows_and_problems() {
        let mut findings = Findings {
            rows: 1_200,
            files: 2,
            bytes: 2_048,
            ..Findings::default()
        };
        assert_eq!(
            findings_text(&findings),
            "1,200 rows, all valid; 2 attachments, 2.00 KiB"
        );
        findings.files = 1;
        assert_eq!(
            findings_text(&findings),
            "1,200 rows, all valid; 1 attachment, 2.00 KiB"
        );
        findings.dropped = 4;
        assert!(
            findings_text(&findings).ends_with("\n4 rows: posted without a field that is dropped")
        );
        findings.invalid = 3;
        findings.problems = 5;
        assert!(
            findings_text(&findings).starts_with("1,200 rows, 3 of them invalid with 5 problems")
        );
    }
}
