//! What is about to happen, on one screen, before the first post.

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount};

use crate::check::LARGE_FILE;
use crate::import::{Briefing, People, Sample};
use crate::pacing::Estimate;

use super::Commands;
use super::words::{attachments, rows};

/// The screen as text.
pub fn screen(about: &Briefing, commands: &Commands) -> String {
    let mut text = format!(
        "About to post {} to the {} of {}, as {}{}",
        rows(about.rows),
        about.target,
        about.portal,
        about.user,
        if about.administrator {
            ", an administrator"
        } else {
            ""
        }
    );
    if about.files > 0 {
        let (files, bytes) = (attachments(about.files), HumanBytes(about.bytes));
        let _ = write!(
            text,
            "\n  with {files}, {bytes}, which come to lie on the Drive of {}",
            about.user
        );
    }
    text.extend(left_alone(about));
    if about.in_doubt > 0 {
        let _ = write!(text, "\n    to settle doubt: {}", commands.resolve());
    }
    text.extend(about.samples.iter().map(sample));
    text.push_str(&what_it_takes(about));
    text.push_str(&what_bitrix_does(about));
    for warning in &about.warnings {
        let _ = write!(text, "\n  warning: {warning}");
    }
    text
}

/// One of the first rows, its record by kind, number and title.
fn sample(sample: &Sample) -> String {
    let entity = sample.entity.as_deref().unwrap_or("-");
    let title = sample.title.as_deref();
    let title = title.map_or(String::new(), |title| format!(" ({title})"));
    format!(
        "\n  row {}, {entity}{title}: {}",
        sample.row, sample.excerpt
    )
}

