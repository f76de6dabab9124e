//! A whole row: every field read, then what the target has against the post.

use std::borrow::Cow;

use crate::manifest::{RejectColumn, Row};
use crate::post::{
    ContentHash, Entity, EntityKind, Field, Post, RowKey, key_in_reject_cell, parse_id,
};
use crate::targets::{Objection, ObjectionKind};

use super::audience::resolve_names;
use super::cells::{Cells, ReadValue};
use super::looked_up::mapped_entity;
use super::mangled::is_mangled;
use super::message::{self, MessageFind};
use super::{Code, DefaultAudience, Place, Problem, Rules, Unmapped, mentions};

/// What a row says, and what is wrong with it.
#[derive(Debug, Default)]
pub struct RowReading<'a> {
    /// Without what could not be read; complete if there are no problems.
    post: Post<'a>,
    problems: Vec<Problem>,
    content: Option<ContentHash>,
    has_control_chars: bool,
    has_dropped: bool,
    has_mention: bool,
    loses_value: bool,
    part: &'a str,
    source: Option<ContentHash>,
    bound: Option<RowKey>,
    is_skipped: bool,
    left_out: u32,
    unmapped: Vec<Unmapped>,
    message_find: Option<Box<MessageFind>>,
}

impl<'a> RowReading<'a> {
    /// The row's own ID, also of a row with problems.
    pub fn external_id(&self) -> Option<&str> {
        self.post.external_id.as_deref()
    }

    /// The hash of what the row says, before any default; there also when the only problems are
    /// the target's, so that a row posted under other options is still known.
    pub fn content(&self) -> Option<ContentHash> {
        self.content
    }

    /// What tells the post from the others of its record; empty where a record is one post.
    pub fn part(&self) -> &'a str {
        self.part
    }

    /// The hash of the whole record, whatever a mapping makes of it.
    pub fn source(&self) -> Option<ContentHash> {
        self.source
    }

    /// What the row is called in the ledger, as the given one of those that say the same.
    pub fn key(&self, ordinal: u32) -> Option<RowKey> {
        match (self.external_id(), self.content) {
            _ if self.bound.is_some() => self.bound.clone(),
            (Some(id), _) => Some(RowKey::of_part(id, self.part)),
            (None, Some(content)) => Some(RowKey::hashed(content, ordinal, self.part)),
            (None, None) => None,
        }
    }

    /// The key by which a row of a rejects file is bound to its entry in the ledger, whatever the row
    /// says by now.
    pub fn bound(&self) -> Option<&RowKey> {
        self.bound.as_ref()
    }

    /// Whether the mapping leaves the post out because a map doesn't have one of its values.
    pub fn is_skipped(&self) -> bool {
        self.is_skipped
    }

    /// Values that are left out of the post because a table or a map doesn't have them.
    pub fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Values that a map doesn't have.
    pub fn unmapped(&self) -> &[Unmapped] {
        &self.unmapped
    }

    /// Whether a text holds control characters other than tab and line ends. They are sent as
    /// they are.
    pub fn has_control_chars(&self) -> bool {
        self.has_control_chars
    }

    /// Whether the row says something in a field that the user drops.
    pub fn has_dropped(&self) -> bool {
        self.has_dropped
    }

    /// Whether the post, as it would be sent, mentions users.
    pub fn has_mention(&self) -> bool {
        self.has_mention
    }

    /// Whether the row says something in a column that is nearly a field's, and so would not be
    /// posted. That is a problem of the file, told once.
    pub fn loses_value(&self) -> bool {
        self.loses_value
    }

    /// What is worth a word about its message, if anything.
    pub fn message_find(&self) -> Option<&MessageFind> {
        self.message_find.as_deref()
    }

    /// The post as far as it could be read. Only [`RowReading::into_post`] gives one to send.
    pub fn draft(&self) -> &Post<'a> {
        &self.post
    }

    /// The post, with the codes of the default audience where the row names nobody.
    ///
    /// # Errors
    /// Every problem of the row, if it has any.
    pub fn into_post(self) -> Result<Post<'a>, Vec<Problem>> {
        match self.problems.is_empty() {
            true => Ok(self.post),
            false => Err(self.problems),
        }
    }

    /// The reading of a record that can't be taken apart.
    pub(super) fn unreadable(problem: Problem, source: Option<ContentHash>) -> RowReading<'a> {
        RowReading {
            problems: vec![problem],
            source,
            ..RowReading::default()
        }
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// Reads a row. Touches no disk; attachments are left to [`files`](super::files).
pub fn read<'a>(row: &Row<'a>, rules: &Rules) -> RowReading<'a> {
    read_row(row, rules, true)
}

