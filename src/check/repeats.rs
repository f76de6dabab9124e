//! What no row shows by itself: IDs given twice, and rows that say the same.
//!
//! Rows are known by 64-bit fingerprints. Two IDs that only share a fingerprint would be taken for
//! one; among ten million rows the odds are one in 300,000.

use crate::manifest::{Columns, Position, RejectColumn};
use crate::post::{ContentHash, Field, RowKey};

use super::fingerprints::{Fingerprints, fingerprint, short};
use super::{Code, Place, Problem};

/// What was seen so far of a manifest read from its first row to its last.
#[derive(Debug, Default)]
pub struct Repeats {
    /// The first row of each external ID.
    external: Fingerprints,
    /// The highest external ID. One that is higher repeats none, so while IDs ascend, as those of
    /// an export mostly do, none has to be looked for. Without this, each row of such a manifest
    /// would take 14 to 27 bytes rather than 8, and a check of short rows two fifths longer.
    highest: String,
    /// Whether records have more posts than one, or none, so that the numbers of posts are not
    /// those of the records.
    has_parts: bool,
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
    /// The problem of a row whose external ID, with its part, an earlier row has. Every row with an ID is to be
    /// shown once, in order; the later row is the one to blame.
    pub fn of_id(
        &mut self,
        (id, part): (&str, &str),
        at: Position,
        columns: &Columns,
    ) -> Option<Problem> {
        self.has_parts |= at.number != at.row;
        let earlier = self.earlier(id, part, at)?;
        let place = Place {
            at,
            column: columns.name(Field::ExternalId),
        };
        let advice = match self.has_parts {
            true => "an earlier row has the same ID; give each row its own".to_owned(),
            false => format!("row {earlier} has the same ID; give each row its own"),
        };
        Some(Problem::of_column(
            place,
            Code::ExternalIdRepeated,
            id,
            advice,
        ))
    }

    /// The problem of a row of a rejects file whose key an earlier row has. Such rows are shown here,
    /// in order, and not to [`Repeats::of_id`].
    pub fn of_key(&mut self, key: &RowKey, at: Position) -> Option<Problem> {
        let id = key.external_id().unwrap_or(key.as_str());
        self.earlier(id, "", at)?;
        let place = Place {
            at,
            column: RejectColumn::Key.name(),
        };
        let advice = "a row is bound to its entry in the ledger by this; remove one of the two, or empty the \
                      cell of a row that you have added";
        let key = key.as_str();
        Some(Problem::of_column(place, Code::KeyRepeated, key, advice))
    }

    /// The row that had the ID, with its part, before.
    fn earlier(&mut self, id: &str, part: &str, at: Position) -> Option<u32> {
        let number = short(at.number);
        // Numbers ascend as they count up.
        let is_higher = (id.len(), id) > (self.highest.len(), &self.highest);
        let print = match part.is_empty() {
            true => fingerprint(id),
            false => fingerprint(&[id, part].concat()),
        };
        if is_higher {
            self.highest.replace_range(.., id);
            self.external.note(print, number);
            return None;
        }
        self.external.see(print, number, false)
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

    fn at(number: u64) -> Position {
        Position::of_record(number, number + 1)
    }

    #[test]
    fn the_later_row_of_an_id_is_the_problem_and_names_the_first() {
        let mut repeats = Repeats::default();
        let columns = Columns::default();
        assert_eq!(repeats.of_id(("A", ""), at(1), &columns), None);
        assert_eq!(repeats.of_id(("B", ""), at(2), &columns), None);
        for later in [4, 5] {
            let problem = repeats.of_id(("A", ""), at(later), &columns).unwrap();
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
        fn repeats_are_found_in_any_order(
            numbers in proptest::collection::vec(proptest::option::weighted(0.9, 0u32..30), 0..40),
            sorted in 0usize..40,
        ) {
            let mut numbers = numbers;
            let sorted = sorted.min(numbers.len());
            numbers[..sorted].sort_unstable();
            let ids: Vec<Option<String>> =
                numbers.iter().map(|number| number.map(|n| n.to_string())).collect();
            let mut repeats = Repeats::default();
            let rows = (1..).zip(&ids);
            let found: Vec<u64> = rows
                .filter_map(|(row, id)| {
                    repeats.of_id((id.as_deref()?, ""), at(row), &Columns::default())
                })
                .map(|problem| problem.row)
                .collect();
            proptest::prop_assert_eq!(found, repeated_by_definition(&ids));
        }
    }
}
