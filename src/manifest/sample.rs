//! Some rows of a file whose columns nobody has named yet, for those who want to know what they hold.
//!
//! The file is read as a manifest is, but for one thing: no column has to be a field. Its first rows
//! are taken, and of those behind them as many again, evenly spread, since a file's first rows often
//! come from one month or one person.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::beginning::Beginning;
use super::column_names::ColumnNames;
use super::csv_fields::CsvFields;
use super::input_file::InputFile;
use super::pass::PassStart;
use super::quotes::without_end;
use super::splitter::Splitter;
use super::text_stream::TextPlace;
use super::warning::cut;
use super::{
    Chunk, Columns, Delimiter, Dialect, EncodingBasis, FoundEncoding, HeaderFault, InputFormat,
    ManifestError, Pass, ReadOptions, Record, json, mapping,
};

/// Some rows of a file, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub format: InputFormat,
    pub encoding: FoundEncoding,
    /// How the file is written, if it is CSV.
    pub dialect: Option<Dialect>,
    pub columns: Vec<SampleColumn>,
    /// Rows in the sample; each column has as many cells.
    pub rows: usize,
    /// Rows of the file.
    pub of_rows: u64,
    /// Rows that would be in the sample if they could be read.
    pub unreadable: usize,
}

/// A column of a header, or a path within the rows of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleColumn {
    /// The name by which a mapping finds it: of columns of one name the second is `Name#2`. Empty if
    /// the header has none.
    pub name: String,
    /// The name as the header has it, without outer blanks.
    pub written: String,
    /// What it holds, row by row; long texts are cut.
    pub cells: Vec<String>,
}

/// Characters of a cell that are kept.
const LONGEST_CELL: usize = 2_000;

/// Paths of JSON that are looked at; keys beyond that are data.
const MOST_PATHS: usize = 500;

/// Objects within objects.
const DEEPEST: usize = 6;

impl Sample {
    /// Reads up to that many of the first rows, and as many of the others.
    ///
    /// # Errors
    /// When the file can't be read, is no manifest, or has no header.
    pub fn read(path: &Path, options: &ReadOptions, rows: usize) -> Result<Sample, ManifestError> {
        let source = InputFile::open(path)?;
        let beginning = Beginning::of(&source, options.encoding)?;
        let encoding = beginning.start.encoding;
        let format = beginning.format(path, options.input_format)?;
        let dialect = match format {
            InputFormat::Csv => {
                beginning.dialect(&source, options.delimiter, &ColumnNames::default())?
            }
            InputFormat::Jsonl => Dialect::plain(Delimiter::default()),
        };
        let splitter = Splitter::new(format, dialect.delimiter);
        let start = PassStart {
            text: TextPlace {
                offset: dialect.header_at as u64,
                ..beginning.start
            },
            source: Arc::new(source),
            splitter: splitter.at_line(1 + dialect.lines_before),
            format,
            limits: options.limits,
            max_record: options.max_record,
        };
        let mut pass = Pass::new(start, Arc::default());
        let sample = match format {
            InputFormat::Csv => read_csv(&mut pass, dialect, path, rows)?,
            InputFormat::Jsonl => read_json(&mut pass, rows)?,
        };
        Ok(Sample { encoding, ..sample })
    }

    /// A sample of a table with that header.
    pub fn of_table(header: &[&str], rows: &[Vec<String>]) -> Sample {
        let names = mapping::unique_names(header.iter().copied());
        let columns = header.iter().zip(names).enumerate();
        let columns = columns.map(|(place, (written, name))| SampleColumn {
            name,
            written: written.trim().to_owned(),
            cells: rows
                .iter()
                .map(|row| row.get(place).cloned().unwrap_or_default())
                .collect(),
        });
        Sample {
            format: InputFormat::Csv,
            encoding: FoundEncoding::utf8(EncodingBasis::Ascii),
            dialect: None,
            columns: columns.collect(),
            rows: rows.len(),
            of_rows: rows.len() as u64,
            unreadable: 0,
        }
    }

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
            format: InputFormat::Jsonl,
            encoding: FoundEncoding::utf8(EncodingBasis::Ascii),
            dialect: None,
            columns: paths.columns,
            rows: count,
            of_rows: (count + unreadable) as u64,
            unreadable,
        }
    }
}

fn read_csv(
    pass: &mut Pass,
    dialect: Dialect,
    path: &Path,
    most: usize,
) -> Result<Sample, ManifestError> {
    let fail = |fault| ManifestError::Header {
        path: path.to_owned(),
        fault,
    };
    let columns = Columns::separated_by(dialect.delimiter);
    let (mut header, mut records) = (None, Vec::new());
    let of_rows = spread(pass, most, &mut records, |record| {
        let bytes = record.bytes(&columns);
        match &header {
            None => {
                header = Some(bytes.map_err(HeaderFault::Unreadable).map(<[u8]>::to_owned));
                None
            }
            Some(_) => Some(bytes.ok().map(<[u8]>::to_owned)),
        }
    })?;
    let header = header.unwrap_or(Err(HeaderFault::Missing)).map_err(fail)?;
    let names = names_of(&header, dialect.delimiter).map_err(fail)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut fields = CsvFields::new(names.len(), dialect.delimiter);
    let rows: Vec<Vec<String>> = records
        .iter()
        .flatten()
        .filter_map(|record| {
            let read = fields.split(record);
            let cells = || (0..names.len()).map(|column| text_of(read.field(column)));
            (read.count() == names.len()).then(|| cells().collect())
        })
        .collect();
    Ok(Sample {
        dialect: Some(dialect),
        of_rows,
        unreadable: records.len() - rows.len(),
        ..Sample::of_table(&names, &rows)
    })
}

