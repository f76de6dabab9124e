//! The words for what the user hears during a run.

use indicatif::HumanCount;
use jiff::SignedDuration;

use crate::check::{Mojibake, OddRows};
use crate::import::{DoubtCounts, LeftOut, Notice, Oddity, WhyLeftOut};

use super::words::{attachments, folders, rows, values};

/// One notice in a sentence.
pub fn notice_text(notice: &Notice<'_>) -> String {
    match notice {
        Notice::Manifest(warning) => warning.to_string(),
        Notice::LeftOut(row) => left_out(row),
        Notice::RegisterUnread(error) => {
            format!("{error}; rows that were posted from another folder are not recognised")
        }
        Notice::RegisterUnwritten(error) => {
            format!("{error}; runs from another folder won't recognise these rows")
        }
        Notice::OtherLedgerUnread(error) => {
            format!("rows that this other ledger may have posted are not recognised: {error}")
        }
        Notice::AwaitingDoubt { rows: count, wait } => format!(
            "{} in doubt from before; the portal may be busy with them for another {} s",
            rows(*count as u64),
            wait.as_secs() + 1
        ),
        Notice::DoubtJudged(counts) => doubt_judged(counts),
        Notice::EntitySearch { entities, requests } => format!(
            "looking for {} CRM records on the portal, in about {} requests; --no-record-check \
             leaves that out",
            HumanCount(*entities),
            HumanCount(*requests)
        ),
        Notice::EntitiesSought {
            asked,
            total,
            missing,
        } => format!(
            "{} of {} CRM records looked for, {} not found",
            HumanCount(*asked),
            HumanCount(*total),
            HumanCount(*missing)
        ),
    }
}

fn left_out(row: &LeftOut) -> String {
    let why = match &row.why {
        WhyLeftOut::Attachment(message) => message.clone(),
        WhyLeftOut::Problems(problems) => {
            let cause = problems
                .iter()
                .map(|problem| format!("{} `{}`: {}", problem.code, problem.value, problem.advice));
            cause.collect::<Vec<_>>().join("; ")
        }
    };
    format!("row {} (line {}) is not sent: {why}", row.row, row.line)
}

fn doubt_judged(counts: &DoubtCounts) -> String {
    let DoubtCounts {
        arrived,
        absent,
        unknown,
    } = *counts;
    let parts = [
        (arrived, "arrived"),
        (absent, "did not arrive and will be sent again"),
        (unknown, "can't be told and stay in doubt"),
    ];
    let told = parts.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, what)| format!("{} {what}", HumanCount(count)))
        .collect();
    format!(
        "looked on the portal for {} in doubt: {}",
        rows(arrived + absent + unknown),
        told.join(", ")
    )
}

/// Behind a number.
pub const VALUES_LEFT_OUT: &str = "left out, since a table or a map doesn't have them";

/// Behind a number.
pub const IMAGES_LEFT_OUT: &str =
    "images can't be shown: they have no address on the web and are not among the attachments";

/// What is odd about texts.
pub const HTML_UNASKED: &str =
    "look like HTML and are sent as they are; --message-format html converts all texts";

/// Behind a number.
pub const EMPTY_FOLDERS: &str = "without files, or not there";

/// How the texts of some rows were spoiled, and which rows these are.
pub fn mojibake_text(kind: Mojibake, odd: &OddRows) -> String {
    let how = match kind {
        Mojibake::Utf8AsWindows1251 => {
            "text in UTF-8 that was read as Windows-1251, such as `РџСЂРё`"
        }
        Mojibake::Utf8AsWindows1252 => {
            "text in UTF-8 that was read as Windows-1252, such as `Ð¿Ñ€` or `Ã¼`"
        }
        Mojibake::Windows1251AsWindows1252 => {
            "text in Windows-1251 that was read as Windows-1252, such as `Ïðè`"
        }
        Mojibake::QuestionMarks => "question marks in place of letters, such as `??????`",
        Mojibake::ReplacementCharacter => "the sign for characters that are lost, U+FFFD",
        Mojibake::ExcelEscape => "Excel's signs for line ends, `_x000D_`",
    };
    let first: Vec<String> = odd.first.iter().map(u64::to_string).collect();
    let more = if odd.count > odd.first.len() as u64 {
        ", ..."
    } else {
        ""
    };
    format!(
        "{} ({}{more}): {how}; it was so when the file was written, and would be posted so: export it \
         anew, or mend it",
        rows(odd.count),
        first.join(", ")
    )
}

