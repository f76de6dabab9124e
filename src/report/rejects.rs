//! What became of the rejects file, in words.

use indicatif::HumanCount;

use crate::rejects::RejectsWritten;

use super::words::rows;

/// Where the rejected rows are and what to do with them, if there are any. `import` is the command
/// that brings the corrected ones in.
pub fn rejects_note(written: &RejectsWritten, import: &str) -> Option<String> {
    let path = written.path.as_ref()?.display();
    let they = if written.records == 1 {
        "it is"
    } else {
        "they are"
    };
    Some(format!(
        "{} can't be posted; {they} in {path}, with the reason. Correct that file, then: {import}",
        rows(written.records)
    ))
}

/// What of the rejected rows is not in the file, or not as it should be.
pub fn rejects_warnings(written: &RejectsWritten) -> Vec<String> {
    let mut warnings = Vec::new();
    if written.alone > 0 {
        warnings.push(format!(
            "{} of the rejects file are no JSON objects and stand there without codes and keys",
            rows(written.alone)
        ));
    }
    let left_out = &written.left_out;
    if left_out.records > 0 {
        let mut lines: Vec<String> = left_out
            .lines
            .iter()
            .map(|(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first}-{last}"),
            })
            .collect();
        let others = left_out.records - lines.len() as u64;
        if others > 0 {
            lines.push(format!("and {} more", HumanCount(others)));
        }
        warnings.push(format!(
            "{} can't stand in the rejects file, since nobody can tell where they end or what they mean; \
             correct them in the manifest itself, on lines {}",
            rows(left_out.records),
            lines.join(", ")
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejects::LeftOutLines;

    #[test]
    fn what_is_not_in_the_file_is_told_by_its_lines() {
        let left_out = LeftOutLines {
            records: 3,
            lines: vec![(4, 4), (7, 9)],
        };
        let written = RejectsWritten {
            left_out,
            ..RejectsWritten::default()
        };
        assert_eq!(rejects_note(&written, "x"), None);
        let warnings = rejects_warnings(&written);
        assert!(
            warnings[0].ends_with("on lines 4, 7-9, and 1 more"),
            "{warnings:?}"
        );
    }
}
