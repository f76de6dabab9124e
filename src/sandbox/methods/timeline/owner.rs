//! The entity that a comment belongs to.

use super::super::super::method::Method;
use super::super::super::owner::type_id;
use super::super::super::php::Array;
use super::super::super::post::NewPost;
use super::super::params::{id, text};

/// The method under which comments are kept.
pub(super) const ADD: Method = Method::TimelineCommentAdd;

/// The entity that `ENTITY_TYPE` and `ENTITY_ID` name, if there is such a type.
pub(super) fn owner(fields: &Array) -> Option<(i64, i64)> {
    let name = text(fields, "ENTITY_TYPE")?;
    let owner_type = type_id(std::str::from_utf8(&name).ok()?)?;
    Some((owner_type, id(fields.named("ENTITY_ID"))?))
}

/// The entity of a comment that is kept.
pub(super) fn entity_of(comment: &NewPost) -> (i64, i64) {
    (comment.entity_type, comment.entity_id)
}
