//! What the user hears of a run, as data; the words are the report's.

use std::time::Duration;

use jiff::SignedDuration;

use crate::check::{Mojibake, OddRows, Problem};
use crate::ledger::{LedgerError, RegisterError};
use crate::manifest::Warning;
use crate::portal::CallError;
use crate::post::EntityKind;

/// Something that the user should read during a run.
#[derive(Debug)]
pub enum Notice<'a> {
    /// Something odd about the manifest as a whole.
    Manifest(&'a Warning),
    /// A row that is left out.
    LeftOut(&'a LeftOut),
    /// The register of ledgers can't be read, so copies of this ledger are not recognised.
    RegisterUnread(&'a RegisterError),
    /// This ledger can't be entered in the register of ledgers.
    RegisterUnwritten(&'a RegisterError),
    /// Another ledger that may know rows of this manifest can't be read.
    OtherLedgerUnread(&'a LedgerError),
    /// Rows are in doubt from before, and the portal may still be at work on them.
    AwaitingDoubt {
        /// Rows in doubt.
        rows: usize,
        /// How long the portal may take at most, and the run waits.
        wait: Duration,
    },
    /// Rows in doubt were looked for.
    DoubtJudged(DoubtCounts),
    /// Entities are about to be looked for.
    EntitySearch {
        /// Entities that the portal is to be asked for.
        entities: u64,
        /// Requests that this takes, about.
        requests: u64,
    },
    /// How far the search for entities is.
    EntitiesSought {
        /// Entities that the portal was asked for so far.
        asked: u64,
        /// Entities that it is to be asked for.
        total: u64,
        /// Entities that it doesn't have, or doesn't show, so far.
        missing: u64,
    },
}

/// A row that turned out unsendable only at its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its number in the manifest, from 1.
    pub row: u64,
    /// The line of the manifest where it starts, from 1.
    pub line: u64,
    /// What has come up since the check.
    pub why: WhyLeftOut,
}

/// Why a row is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLeftOut {
    /// It is no longer valid.
    Problems(Vec<Problem>),
    /// An attachment could not be read, in the words of that error.
    Attachment(String),
}

/// What a search for rows in doubt has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoubtCounts {
    /// Found on the portal; now posted.
    pub arrived: u64,
    /// Certainly not there; sent again.
    pub absent: u64,
    /// Still in doubt.
    pub unknown: u64,
}

/// Something that deserves a second look before the first post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The last run posted as this other user.
    OtherUser(u64),
    /// So many rows hold control characters.
    ControlCharacters(u64),
    /// The texts of these rows were decoded wrongly before the export.
    Mojibake(Mojibake, OddRows),
    /// So many attachments lie under nearly the name that is given.
    OtherwiseNamed(u64),
    /// So many folders of attachments have none, or are not there.
    EmptyFolders(u64),
    /// So many values are left out because a table or a map doesn't have them.
    ValuesLeftOut(u64),
    /// So many rows look like HTML, and are sent as they are.
    HtmlUnasked(u64),
    /// Images are shown from these hosts.
    ImageHosts(Vec<String>),
    /// So many images can't be shown.
    ImagesLeftOut(u64),
    /// So many are HTML pages and are not called so.
    HtmlPages(u64),
    /// By so much is the portal's clock ahead.
    ClockSkew(SignedDuration),
    /// The portal tells its time in an unknown form.
    TimeUnreadable,
    /// The portal doesn't tell its time.
    TimeUntold(CallError),
    /// The portal doesn't tell what the credentials may do.
    ScopesUntold(CallError),
    /// The portal denied a call without content, in these words.
    ProbeDenied(String),
    /// Whether the portal takes such posts could not be found out.
    ProbeUnanswered(CallError),
    /// The portal can't be asked for entities.
    EntitiesUnchecked(CallError),
    /// The portal can't be asked for the entities of one kind.
    KindUnchecked {
        /// The kind that was asked for.
        kind: EntityKind,
        /// The portal's words, with its code.
        said: String,
    },
}
