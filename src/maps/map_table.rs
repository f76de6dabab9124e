//! A map file as a table that is kept, filled in further and written again.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use csv::WriterBuilder;

use crate::manifest::mapping::MapKind;
use crate::post::EntityKind;
use crate::private_file;

use super::map_key::MapKey;
use super::map_reader::MapReader;
use super::map_start::MapStart;
use super::{MapsError, MapsFault, columns};

/// All columns and lines of a map file, whoever has written them, and how the file is written.
#[derive(Clone, Debug)]
pub struct MapTable {
    kind: MapKind,
    header: Vec<String>,
    lines: Vec<Vec<String>>,
    /// The first line of each key.
    by_key: HashMap<MapKey, usize>,
    start: MapStart,
}

impl MapTable {
    /// One without lines, with the columns of its kind.
    pub fn new(kind: MapKind) -> MapTable {
        MapTable {
            kind,
            header: columns(kind).iter().map(ToString::to_string).collect(),
            lines: Vec::new(),
            by_key: HashMap::new(),
            start: MapStart::find(b"", &[]),
        }
    }

    /// Reads a file; one that isn't there is a table without lines.
    ///
    /// # Errors
    /// When the file can't be read or is no such map.
    pub fn read_or_new(path: &Path, kind: MapKind) -> Result<MapTable, MapsError> {
        let mut table = MapTable::new(kind);
        if !path.try_exists().unwrap_or(true) {
            return Ok(table);
        }
        let mut reader = MapReader::open(path, kind)?;
        let name = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
        table.start = reader.start();
        table.header = reader.header().iter().map(name).collect();
        while let Some(line) = reader.next_line()? {
            let cells = line.texts()?;
            table.push(cells);
        }
        Ok(table)
    }

    /// Adds those of the columns that it doesn't have.
    pub fn add_columns(&mut self, names: &[&str]) {
        for name in names {
            if self.place(name).is_none() {
                self.header.push((*name).to_owned());
            }
        }
    }

    /// Adds a line with these cells.
    pub fn add_line(&mut self, cells: &[(&str, &str)]) {
        let mut line = vec![String::new(); self.header.len()];
        for (name, text) in cells {
            if let Some(place) = self.place(name) {
                (*text).clone_into(&mut line[place]);
            }
        }
        self.push(line);
    }

    /// Writes a cell of a line; nothing where there is no such column.
    pub fn set(&mut self, line: usize, name: &str, text: &str) {
        let Some(place) = self.place(name) else {
            return;
        };
        let line = &mut self.lines[line];
        if line.len() <= place {
            line.resize(place + 1, String::new());
        }
        text.clone_into(&mut line[place]);
    }

    /// A cell of a line, without outer blanks.
    pub fn text(&self, line: usize, name: &str) -> &str {
        let place = self.place(name);
        place.map_or("", |place| cell(&self.lines[line], place))
    }

    /// The line of that key.
    pub fn find(&self, key: &MapKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Writes all of it in the place of the file, which only its user may read: a map has the names
    /// of customers.
    ///
    /// # Errors
    /// When it can't be written; then the old file is as it was.
    pub fn write(&self, path: &Path) -> Result<(), MapsError> {
        let written = self
            .to_bytes()
            .and_then(|bytes| private_file::replace(path, &bytes));
        written.map_err(|error| MapsError::of_file(path, MapsFault::Unwritable(error)))
    }

    fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mark = if self.start.has_mark { "\u{feff}" } else { "" };
        let mut writer = WriterBuilder::new()
            .flexible(true)
            .delimiter(self.start.delimiter.byte())
            .from_writer(mark.as_bytes().to_vec());
        writer.write_record(&self.header)?;
        for line in &self.lines {
            let missing = self.header.len().saturating_sub(line.len());
            let blanks = std::iter::repeat_n("", missing);
            writer.write_record(line.iter().map(String::as_str).chain(blanks))?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    }

    fn push(&mut self, line: Vec<String>) {
        let at = |column: usize| {
            let place = self.place(columns(self.kind)[column]);
            place.map_or("", |place| cell(&line, place))
        };
        let key = match self.kind {
            MapKind::Entity => MapKey::new(self.kind, EntityKind::parse(at(0)), at(1)),
            MapKind::User | MapKind::File => MapKey::new(self.kind, None, at(0)),
        };
        self.by_key.entry(key).or_insert(self.lines.len());
        self.lines.push(line);
    }

    fn place(&self, name: &str) -> Option<usize> {
        let is_it = |column: &String| column.trim().eq_ignore_ascii_case(name);
        self.header.iter().position(is_it)
    }
}

fn cell(line: &[String], place: usize) -> &str {
    line.get(place).map_or("", |text| text.trim())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::testing::written;
    use super::*;

    #[test]
    fn a_table_is_written_as_it_was_with_what_was_added() {
        let map = written("\u{feff}Note;ID;Old\n\"a;b\";5; Ann \nshort\n");
        let mut table = MapTable::read_or_new(&map.path, MapKind::User).unwrap();
        let ann = table
            .find(&MapKey::new(MapKind::User, None, "ann"))
            .unwrap();
        assert_eq!((table.text(ann, "id"), table.text(ann, "rows")), ("5", ""));
        table.add_columns(&["note", "rows"]);
        table.set(ann, "rows", "12");
        table.add_line(&[("old", "Bob"), ("rows", "3"), ("unknown", "x")]);
        table.write(&map.path).unwrap();
        let expected = "\u{feff}Note;ID;Old;rows\n\"a;b\";5; Ann ;12\nshort;;;\n;;Bob;3\n";
        assert_eq!(fs::read_to_string(&map.path).unwrap(), expected);
    }

    #[test]
    fn a_file_that_is_not_there_has_no_lines_and_another_kind_is_refused() {
        let map = written("old,id\nAnn,5\n");
        let other = map.path.with_file_name("other.csv");
        let mut table = MapTable::read_or_new(&other, MapKind::Entity).unwrap();
        assert!(table.is_empty());
        table.add_line(&[("type", "deal"), ("old_id", "7")]);
        table.write(&other).unwrap();
        assert_eq!(
            fs::read_to_string(&other).unwrap(),
            "type,old_id,id\ndeal,7,\n"
        );
        assert!(MapTable::read_or_new(&map.path, MapKind::Entity).is_err());
    }
}