/// The same; without the content where nobody asks for it, which takes a fifth of a check's time.
pub(super) fn read_row<'a>(row: &Row<'a>, rules: &Rules, content: bool) -> RowReading<'a> {
    let mut cells = Cells::new(row, rules);
    // Filled in place: a post is too large to be moved about for every row.
    let mut reading = RowReading::default();
    let post = &mut reading.post;
    if let Some(part) = row.mapped() {
        for problem in part.problems() {
            cells.problem_of_mapping(problem);
        }
    }
    read_fields(&mut cells, post);
    post.as_written = cells.looked_up.as_written.take();
    post.message_format = rules.format_said(row).unwrap_or_default();
    reading.part = row.part();
    reading.loses_value = row.loses_value();
    reading.has_dropped = cells.presents_any(rules.dropped);
    reading.content = (content && cells.all_good()).then(|| post.content_hash());
    reading.source = content.then(|| row.source_hash()).flatten();
    post.drop_fields(rules.dropped);
    resolve_names(&mut cells, post, rules);
    refuse_what_is_not_carried(&mut cells, rules);
    if post.audience.is_empty()
        && rules.carried.contains(Field::Audience)
        && let Some(DefaultAudience::Codes(codes)) = &rules.default_audience
    {
        post.audience = codes.clone();
    }
    reading.message_find = message::convert(&mut cells, post, rules);
    reading.has_mention = mentions::settle(&mut cells, post, rules);
    let mut pass_on = |objection| object(&mut cells, rules, objection);
    rules.target.object(post, rules.origin_line, &mut pass_on);
    reading.has_control_chars = cells.has_control_chars();
    reading.is_skipped = cells.looked_up.is_skipped;
    reading.left_out =
        cells.looked_up.left_out + row.mapped().map_or(0, |part| part.warnings().len() as u32);
    reading.unmapped = std::mem::take(&mut cells.looked_up.unmapped);
    reading.problems = cells.into_problems();
    bind(&mut reading, row);
    reading
}

/// Binds a row of a rejects file to its entry. The record that it once was is known by that too.
fn bind<'a>(reading: &mut RowReading<'a>, row: &Row<'a>) {
    let Some(cell) = row.reject_cell(RejectColumn::Key) else {
        return;
    };
    match key_in_reject_cell(&cell, reading.part) {
        Ok(None) => {}
        Ok(Some(key)) => {
            reading.source = key.hash();
            reading.bound = Some(key);
        }
        Err(_) => {
            let place = Place {
                at: row.at,
                column: RejectColumn::Key.name(),
            };
            let advice = "take the cell from the rejects file as it was written; an empty one makes the row \
                          a new one";
            let problem = Problem::of_column(place, Code::KeyInvalid, &cell, advice);
            reading.problems.push(problem);
        }
    }
}

/// Fields for which many a manifest has no column at all; to ask for each of them in each row would
/// make a check of short rows noticeably longer.
const RARE: [Field; 8] = [
    Field::Attachments,
    Field::PublishAt,
    Field::CreatedAt,
    Field::AuthorName,
    Field::AuthorId,
    Field::Important,
    Field::ImportantUntil,
    Field::Tags,
];

fn read_fields<'a>(cells: &mut Cells<'_, 'a>, post: &mut Post<'a>) {
    post.external_id = or_none(own_id(cells));
    post.title = or_none(cells.text(Field::Title));
    post.message = written_message(cells);
    post.entity = plain_entity(cells).or_else(|| entity(cells));
    post.audience = match cells.plain_audience() {
        Some(audience) => audience,
        None => or_none(cells.audience()).unwrap_or_default(),
    };
    if cells.may_have_any(&RARE) {
        post.attachments = or_none(cells.attachments()).unwrap_or_default();
        post.publish_at = or_none(cells.moment(Field::PublishAt));
        post.created_at = or_none(cells.moment(Field::CreatedAt));
        post.author_name = or_none(cells.text(Field::AuthorName));
        post.author_id = or_none(cells.author_id());
        post.important = or_none(cells.flag(Field::Important)).unwrap_or_default();
        post.important_until = or_none(cells.moment(Field::ImportantUntil));
        post.tags = or_none(cells.tags()).unwrap_or_default();
    }
}

