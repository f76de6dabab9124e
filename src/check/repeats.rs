//! What no row shows by itself: IDs given twice, and rows that say the same.
//!
//! Rows are known by 64-bit fingerprints. Two IDs that only share a fingerprint would be taken for
//! one; among ten million rows the odds are one in 300,000.

use std::ops::Range;

use crate::manifest::{Columns, Position};
use crate::planted::{self, Bug};
use crate::post::{ContentHash, Field};

use super::fingerprints::{Fingerprints, NONE, fingerprint, short};
use super::{CheckedRow, Code, Place, Problem};

/// What was seen so far of a manifest read from its first row to its last.
#[derive(Debug, Default)]
pub struct Repeats {
    /// The first row of each external ID.
    external: Fingerprints,
    /// The highest external ID. One that is higher repeats none, so while IDs ascend, as those of
    /// an export mostly do, none has to be looked for.
    highest: String,
    /// The last row of each content.
    contents: Fingerprints,
    repeated: Vec<(u32, u32)>,
}

/// Which of several identical rows a row is, for the second pass. Rows that stand alone take no
/// room.
#[derive(Debug, Default)]
pub struct Ordinals {
    /// Row number and ordinal of every row but the first of its kind, by row number.
    repeated: Vec<(u32, u32)>,
}

impl Repeats {
    /// So many rows the manifest will probably have.
    pub fn expect(&mut self, rows: u64) {
        self.external.expect(rows);
        self.contents.expect(rows);
    }

    /// The problem of a row whose external ID an earlier row has. Every row is to be shown once, in
    /// order; the later row is the one to blame.
    pub fn of_row(&mut self, row: &CheckedRow, columns: &Columns) -> Option<Problem> {
        let id = row.external_id.as_ref()?;
        let number = short(row.at.number);
        if self.rise_to(&id.text) {
            self.external.note(id.fingerprint, number);
            return None;
        }
        let earlier = self.external.see(id.fingerprint, number, false)?;
        Some(repeated(&id.text, row.at, earlier, columns))
    }

    /// Takes note of a row that is known to have an ID which no earlier one has.
    pub fn first_of_its_id(&mut self, row: &CheckedRow) {
        if let Some(id) = &row.external_id {
            self.rise_to(&id.text);
            self.external.note(id.fingerprint, short(row.at.number));
        }
    }

    /// Whether an ID is the highest so far.
    fn rise_to(&mut self, id: &str) -> bool {
        let is_higher = is_above(id, &self.highest);
        if is_higher {
            self.highest.clear();
            self.highest.push_str(id);
        }
        is_higher
    }

    /// As [`Repeats::of_row`] for consecutive rows, of which the first has that number: the rows to
    /// blame, each with the earlier one.
    pub(super) fn of_rows(&mut self, first: u64, ids: &Ids) -> Vec<(u32, u32)> {
        if ids.text.is_empty() {
            return Vec::new();
        }
        let lowest = ids.lowest.clone();
        let all_above = !ids.fall && is_above(&ids.text[lowest], &self.highest);
        self.rise_to(&ids.text[ids.highest.clone()]);
        let first = short(first);
        match all_above {
            true => {
                self.external.note_all(first, &ids.prints);
                Vec::new()
            }
            false => self.external.see_all(first, &ids.prints),
        }
    }

    /// The ordinal, from 0, of a row among those that say the same. Every row whose content is
    /// known is to be shown once, in order, also those with an external ID.
    pub fn ordinal(&mut self, content: ContentHash, at: Position) -> u32 {
        let row = short(at.number);
        let before = self.contents.see(content.fingerprint(), row, true);
        let ordinal = before.map_or(0, |earlier| {
            ordinal_of(&self.repeated, earlier).saturating_add(1)
        });
        if ordinal > 0 {
            self.repeated.push((row, ordinal));
        }
        if planted::is(Bug::EqualRowsMerged) {
            self.repeated.clear();
            return 0;
        }
        ordinal
    }

