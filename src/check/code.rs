//! The stable names of problems.

use std::fmt;

use serde::{Serialize, Serializer};

/// What is wrong, by a name that scripts can rely on.
///
/// | code | what is wrong |
/// |---|---|
/// | `record_too_long` | the record is longer than `--max-record` |
/// | `quote_stray` | text behind a closing quote, a blank before an opening one, or one that none opens |
/// | `quote_suspect` | a quoted text holds what looks like a row, or nothing opened what a quote closes |
/// | `quote_unclosed` | a quote is opened and never closed |
/// | `quote_swallowed` | the quotes of an earlier row may have taken this one into its text |
/// | `field_count` | the record has more or fewer fields than the header |
/// | `json_invalid` | the row is no valid JSON |
/// | `json_not_object` | the row is JSON but no object |
/// | `json_array` | the line is a part of a JSON array |
/// | `column_like_field` | a column that is nearly a field's holds values, which would not be posted |
/// | `field_repeated` | two keys give the same field, or the audience has a key twice |
/// | `utf8_invalid` | bytes that are no text in the file's encoding |
/// | `nul_character` | a NUL, which no text may hold |
/// | `type_wrong` | a JSON value of a type that the field doesn't take |
/// | `value_unknown` | a value that the table of the mapping doesn't have |
/// | `value_above_unknown` | an empty cell that has the value above it, which can't be read |
/// | `field_not_carried` | the target has no place for the field |
/// | `value_not_carried` | the target has a place for the field, but not for this value |
/// | `text_too_long` | longer than the target keeps |
/// | `mention` | a mention of a user, whom it would notify of an old post |
/// | `out_of_order` | older than a row of its record that comes much earlier |
/// | `external_id_repeated` | an earlier row has the same `external_id` |
/// | `external_id_ambiguous` | an `external_id` that ends as the names of parts do |
/// | `key_invalid` | no key of a row, in `b24post_key` |
/// | `key_repeated` | an earlier row has the same `b24post_key` |
/// | `id_mangled` | an `external_id` that a spreadsheet has replaced, such as `1.23E+17` or `#REF!` |
/// | `message_like_html` | a text that looks like HTML, which would be shown with all its tags |
/// | `message_missing` | no message, or only blanks |
/// | `entity_type_invalid` | no kind of CRM record |
/// | `entity_id_invalid` | no positive whole number |
/// | `entity_incomplete` | an entity type without an ID, or the other way round |
/// | `entity_missing` | the target needs a CRM record and the row names none |
/// | `entity_unmapped` | an old ID of a record that the entity map doesn't have |
/// | `entity_repeated` | a record that the row names twice |
/// | `record_not_found` | the portal has no such CRM record, or doesn't show it to the user |
/// | `audience_invalid` | no access code of Bitrix24 |
/// | `audience_key_wrong` | an access code under the key of another kind |
/// | `audience_missing` | nobody is named who may see the post |
/// | `attachment_invalid` | a value that names no file |
/// | `file_unmapped` | an old ID of a file that the file map doesn't have |
/// | `attachment_inline` | a file's content in place of its path |
/// | `attachment_web_address` | an address in place of a path |
/// | `attachment_outside` | a path that leads out of the attachments root |
/// | `attachment_name` | a name that Bitrix24's Drive does not take, or that shows as another |
/// | `attachment_missing` | no such file |
/// | `attachment_unreadable` | the file can't be opened |
/// | `attachment_not_a_file` | a folder, a pipe or a device |
/// | `attachment_empty` | a file of 0 bytes, which Bitrix24 would drop without a word |
/// | `time_invalid` | no time, or not as it should be written |
/// | `author_id_invalid` | no positive whole number |
/// | `user_unmapped` | a user of the old system whom the user map doesn't have |
/// | `flag_invalid` | neither yes nor no |
#[allow(missing_docs, reason = "the table above tells what each one means")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    RecordTooLong,
    QuoteStray,
    QuoteSuspect,
    QuoteUnclosed,
    QuoteSwallowed,
    FieldCount,
    JsonInvalid,
    JsonNotObject,
    JsonArray,
    ColumnLikeField,
    FieldRepeated,
    Utf8Invalid,
    NulCharacter,
    TypeWrong,
    ValueUnknown,
    ValueAboveUnknown,
    FieldNotCarried,
    ValueNotCarried,
    TextTooLong,
    Mention,
    OutOfOrder,
    ExternalIdRepeated,
    ExternalIdAmbiguous,
    KeyInvalid,
    KeyRepeated,
    IdMangled,
    MessageLikeHtml,
    MessageMissing,
    EntityTypeInvalid,
    EntityIdInvalid,
    EntityIncomplete,
    EntityMissing,
    EntityUnmapped,
    EntityRepeated,
    RecordNotFound,
    AudienceInvalid,
    AudienceKeyWrong,
    AudienceMissing,
    AttachmentInvalid,
    FileUnmapped,
    AttachmentInline,
    AttachmentWebAddress,
    AttachmentOutside,
    AttachmentName,
    AttachmentMissing,
    AttachmentUnreadable,
    AttachmentNotAFile,
    AttachmentEmpty,
    TimeInvalid,
    AuthorIdInvalid,
    UserUnmapped,
    FlagInvalid,
}