fn or_none<T>(read: ReadValue<T>) -> Option<T> {
    read.ok().flatten()
}

fn own_id<'a>(cells: &mut Cells<'_, 'a>) -> ReadValue<Cow<'a, str>> {
    match cells.word(Field::ExternalId)? {
        Some(id) if is_mangled(&id) => {
            let advice = "a spreadsheet has put this in place of the ID; take the IDs from the source \
                          system again, as text, and empty the cell of a row that has none";
            Err(cells.problem(Field::ExternalId, Code::IdMangled, &id, advice))
        }
        id => Ok(id),
    }
}

fn written_message<'a>(cells: &mut Cells<'_, 'a>) -> Cow<'a, str> {
    match cells.text(Field::Message) {
        Ok(Some(message)) => message,
        Err(_) => Cow::default(),
        Ok(None) => {
            let written = cells.written(Field::Message);
            let advice = "the message is empty; write one or remove the row";
            cells.problem(Field::Message, Code::MessageMissing, &written, advice);
            Cow::default()
        }
    }
}

/// The entity, where both its cells hold what they should and nothing else, as most do.
fn plain_entity(cells: &mut Cells<'_, '_>) -> Option<Entity> {
    if cells.maps_entity() {
        return None;
    }
    let kind = cells.plain_text(Field::EntityType)?;
    let id = cells.plain_text(Field::EntityId)?;
    Some(Entity {
        kind: EntityKind::parse(kind)?,
        id: parse_id(id)?,
    })
}

fn entity(cells: &mut Cells<'_, '_>) -> Option<Entity> {
    let kind = cells.entity_kind();
    let id = match (cells.maps_entity(), &kind) {
        (false, _) => cells.positive(Field::EntityId, Code::EntityIdInvalid),
        (true, Err(_)) => return None,
        // Some number: what is wrong is that its type is missing.
        (true, Ok(None)) => cells.word(Field::EntityId).map(|id| id.map(|_| 0)),
        (true, Ok(Some(kind))) => match cells.is_empty(Field::EntityId) {
            true => Ok(None),
            false => return or_none(mapped_entity(cells, *kind)),
        },
    };
    let (missing, given) = match (kind, id) {
        (Ok(Some(kind)), Ok(Some(id))) => return Some(Entity { kind, id }),
        (Ok(Some(_)) | Err(_), Ok(None)) => (Field::EntityId, Field::EntityType),
        (Ok(None), Ok(Some(_)) | Err(_)) => (Field::EntityType, Field::EntityId),
        _ => return None,
    };
    let advice = format!(
        "`{}` is given without it; give both or neither",
        cells.column(given)
    );
    cells.problem(missing, Code::EntityIncomplete, "", advice);
    None
}

fn refuse_what_is_not_carried(cells: &mut Cells<'_, '_>, rules: &Rules) {
    let present = cells.present().without(rules.dropped);
    let lost = present.without(rules.carried);
    if lost.is_empty() {
        return;
    }
    for field in lost.iter() {
        let advice = format!(
            "{} has no place for this field; empty it, or leave it out of every post with \
             --drop {}",
            rules.target.name(),
            field.name()
        );
        let value = cells.written(field);
        cells.objection(field, Code::FieldNotCarried, &value, advice);
    }
}

/// Passes on what the target has against the post, unless an unreadable value is behind it.
fn object(cells: &mut Cells<'_, '_>, rules: &Rules, objection: Objection) {
    let Objection {
        field,
        kind,
        advice,
    } = objection;
    let causes: &[Field] = match kind {
        ObjectionKind::NoEntity => &[Field::EntityType, Field::EntityId, Field::Audience],
        _ => &[field],
    };
    if causes.iter().any(|cause| cells.is_faulty(*cause)) {
        return;
    }
    let code = match kind {
        ObjectionKind::NoEntity => Code::EntityMissing,
        ObjectionKind::NoAudience if rules.default_audience.is_some() => return,
        ObjectionKind::NoAudience => Code::AudienceMissing,
        ObjectionKind::Value => Code::ValueNotCarried,
        ObjectionKind::TooLong => Code::TextTooLong,
    };
    let value = cells.written(field);
    cells.objection(field, code, &value, advice);
}

#[cfg(test)]
mod tests;