/// Requests and time, as a range that holds: the lower end is rounded down, the upper one up.
fn what_it_takes(about: &Briefing) -> String {
    let Estimate { requests, time } = &about.estimate;
    let (least, most) = (HumanCount(*requests.start()), HumanCount(*requests.end()));
    let requests = match requests.start() == requests.end() {
        true => format!("{most} requests"),
        false => format!("between {least} and {most} requests"),
    };
    let (quick, slow) = (time.start().as_secs(), whole_seconds(*time.end()));
    let time = match quick {
        0 => format!("up to {}", duration(slow, u64::div_ceil)),
        _ => {
            let (least, most) = (duration(quick, |a, b| a / b), duration(slow, u64::div_ceil));
            format!("between {least} and {most}")
        }
    };
    format!("\n  it takes {requests} and {time}, by how quick the portal is")
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Seconds in the largest unit of which there are three, rounded as told.
fn duration(seconds: u64, round: fn(u64, u64) -> u64) -> String {
    const UNITS: [(u64, &str); 3] = [(24 * 3_600, "day"), (3_600, "hour"), (60, "minute")];
    let fitting = UNITS.into_iter().find(|(unit, _)| seconds >= 3 * unit);
    let (unit, name) = fitting.unwrap_or((1, "second"));
    match round(seconds, unit) {
        1 => format!("1 {name}"),
        count => format!("{} {name}s", HumanCount(count)),
    }
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
    if about.overdue > 0 {
        let _ = write!(
            text,
            "\n  warning: due for more than a day: {}; what they announce may be over",
            rows(about.overdue)
        );
    }
    if about.large_files > 0 {
        let _ = write!(
            text,
            "\n  warning: files larger than {}, which a server on the way may refuse: {}",
            HumanBytes(LARGE_FILE),
            HumanCount(about.large_files)
        );
    }
    let author = match about.with_author {
        0 => "that user as their author".to_owned(),
        count if about.authors_lost => format!(
            "that user as their author, also of {} with an author_id, since this portal keeps no \
             author: the first line of the text names it",
            rows(count)
        ),
        count => format!(
            "that user as their author but for {} with an author_id",
            rows(count)
        ),
    };
    let _ = write!(
        text,
        "\n  not kept by Bitrix24: date and author. It dates the posts today, names {author}, and \
         notifies {}.",
        notified(&about.people)
    );
    text
}

/// Whom the posts notify, as far as the rows name them.
fn notified(people: &People) -> String {
    let at_least = if people.open_ended { "at least " } else { "" };
    let counted = |count: u64, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{} {many}", HumanCount(count)),
    };
    match (people.people, people.open_ended) {
        (0, false) => "nobody whom the rows name".to_owned(),
        (0, true) => "people in the groups that the rows name".to_owned(),
        (count, _) => format!(
            "{at_least}{} with {}",
            counted(count, "person", "people"),
            counted(people.notifications, "notification", "notifications")
        ),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn commands() -> Commands {
        Commands {
            manifest: "m.csv".into(),
            reading: Vec::new(),
            ledger: None,
        }
    }

    /// Nothing in particular.
    pub fn briefing() -> Briefing {
        Briefing {
            portal: "a.test".into(),
            user: "Ann (user 7)".into(),
            administrator: false,
            target: "crm-feed",
            rows: 1_200,
            files: 0,
            bytes: 0,
            large_files: 0,
            already_posted: 0,
            in_doubt: 0,
            posted_elsewhere: 0,
            in_doubt_elsewhere: 0,
            dropped: 0,
            mentioning: 0,
            overdue: 0,
            with_author: 0,
            authors_lost: false,
            people: People::default(),
            estimate: Estimate {
                requests: 24..=120,
                time: Duration::from_secs(30)..=Duration::from_secs(600),
            },
            samples: Vec::new(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn the_screen_says_what_goes_where() {
        let about = Briefing {
            files: 3,
            bytes: 2_048,
            large_files: 1,
            already_posted: 1,
            posted_elsewhere: 1,
            in_doubt: 2,
            dropped: 2,
            overdue: 3,
            with_author: 4,
            samples: vec![
                Sample {
                    row: 2,
                    entity: Some("deal 5".into()),
                    title: Some("Big sale".into()),
                    excerpt: "Hi".into(),
                },
                Sample {
                    row: 3,
                    entity: Some("deal 6".into()),
                    title: None,
                    excerpt: "Ho".into(),
                },
            ],
            warnings: vec!["the last run was by another user (3)".into()],
            ..briefing()
        };
        let text = screen(&about, &commands());
        assert!(
            text.starts_with(
                "About to post 1,200 rows to the crm-feed of a.test, as Ann (user 7)\n"
            )
        );
        for part in [
            "3 attachments, 2.00 KiB, which come to lie on the Drive of Ann (user 7)\n",
            "left alone: 1 row posted before, 1 of them on another target\n",
            "left alone: 2 rows in doubt\n    to settle doubt: b24post resolve m.csv\n",
            "without a field that is dropped: 2 rows\n",
            "row 2, deal 5 (Big sale): Hi\n",
            "row 3, deal 6: Ho\n",
            "between 24 and 120 requests and between 30 seconds and 10 minutes,",
            "warning: due for more than a day: 3 rows; what they announce may be over\n",
            "files larger than 200.00 MiB, which a server on the way may refuse: 1\n",
            "names that user as their author but for 4 rows with an author_id, and",
            "warning: the last",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let chief = Briefing {
            administrator: true,
            ..about
        };
        assert!(screen(&chief, &commands()).contains("as Ann (user 7), an administrator\n"));
    }

    #[test]
    fn the_lowest_number_of_the_notified_is_told() {
        let of = |people, notifications, open_ended| {
            notified(&People {
                people,
                notifications,
                open_ended,
            })
        };
        assert_eq!(of(0, 0, false), "nobody whom the rows name");
        assert_eq!(of(0, 0, true), "people in the groups that the rows name");
        assert_eq!(of(1, 1, false), "1 person with 1 notification");
        assert_eq!(
            of(12, 3_400, true),
            "at least 12 people with 3,400 notifications"
        );
    }

    #[test]
    fn both_ends_are_rounded_so_that_they_hold() {
        let of = |requests, quick, slow| {
            what_it_takes(&Briefing {
                estimate: Estimate {
                    requests,
                    time: Duration::from_millis(quick)..=Duration::from_millis(slow),
                },
                ..briefing()
            })
        };
        for (told, expected) in [
            (of(2..=2, 3, 900), "2 requests and up to 1 second,"),
            (of(2..=9, 999, 1_001), "and 9 requests and up to 2 seconds,"),
            (
                of(2..=9, 119_000, 120_001),
                "between 119 seconds and 121 seconds,",
            ),
            (
                of(2..=9, 235_500, 10_800_001),
                "between 3 minutes and 4 hours,",
            ),
            (
                of(2..=9, 1_000, 10_740_001),
                "between 1 second and 180 minutes,",
            ),
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
    }
}