impl Code {
    /// Every code, in the order of the table.
    pub const ALL: [Code; 52] = [
        Code::RecordTooLong,
        Code::QuoteStray,
        Code::QuoteSuspect,
        Code::QuoteUnclosed,
        Code::QuoteSwallowed,
        Code::FieldCount,
        Code::JsonInvalid,
        Code::JsonNotObject,
        Code::JsonArray,
        Code::ColumnLikeField,
        Code::FieldRepeated,
        Code::Utf8Invalid,
        Code::NulCharacter,
        Code::TypeWrong,
        Code::ValueUnknown,
        Code::ValueAboveUnknown,
        Code::FieldNotCarried,
        Code::ValueNotCarried,
        Code::TextTooLong,
        Code::Mention,
        Code::OutOfOrder,
        Code::ExternalIdRepeated,
        Code::ExternalIdAmbiguous,
        Code::KeyInvalid,
        Code::KeyRepeated,
        Code::IdMangled,
        Code::MessageLikeHtml,
        Code::MessageMissing,
        Code::EntityTypeInvalid,
        Code::EntityIdInvalid,
        Code::EntityIncomplete,
        Code::EntityMissing,
        Code::EntityUnmapped,
        Code::EntityRepeated,
        Code::RecordNotFound,
        Code::AudienceInvalid,
        Code::AudienceKeyWrong,
        Code::AudienceMissing,
        Code::AttachmentInvalid,
        Code::FileUnmapped,
        Code::AttachmentInline,
        Code::AttachmentWebAddress,
        Code::AttachmentOutside,
        Code::AttachmentName,
        Code::AttachmentMissing,
        Code::AttachmentUnreadable,
        Code::AttachmentNotAFile,
        Code::AttachmentEmpty,
        Code::TimeInvalid,
        Code::AuthorIdInvalid,
        Code::UserUnmapped,
        Code::FlagInvalid,
    ];

    /// The code's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Code::RecordTooLong => "record_too_long",
            Code::QuoteStray => "quote_stray",
            Code::QuoteSuspect => "quote_suspect",
            Code::QuoteUnclosed => "quote_unclosed",
            Code::QuoteSwallowed => "quote_swallowed",
            Code::FieldCount => "field_count",
            Code::JsonInvalid => "json_invalid",
            Code::JsonNotObject => "json_not_object",
            Code::JsonArray => "json_array",
            Code::ColumnLikeField => "column_like_field",
            Code::FieldRepeated => "field_repeated",
            Code::Utf8Invalid => "utf8_invalid",
            Code::NulCharacter => "nul_character",
            Code::TypeWrong => "type_wrong",
            Code::ValueUnknown => "value_unknown",
            Code::ValueAboveUnknown => "value_above_unknown",
            Code::FieldNotCarried => "field_not_carried",
            Code::ValueNotCarried => "value_not_carried",
            Code::TextTooLong => "text_too_long",
            Code::Mention => "mention",
            Code::OutOfOrder => "out_of_order",
            Code::ExternalIdRepeated => "external_id_repeated",
            Code::ExternalIdAmbiguous => "external_id_ambiguous",
            Code::KeyInvalid => "key_invalid",
            Code::KeyRepeated => "key_repeated",
            Code::IdMangled => "id_mangled",
            Code::MessageLikeHtml => "message_like_html",
            Code::MessageMissing => "message_missing",
            Code::EntityTypeInvalid => "entity_type_invalid",
            Code::EntityIdInvalid => "entity_id_invalid",
            Code::EntityIncomplete => "entity_incomplete",
            Code::EntityMissing => "entity_missing",
            Code::EntityUnmapped => "entity_unmapped",
            Code::EntityRepeated => "entity_repeated",
            Code::RecordNotFound => "record_not_found",
            Code::AudienceInvalid => "audience_invalid",
            Code::AudienceKeyWrong => "audience_key_wrong",
            Code::AudienceMissing => "audience_missing",
            Code::AttachmentInvalid => "attachment_invalid",
            Code::FileUnmapped => "file_unmapped",
            Code::AttachmentInline => "attachment_inline",
            Code::AttachmentWebAddress => "attachment_web_address",
            Code::AttachmentOutside => "attachment_outside",
            Code::AttachmentName => "attachment_name",
            Code::AttachmentMissing => "attachment_missing",
            Code::AttachmentUnreadable => "attachment_unreadable",
            Code::AttachmentNotAFile => "attachment_not_a_file",
            Code::AttachmentEmpty => "attachment_empty",
            Code::TimeInvalid => "time_invalid",
            Code::AuthorIdInvalid => "author_id_invalid",
            Code::UserUnmapped => "user_unmapped",
            Code::FlagInvalid => "flag_invalid",
        }
    }
}

