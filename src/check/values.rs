//! The readers of fields with one value, and of lists of texts.

use std::borrow::Cow;

use crate::manifest::json;
use crate::post::{EntityKind, Field, Moment, TimeNotation, parse_id, trimmed};

use super::Code;
use super::cells::{CellValue, Cells, ReadValue, Reported};

/// The values of a field that takes several.
pub(super) enum Many<'a> {
    /// A text in parts, at least one of them not blank.
    Parts(Parts<'a>),
    /// The items of a JSON list, in JSON.
    Items(Vec<&'a str>),
    /// A JSON object, in JSON.
    Object(&'a str),
}

/// The parts of a text between separators.
pub(super) struct Parts<'a> {
    text: Cow<'a, str>,
    separator: &'a str,
}

impl<'a> Parts<'a> {
    /// Whether all parts are blank.
    fn are_blank(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The parts, trimmed, without the blank ones.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let parts = self.text.split(self.separator).map(trimmed);
        parts.filter(|part| !part.is_empty())
    }

    /// The same, borrowed if the text is.
    pub fn into_list(self) -> Vec<Cow<'a, str>> {
        match self.text {
            Cow::Borrowed(text) => {
                let parts = text.split(self.separator).map(trimmed);
                let parts = parts.filter(|part| !part.is_empty());
                parts.map(Cow::Borrowed).collect()
            }
            Cow::Owned(_) => self
                .iter()
                .map(|part| Cow::Owned(part.to_owned()))
                .collect(),
        }
    }
}

