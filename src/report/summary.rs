//! What is told at the end of a run.

use indicatif::HumanCount;
use serde::Serialize;

use crate::import::{Ending, Summary};

use super::Commands;
use super::failure::Failure;
use super::next::quoted;
use super::style::{STRONG, styled};
use super::words::{count_line, rows};

/// The result of an import in JSON. The names are part of the contract.
#[derive(Debug, Serialize)]
pub struct ImportResult<'a> {
    /// How the rows stand.
    #[serde(flatten)]
    pub summary: &'a Summary,
    /// What has stopped the run, if anything has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// The summary for people: how every row stands, and what to do about what is left. `ending` is
/// none where an error has stopped the run, and nothing is said when that was before it had looked
/// at the manifest. `skips_invalid` tells whether invalid rows were left out knowingly.
pub fn summary_text(
    summary: &Summary,
    ending: Option<Ending>,
    skips_invalid: bool,
    commands: &Commands,
) -> Option<String> {
    if summary.counts.total == 0 && ending.is_none() {
        return None;
    }
    let mut lines = vec![styled(STRONG, headline(summary, ending))];
    lines.extend(table(summary));
    lines.extend(remarks(summary));
    lines.push(format!("ledger: {}", summary.ledger));
    lines.extend(advice(summary, ending, skips_invalid, commands));
    Some(lines.join("\n"))
}

fn headline(summary: &Summary, ending: Option<Ending>) -> String {
    let posted = HumanCount(summary.counts.posted);
    let posted = format!("{posted} posted in {:.1} s", summary.elapsed_s);
    match ending {
        None => format!("stopped by an error, {posted}"),
        Some(Ending::Interrupted) => format!("interrupted, {posted}"),
        Some(Ending::DryRun) => "dry run: nothing was sent".to_owned(),
        Some(Ending::Declined) => "nothing was posted: you said no".to_owned(),
        Some(Ending::Done | Ending::ConsentMissing) if summary.counts.posted > 0 => posted,
        Some(Ending::Done) if all_arrived(summary) => {
            "nothing to send: every due row is posted already".to_owned()
        }
        Some(Ending::Done | Ending::ConsentMissing) => "nothing was posted".to_owned(),
    }
}

fn all_arrived(summary: &Summary) -> bool {
    summary.counts.total
        == summary.counts.already_posted + summary.counts.not_due + summary.counts.undone
        && summary.counts.already_posted > 0
}

/// One line a count that isn't zero, and their sum.
fn table(summary: &Summary) -> Vec<String> {
    let counts = [
        ("posted now", summary.counts.posted),
        ("posted before", summary.counts.already_posted),
        ("invalid", summary.counts.invalid),
        ("failed", summary.counts.failed),
        ("in doubt", summary.counts.in_doubt),
        ("not due yet", summary.counts.not_due),
        ("pending", summary.counts.pending),
        ("undone", summary.counts.undone),
    ];
    let sum = ("rows in all", summary.counts.total);
    let sum = (!summary.of_ledger).then_some(sum);
    let shown = counts.into_iter().filter(|(_, count)| *count > 0);
    let lines = shown
        .chain(sum)
        .map(|(name, count)| count_line(name, count));
    unread(summary).into_iter().chain(lines).collect()
}

/// Whose word the counts are, if not the manifest's.
fn unread(summary: &Summary) -> Option<String> {
    let text = "the manifest was not read to its end";
    summary.of_ledger.then(|| match summary.counts.total {
        0 => format!("{text}, so its rows are not counted; the ledger knows none yet"),
        _ => format!("{text}; what the ledger knows so far:"),
    })
}

fn remarks(summary: &Summary) -> Vec<String> {
    let notes = [
        (
            summary.counts.changed,
            "changed in the manifest since it was posted; not posted again",
        ),
        (
            summary.counts.out_of_order,
            "overtook an earlier one of its record, which came back from the batch unsent or in doubt",
        ),
        (
            summary.counts.elsewhere,
            "posted or in doubt on another target; not sent again",
        ),
        (
            summary.counts.dropped,
            "due in this run without a field that is dropped",
        ),
        (
            summary.counts.gone,
            "of the ledger no longer in the manifest",
        ),
        (summary.counts.skipped, "left out by the mapping"),
        (summary.counts.empty, "with nothing to post"),
    ];
    let shown = notes.into_iter().filter(|(count, _)| *count > 0);
    shown
        .map(|(count, what)| format!("{}: {what}", rows(count)))
        .collect()
}

