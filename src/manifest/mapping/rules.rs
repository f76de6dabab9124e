//! What a mapping says of a field, once it is understood.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::post::Field;

use super::{Placed, Template};

/// Where a field's value comes from, and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldRule {
    /// Where it comes from.
    pub source: ValueSource,
    /// What becomes of it.
    pub rules: ValueRules,
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// A column, as it is.
    Column(Placed<String>),
    /// A text made of columns; the place is that of its first character.
    Template(Placed<Template>),
    /// The same for every row.
    Value(String),
    /// The exploded column of the part.
    Explode,
}

/// What becomes of a field's value: first `values`, then `map`, then `default`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueRules {
    /// A table of values and what they mean; outer blanks don't count.
    pub values: Option<HashMap<String, String>>,
    /// The map of old IDs that the value then goes through.
    pub map: Option<MapKind>,
    /// What becomes of a value that `values` or `map` doesn't have.
    pub missing: Missing,
    /// In place of an empty value. Neither `values` nor `map` is asked for it.
    pub default: Option<String>,
    /// What stands between several values.
    pub separator: Option<String>,
    /// How the message is written.
    pub message_format: Option<MessageFormat>,
    /// How the time is written.
    pub time_format: Option<TimeNotation>,
    /// The zone of times without an offset.
    pub timezone: Option<TimeZone>,
}

/// A map from what the old system had to what Bitrix24 has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MapKind {
    /// By type and old ID: `entity_map`.
    Entity,
    /// By old ID, login, name or e-mail: `user_map`.
    User,
    /// By old ID of a file: `file_map`.
    File,
}

/// What becomes of a value that a table or a map doesn't have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is a problem of its row.
    #[default]
    Problem,
    /// The row is left out and counted as skipped; of `[[records]]`, the one post.
    Skip,
    /// The value is left out, with a warning; of `[[records]]`, the one post.
    Warn,
    /// This stands in its place, as it is.
    Value(String),
}

/// How the texts of messages are written.
#[allow(missing_docs, reason = "the names say it")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFormat {
    BbCode,
    Html,
    Markdown,
    Text,
}

/// How times are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeNotation {
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// As strftime has it.
    Pattern(String),
}

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Message,
    Time,
    /// Several values in one.
    List,
    Single,
}

impl MapKind {
    pub(super) const NAMES: &[&str] = &["entity", "user", "file"];

    pub(super) fn parse(word: &str) -> Option<MapKind> {
        match word {
            "entity" => Some(MapKind::Entity),
            "user" => Some(MapKind::User),
            "file" => Some(MapKind::File),
            _ => None,
        }
    }

    /// Whether values of that field can go through this map.
    pub(super) fn is_for(self, field: Field) -> bool {
        match self {
            MapKind::Entity => matches!(field, Field::EntityId | Field::Audience),
            MapKind::User => matches!(field, Field::AuthorId | Field::Audience),
            MapKind::File => field == Field::Attachments,
        }
    }

    /// What maps a field takes, for a message.
    pub(super) fn taken_by(field: Field) -> &'static str {
        match field {
            Field::EntityId => "its map is \"entity\"",
            Field::AuthorId => "its map is \"user\"",
            Field::Attachments => "its map is \"file\"",
            Field::Audience => "its map is \"user\" or \"entity\"",
            _ => "maps are for entity_id, author_id, attachments and audience",
        }
    }
}

impl MessageFormat {
    pub(super) const NAMES: &[&str] = &["bbcode", "html", "markdown", "text"];

    pub(super) fn parse(word: &str) -> Option<MessageFormat> {
        match word {
            "bbcode" => Some(MessageFormat::BbCode),
            "html" => Some(MessageFormat::Html),
            "markdown" => Some(MessageFormat::Markdown),
            "text" => Some(MessageFormat::Text),
            _ => None,
        }
    }
}

impl FieldKind {
    pub fn of(field: Field) -> FieldKind {
        match field {
            Field::Message => FieldKind::Message,
            Field::PublishAt | Field::CreatedAt | Field::ImportantUntil => FieldKind::Time,
            Field::Audience | Field::Attachments | Field::Tags => FieldKind::List,
            Field::ExternalId
            | Field::Title
            | Field::EntityType
            | Field::EntityId
            | Field::AuthorName
            | Field::AuthorId
            | Field::Important => FieldKind::Single,
        }
    }
}
