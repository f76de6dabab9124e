//! A row as the ledger knows it.

use std::borrow::Cow;

use rusqlite::Row;

use crate::post::{ContentHash, RowKey};

/// What has become of a row. The names are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// To be sent (again); no request that could have created it is outstanding.
    Pending,
    /// Its request may be on its way.
    Sending,
    /// On the portal, under a known ID.
    Posted,
    /// Refused by the portal; sending it again as it is would not help.
    Failed,
    /// It may or may not have arrived.
    InDoubt,
    /// Deleted again; never sent by itself.
    Undone,
}

impl State {
    /// All states, in the order in which they are listed.
    pub const ALL: [State; 6] = [
        State::Pending,
        State::Sending,
        State::Posted,
        State::Failed,
        State::InDoubt,
        State::Undone,
    ];

    /// The state's name in the ledger, in JSON and on the screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Sending => "sending",
            State::Posted => "posted",
            State::Failed => "failed",
            State::InDoubt => "in_doubt",
            State::Undone => "undone",
        }
    }

    fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl rusqlite::types::FromSql for State {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        State::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

impl rusqlite::types::ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

/// What is known of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its number in the ledger.
    pub id: u64,
    /// Whether it brought an ID of its own.
    pub is_named: bool,
    /// The name of the target that it was sent to.
    pub target: Cow<'static, str>,
    /// What has become of it.
    pub state: State,
    /// Hash of what the manifest said, by which an edit is noticed.
    pub content: ContentHash,
    /// Bytes of all its attachments when it was sent.
    pub attachment_bytes: u64,
    /// The row had gone from the manifest, and the user has accepted that.
    pub left_behind: bool,
}

/// The columns that [`LedgerRow::read`] expects, in order.
pub(super) const COLUMNS: &str =
    "row_key, target, state, content_hash, attachment_bytes, left_behind, id";

impl LedgerRow {
    /// Reads these columns.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<LedgerRow> {
        let posted = LedgerRow::read_posted(row, "")?;
        Ok(LedgerRow {
            target: row.get::<_, String>(1)?.into(),
            state: row.get(2)?,
            left_behind: row.get(5)?,
            ..posted
        })
    }

    /// Reads the columns of a row that is known to be posted to that target, and not left behind.
    pub(super) fn read_posted(row: &Row<'_>, target: &'static str) -> rusqlite::Result<LedgerRow> {
        Ok(LedgerRow {
            id: row.get(6)?,
            is_named: RowKey::is_external(row.get_ref(0)?.as_bytes()?),
            target: Cow::Borrowed(target),
            state: State::Posted,
            content: ContentHash(row.get(3)?),
            attachment_bytes: row.get(4)?,
            left_behind: false,
        })
    }
}