impl<'a> Cells<'_, 'a> {
    /// A text as it is written, outer blanks included.
    #[inline(always)]
    pub fn text(&mut self, field: Field) -> ReadValue<Cow<'a, str>> {
        match self.value(field)? {
            None => Ok(None),
            Some(CellValue::Cell(text)) => Ok(Some(Cow::Borrowed(text))),
            Some(CellValue::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type(field, "a string")),
        }
    }

    /// A text or number without outer blanks.
    #[inline(always)]
    pub fn word(&mut self, field: Field) -> ReadValue<Cow<'a, str>> {
        match self.value(field)? {
            None => Ok(None),
            Some(CellValue::Cell(text) | CellValue::Number(text)) => {
                Ok(Some(Cow::Borrowed(trimmed(text))))
            }
            Some(CellValue::Text(text)) => Ok(Some(cut(text, trimmed))),
            Some(_) => Err(self.wrong_type(field, "a string or a number")),
        }
    }

    /// A positive whole number.
    pub fn positive(&mut self, field: Field, code: Code) -> ReadValue<u64> {
        let Some(word) = self.word(field)? else {
            return Ok(None);
        };
        parse_id(&word).map(Some).ok_or_else(|| {
            let advice = "give a positive whole number such as 42";
            self.problem(field, code, &word, advice)
        })
    }

    /// A kind of CRM entity.
    pub fn entity_kind(&mut self) -> ReadValue<EntityKind> {
        let Some(word) = self.word(Field::EntityType)? else {
            return Ok(None);
        };
        EntityKind::parse(&word).map(Some).ok_or_else(|| {
            let advice = "give lead, deal, contact or company, or their numbers 1 to 4, or quote, order, \
                          smart_invoice or dynamic_ with the number of a smart process";
            self.problem(Field::EntityType, Code::EntityTypeInvalid, &word, advice)
        })
    }

    /// A time.
    pub fn moment(&mut self, field: Field) -> ReadValue<Moment> {
        let format = self.rules().times.of(field);
        // JSON has seconds and milliseconds as numbers.
        let text = match &format.notation {
            Some(TimeNotation::Unix | TimeNotation::UnixMillis) => self.word(field)?,
            Some(TimeNotation::Pattern(_)) | None => self.text(field)?,
        };
        let Some(text) = text else {
            return Ok(None);
        };
        format
            .read(&text)
            .map(Some)
            .map_err(|error| self.problem(field, Code::TimeInvalid, &text, error.to_string()))
    }

    /// Yes or no, in our words, Bitrix24's (`Y`, `N`) or JSON's. No is the same as nothing.
    pub fn flag(&mut self, field: Field) -> ReadValue<bool> {
        let is_one_of = |text: &str, words: [&str; 4]| {
            words
                .iter()
                .any(|word| text.trim().eq_ignore_ascii_case(word))
        };
        let text = match self.value(field)? {
            None => return Ok(None),
            Some(CellValue::Bool(true)) => Cow::Borrowed("yes"),
            Some(CellValue::Bool(false)) => Cow::Borrowed("no"),
            Some(CellValue::Cell(text) | CellValue::Number(text)) => Cow::Borrowed(text),
            Some(CellValue::Text(text)) => text,
            Some(_) => return Err(self.wrong_type(field, "true or false")),
        };
        if is_one_of(&text, ["yes", "y", "true", "1"]) {
            return Ok(Some(true));
        }
        if is_one_of(&text, ["no", "n", "false", "0"]) {
            self.says_nothing(field);
            return Ok(Some(false));
        }
        Err(self.problem(field, Code::FlagInvalid, &text, "give yes or no"))
    }

    /// Several values, between such separators unless the mapping names others. A CSV cell counts as
    /// JSON only if it parses as a list or an object.
    pub fn many(
        &mut self,
        field: Field,
        separator: &'static str,
        expected: &str,
    ) -> ReadValue<Many<'a>> {
        let separator = self.separator(field).unwrap_or(separator);
        let many = match self.value(field)? {
            None => return Ok(None),
            Some(CellValue::Cell(text)) => json_in(text).unwrap_or(Many::Parts(Parts {
                text: Cow::Borrowed(text),
                separator,
            })),
            Some(CellValue::Text(text)) => Many::Parts(Parts { text, separator }),
            Some(CellValue::List(value)) => match json::items(value) {
                Ok(items) => Many::Items(items),
                Err(_) => return Err(self.wrong_type(field, expected)),
            },
            Some(CellValue::Object(value)) => Many::Object(value),
            Some(CellValue::Number(_) | CellValue::Bool(_)) => {
                return Err(self.wrong_type(field, expected));
            }
        };
        let is_empty = match &many {
            Many::Parts(parts) => parts.are_blank(),
            Many::Items(items) => items.is_empty(),
            Many::Object(_) => false,
        };
        if is_empty {
            self.says_nothing(field);
            return Ok(None);
        }
        Ok(Some(many))
    }

    /// Tags, without their `#`.
    pub fn tags(&mut self) -> ReadValue<Vec<Cow<'a, str>>> {
        const EXPECTED: &str = "a list of strings";
        let texts = match self.many(Field::Tags, ",", EXPECTED)? {
            None => return Ok(None),
            Some(Many::Parts(parts)) => parts.into_list(),
            Some(Many::Items(items)) => items
                .into_iter()
                .map(|item| match item.starts_with('"') {
                    true => self.string(Field::Tags, item),
                    false => Err(self.wrong_type(Field::Tags, EXPECTED)),
                })
                .collect::<Result<_, Reported>>()?,
            Some(Many::Object(_)) => return Err(self.wrong_type(Field::Tags, EXPECTED)),
        };
        let tags = texts.into_iter().map(|tag| cut(tag, without_hash));
        Ok(Some(tags.filter(|tag| !tag.is_empty()).collect()))
    }
}

/// The JSON list or object that a CSV cell holds.
fn json_in(cell: &str) -> Option<Many<'_>> {
    let cell = trimmed(cell);
    match cell.as_bytes().first() {
        Some(b'[') => json::items(cell).ok().map(Many::Items),
        Some(b'{') => json::each_pair(cell, |_, _| {})
            .ok()
            .map(|()| Many::Object(cell)),
        _ => None,
    }
}

/// A part of a text, borrowed if the text is.
fn cut<'a>(text: Cow<'a, str>, part: fn(&str) -> &str) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => Cow::Owned(part(&text).to_owned()),
    }
}

fn without_hash(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix('#').unwrap_or(tag).trim_start()
}
