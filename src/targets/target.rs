//! What every target can tell: its names, what it carries, and the call that a post becomes.

use std::fmt;

use crate::batch::Command;
use crate::post::{ContentHash, Field, Post};

use super::files::FileToSend;
use super::fingerprint::fingerprint;
use super::lookup::Lookup;
use super::objection::Objection;
use super::origin::OriginLine;

/// A place in Bitrix24 where posts can be put.
pub trait Target: Sync {
    /// The target's name on the command line and in the ledger.
    fn name(&self) -> &'static str;

    /// The REST method that creates a post.
    fn method(&self) -> &'static str;

    /// The permission that the credentials need, by its name in the portal's answer to `scope`.
    fn scope(&self) -> &'static str;

    /// A call that creates nothing, and that a portal which has switched the method off refuses in
    /// the same words as a post; none where no portal does that.
    fn retirement_probe(&self) -> Option<Command> {
        None
    }

    /// Whether the method has a place for the field. What it can't carry is a problem of the row.
    fn carries(&self, field: Field) -> bool;

    /// Whether all posts keep the manifest's order, not only those of one CRM entity, unless the
    /// user says otherwise.
    fn keeps_manifest_order(&self) -> bool {
        false
    }

    /// Whether only an administrator can post as somebody else.
    fn author_needs_admin(&self) -> bool {
        false
    }

    /// Tells what this target has against a post that is valid by itself, which mostly is nothing.
    fn object(&self, post: &Post<'_>, origin: OriginLine, tell: &mut dyn FnMut(Objection));

    /// The post's text as it will stand on the portal.
    fn text(&self, post: &Post<'_>, origin: OriginLine) -> String;

    /// The hash by which the post is recognised on the portal.
    fn fingerprint(&self, post: &Post<'_>, origin: OriginLine) -> ContentHash {
        fingerprint(None, &self.text(post, origin))
    }

    /// How posts are found again; none where the portal has no way to read them back.
    fn lookup(&self) -> Option<&'static dyn Lookup> {
        None
    }

    /// The call that creates the post.
    fn command(&self, post: &Post<'_>, sending: &Sending<'_>) -> Command;
}

/// What else a post's call is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The post's attachments, in order.
    pub files: &'a [FileToSend],
    /// Which posts begin with a line of date and author's name.
    pub origin: OriginLine,
    /// The credentials' user: the author of a post that names none.
    pub user_id: u64,
}

impl fmt::Debug for dyn Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// All that a target has against a post.
#[cfg(test)]
pub(super) fn objections(target: &dyn Target, post: &Post<'_>) -> Vec<Objection> {
    let mut all = Vec::new();
    target.object(post, OriginLine::Auto, &mut |objection| all.push(objection));
    all
}