fn advice(
    summary: &Summary,
    ending: Option<Ending>,
    skips_invalid: bool,
    commands: &Commands,
) -> Vec<String> {
    let mut advice = Vec::new();
    if summary.counts.in_doubt > 0 {
        advice.push(format!(
            "in doubt: sent, but no answer tells whether they arrived. In the timeline and the \
             news-feed the next run looks for them, and sends again only what is certainly not \
             there; in the crm-feed only you can look. To settle them: {}",
            commands.resolve()
        ));
    }
    if summary.counts.failed > 0 {
        advice.push(format!(
            "failed: the portal refused them; see why: {}; when the cause is mended, add \
             --retry-failed to the same command",
            commands.status()
        ));
    }
    if summary.held_back {
        advice.push(held_back(summary, commands));
    } else if summary.counts.invalid > 0 {
        let way_out = if skips_invalid {
            "mend the rows and run the same command again"
        } else {
            "mend the rows, or leave them out with --skip-invalid"
        };
        advice.push(format!(
            "invalid: {way_out}. Listed above and, but for records that the portal doesn't show, \
             by: {}",
            commands.check()
        ));
    }
    if ending == Some(Ending::DryRun) {
        advice.push("pending: run the same command without --dry-run to send them".to_owned());
    } else if ending == Some(Ending::ConsentMissing) {
        advice.push("pending: add --yes to the same command to send them".to_owned());
    } else if summary.counts.pending > 0
        && (ending != Some(Ending::Done) || summary.counts.invalid == 0)
    {
        let when = match ending {
            None => "when the cause of the stop is mended, ",
            Some(_) => "",
        };
        advice.push(format!(
            "pending: {when}run the same command again to send them"
        ));
    }
    if summary.counts.not_due > 0 {
        advice.push(
            "not due yet: run the same command again after their publish_at has passed".to_owned(),
        );
    }
    advice
}

/// What to do about a file of which nothing is sent.
fn held_back(summary: &Summary, commands: &Commands) -> String {
    if summary.html_unasked && summary.near_columns.is_empty() {
        return "nothing is sent while texts look like HTML and nobody has said how they are written: \
                have them converted with --message-format html, or send them as they are with \
                --message-format text"
            .to_owned();
    }
    if summary.near_columns.is_empty() {
        return format!(
            "nothing is sent of this file, since something is wrong with it as a whole; mend what is \
             listed above and by: {}",
            commands.check()
        );
    }
    let option = |name: &String| format!("--ignore-column {}", quoted(name.as_ref()));
    let options: Vec<String> = summary.near_columns.iter().map(option).collect();
    format!(
        "nothing is sent while a column is nearly a field's and holds values: name it as the field, \
         or leave it out of the posts with {}",
        options.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Counts;
    use crate::report::style::plain;

    fn commands() -> Commands {
        Commands {
            manifest: "m.csv".into(),
            reading: Vec::new(),
            ledger: None,
        }
    }

    fn text(summary: &Summary) -> String {
        plain(&summary_text(summary, Some(Ending::Done), false, &commands()).unwrap())
    }

    #[test]
    fn it_adds_up_and_names_the_next_command() {
        let summary = Summary {
            ledger: "m.csv.ledger.db".into(),
            counts: Counts {
                total: 1_010,
                posted: 1_000,
                failed: 4,
                in_doubt: 3,
                not_due: 2,
                invalid: 1,
                ..Counts::default()
            },
            elapsed_s: 2.04,
            ..Summary::default()
        };
        assert_eq!(summary.counts.sum(), summary.counts.total);
        let expected = "\
1,000 posted in 2.0 s
  posted now           1,000
  invalid                  1
  failed                   4
  in doubt                 3
  not due yet              2
  rows in all          1,010
ledger: m.csv.ledger.db
";
        let text = text(&summary);
        assert!(text.starts_with(expected), "{text}");
        for part in [
            "To settle them: b24post resolve m.csv\n",
            "the next run looks for them",
            "but for records that the portal doesn't show, by: b24post check m.csv\n",
            "b24post status m.csv",
            "--retry-failed",
            "publish_at",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_rerun_says_that_nothing_was_left() {
        let done = Summary {
            counts: Counts {
                total: 5,
                already_posted: 4,
                not_due: 1,
                ..Counts::default()
            },
            ..Summary::default()
        };
        assert!(text(&done).starts_with("nothing to send: every due row is posted already\n"));
        let none = Summary {
            counts: Counts {
                total: 5,
                invalid: 5,
                ..Counts::default()
            },
            ..Summary::default()
        };
        assert!(text(&none).starts_with("nothing was posted\n"));
    }

    #[test]
    fn stops_and_interruptions_come_first() {
        let stopped = Summary {
            counts: Counts {
                total: 5,
                pending: 5,
                ..Counts::default()
            },
            ..Summary::default()
        };
        let of = |summary: &Summary, ending| {
            let text = summary_text(summary, ending, false, &commands());
            text.map(|text| plain(&text))
        };
        let text = of(&stopped, None).unwrap();
        assert!(text.starts_with("stopped by an error, 0 posted"), "{text}");
        assert!(
            text.contains("pending: when the cause of the stop is mended, run"),
            "{text}"
        );
        let interrupted = of(&Summary::default(), Some(Ending::Interrupted)).unwrap();
        assert!(
            interrupted.starts_with("interrupted, 0 posted"),
            "{interrupted}"
        );
        let unread = Summary {
            counts: Counts {
                total: 0,
                ..Counts::default()
            },
            ..stopped
        };
        assert_eq!(of(&unread, None), None, "the error says it all");
    }
}