fn read_json(pass: &mut Pass, most: usize) -> Result<Sample, ManifestError> {
    let (columns, mut records) = (Columns::default(), Vec::new());
    let of_rows = spread(pass, most, &mut records, |record| {
        let bytes = record.bytes(&columns).ok();
        let text = bytes.and_then(|bytes| str::from_utf8(without_end(bytes)).ok());
        Some(text.map(str::to_owned))
    })?;
    // What can't be read stands as a text that is no object.
    let rows = records.iter().map(|row| row.as_deref().unwrap_or_default());
    Ok(Sample {
        of_rows,
        ..Sample::of_json(rows)
    })
}

/// Keeps the first rows, and of the others as many, evenly spread; returns how many there are. What
/// is no row is passed over.
fn spread<T>(
    pass: &mut Pass,
    most: usize,
    kept: &mut Vec<T>,
    mut read: impl FnMut(Record<'_>) -> Option<T>,
) -> Result<u64, ManifestError> {
    let (mut chunk, mut others) = (Chunk::default(), Vec::new());
    let (mut number, mut behind, mut step) = (0, 0, 1);
    while pass.next_chunk(&mut chunk)? {
        for record in chunk.records() {
            let is_first = kept.len() < most;
            if !is_first {
                behind += 1;
                number += 1;
                if behind % step > 0 {
                    continue;
                }
            }
            match read(record) {
                Some(row) if is_first => {
                    number += 1;
                    kept.push(row);
                }
                Some(row) => others.push(row),
                None => {}
            }
            if others.len() > most {
                let mut place = 0;
                others.retain(|_| {
                    place += 1;
                    place % 2 == 0
                });
                step *= 2;
            }
        }
    }
    kept.extend(others);
    Ok(number)
}

/// The names of a header, which ends with one byte of its line end.
fn names_of(header: &[u8], delimiter: Delimiter) -> Result<Vec<String>, HeaderFault> {
    // The reader drops a byte order mark: programs that add one to a file that has one leave two.
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter.byte())
        .from_reader(header);
    let names = reader.byte_records().next().and_then(Result::ok);
    let names = names.ok_or(HeaderFault::Missing)?;
    let name = |(place, name): (usize, &[u8])| match str::from_utf8(name) {
        Ok(name) => Ok(name.trim().to_owned()),
        Err(_) => Err(HeaderFault::NotUtf8 { number: place + 1 }),
    };
    names.iter().enumerate().map(name).collect()
}

fn text_of(cell: &[u8]) -> String {
    cut(&String::from_utf8_lossy(cell), LONGEST_CELL).to_owned()
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
            values.push((path, cut(text, LONGEST_CELL).to_owned()));
        }
    });
    read.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &str, rows: usize) -> Result<Sample, ManifestError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Sample::read(&path, &ReadOptions::default(), rows)
    }

    fn shown(sample: &Sample) -> Vec<String> {
        let columns = sample.columns.iter();
        columns
            .map(|column| format!("{}: {}", column.name, column.cells.join("|")))
            .collect()
    }

    #[test]
    fn no_column_has_to_be_a_field() {
        let text = "\u{feff}Отчёт\n\nID;Note;note;\n1;\"a;\nb\";;x\n2;c;d;\n3;e\n4;\"f\"g;h;\n";
        let sample = read("m.csv", text, 10).unwrap();
        assert_eq!(
            shown(&sample),
            ["ID: 1|2", "Note: a;\nb|c", "note#2: |d", ": x|"]
        );
        assert_eq!((sample.rows, sample.of_rows, sample.unreadable), (2, 4, 2));
        assert_eq!(sample.dialect.unwrap().titles, ["Отчёт"]);
        assert!(read("m.csv", "", 10).is_err());
        assert_eq!(read("m.csv", "A,B\n", 10).unwrap().rows, 0);
    }

    #[test]
    fn rows_behind_the_first_ones_are_spread_over_the_file() {
        let rows: String = (0..1000).map(|row| format!("{row}\n")).collect();
        let sample = read("m.csv", &format!("A\n{rows}"), 10).unwrap();
        let cells = &sample.columns[0].cells;
        assert_eq!(
            cells[..10],
            ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        );
        assert!((15..=20).contains(&cells.len()), "{cells:?}");
        assert!(
            cells.last().unwrap().parse::<u32>().unwrap() > 800,
            "{cells:?}"
        );
        assert_eq!(sample.of_rows, 1000);
    }

    #[test]
    fn values_of_json_are_found_by_their_paths() {
        let text = "{\"id\":1,\"p\":{\"Text\":\"a\\nb\",\"to\":[1,2]},\"\":0}\n\n\
                    {\"ID\":null,\"p\":{\"text\":\"c\"},\"done\":true}\n[1]\n{\"x\n";
        let sample = read("m.jsonl", text, 10).unwrap();
        assert_eq!(
            shown(&sample),
            ["id: 1|", "p.Text: a\nb|c", "p.to: [1,2]|", "done: |true"]
        );
        assert_eq!((sample.rows, sample.unreadable), (2, 2));
    }
}
