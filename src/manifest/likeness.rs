//! Whether a line looks like a row of this manifest: what is asked where quotes can't tell.
//!
//! The cells that name a record, a reader, a time or the row itself have forms of their own, which
//! a line of a text hardly ever has in the very same columns. Where a manifest has no such columns,
//! nothing is known by its cells, and nothing is concluded from them.

use crate::post::{AudienceCode, EntityKind, Field, Moment, parse_id};

use super::{Columns, Delimiter};

/// Fields whose values have the same form in every manifest.
const TELLING: [Field; 4] = [
    Field::EntityType,
    Field::Audience,
    Field::CreatedAt,
    Field::PublishAt,
];

/// Which columns of a line tell: those before the message, those behind it, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Behind,
    Both,
}

/// What a row of this manifest looks like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likeness<'c> {
    columns: &'c Columns,
    side: Side,
    /// The column of the message, which may hold anything.
    message: usize,
}

/// The `external_id` of a row that is known, and how many lines before the line in question it
/// stands: IDs of one manifest have one form, and numbers mostly grow.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KnownId<'b> {
    pub id: &'b [u8],
    pub distance: u64,
}

impl<'c> Likeness<'c> {
    pub fn new(columns: &'c Columns) -> Likeness<'c> {
        Likeness {
            columns,
            side: Side::Both,
            message: columns.place(Field::Message).unwrap_or_default(),
        }
    }

    /// The same by the cells of one side alone.
    pub fn on(self, side: Side) -> Likeness<'c> {
        Likeness { side, ..self }
    }

    /// Whether the line has as many fields as the header.
    pub fn fits(self, line: &[u8]) -> bool {
        // A line with fewer delimiters is none, whatever its quotes.
        let delimiters = memchr::memchr_iter(self.columns.delimiter().byte(), line).count();
        delimiters + 1 >= self.columns.count() && self.split(line).len() == self.columns.count()
    }

    /// Whether no column of the manifest has a form of its own, and the message is not the first: a
    /// line of a text is then known by its delimiters alone, if at all.
    pub fn is_weak(self) -> bool {
        self.message > 0 && !self.has(Field::ExternalId) && !self.tells_more_than_ids()
    }

    fn split(self, line: &[u8]) -> Vec<&[u8]> {
        cells(line, self.columns.delimiter())
    }

    fn has(self, field: Field) -> bool {
        self.columns.place(field).is_some()
    }

    fn tells_more_than_ids(self) -> bool {
        TELLING.into_iter().any(|field| self.has(field))
    }

    /// Whether the line fits and has several fields, none of which begins with a blank as behind
    /// the commas of a text.
    pub fn is_tight(self, line: &[u8]) -> bool {
        let is_several = self.columns.count() > 1;
        is_several && self.fits(line) && !self.split(line).iter().any(|cell| starts_blank(cell))
    }

    /// Whether the line has all the cells of a row, none of which begins with a blank.
    pub fn is_tight_row(self, line: &[u8]) -> bool {
        let cells = self.split(line);
        self.is_tight(line) && self.judge(&cells, KnownId::default(), true) == Some(true)
    }

    /// Whether the line is a row beyond reasonable doubt: it fits, and its cells are a row's.
    pub fn is_row(self, line: &[u8], known: KnownId<'_>) -> bool {
        let starts_blank = line.first().is_none_or(u8::is_ascii_whitespace);
        !starts_blank && self.fits(line) && self.judge(&self.split(line), known, true) == Some(true)
    }

    /// Whether the line begins or ends as a row does, however many fields it has.
    pub fn resembles_row(self, line: &[u8], known: KnownId<'_>) -> bool {
        self.judge(&self.split(line), known, false) == Some(true)
    }

    /// Whether the line may be a row behind one with that ID: it begins or ends as one, or it fits
    /// and has no ID of another kind.
    pub fn may_follow(self, line: &[u8], id_before: &[u8]) -> bool {
        let cells = self.split(line);
        match self.judge(&cells, KnownId::default(), false) {
            Some(is_row) => is_row,
            None if !self.fits(line) => false,
            None => match self.cell(&cells, Field::ExternalId) {
                Some(id) => {
                    is_of_one_kind(id, id_before) && !cells.iter().any(|cell| starts_blank(cell))
                }
                None => id_before.is_empty(),
            },
        }
    }

