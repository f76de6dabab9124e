//! Some rows of JSON, column by column: each path that a row has is one.

use std::collections::HashMap;

use crate::manifest::spread::spread;
use crate::manifest::warning::cut;
use crate::manifest::{
    Columns, EncodingBasis, FoundEncoding, ManifestError, Pass, Sample, SampleColumn, json,
};

use super::records::JsonRecords;

/// Paths of JSON that are looked at; keys beyond that are data.
const MOST_PATHS: usize = 500;

/// Objects within objects.
const DEEPEST: usize = 6;

impl Sample {
    /// A sample of such JSON objects; whatever is none is unreadable.
    pub fn of_json<'r>(rows: impl IntoIterator<Item = &'r str>) -> Sample {
        let mut paths = Paths::default();
        let (mut count, mut unreadable) = (0, 0);
        for row in rows {
            if paths.add_row(row, count) {
                count += 1;
            } else {
                unreadable += 1;
            }
        }
        for column in &mut paths.columns {
            column.cells.resize(count, String::new());
        }
        Sample {
            has_paths: true,
            rows_at: None,
            encoding: FoundEncoding::utf8(EncodingBasis::Ascii),
            dialect: None,
            columns: paths.columns,
            rows: count,
            of_rows: (count + unreadable) as u64,
            unreadable,
        }
    }
}

/// Reads up to that many of the first rows, and as many of the others.
pub(super) fn read_json(
    pass: &mut Pass,
    form: JsonRecords,
    most: usize,
) -> Result<Sample, ManifestError> {
    let (columns, mut records) = (Columns::default(), Vec::new());
    let of_rows = spread(pass, most, &mut records, |record| {
        let bytes = record.bytes(&columns).ok();
        let text = bytes.and_then(|bytes| str::from_utf8(form.text(bytes)).ok());
        Some(text.map(str::to_owned))
    })?;
    // What can't be read stands as a text that is no object.
    let rows = records.iter().map(|row| row.as_deref().unwrap_or_default());
    Ok(Sample {
        of_rows,
        ..Sample::of_json(rows)
    })
}

/// The paths that rows of JSON have.
#[derive(Default)]
struct Paths {
    columns: Vec<SampleColumn>,
    /// Places of the columns by their paths in small letters.
    places: HashMap<String, usize>,
}

impl Paths {
    /// Takes in the values of the row with that number; false if it is no object.
    fn add_row(&mut self, row: &str, number: usize) -> bool {
        let mut values = Vec::new();
        if !flatten(row, "", 0, &mut values) {
            return false;
        }
        for (path, value) in values {
            self.add(path, value, number);
        }
        true
    }

    fn add(&mut self, path: String, value: String, number: usize) {
        let known = path.to_lowercase();
        let place = match self.places.get(&known) {
            Some(place) => *place,
            None if self.columns.len() == MOST_PATHS => return,
            None => {
                self.places.insert(known, self.columns.len());
                self.columns.push(SampleColumn {
                    name: path.clone(),
                    written: path,
                    cells: Vec::new(),
                });
                self.columns.len() - 1
            }
        };
        let cells = &mut self.columns[place].cells;
        cells.resize(number, String::new());
        cells.push(value);
    }
}

/// The values of an object by their paths; those of objects within it one by one.
fn flatten(object: &str, above: &str, depth: usize, values: &mut Vec<(String, String)>) -> bool {
    let read = json::each_pair(object, |key, value| {
        let key = key.trim();
        if key.is_empty() {
            return;
        }
        let path = match above {
            "" => key.to_owned(),
            above => format!("{above}.{key}"),
        };
        if value.starts_with('{') && depth < DEEPEST {
            flatten(value, &path, depth + 1, values);
        } else {
            let text = json::string(value).map_or(value.into(), |text| text);
            let text = if value == "null" { "" } else { &text };
            values.push((path, cut(text, Sample::LONGEST_CELL).to_owned()));
        }
    });
    read.is_ok()
}
