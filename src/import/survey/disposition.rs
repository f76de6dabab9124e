//! What is to be done with a row of the manifest: a pure decision from what the check found and
//! what the ledger knows.

use jiff::Timestamp;

use crate::ledger::{LedgerRow, State};

/// What the decision needs to know of a row.
#[derive(Clone, Copy, Debug)]
pub struct RowFacts<'a> {
    pub known: Option<&'a LedgerRow>,
    /// The target of this run.
    pub target: &'a str,
    /// Whether its content or the size of its attachments differs from what the ledger knows.
    pub changed: bool,
    /// Whether the check found problems.
    pub invalid: bool,
    pub publish_at: Option<Timestamp>,
}

/// What is to be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Send it in this run.
    Due,
    /// It arrived in an earlier run; `changed` since then or not. Never sent again.
    AlreadyPosted { changed: bool },
    /// Nobody knows whether it arrived. Never sent again by itself.
    InDoubt,
    /// The portal refused it, and it is as it was.
    Failed,
    /// Deleted again by the user.
    Undone,
    /// Its `publish_at` lies ahead.
    NotDue,
    /// The check found problems.
    Invalid,
}

/// Asks the ledger first: a row that is posted or in doubt is not sent, whatever the manifest and
/// its check say now, and on whichever target. What another target has refused, this one may take.
pub fn dispose(found: RowFacts<'_>, now: Timestamp, retry_failed: bool) -> Disposition {
    let elsewhere = found
        .known
        .is_some_and(|known| *known.target != *found.target);
    match found.known.map(|known| known.state) {
        Some(State::Posted) => {
            return Disposition::AlreadyPosted {
                changed: found.changed,
            };
        }
        Some(State::InDoubt | State::Sending) => return Disposition::InDoubt,
        Some(State::Undone) => return Disposition::Undone,
        Some(State::Failed) if !retry_failed && !found.changed && !elsewhere => {
            return Disposition::Failed;
        }
        Some(State::Failed | State::Pending) | None => {}
    }
    if found.invalid {
        Disposition::Invalid
    } else if found.publish_at.is_some_and(|at| at > now) {
        Disposition::NotDue
    } else {
        Disposition::Due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::ContentHash;

    fn ledger_row(state: State) -> LedgerRow {
        LedgerRow {
            id: 1,
            is_named: true,
            target: "crm-feed".into(),
            state,
            content: ContentHash([0; 16]),
            attachment_bytes: 0,
            left_behind: false,
        }
    }

    fn decide(state: Option<State>, changed: bool, invalid: bool) -> Disposition {
        let known = state.map(ledger_row);
        let found = RowFacts {
            known: known.as_ref(),
            target: "crm-feed",
            changed,
            invalid,
            publish_at: None,
        };
        dispose(found, Timestamp::UNIX_EPOCH, false)
    }

    #[test]
    fn what_arrived_or_may_have_is_never_due_and_never_invalid() {
        for invalid in [false, true] {
            for changed in [false, true] {
                let posted = decide(Some(State::Posted), changed, invalid);
                assert_eq!(posted, Disposition::AlreadyPosted { changed });
                for state in [State::InDoubt, State::Sending] {
                    assert_eq!(decide(Some(state), changed, invalid), Disposition::InDoubt);
                }
                assert_eq!(
                    decide(Some(State::Undone), changed, invalid),
                    Disposition::Undone
                );
            }
        }
    }

    #[test]
    fn a_failed_row_is_due_again_when_it_changed_or_the_user_says_so() {
        assert_eq!(
            decide(Some(State::Failed), false, false),
            Disposition::Failed
        );
        assert_eq!(decide(Some(State::Failed), true, false), Disposition::Due);
        assert_eq!(
            decide(Some(State::Failed), true, true),
            Disposition::Invalid
        );
        let known = ledger_row(State::Failed);
        let found = RowFacts {
            known: Some(&known),
            target: "crm-feed",
            changed: false,
            invalid: false,
            publish_at: None,
        };
        assert_eq!(
            dispose(found, Timestamp::UNIX_EPOCH, true),
            Disposition::Due
        );
    }

    #[test]
    fn only_what_another_target_refused_or_never_got_goes_to_this_one() {
        for (state, expected) in [
            (State::Posted, Disposition::AlreadyPosted { changed: false }),
            (State::InDoubt, Disposition::InDoubt),
            (State::Undone, Disposition::Undone),
            (State::Failed, Disposition::Due),
            (State::Pending, Disposition::Due),
        ] {
            let known = ledger_row(state);
            let found = RowFacts {
                known: Some(&known),
                target: "timeline",
                changed: false,
                invalid: false,
                publish_at: None,
            };
            assert_eq!(dispose(found, Timestamp::UNIX_EPOCH, false), expected);
        }
    }

    #[test]
    fn new_rows_are_due_when_valid_and_their_time_has_come() {
        assert_eq!(decide(None, false, false), Disposition::Due);
        assert_eq!(decide(Some(State::Pending), false, false), Disposition::Due);
        assert_eq!(decide(None, false, true), Disposition::Invalid);
        let now = Timestamp::UNIX_EPOCH;
        let at = |seconds: i64| RowFacts {
            known: None,
            target: "crm-feed",
            changed: false,
            invalid: false,
            publish_at: Timestamp::from_second(seconds).ok(),
        };
        assert_eq!(dispose(at(0), now, false), Disposition::Due);
        assert_eq!(dispose(at(1), now, false), Disposition::NotDue);
    }
}
