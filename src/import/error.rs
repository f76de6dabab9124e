//! What a run can be stopped by: each error with its code for scripts, its exit code, and its
//! cause.

use std::path::PathBuf;
use std::time::Duration;

use indicatif::HumanDuration;
use jiff::Timestamp;

use crate::exit::Exit;
use crate::ledger::LedgerError;
use crate::manifest::ManifestError;
use crate::portal::{CallError, Fatal};
use crate::post::{Entity, RowKey};
use crate::rejects::RejectsError;

use crate::import::engine::canary_comparison::Difference;

/// What has stopped a run.
#[allow(missing_docs, reason = "the messages say what the fields are")]
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The manifest can't be read to its end, or has changed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The rejects file can't be written.
    #[error(transparent)]
    Rejects(#[from] RejectsError),
    /// The portal's answer forbids going on, or none came.
    #[error(transparent)]
    Portal(#[from] CallError),
    /// No good answer for too long.
    #[error(
        "the portal has taken no post for {}; check that it is up and run the same command again to \
         go on",
        HumanDuration(*.0)
    )]
    GaveUp(Duration),
    /// The portal gave one ID to two posts.
    #[error(
        "the portal answered ID {remote_id} for row {key}, but the ledger has that ID for another \
         row; look at both before going on"
    )]
    IdTaken { key: RowKey, remote_id: u64 },
    /// A canary is not on the portal as it was sent.
    #[error(transparent)]
    Canary(#[from] Difference),
    /// Another ledger has sent a row of this manifest.
    #[error(
        "row {row} of this manifest is posted or in doubt in the ledger {ledger}, and this run \
         would post it again: the manifest was probably copied, moved or renamed. Go on with \
         --ledger {ledger}, or, if its rows are to be posted once more, say so with --new-ledger",
        ledger = .ledger.display()
    )]
    OtherLedger { row: u64, ledger: PathBuf },
    /// A posted row without an ID of its own now has a later time.
    #[error(
        "row {row} (line {line}) was posted before {publish_at}, its publish_at now, and without \
         external_id it is still that row, so it would not be posted again. Give a repeated \
         announcement an external_id such as its date, and go on with --accept-edits"
    )]
    RepeatedRow {
        row: u64,
        line: u64,
        publish_at: Timestamp,
    },
    /// Rows that have vanished are there again under other IDs.
    #[error(transparent)]
    ChangedIds(Box<ChangedIds>),
    /// Rows without an ID of their own have vanished, while new ones have come.
    #[error(
        "{vanished} rows without external_id that were posted or are in doubt are no longer in the \
         manifest, while {new} rows are new, the first of them row {row} (line {line}). If posted \
         rows were edited, sending now would post them twice. Undo the edits, or go on with \
         --accept-edits"
    )]
    EditedRows {
        vanished: u64,
        new: u64,
        row: u64,
        line: u64,
    },
    /// The manifest would be read otherwise than before.
    #[error(transparent)]
    ReadOtherwise(Box<ReadOtherwise>),
    /// Only an administrator may post as others on this target.
    #[error(
        "{rows} rows are to be posted as another user (author_id), which Bitrix24 lets only an \
         administrator do in the {target}; user {user} is none and would become their author. Use \
         an administrator's credentials, or post them under this user with --drop author_id"
    )]
    NotAdministrator {
        rows: u64,
        target: &'static str,
        user: u64,
    },
    /// The credentials lack a permission.
    #[error(
        "the credentials lack the permission `{needed}` (scope), which posts to the {target} need; \
         they have {}. In Bitrix24 open the inbound webhook under Developer resources, add \
         `{needed}` to its permissions and save it; an application needs `{needed}` among its \
         permissions, and then to be authorised again. The portal may take a while to notice. \
         Nothing was sent",
        granted_scopes(granted)
    )]
    InsufficientScope {
        needed: &'static str,
        target: &'static str,
        granted: Vec<String>,
    },
    /// The portal took a call without a text for a post; the beginning of its answer.
    #[error(
        "the portal answered {0} to a call without a text, which every portal known refuses; it may \
         have made an empty post. Look for it in the portal (the number may be its ID) and delete \
         it. Nothing else was sent: this portal can't be trusted to refuse what it should"
    )]
    ProbeAnswered(String),
    /// The rows in doubt could not be looked for.
    #[error(
        "the rows in doubt could not be looked for: {0}. Nothing was sent; run the same command \
         again"
    )]
    DoubtUnread(#[source] CallError),
    /// The CRM entities of the rows could not be looked for.
    #[error(
        "the portal could not be asked whether the CRM records exist: {0}. Run the same command \
         again to go on with the check, or leave it out with --no-record-check"
    )]
    EntitiesUnread(#[source] CallError),
    /// Names in audiences that mean nobody, or more than one.
    #[error(
        "{}. Correct the names in the manifest, or give the access codes in their place. Nothing was \
         sent", problems.join("; ")
    )]
    AudienceNames { problems: Vec<String> },
    /// The names in audiences could not be looked for.
    #[error(
        "the portal could not be asked for `{name}` in the audience: {error}. It needs the permission \
         `{scope}`; give the access code in its place, or grant it. Nothing was sent"
    )]
    AudienceUnread {
        name: String,
        scope: &'static str,
        error: Box<CallError>,
    },
    /// A defect of this program.
    #[error("a worker broke down: {0}")]
    Internal(String),
}

