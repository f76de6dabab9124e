//! From what a search has seen to what the ledger knows.

use std::fmt::Write as _;

use indicatif::HumanCount;

use crate::ledger::{Ledger, LedgerError, OtherLedgers, Settle};
use crate::post::RowKey;

use crate::import::readback::judge::{Case, Verdict, judge};
use crate::import::readback::search::{DoubtSearch, Proven};

/// Rows that were looked for, and what is to be said of them.
pub type Judged = Vec<(RowKey, Verdict)>;

/// Judges every row that was looked for, and keeps the verdicts. Posts that the ledgers `elsewhere`
/// have are none of its rows'.
///
/// # Errors
/// When the ledger can't be read or written; nothing is kept then.
pub fn record(
    ledger: &mut Ledger,
    elsewhere: &OtherLedgers,
    search: DoubtSearch,
    proven: &Proven,
    at: i64,
) -> Result<Judged, LedgerError> {
    let mut judged = Vec::new();
    let (inquiries, wanted) = search.into_parts();
    for inquiry in inquiries {
        let (target, Some(seen)) = (inquiry.target.name(), inquiry.seen()) else {
            continue;
        };
        let ids = || seen.found.keys().copied();
        let mut owned = ledger.owned(target, ids())?;
        owned.extend(elsewhere.owned(target, ids())?);
        let is_proven = |reach| proven.contains(&(target, reach));
        let case = Case {
            claims: &inquiry.claims,
            seen,
            owned: &owned,
        };
        let verdicts = judge(&case, is_proven);
        let keys = inquiry.claims.into_iter().map(|claim| claim.key);
        judged.extend(keys.zip(verdicts).filter(|(key, _)| wanted.contains(key)));
    }
    let settle = |(key, verdict): &(RowKey, Verdict)| Settle {
        key: key.clone(),
        settlement: verdict.settlement(),
    };
    let settles: Vec<Settle> = judged.iter().map(settle).collect();
    ledger.settle_doubts(&settles, at)?;
    Ok(judged)
}

/// What came of it, in one line for the user.
pub fn note(judged: &Judged) -> String {
    let count = |is: fn(&Verdict) -> bool| judged.iter().filter(|(_, verdict)| is(verdict)).count();
    let mut text = format!("looked on the portal for {} in doubt:", rows(judged.len()));
    let parts = [
        (
            count(|verdict| matches!(verdict, Verdict::There(_) | Verdict::ThereByAnother(_))),
            "arrived",
        ),
        (
            count(|verdict| matches!(verdict, Verdict::Absent)),
            "did not arrive and will be sent again",
        ),
        (
            count(|verdict| matches!(verdict, Verdict::Unknown(_))),
            "can't be told and stay in doubt",
        ),
    ];
    let told = parts.into_iter().filter(|(count, _)| *count > 0);
    for (place, (count, what)) in told.enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let _ = write!(text, "{comma} {} {what}", HumanCount(count as u64));
    }
    text
}

pub(super) fn rows(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} row{plural}", HumanCount(count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_says_what_became_of_how_many() {
        let row = |verdict| (RowKey::external("1"), verdict);
        let judged = vec![
            row(Verdict::There(7)),
            row(Verdict::Absent),
            row(Verdict::There(8)),
        ];
        assert_eq!(
            note(&judged),
            "looked on the portal for 3 rows in doubt: 2 arrived, 1 did not arrive and will be \
             sent again"
        );
    }
}
