//! What is about to happen, as a table on one screen, before the first post.

use std::ops::RangeInclusive;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount};

use crate::check::LARGE_FILE;
use crate::import::{Briefing, NamedAudience, People, Sample};
use crate::pacing::Estimate;

use super::Commands;
use super::notices::oddity_text;
use super::style::{LABEL, STRONG, WARNING, styled};
use super::words::{attachments, labelled, printable, rows, shown_if};

/// The screen as text: a headline, and below it a table of names and what they stand for.
pub fn screen(about: &Briefing, commands: &Commands) -> String {
    let headline = format!(
        "About to post {} to the {} of {}",
        rows(about.rows),
        about.target,
        about.portal,
    );
    let administrator = if about.administrator {
        ", an administrator"
    } else {
        ""
    };
    let mut text = format!(
        "{}, as {}{administrator}",
        styled(STRONG, headline),
        user(about)
    );
    for (name, lines) in table(about, commands) {
        let style = if name == "warning" { WARNING } else { LABEL };
        for line in labelled(style, name, lines) {
            text.extend(["\n", &line]);
        }
    }
    text
}

/// The names of the table, each with its lines; a name without lines is not shown.
fn table(about: &Briefing, commands: &Commands) -> [(&'static str, Vec<String>); 11] {
    let Estimate { requests, time } = &about.estimate;
    [
        ("first rows", about.samples.iter().map(sample).collect()),
        ("files", files(about)),
        ("left alone", left_alone(about, commands)),
        ("dropped", dropped(about)),
        ("requests", vec![span_of_requests(requests)]),
        ("time", vec![span_of_time(time)]),
        ("audience", audience(&about.audience)),
        ("notified", vec![notified(&about.people)]),
        ("mentions", mentions(about)),
        ("not kept", vec![not_kept(about)]),
        ("warning", warnings(about)),
    ]
}

/// Names that are shown.
const MOST_NAMES: usize = 10;

/// Whom the names in audiences mean, with head counts.
fn audience(names: &[NamedAudience]) -> Vec<String> {
    let line = |named: &NamedAudience| {
        let more = if named.or_more { " or more" } else { "" };
        let people = named.people.map(|count| match count {
            1 if more.is_empty() => ", 1 person".to_owned(),
            count => format!(", {}{more} people", HumanCount(count)),
        });
        let name = printable(&named.name);
        format!("{name} is {}{}", named.code, people.unwrap_or_default())
    };
    let shown = names.iter().take(MOST_NAMES).map(line);
    let rest = names.len().saturating_sub(MOST_NAMES);
    let rest = shown_if(rest > 0, format!("and {rest} more names"));
    shown.chain(rest).collect()
}

/// A user by name and number.
fn user(about: &Briefing) -> String {
    match about.user_name.as_str() {
        "" => format!("user {}", about.user_id),
        name => format!("{name} (user {})", about.user_id),
    }
}

/// One of the first rows, its entity by kind, number and title.
fn sample(sample: &Sample) -> String {
    let entity = sample.entity.as_deref().unwrap_or("-");
    let title = sample.title.as_deref();
    let title = title.map_or(String::new(), |title| format!(" ({title})"));
    format!("row {}, {entity}{title}: {}", sample.row, sample.excerpt)
}

fn files(about: &Briefing) -> Vec<String> {
    let (files, bytes) = (attachments(about.files), HumanBytes(about.bytes));
    let user = user(about);
    let text = format!("{files}, {bytes}, which come to lie on the Drive of {user}");
    shown_if(about.files > 0, text)
}

/// Rows that stay as they are, with those on another target told apart.
fn left_alone(about: &Briefing, commands: &Commands) -> Vec<String> {
    let counts = [
        (
            about.counts.already_posted,
            about.posted_elsewhere,
            "posted before",
        ),
        (about.counts.in_doubt, about.in_doubt_elsewhere, "in doubt"),
    ];
    let shown = counts.into_iter().filter(|(count, ..)| *count > 0);
    let mut lines: Vec<String> = shown
        .map(|(count, elsewhere, what)| {
            let line = format!("{} {what}", rows(count));
            match elsewhere {
                0 => line,
                _ => format!(
                    "{line}, {} of them on another target",
                    HumanCount(elsewhere)
                ),
            }
        })
        .collect();
    if about.counts.in_doubt > 0 {
        lines.push(format!("to settle doubt: {}", commands.resolve()));
    }
    lines
}

fn dropped(about: &Briefing) -> Vec<String> {
    let text = format!(
        "{} without a field that is dropped",
        rows(about.counts.dropped)
    );
    shown_if(about.counts.dropped > 0, text)
}

fn mentions(about: &Briefing) -> Vec<String> {
    let text = format!(
        "{} mention users, who are notified",
        rows(about.counts.mentioning)
    );
    shown_if(about.counts.mentioning > 0, text)
}

/// A range that holds, as does that of the time: the lower end is rounded down, the upper one up.
fn span_of_requests(requests: &RangeInclusive<u64>) -> String {
    let (least, most) = (HumanCount(*requests.start()), HumanCount(*requests.end()));
    if requests.start() == requests.end() {
        most.to_string()
    } else {
        format!("between {least} and {most}")
    }
}

fn span_of_time(time: &RangeInclusive<Duration>) -> String {
    let (quick, slow) = (time.start().as_secs(), whole_seconds(*time.end()));
    let most = duration(slow, u64::div_ceil);
    let span = match quick {
        0 => format!("up to {most}"),
        _ => format!("between {} and {most}", duration(quick, |a, b| a / b)),
    };
    format!("{span}, by how quick the portal is")
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

/// What can't be undone and the user might not expect.
fn not_kept(about: &Briefing) -> String {
    let text =
        "date and author: Bitrix24 dates the posts today and names that user as their author";
    match about.with_author {
        0 => text.to_owned(),
        count if about.authors_lost => format!(
            "{text}, also of {} with an author_id, since this portal keeps no author: the first \
             line of the text names it",
            rows(count)
        ),
        count => format!("{text} but for {} with an author_id", rows(count)),
    }
}

/// What deserves a second look.
fn warnings(about: &Briefing) -> Vec<String> {
    let overdue = format!(
        "due for more than a day: {}; what they announce may be over",
        rows(about.counts.overdue)
    );
    let large_files = format!(
        "files larger than {}, which a server on the way may refuse: {}",
        HumanBytes(LARGE_FILE),
        HumanCount(about.large_files)
    );
    let mut warnings = shown_if(about.counts.overdue > 0, overdue);
    warnings.extend(shown_if(about.large_files > 0, large_files));
    warnings.extend(about.oddities.iter().map(oddity_text));
    warnings
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
    use crate::import::{Counts, Oddity};
    use crate::report::style::plain;

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
            user_id: 7,
            user_name: "Ann".into(),
            administrator: false,
            target: "crm-feed",
            rows: 1_200,
            files: 0,
            bytes: 0,
            large_files: 0,
            counts: Counts::default(),
            posted_elsewhere: 0,
            in_doubt_elsewhere: 0,
            with_author: 0,
            authors_lost: false,
            people: People::default(),
            audience: Vec::new(),
            estimate: Estimate {
                requests: 24..=120,
                time: Duration::from_secs(30)..=Duration::from_secs(600),
            },
            samples: Vec::new(),
            oddities: Vec::new(),
        }
    }

    #[test]
    fn the_screen_says_what_goes_where() {
        let about = Briefing {
            files: 3,
            bytes: 2_048,
            large_files: 1,
            counts: Counts {
                already_posted: 1,
                in_doubt: 2,
                dropped: 2,
                overdue: 3,
                ..Counts::default()
            },
            posted_elsewhere: 1,
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
            oddities: vec![Oddity::OtherUser(3)],
            ..briefing()
        };
        let text = plain(&screen(&about, &commands()));
        assert!(
            text.starts_with(
                "About to post 1,200 rows to the crm-feed of a.test, as Ann (user 7)\n"
            )
        );
        let expected = "
  first rows   row 2, deal 5 (Big sale): Hi
               row 3, deal 6: Ho
  files        3 attachments, 2.00 KiB, which come to lie on the Drive of Ann (user 7)
  left alone   1 row posted before, 1 of them on another target
               2 rows in doubt
               to settle doubt: b24post resolve m.csv
  dropped      2 rows without a field that is dropped
  requests     between 24 and 120
  time         between 30 seconds and 10 minutes, by how quick the portal is
  notified     nobody whom the rows name
  not kept     date and author: Bitrix24 dates the posts today and names that user as their author \
but for 4 rows with an author_id
  warning      due for more than a day: 3 rows; what they announce may be over
               files larger than 200.00 MiB, which a server on the way may refuse: 1
               the last run posted as another user (3)";
        assert!(text.ends_with(expected), "{text}");
        let mut chief = about;
        chief.administrator = true;
        let text = plain(&screen(&chief, &commands()));
        assert!(text.contains("as Ann (user 7), an administrator\n"));
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
        let of = |quick, slow| {
            span_of_time(&(Duration::from_millis(quick)..=Duration::from_millis(slow)))
        };
        for (told, expected) in [
            (of(3, 900), "up to 1 second,"),
            (of(999, 1_001), "up to 2 seconds,"),
            (of(119_000, 120_001), "between 119 seconds and 121 seconds,"),
            (of(235_500, 10_800_001), "between 3 minutes and 4 hours,"),
            (of(1_000, 10_740_001), "between 1 second and 180 minutes,"),
        ] {
            assert!(told.starts_with(expected), "{expected}: {told}");
        }
        assert_eq!(span_of_requests(&(2..=2)), "2");
        assert_eq!(span_of_requests(&(2..=1_200)), "between 2 and 1,200");
    }
}
