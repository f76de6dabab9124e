//! A row's cells as values, and the list of what is wrong with them.
//!
//! The readers of single fields are `impl` blocks on [`Cells`] in the files beside this one. A
//! reader that finds a problem puts it on the list and answers [`Reported`], so that nobody takes
//! an unreadable value for a missing one.

use std::borrow::Cow;

use crate::manifest::mapping::{MappingProblem, ProblemKind};
use crate::manifest::{Cell, Row, has_control_chars, json};
use crate::post::{Field, FieldSet};

use super::unmapped::LookedUp;
use super::{Code, Place, Problem, Rules};

/// A value as CSV or JSON gives it, never blank.
#[derive(Clone, Debug)]
pub(super) enum CellValue<'a> {
    /// A CSV cell.
    Cell(&'a str),
    /// A JSON string.
    Text(Cow<'a, str>),
    /// A JSON number as it is written.
    Number(&'a str),
    Bool(bool),
    /// A JSON list or object, in JSON.
    List(&'a str),
    Object(&'a str),
}

/// What is wrong with the value is on the list of problems.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

/// A value of the row, `None` if the row has none there.
pub(super) type ReadValue<T> = Result<Option<T>, Reported>;

/// A row being read.
pub(super) struct Cells<'r, 'a> {
    row: &'r Row<'a>,
    rules: &'r Rules,
    /// Fields that have a value, readable or not.
    present: FieldSet,
    /// Fields with a value that can't be used.
    faulty: FieldSet,
    /// Those of them that a map doesn't have: what the row says there is known all the same.
    unmapped: FieldSet,
    problems: Vec<Problem>,
    has_control_chars: bool,
    has_mapping_problem: bool,
    pub(super) looked_up: LookedUp,
}

impl<'r, 'a> Cells<'r, 'a> {
    pub fn new(row: &'r Row<'a>, rules: &'r Rules) -> Cells<'r, 'a> {
        Cells {
            row,
            rules,
            present: FieldSet::default(),
            faulty: FieldSet::default(),
            unmapped: FieldSet::default(),
            problems: Vec::new(),
            has_control_chars: false,
            has_mapping_problem: false,
            looked_up: LookedUp::default(),
        }
    }

    pub fn rules(&self) -> &'r Rules {
        self.rules
    }

    pub fn row(&self) -> &'r Row<'a> {
        self.row
    }

    /// What stands between several values, if the mapping says it.
    pub fn separator(&self, field: Field) -> Option<&'a str> {
        self.row.rules(field)?.separator.as_deref()
    }

    /// The field's value. Empty and blank cells and JSON's `null` are none.
    #[inline(always)]
    pub fn value(&mut self, field: Field) -> ReadValue<CellValue<'a>> {
        if self.has_mapping_problem && self.faulty.contains(field) {
            return Err(Reported);
        }
        match self.row.cell(field) {
            cell if cell.is_empty() => Ok(None),
            Cell::Text(text) if is_plain(text) => {
                self.present.insert(field);
                Ok(Some(CellValue::Cell(text)))
            }
            cell => self.value_of(field, cell),
        }
    }

    /// The field's value where it is a CSV cell that shows at once that it is not blank.
    #[inline(always)]
    pub fn plain_text(&mut self, field: Field) -> Option<&'a str> {
        match self.row.cell(field) {
            Cell::Text(text) if is_plain(text) => {
                self.present.insert(field);
                Some(text)
            }
            _ => None,
        }
    }

    /// Whether the row has nothing there.
    pub fn is_empty(&self, field: Field) -> bool {
        self.row.cell(field).is_empty()
    }

    /// Whether the manifest may have a value in one of these fields.
    pub fn may_have_any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.row.may_have(*field))
    }

    fn value_of(&mut self, field: Field, cell: Cell<'a>) -> ReadValue<CellValue<'a>> {
        self.present.insert(field);
        let value = match cell {
            Cell::Absent => return Ok(None),
            Cell::Text(text) => CellValue::Cell(text),
            Cell::Csv(bytes) => CellValue::Cell(self.utf8(field, bytes)?),
            Cell::Json { value, .. } => match value.as_bytes().first() {
                Some(b'"') => CellValue::Text(self.string(field, value)?),
                Some(b'[') => CellValue::List(value),
                Some(b'{') => CellValue::Object(value),
                Some(b't' | b'f') => CellValue::Bool(value == "true"),
                _ => CellValue::Number(value),
            },
        };
        let text = match &value {
            CellValue::Cell(text) => Some(*text),
            CellValue::Text(text) => Some(text.as_ref()),
            _ => None,
        };
        if text.is_some_and(|text| text.chars().all(char::is_whitespace)) {
            self.says_nothing(field);
            return Ok(None);
        }
        Ok(Some(value))
    }

    /// The text of a JSON string that belongs to the field.
    pub fn string(&mut self, field: Field, value: &'a str) -> Result<Cow<'a, str>, Reported> {
        let text = json::string(value).map_err(|_| {
            let advice = "the text holds half of a surrogate pair; write the character itself";
            self.problem(field, Code::JsonInvalid, value, advice)
        })?;
        self.inspect(field, &text)?;
        Ok(text)
    }

    /// Puts a problem of a field's value on the list. A field that the target can't carry is not
    /// judged by its value; one that is dropped is, since the row's key is made from it too.
    pub fn problem(
        &mut self,
        field: Field,
        code: Code,
        value: &str,
        advice: impl Into<String>,
    ) -> Reported {
        self.faulty.insert(field);
        if self.rules.target.carries(field) || self.rules.dropped.contains(field) {
            self.objection(field, code, value, advice);
        }
        Reported
    }

    /// Puts a problem on the list that the mapping has found with the row.
    pub fn problem_of_mapping(&mut self, problem: &MappingProblem) {
        let code = match &problem.kind {
            ProblemKind::NotInValues { .. } => Code::ValueUnknown,
            ProblemKind::NoText { .. } => Code::TypeWrong,
            ProblemKind::NoRecord { .. } => Code::EntityMissing,
            ProblemKind::RecordTwice { .. } => Code::EntityRepeated,
            ProblemKind::HoldsEnding { .. } => Code::ExternalIdAmbiguous,
            ProblemKind::NothingAbove => Code::ValueAboveUnknown,
        };
        if let Some(field) = problem.field {
            self.faulty.insert(field);
        }
        self.has_mapping_problem = true;
        let advice = format!("{}; {}", problem.kind, problem.kind.advice());
        let place = Place {
            at: self.row.at,
            column: &problem.column,
        };
        let problem = match problem.column.is_empty() {
            true => Problem::of_record(place.at, code, advice),
            false => Problem::of_column(place, code, problem.kind.value(), advice),
        };
        self.problems.push(problem);
    }

    /// Puts on the list what the target has against a value that is good by itself. A list of very
    /// many wrong values is not listed to its end.
    pub fn objection(&mut self, field: Field, code: Code, value: &str, advice: impl Into<String>) {
        if self.problems.len() >= Problem::MOST {
            return;
        }
        let place = Place {
            at: self.row.at,
            column: self.row.column(field),
        };
        let problem = Problem::of_column(place, code, value, advice);
        self.problems.push(problem);
    }

    /// The problem of a JSON value whose type the field doesn't take.
    pub fn wrong_type(&mut self, field: Field, expected: &str) -> Reported {
        let value = self.written(field);
        self.problem(field, Code::TypeWrong, &value, format!("give {expected}"))
    }

    /// Takes back that the field has a value: what it says is the same as nothing.
    pub fn says_nothing(&mut self, field: Field) {
        self.present.remove(field);
    }

    pub fn is_present(&self, field: Field) -> bool {
        self.present.contains(field)
    }

    pub fn present(&self) -> FieldSet {
        self.present
    }

    pub fn presents_any(&self, fields: FieldSet) -> bool {
        !self.present.within(fields).is_empty()
    }

    pub fn is_faulty(&self, field: Field) -> bool {
        self.faulty.contains(field)
    }

    /// A map doesn't have the field's value.
    pub fn mark_unmapped(&mut self, field: Field) {
        self.unmapped.insert(field);
    }

    /// Whether it is known what the row says in every field.
    pub fn all_good(&self) -> bool {
        self.faulty.without(self.unmapped).is_empty() && !self.has_mapping_problem
    }

    pub fn has_control_chars(&self) -> bool {
        self.has_control_chars
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The field's name as the manifest spells it.
    pub fn column(&self, field: Field) -> &'r str {
        self.row.column(field)
    }

    /// The field's cell as the manifest has it, for display.
    pub fn written(&self, field: Field) -> Cow<'a, str> {
        match self.row.cell(field) {
            Cell::Absent => Cow::Borrowed(""),
            Cell::Csv(bytes) => String::from_utf8_lossy(bytes),
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Json { value, .. } => Cow::Borrowed(value),
        }
    }

    fn utf8(&mut self, field: Field, bytes: &'a [u8]) -> Result<&'a str, Reported> {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            let found = self.row.undecodable(bytes);
            let advice = found.map_or_else(String::new, |found| {
                let (place, advice) = (found.place, found.advice());
                format!("byte {place} of the cell, {found}; {advice}")
            });
            let value = self.written(field);
            self.problem(field, Code::Utf8Invalid, &value, advice)
        })?;
        self.inspect(field, text)?;
        Ok(text)
    }

    /// Refuses NUL, which PHP and SQL cut texts at, and notes other control characters.
    fn inspect(&mut self, field: Field, text: &str) -> Result<(), Reported> {
        if !has_control_chars(text) {
            return Ok(());
        }
        let Some(at) = memchr::memchr(0, text.as_bytes()) else {
            self.has_control_chars = true;
            return Ok(());
        };
        let advice = format!("byte {} of the text is a NUL; remove it", at + 1);
        Err(self.problem(field, Code::NulCharacter, text, advice))
    }
}

/// Whether a text begins with something that is to be seen.
fn is_plain(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_graphic)
}
