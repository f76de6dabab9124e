//! The last word of a check.

use indicatif::{HumanBytes, HumanCount};

use crate::check::Findings;

use super::words::rows;

/// How many rows can be sent, and how many can't.
pub fn findings_text(findings: &Findings) -> String {
    let (rows, files) = (rows(findings.rows), HumanCount(findings.files));
    let bytes = HumanBytes(findings.bytes);
    if findings.invalid == 0 {
        return format!("{rows}, all valid; {files} attachments, {bytes}");
    }
    format!(
        "{rows}, {} of them invalid with {} problems in all; {files} attachments, {bytes}",
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
        findings.invalid = 3;
        findings.problems = 5;
        assert!(
            findings_text(&findings).starts_with("1,200 rows, 3 of them invalid with 5 problems")
        );
    }
}
