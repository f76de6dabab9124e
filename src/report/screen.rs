//! What is about to happen, on one screen, before the first post.

use std::fmt::Write as _;

use indicatif::{HumanBytes, HumanCount};

use crate::import::Briefing;

use super::Commands;
use super::words::rows;

/// The screen as text.
pub fn screen(about: &Briefing, commands: &Commands) -> String {
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
    text.extend(left_alone(about));
    if about.in_doubt > 0 {
        let _ = write!(text, "\n    to settle doubt: {}", commands.resolve());
    }
    for sample in &about.samples {
        let entity = sample.entity.as_deref().unwrap_or("-");
        let _ = write!(text, "\n  row {}, {entity}: {}", sample.row, sample.excerpt);
    }
    text.push_str(&what_bitrix_does(about));
    for warning in &about.warnings {
        let _ = write!(text, "\n  warning: {warning}");
    }
    text
}

/// Rows that stay as they are, with those on another target told apart.
fn left_alone(about: &Briefing) -> impl Iterator<Item = String> {
    let counts = [
        (
            about.already_posted,
            about.posted_elsewhere,
            "posted before",
        ),
        (about.in_doubt, about.in_doubt_elsewhere, "in doubt"),
    ];
    let shown = counts.into_iter().filter(|(count, ..)| *count > 0);
    shown.map(|(count, elsewhere, what)| {
        let line = format!("\n  left alone: {} {what}", rows(count));
        match elsewhere {
            0 => line,
            _ => format!(
                "{line}, {} of them on another target",
                HumanCount(elsewhere)
            ),
        }
    })
}

/// What the user might not expect, and what can't be undone.
fn what_bitrix_does(about: &Briefing) -> String {
    let mut text = String::new();
    if about.dropped > 0 {
        let _ = write!(
            text,
            "\n  without a field that is dropped: {}",
            rows(about.dropped)
        );
    }
    if about.mentioning > 0 {
        let _ = write!(
            text,
            "\n  {} mention users, who are notified",
            rows(about.mentioning)
        );
    }
    let author = match about.with_author {
        0 => "that user as their author".to_owned(),
        count => format!(
            "that user as their author but for {} with an author_id",
            rows(count)
        ),
    };
    let _ = write!(
        text,
        "\n  Bitrix24 dates the posts today, names {author}, and notifies people."
    );
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
            posted_elsewhere: 1,
            in_doubt: 2,
            dropped: 2,
            with_author: 4,
            samples: vec![Sample {
                row: 2,
                entity: Some("deal 5".into()),
                excerpt: "Hi".into(),
            }],
            warnings: vec!["the last run was by another user (3)".into()],
            ..Briefing::default()
        };
        let commands = Commands {
            manifest: "m.csv".into(),
            reading: Vec::new(),
            ledger: None,
        };
        let text = screen(&about, &commands);
        assert!(
            text.starts_with(
                "About to post 1,200 rows to the crm-feed of a.test, as Ann (user 7)\n"
            )
        );
        for part in [
            "3 attachments, 2.00 KiB",
            "left alone: 1 row posted before, 1 of them on another target\n",
            "left alone: 2 rows in doubt\n    to settle doubt: b24post resolve m.csv\n",
            "without a field that is dropped: 2 rows\n",
            "names that user as their author but for 4 rows with an author_id, and",
            "row 2, deal 5: Hi",
            "warning: the last",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
