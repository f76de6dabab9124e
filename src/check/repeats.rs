//! What no row shows by itself: IDs given twice, and rows that say the same.
//!
//! Rows are known by 64-bit fingerprints. Two IDs that only share a fingerprint would be taken for
//! one; among ten million rows the odds are one in 300,000.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use crate::manifest::{Columns, Position};
use crate::planted::{self, Bug};
use crate::post::{ContentHash, Field};

use super::{CheckedRow, Code, Place, Problem};

/// What was seen so far of a manifest read from its first row to its last.
#[derive(Debug, Default)]
pub struct Repeats {
    /// The first row of each external ID.
    external: Fingerprints,
    /// How many rows have each content.
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
    /// The problem of a row whose external ID an earlier row has. Every row is to be shown once,
    /// in order; the later row is the one to blame.
    pub fn external_id(&mut self, row: &CheckedRow, columns: &Columns) -> Option<Problem> {
        let id = row.external_id.as_ref()?;
        let earlier = self.first_row(id.fingerprint, row.at)?;
        let place = Place {
            at: row.at,
            column: columns.name(Field::ExternalId),
        };
        let advice = format!("row {earlier} has the same ID; give each row its own");
        Some(Problem::of_column(
            place,
            Code::ExternalIdRepeated,
            &id.text,
            advice,
        ))
    }

    /// The ordinal, from 0, of a row among those that say the same. Every row whose content is
    /// known is to be shown once, in order, also those with an external ID.
    pub fn ordinal(&mut self, content: ContentHash, at: Position) -> u32 {
        let count = self.contents.entry(Fingerprint::of(content), 0);
        let ordinal = *count;
        *count = count.saturating_add(1);
        if ordinal > 0 {
            self.repeated.push((short(at.number), ordinal));
        }
        if planted::is(Bug::EqualRowsMerged) {
            self.repeated.clear();
            return 0;
        }
        ordinal
    }

    /// Whether the manifest has so many rows of that content that one has this ordinal.
    pub fn contains(&self, content: ContentHash, ordinal: u32) -> bool {
        let count = self.contents.get(Fingerprint::of(content));
        count.is_some_and(|count| ordinal < count)
    }

    /// Keeps only what the second pass needs.
    pub fn into_ordinals(self) -> Ordinals {
        Ordinals {
            repeated: self.repeated,
        }
    }

    fn first_row(&mut self, id: Fingerprint, at: Position) -> Option<u64> {
        let row = short(at.number);
        let first = *self.external.entry(id, row);
        (first != row).then_some(u64::from(first))
    }
}

impl Ordinals {
    /// The ordinal that the row was given in the first pass.
    pub fn of(&self, at: Position) -> u32 {
        let place = self
            .repeated
            .binary_search_by_key(&short(at.number), |(row, _)| *row);
        place
            .ok()
            .and_then(|place| self.repeated.get(place))
            .map_or(0, |(_, ordinal)| *ordinal)
    }
}

/// Rows beyond four thousand million all count as the last one.
fn short(row: u64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// A number for each of many fingerprints, in 15 to 30 bytes. One map would hold its old and its new
/// table, half as much again, whenever it grows; of many small ones only one grows at a time.
#[derive(Debug)]
struct Fingerprints {
    maps: Vec<HashMap<Fingerprint, u32, BuildHasherDefault<AsIs>>>,
}

/// How many maps share the fingerprints.
const MAPS: usize = 64;

impl Default for Fingerprints {
    fn default() -> Fingerprints {
        Fingerprints {
            maps: vec![HashMap::default(); MAPS],
        }
    }
}

impl Fingerprints {
    /// The number of the fingerprint, at first that one.
    fn entry(&mut self, fingerprint: Fingerprint, first: u32) -> &mut u32 {
        let map = &mut self.maps[fingerprint.map()];
        map.entry(fingerprint).or_insert(first)
    }

    fn get(&self, fingerprint: Fingerprint) -> Option<u32> {
        self.maps[fingerprint.map()].get(&fingerprint).copied()
    }
}

/// 64 bits of a hash, in halves: a map entry with a row number then takes 12 bytes, not 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u32; 2]);

impl Fingerprint {
    fn new(hash: u64) -> Fingerprint {
        Fingerprint([(hash >> 32) as u32, hash as u32])
    }

    fn of(content: ContentHash) -> Fingerprint {
        Fingerprint::new(content.fingerprint())
    }

    pub(super) fn of_id(id: &str) -> Fingerprint {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        Fingerprint::new(hasher.finish())
    }

    /// The map that holds it, by bits that the maps themselves don't begin with.
    fn map(self) -> usize {
        self.0[0] as usize % MAPS
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [high, low] = self.0.map(u64::from);
        state.write_u64(high << 32 | low);
    }
}

/// Takes a fingerprint for its own hash.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
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
        assert_eq!(repeats.external_id(&row(1, "A"), &columns), None);
        assert_eq!(repeats.external_id(&row(2, "B"), &columns), None);
        assert_eq!(
            repeats.external_id(&CheckedRow::empty(at(3)), &columns),
            None
        );
        for later in [4, 5] {
            let problem = repeats.external_id(&row(later, "A"), &columns).unwrap();
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

    #[test]
    fn an_entry_takes_twelve_bytes() {
        assert_eq!(std::mem::size_of::<(Fingerprint, u32)>(), 12);
    }
}