/// A new row that says what a vanished one said.
#[derive(Debug, thiserror::Error)]
#[error(
    "rows that were posted or are in doubt ({rows}) are no longer in the manifest, while new ones \
     say the same: row {row} (line {line}, {}) says{} what a posted row with {} said. If a \
     spreadsheet or an export has changed the IDs, sending now would post them twice. Bring the \
     old IDs back, or go on with --accept-edits",
    own_id(key),
    .entity.map(|entity| format!(" for {entity}")).unwrap_or_default(),
    own_id(vanished)
)]
#[allow(missing_docs, reason = "the message says what the fields are")]
pub struct ChangedIds {
    /// Vanished rows that new ones say again.
    pub rows: usize,
    pub row: u64,
    pub line: u64,
    pub key: RowKey,
    pub entity: Option<Entity>,
    /// The key of the row that has vanished.
    pub vanished: RowKey,
}

/// What is found about the manifest otherwise than in the last run that posted.
#[derive(Debug, thiserror::Error)]
#[error(
    "run {run}, the last one that posted, read this manifest with the {what} `{before}`; now its {what} \
     seems to be `{now}`, and texts of posted rows could come out otherwise and be posted again. Say \
     which one is right: --{what} \"{before}\" as before, or --{what} \"{now}\""
)]
#[allow(missing_docs, reason = "the message says what the fields are")]
pub struct ReadOtherwise {
    pub run: i64,
    /// The name of the option that says it.
    pub what: &'static str,
    pub before: String,
    pub now: String,
}

fn own_id(key: &RowKey) -> String {
    match key.external_id() {
        Some(id) => format!("external_id `{}`", id.escape_debug()),
        None => "no external_id".to_owned(),
    }
}

fn granted_scopes(granted: &[String]) -> String {
    match granted {
        [] => "none at all".to_owned(),
        names => format!("only {}", names.join(", ")),
    }
}

impl From<Fatal> for RunError {
    fn from(fatal: Fatal) -> RunError {
        RunError::Portal(CallError::Stop(fatal))
    }
}

impl RunError {
    /// A stable name for scripts; the portal's own code where it gave one.
    pub fn code(&self) -> &str {
        match self {
            RunError::Manifest(_) => "manifest",
            RunError::Ledger(error) => error.code(),
            RunError::Rejects(_) => "rejects",
            RunError::Portal(error)
            | RunError::DoubtUnread(error)
            | RunError::EntitiesUnread(error) => error.code(),
            RunError::GaveUp(_) => "gave_up",
            RunError::IdTaken { .. } => "id_taken",
            RunError::Canary(_) => "canary",
            RunError::OtherLedger { .. } => "other_ledger",
            RunError::RepeatedRow { .. } => "repeated_row",
            RunError::ChangedIds(_) => "changed_ids",
            RunError::EditedRows { .. } => "edited_rows",
            RunError::ReadOtherwise(_) => "read_otherwise",
            RunError::NotAdministrator { .. } => "not_administrator",
            RunError::InsufficientScope { .. } => "insufficient_scope",
            RunError::ProbeAnswered(_) => "probe_answered",
            RunError::AudienceNames { .. } => "audience_names",
            RunError::AudienceUnread { error, .. } => error.code(),
            RunError::Internal(_) => "internal",
        }
    }

    /// The exit code of the command that it has stopped.
    pub fn exit(&self) -> Exit {
        match self {
            RunError::Ledger(LedgerError::Locked { .. }) => Exit::Locked,
            _ => Exit::Stopped,
        }
    }
}