    /// The ordinal of a row that was shown.
    pub fn ordinal_at(&self, at: Position) -> u32 {
        ordinal_of(&self.repeated, short(at.number))
    }

    /// Whether the manifest has so many rows of that content that one has this ordinal.
    pub fn contains(&self, content: ContentHash, ordinal: u32) -> bool {
        let last = self.contents.get(content.fingerprint());
        last.is_some_and(|last| ordinal <= ordinal_of(&self.repeated, last))
    }

    /// Keeps only what the second pass needs.
    pub fn into_ordinals(self) -> Ordinals {
        Ordinals {
            repeated: self.repeated,
        }
    }
}

/// The external IDs of consecutive rows.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Each row's fingerprint.
    prints: Vec<u64>,
    /// The IDs, one behind the other, and where each row's ends.
    text: String,
    ends: Vec<usize>,
    /// Whether one of them is not above all those before it.
    fall: bool,
    /// The first and the highest of them.
    lowest: Range<usize>,
    highest: Range<usize>,
}

/// Bytes that most IDs don't exceed.
const USUAL_ID: usize = 12;

impl Ids {
    /// Forgets all of them, and sets memory aside for those of so many rows.
    pub fn restart(&mut self, rows: usize) {
        self.prints.clear();
        self.prints.reserve(rows);
        self.text.clear();
        self.text.reserve(rows * USUAL_ID);
        self.ends.clear();
        self.ends.reserve(rows);
        (self.fall, self.lowest, self.highest) = (false, 0..0, 0..0);
    }

    /// The memory set aside, in bytes.
    pub fn room(&self) -> usize {
        self.prints.capacity() * size_of::<u64>()
            + self.text.capacity()
            + self.ends.capacity() * size_of::<usize>()
    }

    /// Adds the next row's, if it has one.
    pub fn add(&mut self, id: Option<&str>) {
        self.prints.push(id.map_or(NONE, fingerprint));
        if let Some(id) = id {
            let here = self.text.len()..self.text.len() + id.len();
            if self.lowest.is_empty() {
                self.lowest = here.clone();
            }
            match is_above(id, &self.text[self.highest.clone()]) {
                true => self.highest = here,
                false => self.fall = true,
            }
            self.text.push_str(id);
        }
        self.ends.push(self.text.len());
    }

    /// The ID of each row, or an empty text.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let ids = starts.zip(&self.ends);
        ids.map(|(start, end)| &self.text[start..*end])
    }
}

/// An order of IDs in which numbers ascend as they count up: by length first.
fn is_above(id: &str, other: &str) -> bool {
    (id.len(), id) > (other.len(), other)
}

/// The problem of an external ID that an earlier row has.
pub(super) fn repeated(id: &str, at: Position, earlier: u32, columns: &Columns) -> Problem {
    let place = Place {
        at,
        column: columns.name(Field::ExternalId),
    };
    let advice = format!("row {earlier} has the same ID; give each row its own");
    Problem::of_column(place, Code::ExternalIdRepeated, id, advice)
}

impl Ordinals {
    /// The ordinal that the row was given in the first pass.
    pub fn of(&self, at: Position) -> u32 {
        ordinal_of(&self.repeated, short(at.number))
    }
}

