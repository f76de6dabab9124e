//! What is about to happen, on one screen, before the first post.

use std::fmt::Write as _;

use indicatif::{HumanBytes, HumanCount};

use crate::import::Briefing;

use super::words::rows;

/// The screen as text.
pub fn screen(about: &Briefing) -> String {
    let mut text = format!(
        "About to post {} to the {} of {}, as {}",
        rows(about.rows),
        about.target,
        about.portal,
        about.user
    );
    if about.files > 0 {
        let (files, bytes) = (HumanCount(about.files), HumanBytes(about.bytes));
        let _ = write!(text, "\n  with {files} attachments, {bytes}");
    }
    if about.already_posted > 0 {
        let _ = write!(
            text,
            "\n  left alone: {} posted before",
            rows(about.already_posted)
        );
    }
    if about.in_doubt > 0 {
        let _ = write!(text, "\n  left alone: {} in doubt", rows(about.in_doubt));
    }
    for sample in &about.samples {
        let entity = sample.entity.as_deref().unwrap_or("-");
        let _ = write!(text, "\n  row {}, {entity}: {}", sample.row, sample.excerpt);
    }
    text.push_str(
        "\n  Bitrix24 dates the posts today, names that user as their author, and notifies people.",
    );
    for warning in &about.warnings {
        let _ = write!(text, "\n  warning: {warning}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Sample;

    #[test]
    fn the_screen_says_what_goes_where() {
        let about = Briefing {
            portal: "a.test".into(),
            user: "Ann (user 7)".into(),
            target: "crm-feed",
            rows: 1_200,
            files: 3,
            bytes: 2_048,
            already_posted: 1,
            in_doubt: 0,
            samples: vec![Sample {
                row: 2,
                entity: Some("deal 5".into()),
                excerpt: "Hi".into(),
            }],
            warnings: vec!["the last run was by another user (3)".into()],
        };
        let text = screen(&about);
        assert!(
            text.starts_with(
                "About to post 1,200 rows to the crm-feed of a.test, as Ann (user 7)\n"
            )
        );
        for part in [
            "3 attachments, 2.00 KiB",
            "left alone: 1 row posted before",
            "row 2, deal 5: Hi",
            "warning: the last",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