    /// Whether a record that is cut short may begin as a row behind one with that ID does.
    pub fn may_begin(self, record: &[u8], id_before: &[u8]) -> bool {
        let cells = self.split(record);
        let id = self.cell(&cells, Field::ExternalId);
        let is_cut_in_message = self.message > 0
            && cells.len() > self.message
            && self.judge(&cells, KnownId::default(), false) != Some(false)
            && id.is_none_or(|id| is_of_one_kind(id, id_before));
        is_cut_in_message || self.may_follow(record, id_before)
    }

    /// Whether the line may be the first of a row behind one with that ID, as far as the cells
    /// before the message tell. Where those behind it will, it must end within a quoted field.
    pub fn begins_row(self, line: &[u8], id_before: &[u8]) -> bool {
        let cells = self.split(line);
        let goes_on = cells.last().is_some_and(|cell| is_open(cell));
        let is_told = match self.tells_behind() {
            true => goes_on,
            false => goes_on || cells.len() > self.message,
        };
        let before = &cells[..self.message.min(cells.len() - 1)];
        is_told
            && !before.is_empty()
            && !before.iter().any(|cell| starts_blank(cell))
            && self.judge(&cells, KnownId::default(), false) != Some(false)
            && self
                .cell(&cells, Field::ExternalId)
                .is_none_or(|id| is_of_one_kind(id, id_before))
    }

    /// Whether the line, whatever its quotes, ends with a row's cells behind the message; what
    /// stands before them may be the end of a text.
    pub fn ends_row(self, line: &[u8], known: KnownId<'_>) -> bool {
        let line: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'"').collect();
        let cells = self.split(&line);
        let behind = self.columns.count().saturating_sub(self.message + 1);
        let Some(before) = cells.len().checked_sub(behind + 1) else {
            return false;
        };
        let text = vec![&b""[..]; self.message + 1];
        let whole = [&text, &cells[before + 1..]].concat();
        self.on(Side::Behind).judge(&whole, known, true) == Some(true)
    }

    /// Whether the cells behind the message are enough to know a row by.
    fn tells_behind(self) -> bool {
        let is_behind = |field| {
            let place = self.columns.place(field);
            place.is_some_and(|place| place > self.message)
        };
        let names_record = is_behind(Field::EntityType) && is_behind(Field::EntityId);
        names_record || TELLING[1..].iter().any(|field| is_behind(*field))
    }

    /// The line's `external_id`, if that is known by its column.
    pub fn id(self, line: &[u8]) -> Option<&[u8]> {
        self.cell(&self.split(line), Field::ExternalId)
    }

    /// The field's cell. Those before the message are counted from the start and those behind it
    /// from the end, since an unquoted message may hold delimiters.
    fn cell<'l>(self, cells: &[&'l [u8]], field: Field) -> Option<&'l [u8]> {
        let place = self.columns.place(field)?;
        let is_before = place < self.message;
        if (is_before && self.side == Side::Behind) || (!is_before && self.side == Side::Before) {
            return None;
        }
        let behind = self.columns.count() - place;
        let cell = match is_before {
            true => cells.get(place)?,
            false if cells.len() < self.columns.count() => return None,
            false => cells.get(cells.len() - behind)?,
        };
        Some(unquoted(cell)).filter(|cell| !cell.is_empty())
    }

    /// Whether the cells are a row's; none where they don't tell. Where it matters most, cells that
    /// begin with a blank don't tell; only the message may do so where more than an ID is known.
    fn judge(self, cells: &[&[u8]], known: KnownId<'_>, is_strict: bool) -> Option<bool> {
        let mut others = cells
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != self.message);
        if is_strict && others.any(|(_, cell)| starts_blank(cell)) {
            return None;
        }
        let text = |field| {
            let cell = self.cell(cells, field);
            cell.and_then(|cell| str::from_utf8(cell).ok())
        };
        let entity_type = text(Field::EntityType).map(|kind| EntityKind::parse(kind).is_some());
        let entity_id = text(Field::EntityId).map(|id| parse_id(id.trim()).is_some());
        if entity_type == Some(false) || entity_id == Some(false) {
            return Some(false);
        }
        let has_codes = text(Field::Audience).is_some_and(|codes| {
            codes
                .split(',')
                .all(|code| AudienceCode::parse(code).is_ok())
        });
        let is_time = |field| text(field).is_some_and(|time| Moment::parse(time).is_ok());
        // Where more could tell, a number at the start of a line is not enough; but neither are two
        // numbers that may be a kind and an ID.
        let is_numeric = text(Field::EntityType).is_some_and(is_number);
        let id_counts = !is_strict || is_numeric || !self.tells_more_than_ids();
        let has_id = || {
            let id = self.cell(cells, Field::ExternalId);
            let has_blanks = is_strict && cells.iter().any(|cell| starts_blank(cell));
            id_counts && !has_blanks && id.is_some_and(|id| is_of_one_form(id, known))
        };
        let names_record = entity_type.is_some() && entity_id.is_some();
        let is_row = names_record && !(is_strict && is_numeric)
            || has_codes
            || is_time(Field::CreatedAt)
            || is_time(Field::PublishAt)
            || has_id();
        is_row.then_some(true)
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a cell begins with a blank, as what follows the commas of a text.
fn starts_blank(cell: &[u8]) -> bool {
    cell.first().is_some_and(u8::is_ascii_whitespace)
}

