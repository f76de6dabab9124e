//! The names that tell the posts of one row apart: `51/Примечание 2`, `51@deal:101`.
//!
//! They say where a post comes from, never its position, so no other post of its row changes them.

use crate::post::EntityKind;

use super::problem::cut;
use super::{BoundMapping, ProblemKind};

/// What an `external_id` may not end with where these columns are exploded: the ending of a part, and
/// what would make an ending of another one, where a column's name ends as one does.
pub(super) fn endings(columns: &[&str]) -> Vec<String> {
    let mut endings: Vec<String> = columns.iter().map(|column| format!("/{column}")).collect();
    for longer in columns {
        for column in columns {
            let inner = longer.strip_suffix(column);
            let inner = inner.and_then(|inner| inner.strip_suffix('/'));
            endings.extend(inner.map(|inner| format!("/{inner}")));
        }
    }
    endings
}

impl BoundMapping {
    /// What is wrong with an `external_id` whose row has parts, if it could be taken for that of a
    /// part.
    pub(super) fn ending_of(&self, id: &str) -> Option<ProblemKind> {
        let column = self.endings.iter().find(|ending| id.ends_with(*ending));
        let ending = match column {
            Some(ending) => ending,
            None => record_ending(id)?,
        };
        Some(ProblemKind::HoldsEnding {
            id: cut(id),
            ending: cut(ending),
        })
    }
}

/// `@deal:101`, if an ID ends so.
fn record_ending(id: &str) -> Option<&str> {
    let mut marks = id.match_indices('@').map(|(at, _)| &id[at..]);
    marks.find(|ending| {
        let kind = ending[1..].split_once(':').map(|(kind, _)| kind);
        let is_name = |kind: &str| kind.starts_with(|letter: char| letter.is_ascii_alphabetic());
        kind.is_some_and(|kind| is_name(kind) && EntityKind::parse(kind).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_parts_are_known() {
        assert_eq!(endings(&["a", "b/a"]), ["/a", "/b/a", "/b"]);
        for (id, ending) in [
            ("51@deal:101", Some("@deal:101")),
            ("51@x:1@deal:", Some("@deal:")),
            ("51@dynamic_131:1", Some("@dynamic_131:1")),
            ("a@b.example:1", None),
            ("51@2:1", None),
            ("51@deal", None),
            ("2019/51", None),
        ] {
            assert_eq!(record_ending(id), ending, "{id}");
        }
    }
}
