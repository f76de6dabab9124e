//! Reads the lines of a map file, one after the other.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use crate::manifest::mapping::MapKind;
use crate::post::parse_id;

use super::map_start::{MapStart, place};
use super::{MapsError, MapsFault, columns, kind_name};

/// The lines of one map file, with the columns that its kind must have.
pub struct MapReader {
    path: PathBuf,
    columns: &'static [&'static str],
    /// Where each of the columns stands.
    places: Vec<usize>,
    reader: csv::Reader<File>,
    start: MapStart,
    header: ByteRecord,
    record: ByteRecord,
}

/// Bytes in which the first line ends.
const BEGINNING: u64 = 64 << 10;

impl MapReader {
    /// Opens a map file and finds its columns.
    pub fn open(path: &Path, kind: MapKind) -> Result<MapReader, MapsError> {
        let unreadable = |error| MapsError::of_file(path, MapsFault::Unreadable(error));
        let mut file = File::open(path).map_err(unreadable)?;
        let mut beginning = Vec::new();
        let read = Read::by_ref(&mut file)
            .take(BEGINNING)
            .read_to_end(&mut beginning);
        read.map_err(unreadable)?;
        let columns = columns(kind);
        let start = MapStart::find(&beginning, columns);
        let header_at = SeekFrom::Start(start.header_at as u64);
        file.seek(header_at).map_err(unreadable)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(start.delimiter.byte())
            .from_reader(file);
        let mut header = ByteRecord::new();
        match reader.read_byte_record(&mut header) {
            Ok(true) => {}
            Ok(false) => return Err(MapsError::of_file(path, MapsFault::Empty { columns })),
            Err(error) => return Err(unreadable(io::Error::from(error))),
        }
        let places = places(kind, &header).map_err(|fault| MapsError::of_file(path, fault))?;
        Ok(MapReader {
            path: path.to_owned(),
            columns,
            places,
            reader,
            start,
            header,
            record: ByteRecord::new(),
        })
    }

    /// How the file is written.
    pub fn start(&self) -> MapStart {
        self.start
    }

    /// The first line.
    pub fn header(&self) -> &ByteRecord {
        &self.header
    }

    /// The next line; none at the end. Lines without any text are passed over.
    pub fn next_line(&mut self) -> Result<Option<MapLine<'_>>, MapsError> {
        loop {
            let read = self.reader.read_byte_record(&mut self.record);
            match read.map_err(io::Error::from) {
                Ok(true) if self.record.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
                Ok(true) => break,
                Ok(false) => return Ok(None),
                Err(error) => {
                    let fault = MapsFault::Unreadable(error);
                    return Err(MapsError::of_file(&self.path, fault));
                }
            }
        }
        Ok(Some(MapLine { map: self }))
    }
}

fn places(kind: MapKind, header: &ByteRecord) -> Result<Vec<usize>, MapsFault> {
    let columns = columns(kind);
    let found = |column: &&'static str| {
        place(header, column).ok_or_else(|| MapsFault::NoColumn {
            kind: kind_name(kind),
            column,
            columns,
            header: shown(header),
        })
    };
    columns.iter().map(found).collect()
}

/// The first names of a header, for a message.
fn shown(header: &ByteRecord) -> Vec<String> {
    let name = |cell: &[u8]| {
        let name: String = String::from_utf8_lossy(cell).chars().take(40).collect();
        name.escape_debug().to_string()
    };
    header.iter().take(8).map(name).collect()
}

/// One line of a map.
pub struct MapLine<'m> {
    map: &'m MapReader,
}

impl<'m> MapLine<'m> {
    /// A cell without its outer blanks; empty where the line is too short. `column` counts the
    /// columns of the map's kind.
    pub fn text(&self, column: usize) -> Result<&'m str, MapsError> {
        let place = self.map.places[column];
        Ok(self.text_at(place)?.trim())
    }

    /// A cell that must hold something.
    pub fn some_text(&self, column: usize, expected: &'static str) -> Result<&'m str, MapsError> {
        let text = self.text(column)?;
        let name = self.map.columns[column];
        match text.is_empty() {
            true => Err(self.error(MapsFault::EmptyCell {
                column: name,
                expected,
            })),
            false => Ok(text),
        }
    }

    /// A cell with an ID of Bitrix24; none where it is empty.
    pub fn id(&self, column: usize) -> Result<Option<u64>, MapsError> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let bad = || {
            self.error(MapsFault::BadId {
                text: text.to_owned(),
            })
        };
        parse_id(text).map(Some).ok_or_else(bad)
    }

    /// All cells as they are written.
    pub fn texts(&self) -> Result<Vec<String>, MapsError> {
        let places = 0..self.map.record.len();
        let text = |place| Ok(self.text_at(place)?.to_owned());
        places.map(text).collect()
    }

    fn text_at(&self, place: usize) -> Result<&'m str, MapsError> {
        let cell = self.map.record.get(place).unwrap_or_default();
        let name = || {
            let name = self.map.header.get(place).unwrap_or_default();
            String::from_utf8_lossy(name).escape_debug().to_string()
        };
        let not_utf8 = |_| self.error(MapsFault::NotUtf8 { column: name() });
        std::str::from_utf8(cell).map_err(not_utf8)
    }

    /// This line is to blame.
    pub fn error(&self, fault: MapsFault) -> MapsError {
        let line = self.map.record.position().map(csv::Position::line);
        MapsError {
            path: self.map.path.clone(),
            line: line.map(|line| line + self.map.start.lines_before),
            fault,
        }
    }
}