/// What is odd about attachments.
pub const OTHERWISE_NAMED: &str =
    "found under a name that differs in letter case, Unicode form or outer blanks";
pub const HTML_PAGES: &str =
    "HTML pages under another extension, perhaps the error page of a server; look at them";

/// What deserves a second look before the first post.
pub fn oddity_text(oddity: &Oddity) -> String {
    match oddity {
        Oddity::OtherUser(last) => format!("the last run posted as another user ({last})"),
        Oddity::ControlCharacters(count) => format!(
            "control characters in {} are sent as they are",
            rows(*count)
        ),
        Oddity::Mojibake(kind, rows) => mojibake_text(*kind, rows),
        Oddity::OtherwiseNamed(count) => format!("{}: {OTHERWISE_NAMED}", attachments(*count)),
        Oddity::ValuesLeftOut(count) => format!("{}: {VALUES_LEFT_OUT}", values(*count)),
        Oddity::EmptyFolders(count) => format!("{}: {EMPTY_FOLDERS}", folders(*count)),
        Oddity::HtmlUnasked(count) => format!("{}: {HTML_UNASKED}", rows(*count)),
        Oddity::ImagesLeftOut(count) => format!("{} {IMAGES_LEFT_OUT}", HumanCount(*count)),
        Oddity::ImageHosts(hosts) => {
            format!("images are shown from other hosts: {}", hosts.join(", "))
        }
        Oddity::HtmlPages(count) => format!("{}: {HTML_PAGES}", attachments(*count)),
        Oddity::ClockSkew(skew) => clock_skew(*skew),
        Oddity::TimeUnreadable => {
            "the portal tells its time in an unknown form, so its clock was not compared".to_owned()
        }
        Oddity::TimeUntold(error) => format!("the portal doesn't tell its time: {error}"),
        Oddity::ScopesUntold(error) => {
            format!("the portal doesn't tell what the credentials may do: {error}")
        }
        Oddity::ProbeDenied(said) => format!(
            "the portal says \"{said}\" to a call of this target without content: the user behind \
             the credentials may have no access to the CRM"
        ),
        Oddity::ProbeUnanswered(error) => format!(
            "whether this portal still takes posts of this target could not be found out: {error}. \
             If it takes none, the run stops at its first request"
        ),
        Oddity::EntitiesUnchecked(error) => format!(
            "the portal can't be asked whether the CRM records exist, so they were not checked: \
             {error}"
        ),
        Oddity::KindUnchecked { kind, said } => format!(
            "whether the records of kind {kind} exist was not checked: the portal answers {said}"
        ),
    }
}

fn clock_skew(skew: SignedDuration) -> String {
    let direction = match skew.is_negative() {
        true => "behind",
        false => "ahead of",
    };
    let by = SignedDuration::from_secs(skew.abs().as_secs());
    format!(
        "the portal's clock is {by:#} {direction} this computer's: publish_at goes by this \
         computer's, the dates of the posts by the portal's. Set the wrong one right"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_is_told_in_numbers() {
        let judged = Notice::DoubtJudged(DoubtCounts {
            arrived: 2,
            absent: 1,
            unknown: 0,
        });
        assert_eq!(
            notice_text(&judged),
            "looked on the portal for 3 rows in doubt: 2 arrived, 1 did not arrive and will be \
             sent again"
        );
    }

    #[test]
    fn a_clocks_direction_is_told() {
        let of = |seconds| oddity_text(&Oddity::ClockSkew(SignedDuration::from_secs(seconds)));
        assert!(of(312).contains("5m 12s ahead of this computer's"));
        assert!(of(-3_600).contains("1h behind this computer's"));
    }
}
