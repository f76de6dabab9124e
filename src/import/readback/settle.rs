//! Judges what a search has seen, and writes the verdicts into the ledger.

use crate::ledger::{Ledger, LedgerError, OtherLedgers, Settle};
use crate::post::RowKey;

use crate::import::notice::DoubtCounts;
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

/// What came of it, in numbers.
pub fn counts(judged: &Judged) -> DoubtCounts {
    let mut counts = DoubtCounts::default();
    for (_, verdict) in judged {
        match verdict {
            Verdict::There(_) | Verdict::ThereByAnother(_) => counts.arrived += 1,
            Verdict::Absent => counts.absent += 1,
            Verdict::Unknown(_) => counts.unknown += 1,
        }
    }
    counts
}
