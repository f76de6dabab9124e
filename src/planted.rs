//! Deliberate bugs, so that a test can show that the simulation finds them.
//!
//! They exist only in a build with the feature `planted`, which nothing but that test switches on;
//! in every other build [`is`] is constantly false.

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Rows are claimed while their request is already on its way.
    ClaimAfterSending,
    /// Answers are given to rows by position, not by name.
    PairByPosition,
    /// A row whose answer was lost is sent again.
    DoubtResent,
    /// What a dead run was sending is taken for not sent.
    SendingForgotten,
    /// `INTERNAL_SERVER_ERROR` is taken for a refusal that may be tried again.
    InternalRetried,
    /// A success without an ID is taken for a failure.
    NoIdFailed,
    /// A post is called absent after one look.
    OneLook,
    /// A post is looked for while the portal may still be at it.
    NoGrace,
    /// The time that an upload takes is taken for the portal's.
    UploadForgotten,
    /// What the kernel has taken is taken for arrived.
    KernelForgotten,
    /// What a run that died has sent is looked for at once.
    NoGraceAfterCrash,
    /// A read that never showed a post of this kind is believed.
    UnprovenRead,
    /// A read that showed a post for some readers is believed about posts for others.
    ReachIgnored,
    /// A post that was there before the row was sent may be it.
    BaselineIgnored,
    /// A post from before the row was sent is adopted if its ID is new.
    OlderPostAdopted,
    /// Equal rows for different readers are as good as equal.
    AmbiguityIgnored,
    /// What was claimed is forgotten once the row is in doubt.
    ClaimDroppedEarly,
    /// Posts that nothing explains don't matter.
    StrangePostsIgnored,
    /// Of equal rows the earliest takes a post that a later one may be.
    EarliestTakesAll,
    /// Equal rows are all found in the same post.
    MatchShared,
    /// Equal rows have one key.
    EqualRowsMerged,
    /// A row that is sent again goes behind later ones.
    RetryOvertakes,
    /// An entity goes on while one of its rows is in doubt.
    DoubtOvertaken,
    /// Doubt stops nothing.
    OutageNotStopping,
    /// Any portal will do.
    BindingIgnored,
    /// Two runs share a ledger.
    LockNotTaken,
}

/// Whether this bug is planted.
#[cfg(not(feature = "planted"))]
pub const fn is(_: Bug) -> bool {
    false
}

#[cfg(feature = "planted")]
pub use planting::{is, plant};

#[cfg(feature = "planted")]
mod planting {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a bug in this thread, or takes it out again.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    /// Whether this bug is planted.
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}
