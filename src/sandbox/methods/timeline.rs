//! `crm.timeline.comment.add`, `.update` and `.delete`: comments in the timeline of a CRM entity
//! (bitrix24-rest.md §3).

mod owner;
mod read;

use bytes::Bytes;

use super::super::execution::Execution;
use super::super::php::{Array, Php, trim};
use super::super::post::{NewPost, PostUpdate};
use super::super::rest_failure::RestFailure;
use super::files::files;
use super::params::{id, required, required_array, text};

use owner::{ADD, entity_of, owner};
pub(in crate::sandbox) use read::{fields, get, list};

/// Fields without which a comment is not even looked at.
const REQUIRED: [&str; 3] = ["ENTITY_ID", "ENTITY_TYPE", "COMMENT"];

/// Creates a comment; the result is its ID. The fields go by one name only, in lower case.
pub(in crate::sandbox) fn add(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    let fields = required_array(params, "fields")?;
    for name in REQUIRED {
        required(fields, name)?;
    }
    // As in the feed, a failure below leaves the files behind on the Drive.
    let files = files(fields);
    let entity = changeable(work, owner(fields))?;
    let message = message(fields)?;
    let author_id = author(work, fields);
    let post_id = work.take_id();
    work.create(NewPost {
        id: post_id,
        method: ADD.name(),
        entity_type: entity.0,
        entity_id: entity.1,
        title: None,
        message,
        audience: Vec::new(),
        author_id,
        received_at: work.now().as_millis() as u64,
        files,
        news: None,
    });
    Ok(Php::Int(post_id))
}

/// Who a comment is by. The described field `AUTHOR_ID` does not tell whether it is kept
/// (bitrix24-rest.md §3.1).
fn author(work: &Execution<'_>, fields: &Array) -> u64 {
    id(fields.named("AUTHOR_ID"))
        .filter(|_| work.settings().keep_author)
        .and_then(|author| u64::try_from(author).ok())
        .unwrap_or_else(|| work.user_id())
}

/// Gives a comment a new text, and new files in place of the old ones where some are sent; the
/// result is its ID. Its author alone may do so, and an administrator as little as anybody else.
pub(in crate::sandbox) fn update(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    required(params, "id")?;
    let fields = required_array(params, "fields")?;
    required(fields, "COMMENT")?;
    let files = fields.named("FILES").map(|_| files(fields));
    let comment = addressed(work, params)?;
    let (id, entity, author_id) = (comment.id, entity_of(comment), comment.author_id);
    changeable(work, Some(entity))?;
    if author_id != work.user_id() {
        return Err(RestFailure::NO_RIGHT);
    }
    let message = message(fields)?;
    work.update(PostUpdate { id, message, files });
    Ok(Php::Int(id))
}

/// Deletes a comment; the result of a success is null.
pub(in crate::sandbox) fn delete(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    let comment = addressed(work, params)?;
    let (found, entity) = (comment.id, entity_of(comment));
    changeable(work, Some(entity))?;
    work.delete(found);
    Ok(Php::Null)
}

/// The text of a comment, which must not be blank.
fn message(fields: &Array) -> Result<Bytes, RestFailure> {
    let message = text(fields, "COMMENT").unwrap_or_default();
    if trim(&message).is_empty() {
        return Err(RestFailure::EMPTY_COMMENT);
    }
    Ok(message)
}

/// The comment whose ID is given. Who names its owner as well must name the right one.
fn addressed<'a>(work: &'a Execution<'_>, params: &Array) -> Result<&'a NewPost, RestFailure> {
    let comment = id(Some(required(params, "id")?));
    let comment = comment.and_then(|id| work.kept().get(ADD, id));
    let Some(comment) = comment else {
        return Err(RestFailure::NOT_FOUND);
    };
    let entity = entity_of(comment);
    let number = |name| params.named(name).map(Php::to_int);
    let another = |given: Option<i64>, own| given.is_some_and(|given| given != own);
    if another(number("ownerTypeId"), entity.0) || another(number("ownerId"), entity.1) {
        return Err(RestFailure::OWNER_NOT_FOUND);
    }
    Ok(comment)
}

/// An entity that is there and may be changed.
fn changeable(work: &Execution<'_>, entity: Option<(i64, i64)>) -> Result<(i64, i64), RestFailure> {
    let settings = work.settings();
    let there = entity.filter(|entity| settings.entities.access(*entity).exists());
    let entity = there.ok_or(RestFailure::OWNER_NOT_FOUND)?;
    if settings.crm_access && settings.entities.access(entity).may_change() {
        Ok(entity)
    } else {
        Err(RestFailure::NO_RIGHT)
    }
}

#[cfg(test)]
mod tests;
