//! The map as a lookup writes it: what it finds, beside what a person has filled in.

use std::path::Path;

use crate::manifest::mapping::MapKind;
use crate::maps::{EntityMap, MapTable, MapsError, UserMap};
use crate::post::EntityKind;

use super::distinct::DistinctValue;
use super::found::Found;
use super::link;
use super::search::{CANDIDATES, Verdict};

const MATCHED: &str = "matched";

const CANDIDATE: [&str; CANDIDATES] = [
    "candidate_1",
    "candidate_2",
    "candidate_3",
    "candidate_4",
    "candidate_5",
];

const ROWS: &str = "rows";

/// The map on the disk, with the columns of a lookup.
#[derive(Debug)]
pub struct ResultTable {
    kind: MapKind,
    table: MapTable,
}

impl ResultTable {
    /// Reads the map, if there is one yet.
    ///
    /// # Errors
    /// When it can't be read, is no such map, or holds an ID that is none.
    pub fn read_or_new(path: &Path, kind: MapKind) -> Result<ResultTable, MapsError> {
        let mut table = MapTable::read_or_new(path, kind)?;
        if !table.is_empty() {
            // A person may have written into it, and the import reads it so.
            match kind {
                MapKind::User => drop(UserMap::read(path)?),
                MapKind::Entity | MapKind::File => drop(EntityMap::read(path)?),
            }
        }
        table.add_columns(&[MATCHED]);
        table.add_columns(&CANDIDATE);
        table.add_columns(&[ROWS]);
        Ok(ResultTable { kind, table })
    }

    /// Whether a value has an ID already.
    pub fn has_id(&self, value: &DistinctValue) -> bool {
        let line = self.table.find(&value.key);
        line.is_some_and(|line| !self.table.text(line, "id").is_empty())
    }

    /// Enters what came of a value; one that has an ID keeps it.
    pub fn enter(&mut self, value: &DistinctValue, verdict: &Verdict, portal: &str) {
        if self.has_id(value) {
            return;
        }
        let line = self.line_of(value);
        self.table.set(line, ROWS, &value.rows.to_string());
        if verdict.hit.is_none() && verdict.candidates.is_empty() {
            // Candidates of an earlier lookup by another field may be right.
            return;
        }
        let entity = value.key.entity;
        let (id, matched) = match &verdict.hit {
            Some(hit) => (hit.id.to_string(), shown(portal, entity, hit)),
            None => (String::new(), String::new()),
        };
        self.table.set(line, "id", &id);
        self.table.set(line, MATCHED, &matched);
        for (place, column) in CANDIDATE.into_iter().enumerate() {
            let candidate = verdict.candidates.get(place);
            let candidate = candidate.map(|found| shown(portal, entity, found));
            self.table.set(line, column, &candidate.unwrap_or_default());
        }
    }

    fn line_of(&mut self, value: &DistinctValue) -> usize {
        if let Some(line) = self.table.find(&value.key) {
            return line;
        }
        let kind = value.key.entity.map(|kind| kind.to_string());
        let old = match self.kind {
            MapKind::Entity => "old_id",
            MapKind::User => "old",
            MapKind::File => "id",
        };
        let cells = [
            ("type", kind.as_deref().unwrap_or_default()),
            (old, &value.written),
        ];
        self.table.add_line(&cells);
        self.table.len() - 1
    }

    /// Whether it has no lines.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Writes it in the place of the file.
    ///
    /// # Errors
    /// When it can't be written; then the old file is as it was.
    pub fn write(&self, path: &Path) -> Result<(), MapsError> {
        self.table.write(path)
    }
}

/// ID, title and address, so that a person can choose.
fn shown(portal: &str, entity: Option<EntityKind>, found: &Found) -> String {
    let link = match entity {
        Some(kind) => link::of_entity(portal, kind, found.id),
        None => link::of_user(portal, found.id),
    };
    let dismissed = if found.is_dismissed {
        " (dismissed)"
    } else {
        ""
    };
    let title = match found.title.as_str() {
        "" => String::new(),
        title => format!(" {title}"),
    };
    format!("{}{title}{dismissed} {link}", found.id)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::maps::MapKey;

    use super::*;

    fn value(old: &str) -> DistinctValue {
        DistinctValue {
            key: MapKey::new(MapKind::Entity, Some(EntityKind::Company), old),
            written: old.to_owned(),
            rows: 3,
        }
    }

    fn found(id: u64, title: &str) -> Found {
        Found {
            id,
            title: title.to_owned(),
            ..Found::default()
        }
    }

    #[test]
    fn what_a_person_chose_stays_and_the_rest_is_filled_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        let text = "type,old_id,id,matched,candidate_1,note\ncompany,A,7,,8 old,mine\ncompany,B,,,9 old,\n";
        fs::write(&path, text).unwrap();
        let mut table = ResultTable::read_or_new(&path, MapKind::Entity).unwrap();
        assert!(
            table.has_id(&value("A")) && !table.has_id(&value("B")) && !table.has_id(&value("C"))
        );
        let hit = Verdict {
            hit: Some(found(12, "B Ltd")),
            candidates: vec![],
        };
        let several = Verdict {
            hit: None,
            candidates: vec![found(1, "C1"), found(2, "")],
        };
        table.enter(&value("A"), &hit, "https://p");
        table.enter(&value("B"), &hit, "https://p");
        table.enter(&value("C"), &several, "https://p");
        table.enter(&value("C"), &Verdict::default(), "https://p");
        table.write(&path).unwrap();
        let lines: Vec<String> = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(String::from)
            .collect();
        assert_eq!(
            lines,
            [
                "type,old_id,id,matched,candidate_1,note,candidate_2,candidate_3,candidate_4,candidate_5,rows",
                "company,A,7,,8 old,mine,,,,,",
                "company,B,12,12 B Ltd https://p/crm/company/details/12/,,,,,,,3",
                "company,C,,,1 C1 https://p/crm/company/details/1/,,2 https://p/crm/company/details/2/,,,,3",
            ]
        );
        fs::write(&path, "type,old_id,id\ncompany,A,12 B Ltd\n").unwrap();
        let error = ResultTable::read_or_new(&path, MapKind::Entity).unwrap_err();
        assert!(error.to_string().contains("`12 B Ltd` is no ID"), "{error}");
    }
}