impl Code {
    /// What is wrong, in the words of the table.
    pub const fn message(self) -> &'static str {
        match self {
            Code::RecordTooLong => "the record is longer than `--max-record`",
            Code::QuoteStray => {
                "text behind a closing quote, a blank before an opening one, or one that none opens"
            }
            Code::QuoteSuspect => {
                "a quoted text holds what looks like a row, or nothing opened what a quote closes"
            }
            Code::QuoteUnclosed => "a quote is opened and never closed",
            Code::QuoteSwallowed => {
                "the quotes of an earlier row may have taken this one into its text"
            }
            Code::FieldCount => "the record has more or fewer fields than the header",
            Code::JsonInvalid => "the row is no valid JSON",
            Code::JsonNotObject => "the row is JSON but no object",
            Code::JsonArray => "the line is a part of a JSON array",
            Code::ColumnLikeField => {
                "a column that is nearly a field's holds values, which would not be posted"
            }
            Code::FieldRepeated => "two keys give the same field, or the audience has a key twice",
            Code::Utf8Invalid => "bytes that are no text in the file's encoding",
            Code::NulCharacter => "a NUL, which no text may hold",
            Code::TypeWrong => "a JSON value of a type that the field doesn't take",
            Code::ValueUnknown => "a value that the table of the mapping doesn't have",
            Code::ValueAboveUnknown => {
                "an empty cell that has the value above it, which can't be read"
            }
            Code::FieldNotCarried => "the target has no place for the field",
            Code::ValueNotCarried => "the target has a place for the field, but not for this value",
            Code::TextTooLong => "longer than the target keeps",
            Code::Mention => "a mention of a user, whom it would notify of an old post",
            Code::OutOfOrder => "older than a row of its record that comes much earlier",
            Code::ExternalIdRepeated => "an earlier row has the same `external_id`",
            Code::ExternalIdAmbiguous => "an `external_id` that ends as the names of parts do",
            Code::KeyInvalid => "no key of a row, in `b24post_key`",
            Code::KeyRepeated => "an earlier row has the same `b24post_key`",
            Code::IdMangled => {
                "an `external_id` that a spreadsheet has replaced, such as `1.23E+17` or `#REF!`"
            }
            Code::MessageLikeHtml => {
                "a text that looks like HTML, which would be shown with all its tags"
            }
            Code::MessageMissing => "no message, or only blanks",
            Code::EntityTypeInvalid => "no kind of CRM record",
            Code::EntityIdInvalid => "no positive whole number",
            Code::EntityIncomplete => "an entity type without an ID, or the other way round",
            Code::EntityMissing => "the target needs a CRM record and the row names none",
            Code::EntityUnmapped => "an old ID of a record that the entity map doesn't have",
            Code::EntityRepeated => "a record that the row names twice",
            Code::RecordNotFound => {
                "the portal has no such CRM record, or doesn't show it to the user"
            }
            Code::AudienceInvalid => "no access code of Bitrix24",
            Code::AudienceKeyWrong => "an access code under the key of another kind",
            Code::AudienceMissing => "nobody is named who may see the post",
            Code::AttachmentInvalid => "a value that names no file",
            Code::FileUnmapped => "an old ID of a file that the file map doesn't have",
            Code::AttachmentInline => "a file's content in place of its path",
            Code::AttachmentName => {
                "a name that Bitrix24's Drive does not take, or that shows as another"
            }
            Code::AttachmentWebAddress => "an address in place of a path",
            Code::AttachmentOutside => "a path that leads out of the attachments root",
            Code::AttachmentMissing => "no such file",
            Code::AttachmentUnreadable => "the file can't be opened",
            Code::AttachmentNotAFile => "a folder, a pipe or a device",
            Code::AttachmentEmpty => "a file of 0 bytes, which Bitrix24 would drop without a word",
            Code::TimeInvalid => "no time, or not as it should be written",
            Code::AuthorIdInvalid => "no positive whole number",
            Code::UserUnmapped => "a user of the old system whom the user map doesn't have",
            Code::FlagInvalid => "neither yes nor no",
        }
    }

    /// Whether such a problem is the file's: as long as one row has it, none is sent.
    pub const fn is_of_file(self) -> bool {
        matches!(
            self,
            Code::JsonArray | Code::ColumnLikeField | Code::MessageLikeHtml
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_every_code_in_order_with_its_message() {
        let rows = include_str!("code.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("/// | `")?.strip_suffix(" |"))
            .filter_map(|line| line.split_once("` | "));
        let codes: Vec<(&str, &str)> = Code::ALL
            .iter()
            .map(|code| (code.as_str(), code.message()))
            .collect();
        assert_eq!(rows.collect::<Vec<_>>(), codes);
    }
}
