//! What is told at the end of a lookup.

use indicatif::HumanCount;
use serde::Serialize;

use crate::lookup::{LookupEnd, LookupSummary};

use super::failure::Failure;
use super::next::quoted;
use super::style::{STRONG, styled};
use super::words::{printable, rows, shown_if};

/// The result of a lookup in JSON.
#[derive(Debug, Serialize)]
pub struct LookupResult<'a> {
    /// What was found.
    #[serde(flatten)]
    pub summary: &'a LookupSummary,
    /// What has stopped it, if anything has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// The summary for people: the hit rate, what is left, and what to do about it. None where the
/// lookup has not come so far as to know the values. `end` is none where an error has stopped it.
pub fn lookup_text(summary: &LookupSummary, end: Option<LookupEnd>, users: bool) -> Option<String> {
    if summary.output.is_empty() || end.is_none() && summary.total == 0 {
        return None;
    }
    let mut lines = vec![styled(STRONG, headline(summary, end))];
    lines.extend(remarks(summary));
    lines.push(format!("map: {}", summary.output));
    lines.push(next(summary, end, users));
    Some(lines.join("\n"))
}

fn headline(summary: &LookupSummary, end: Option<LookupEnd>) -> String {
    if summary.total == 0 {
        return "the manifest names nothing that could be looked up".to_owned();
    }
    let rate = format!(
        "{} of {} names, {} of {}",
        HumanCount(summary.found),
        HumanCount(summary.total),
        HumanCount(summary.rows_found),
        rows(summary.rows)
    );
    match end {
        Some(LookupEnd::Done) => rate,
        Some(LookupEnd::Interrupted) => format!("interrupted: {rate}"),
        None => format!("stopped by an error: {rate}"),
    }
}

fn remarks(summary: &LookupSummary) -> Vec<String> {
    let count = |count: u64, text: &str| {
        shown_if(
            count > 0,
            format!("  {:>9}  {text}", HumanCount(count).to_string()),
        )
    };
    let mut lines = count(summary.kept, "of them were in the map before");
    lines.extend(count(
        summary.ambiguous,
        "have candidates, to be chosen from",
    ));
    lines.extend(count(summary.not_found, "are like nothing on the portal"));
    lines.extend(count(summary.pending, "have not been asked for yet"));
    lines.extend(shown_if(
        summary.untyped > 0,
        format!(
            "{} name a record without a type, so nothing was asked for them",
            rows(summary.untyped)
        ),
    ));
    lines.extend(shown_if(
        summary.unreadable > 0,
        format!(
            "{} can't be read; `check` says why",
            rows(summary.unreadable)
        ),
    ));
    let refused = summary.refused.iter();
    lines.extend(refused.map(|said| format!("not to be had by this field: {}", printable(said))));
    lines
}

fn next(summary: &LookupSummary, end: Option<LookupEnd>, users: bool) -> String {
    let option = if users { "--user-map" } else { "--entity-map" };
    let map = quoted(std::path::Path::new(&summary.output).as_os_str());
    match summary.ambiguous + summary.not_found {
        _ if end != Some(LookupEnd::Done) => "run the same command again to go on".to_owned(),
        0 => format!("give it to check and import: {option} {map}"),
        _ => format!(
            "write the right IDs into its column `id`, and give it to check and import: {option} {map}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hit_rate_comes_first_and_what_to_do_last() {
        let summary = LookupSummary {
            output: "e.csv".into(),
            total: 2_012,
            found: 1_840,
            kept: 40,
            ambiguous: 100,
            not_found: 72,
            rows: 40_000,
            rows_found: 38_700,
            ..LookupSummary::default()
        };
        let text = lookup_text(&summary, Some(LookupEnd::Done), false).unwrap();
        let text = anstream::adapter::strip_str(&text).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "1,840 of 2,012 names, 38,700 of 40,000 rows");
        assert_eq!(lines[2], "        100  have candidates, to be chosen from");
        let last = "write the right IDs into its column `id`, and give it to check and import: --entity-map e.csv";
        assert_eq!(lines.last(), Some(&last));
        let text = lookup_text(&summary, Some(LookupEnd::Interrupted), true).unwrap();
        assert!(text.contains("interrupted: 1,840") && text.ends_with("to go on"));
        assert_eq!(lookup_text(&LookupSummary::default(), None, true), None);
    }
}