/// The ordinal of a row, by those of the rows that are not the first of their kind.
fn ordinal_of(repeated: &[(u32, u32)], row: u32) -> u32 {
    let place = repeated.binary_search_by_key(&row, |(row, _)| *row);
    place
        .ok()
        .and_then(|place| repeated.get(place))
        .map_or(0, |(_, ordinal)| *ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::RowId;

    fn at(number: u64) -> Position {
        Position {
            number,
            line: number + 1,
        }
    }

    #[test]
    fn the_later_row_of_an_id_is_the_problem_and_names_the_first() {
        let mut repeats = Repeats::default();
        let row = |number, id: &str| CheckedRow {
            external_id: Some(RowId::new(id)),
            ..CheckedRow::empty(at(number))
        };
        let columns = Columns::default();
        assert_eq!(repeats.of_row(&row(1, "A"), &columns), None);
        assert_eq!(repeats.of_row(&row(2, "B"), &columns), None);
        assert_eq!(repeats.of_row(&CheckedRow::empty(at(3)), &columns), None);
        for later in [4, 5] {
            let problem = repeats.of_row(&row(later, "A"), &columns).unwrap();
            assert_eq!(problem.code, Code::ExternalIdRepeated);
            assert_eq!((problem.row, problem.line), (later, later + 1));
            assert_eq!(problem.column.as_deref(), Some("external_id"));
            assert!(problem.advice.starts_with("row 1 "), "{}", problem.advice);
        }
    }

    #[test]
    fn identical_rows_are_counted_and_found_again() {
        let mut repeats = Repeats::default();
        let content = |text: &str| ContentHash::of_bytes(text.as_bytes());
        let ordinals: Vec<u32> = [(1, "a"), (2, "b"), (4, "a"), (5, "c"), (9, "a")]
            .into_iter()
            .map(|(row, text)| repeats.ordinal(content(text), at(row)))
            .collect();
        assert_eq!(ordinals, [0, 0, 1, 0, 2]);
        assert!(repeats.contains(content("a"), 2));
        assert!(!repeats.contains(content("a"), 3));
        assert!(repeats.contains(content("b"), 0));
        assert!(!repeats.contains(content("d"), 0));
        let ordinals = repeats.into_ordinals();
        assert_eq!(
            [1, 2, 3, 4, 5, 9].map(|row| ordinals.of(at(row))),
            [0, 0, 0, 1, 0, 2]
        );
    }

    /// What the rows to blame are by the definition: those whose ID some earlier row has.
    fn repeated_by_definition(ids: &[Option<String>]) -> Vec<u64> {
        let rows = (1..).zip(ids);
        let earlier = |row: u64| ids[..row as usize - 1].iter();
        rows.filter(|(row, id)| id.is_some() && earlier(*row).any(|other| other == *id))
            .map(|(row, _)| row)
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn repeats_are_found_in_any_order_and_however_rows_come(
            numbers in proptest::collection::vec(proptest::option::weighted(0.9, 0u32..30), 0..40),
            sorted in 0usize..40,
            part in 1usize..9,
            by_rows in proptest::prelude::any::<bool>(),
        ) {
            let mut numbers = numbers;
            let sorted = sorted.min(numbers.len());
            numbers[..sorted].sort_unstable();
            let ids: Vec<Option<String>> =
                numbers.iter().map(|number| number.map(|n| n.to_string())).collect();
            let mut repeats = Repeats::default();
            let mut found = Vec::new();
            for (place, some) in ids.chunks(part).enumerate() {
                let first = (place * part) as u64 + 1;
                if by_rows {
                    for (number, id) in (first..).zip(some) {
                        let row = CheckedRow {
                            external_id: id.as_deref().map(RowId::new),
                            ..CheckedRow::empty(at(number))
                        };
                        let problem = repeats.of_row(&row, &Columns::default());
                        found.extend(problem.map(|problem| problem.row));
                    }
                    continue;
                }
                let mut run = Ids::default();
                run.restart(some.len());
                some.iter().for_each(|id| run.add(id.as_deref()));
                let shown: Vec<_> = some.iter().map(|id| id.as_deref().unwrap_or("")).collect();
                proptest::prop_assert_eq!(run.iter().collect::<Vec<_>>(), shown);
                for (row, earlier) in repeats.of_rows(first, &run) {
                    proptest::prop_assert_eq!(&ids[row as usize - 1], &ids[earlier as usize - 1]);
                    found.push(u64::from(row));
                }
            }
            proptest::prop_assert_eq!(found, repeated_by_definition(&ids));
        }
    }
}
