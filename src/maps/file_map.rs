//! Which files on the disk stand for the IDs that the old system names.

use std::path::Path;

use compact_str::CompactString;

use crate::manifest::mapping::MapKind;
use crate::post::trimmed;

use super::MapsError;
use super::map_reader::MapReader;

/// Paths by the old system's ID of a file, or of what the files belong to: several lines with one
/// ID are several files.
#[derive(Clone, Debug, Default)]
pub struct FileMap {
    /// Ascending by ID, the paths of one ID in the order of the file.
    paths: Vec<(CompactString, Box<str>)>,
}

impl FileMap {
    /// Reads a file with the columns `id` and `path`; others are ignored. A line without a path is
    /// not mapped yet.
    ///
    /// # Errors
    /// When the file can't be read or one of its lines is wrong.
    pub fn read(path: &Path) -> Result<FileMap, MapsError> {
        let mut reader = MapReader::open(path, MapKind::File)?;
        let mut paths = Vec::new();
        while let Some(line) = reader.next_line()? {
            let id = line.some_text(0, "the old system's ID of a file")?;
            let path = line.text(1)?;
            if !path.is_empty() {
                paths.push((CompactString::from(id), Box::from(path)));
            }
        }
        paths.sort_by(|(a, _), (b, _)| a.cmp(b));
        // The same line twice is no second file.
        paths.dedup();
        Ok(FileMap { paths })
    }

    /// The paths of an ID, as they are written; none where it isn't in the map.
    pub fn get(&self, id: &str) -> impl ExactSizeIterator<Item = &str> {
        let id = trimmed(id);
        let start = self.paths.partition_point(|(known, _)| known.as_str() < id);
        let rest = &self.paths[start..];
        let end = rest.partition_point(|(known, _)| known == id);
        rest[..end].iter().map(|(_, path)| &**path)
    }

    /// How many files it has.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{error, written};
    use super::*;

    #[test]
    fn an_id_may_have_several_files_in_their_order() {
        let text = "path|id\nb.pdf|7\na.pdf|10\na.pdf|7\n|8\na.pdf|7\n";
        let map = FileMap::read(&written(text).path).unwrap();
        assert_eq!(map.get(" 7").collect::<Vec<_>>(), ["b.pdf", "a.pdf"]);
        assert_eq!(map.get("10").collect::<Vec<_>>(), ["a.pdf"]);
        assert_eq!(
            (map.get("8").len(), map.get("1").len(), map.get("9").len()),
            (0, 0, 0)
        );
        assert_eq!(map.len(), 3);
    }

    #[test]
    fn a_path_needs_an_id() {
        let found = error(FileMap::read, "id,path\n,a.pdf\n");
        assert!(
            found.starts_with(":2: column id: this cell is empty"),
            "{found}"
        );
    }
}
