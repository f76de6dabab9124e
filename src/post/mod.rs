//! The domain: a post as the manifest means it, before any target turns it into a Bitrix24 call.
//!
//! A [`Post`] borrows from the manifest's bytes where it can, so that checking a million rows
//! allocates next to nothing. Nothing here reads a file or knows a method of the REST API.

mod attachment;
mod audience;
mod audience_code;
mod audience_name;
mod entity;
mod entity_set;
mod field;
mod file_name;
mod key;
mod mention;
mod message_format;
mod moment;
mod reject_key;
mod remote_id;
mod text;
mod time_format;

use std::borrow::Cow;

pub use attachment::{Attachment, PathFault};
pub use audience::Audience;
pub use audience_code::{AudienceCode, AudienceError, AudienceKind};
pub use audience_name::{AudienceName, AudienceNames};
pub use entity::{Entity, EntityKind};
pub use entity_set::EntitySet;
pub use field::{Field, FieldSet};
pub use file_name::{NameFault, is_direction_mark, name_fault, proper_name};
pub use key::{ContentHash, ContentHasher, RowKey};
pub use mention::{has_mention, mentioned, translated_mentions, without_mentions};
pub use message_format::MessageFormat;
pub use moment::{Moment, MomentError};
pub use reject_key::{BadRejectKey, key_in_reject_cell, reject_key_cell};
pub use remote_id::remote_id;
pub use text::{parse_id, trimmed};
pub use time_format::{TimeFormat, TimeNotation, nearest_zones};

/// The highest ID that PHP and SQLite can hold.
pub const MAX_ID: u64 = i64::MAX as u64;

/// One row of the manifest, understood: every field has its type and every value is valid by
/// itself. Whether a target can carry it is the target's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post<'a> {
    /// The row's own stable ID in the source system.
    pub external_id: Option<Cow<'a, str>>,
    /// Headline; absent when the cell is empty.
    pub title: Option<Cow<'a, str>>,
    /// Text, never blank; line ends and outer blanks as written.
    pub message: Cow<'a, str>,
    /// The CRM entity that the post belongs to.
    pub entity: Option<Entity>,
    /// Who may see it; empty when the row names nobody.
    pub audience: Audience,
    /// Files to send along, in order.
    pub attachments: Vec<Attachment<'a>>,
    /// Not to be sent before this moment.
    pub publish_at: Option<Moment>,
    /// When the text was written in the old system.
    pub created_at: Option<Moment>,
    /// Who wrote it in the old system.
    pub author_name: Option<Cow<'a, str>>,
    /// Bitrix24 user to post as.
    pub author_id: Option<u64>,
    /// Whether the post is to be marked important.
    pub important: bool,
    /// Until when it stays important.
    pub important_until: Option<Moment>,
    /// Tags, without `#`.
    pub tags: Vec<Cow<'a, str>>,
    /// How the message is written.
    pub message_format: MessageFormat,
    /// What the row has where a value went through a map of old IDs: that, not what the map made of
    /// it, is the post's content.
    pub as_written: Option<Box<AsWritten>>,
}

/// Values of a row before they went through maps of old IDs; none where one did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsWritten {
    /// Type and old ID of the record.
    pub entity: Option<(EntityKind, String)>,
    /// The user to post as.
    pub author: Option<String>,
    /// Each code or name.
    pub audience: Option<Vec<String>>,
    /// Each path or ID.
    pub attachments: Option<Vec<Attachment<'static>>>,
}

impl Post<'_> {
    /// The same post without any borrow from the manifest.
    pub fn into_owned(self) -> Post<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Post {
            external_id: self.external_id.map(own),
            title: self.title.map(own),
            message: own(self.message),
            entity: self.entity,
            audience: self.audience,
            attachments: self
                .attachments
                .into_iter()
                .map(Attachment::into_owned)
                .collect(),
            publish_at: self.publish_at,
            created_at: self.created_at,
            author_name: self.author_name.map(own),
            author_id: self.author_id,
            important: self.important,
            important_until: self.important_until,
            tags: self.tags.into_iter().map(own).collect(),
            message_format: self.message_format,
            as_written: self.as_written,
        }
    }

    /// Takes fields out of the post. `entity_type` and `entity_id` are one; `message` and
    /// `external_id` stay whatever is asked.
    #[inline]
    pub fn drop_fields(&mut self, dropped: FieldSet) {
        if dropped.is_empty() {
            return;
        }
        for field in dropped.iter() {
            match field {
                Field::ExternalId | Field::Message => {}
                Field::Title => self.title = None,
                Field::EntityType | Field::EntityId => self.entity = None,
                Field::Audience => self.audience = Audience::default(),
                Field::Attachments => self.attachments.clear(),
                Field::PublishAt => self.publish_at = None,
                Field::CreatedAt => self.created_at = None,
                Field::AuthorName => self.author_name = None,
                Field::AuthorId => self.author_id = None,
                Field::Important => self.important = false,
                Field::ImportantUntil => self.important_until = None,
                Field::Tags => self.tags.clear(),
            }
        }
    }

    /// The CRM entity whose feed shows the post: the one that the row names, else the first CRM
    /// code of its audience (bitrix24-rest.md §1.4).
    pub fn feed_entity(&self) -> Option<Entity> {
        self.entity.or_else(|| self.audience.first_entity())
    }
}