/// Whether a cell at the end of a line is quoted and goes on behind it.
fn is_open(cell: &[u8]) -> bool {
    let Some(text) = cell.strip_prefix(b"\"") else {
        return false;
    };
    let quotes = text.iter().rev().take_while(|byte| **byte == b'"').count();
    quotes.is_multiple_of(2)
}

/// Whether an ID has the form of the known one. A number must be greater too, and not by much or of
/// the same length: short numbers begin many a line of a text.
fn is_of_one_form(id: &[u8], known: KnownId<'_>) -> bool {
    let number = |id: &[u8]| str::from_utf8(id).ok().and_then(parse_id);
    match (number(known.id), number(id)) {
        (Some(known_id), Some(found)) => {
            let is_next = found > known_id && found - known_id <= known.distance;
            let is_long = id.len() >= 5 && id.len() == known.id.len();
            is_next || is_long && found > known_id
        }
        (None, None) => {
            let has_digit = id.iter().any(u8::is_ascii_digit);
            has_digit && form(id).eq(form(known.id))
        }
        _ => false,
    }
}

/// Whether an ID can be one beside the other: both are numbers, both have digits, or the other has
/// none.
fn is_of_one_kind(id: &[u8], other: &[u8]) -> bool {
    let is_number = |id: &[u8]| id.iter().all(u8::is_ascii_digit);
    let has_digit = |id: &[u8]| id.iter().any(u8::is_ascii_digit);
    let has_blank = id.iter().any(u8::is_ascii_whitespace);
    match has_digit(other) {
        true => is_number(id) == is_number(other) && has_digit(id) && !has_blank,
        false => !has_blank || other.is_empty(),
    }
}

/// The kinds of letters of an ID, those that repeat named once.
fn form(id: &[u8]) -> impl Iterator<Item = u8> {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => b'9',
        _ if byte.is_ascii_alphabetic() || !byte.is_ascii() => b'a',
        _ => *byte,
    };
    let mut last = None;
    id.iter()
        .map(kind)
        .filter(move |kind| last.replace(*kind) != Some(*kind))
}

/// The fields of a line as a lenient reader takes them: a quote closes only before a delimiter or
/// the end.
fn cells(line: &[u8], delimiter: Delimiter) -> Vec<&[u8]> {
    let delimiter = delimiter.byte();
    let (mut cells, mut start, mut at) = (Vec::new(), 0, 0);
    let mut in_quotes = false;
    while at < line.len() {
        match line[at] {
            b'"' if in_quotes && line.get(at + 1) == Some(&b'"') => at += 1,
            b'"' if in_quotes => {
                in_quotes = line.get(at + 1).is_some_and(|next| *next != delimiter);
            }
            b'"' if at == start => in_quotes = true,
            byte if byte == delimiter && !in_quotes => {
                cells.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    cells.push(&line[start..]);
    cells
}

fn unquoted(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let inner = cell.strip_prefix(b"\"").unwrap_or(cell);
    inner.strip_suffix(b"\"").unwrap_or(inner)
}

#[cfg(test)]
mod tests;
