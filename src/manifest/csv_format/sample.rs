//! Some rows of a CSV file, whatever its columns are.

use std::path::Path;

use crate::manifest::spread::spread;
use crate::manifest::warning::cut;
use crate::manifest::{Columns, Delimiter, Dialect, HeaderFault, ManifestError, Pass, Sample};

use super::fields::CsvFields;

/// Reads up to that many of the first rows, and as many of the others.
pub(super) fn read_csv(
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
    cut(&String::from_utf8_lossy(cell), Sample::LONGEST_CELL).to_owned()
}
