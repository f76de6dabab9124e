//! Which Bitrix24 method a post becomes.
//!
//! A target is plain data and pure functions: which fields it carries, what it has against a post,
//! and the command that a post becomes. It sends nothing and reads no file. A new target is one
//! file here and one entry in [`ALL`].

mod crm_feed;
mod origin;

use crate::batch::Command;
use crate::post::{Field, Post};

pub use crm_feed::CrmFeed;

/// Where posts go unless the user says otherwise.
pub const DEFAULT: &dyn Target = &CrmFeed;

/// A place in Bitrix24 where posts can be put.
pub trait Target: Sync {
    /// The target's name on the command line and in the ledger.
    fn name(&self) -> &'static str;

    /// The REST method that creates a post.
    fn method(&self) -> &'static str;

    /// Whether the method has a place for the field. What it can't carry is a problem of the row.
    fn carries(&self, field: Field) -> bool;

    /// What this target has against a post that is valid by itself.
    fn objections(&self, post: &Post<'_>) -> Vec<Objection>;

    /// The post's text as it will stand on the portal, by which it could be found again.
    fn text(&self, post: &Post<'_>) -> String;

    /// The call that creates the post; `files` are its attachments, in order.
    fn command(&self, post: &Post<'_>, files: &[FileToSend]) -> Command;
}

/// An attachment found on the disk: where it lies, what it is to be called, how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToSend {
    pub path: std::path::PathBuf,
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// Why a target refuses a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The field to blame.
    pub field: Field,
    pub kind: ObjectionKind,
}

/// What a target can have against a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectionKind {
    /// It has to belong to a CRM record and names none.
    NoEntity,
    /// Nobody is named who may see it.
    NoAudience,
}
