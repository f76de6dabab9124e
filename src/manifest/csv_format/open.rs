//! Opening a CSV file: its dialect, its header, and where its rows end.

use std::sync::Arc;

use csv::ByteRecord;

use crate::manifest::columns::{Columns, texts};
use crate::manifest::mapping::BoundMapping;
use crate::manifest::opening::{Format, Opened, Opening};
use crate::manifest::pass::PassStart;
use crate::manifest::record_copier::{CopyFrame, RecordCopier};
use crate::manifest::record_parser::RecordParser;
use crate::manifest::totals_line::TotalsLine;
use crate::manifest::{
    Chunk, ChunkLimits, Delimiter, Dialect, HeaderFault, ManifestError, Pass, Sample, Warning,
};

use super::copy::CsvCopier;
use super::records::CsvRecords;
use super::sample::read_csv;
use super::splitter::CsvSplitter;

/// CSV, its records separated as its dialect has it.
#[derive(Debug)]
pub(in crate::manifest) struct Csv;

impl Format for Csv {
    fn open(&self, file: Opening<'_>) -> Result<Opened, ManifestError> {
        let path = file.source.path().to_owned();
        let failed = |fault| ManifestError::Header {
            path: path.clone(),
            fault,
        };
        let (mapping, options) = (file.mapping.clone(), file.column_options());
        let names = file.names.clone();
        let line_end = file.beginning.line_end();
        let (start, dialect) = before_header(file)?;
        let (line, mut start) = read_header(start, dialect.delimiter)?;
        let line = line.map_err(failed)?;
        let listed = texts(line.cells.iter()).map_err(failed)?;
        let bound = mapping.map(|mapping| mapping.bind_header(listed.iter().copied(), options));
        let bound = bound.transpose()?.map(Arc::new);
        let header = match &bound {
            Some(bound) => Columns::mapped(&listed, dialect.delimiter, bound),
            None => Columns::from_header(&listed, dialect.delimiter, &names),
        };
        let mut header = header.map_err(failed)?;
        if let Some(first) = dialect.titles.first() {
            header.warnings.push(Warning::LinesAboveHeader {
                lines: dialect.titles.len(),
                first: first.clone(),
            });
        }
        if let Some(totals) = TotalsLine::find(&start, &header.columns)? {
            start.text.end = totals.start;
            header
                .warnings
                .push(Warning::totals(totals.line, &totals.text));
        }
        let frame = frame(line.text, line_end, &dialect);
        Ok(Opened {
            start,
            frame,
            header: Arc::new(header),
            names,
            mapping: bound,
            dialect: Some(dialect),
            form: "CSV".to_owned(),
        })
    }

    fn sample(&self, file: Opening<'_>, rows: usize) -> Result<Sample, ManifestError> {
        let path = file.source.path().to_owned();
        let (start, dialect) = before_header(file)?;
        let encoding = start.text.encoding;
        let mut pass = Pass::new(start, Arc::default());
        let sample = read_csv(&mut pass, dialect, &path, rows)?;
        Ok(Sample { encoding, ..sample })
    }

    fn parser(&self, columns: &Columns) -> Box<dyn RecordParser> {
        Box::new(CsvRecords::new(columns))
    }

    fn copier(&self, columns: &Columns, mapping: Option<&BoundMapping>) -> Box<dyn RecordCopier> {
        Box::new(CsvCopier::new(columns, mapping))
    }
}

/// How the file is written, and a reading that begins with its header.
fn before_header(file: Opening<'_>) -> Result<(PassStart, Dialect), ManifestError> {
    let said = file.options.delimiter;
    let dialect = file.beginning.dialect(&file.source, said, &file.names)?;
    let splitter = CsvSplitter::new(dialect.delimiter).at_line(1 + dialect.lines_before);
    let start = file.start(splitter, dialect.header_at);
    Ok((start, dialect))
}

/// A header as it is written, with the one byte that ends it.
struct HeaderLine {
    text: Vec<u8>,
    cells: ByteRecord,
}

/// What stands around the records of a copy.
fn frame(mut header: Vec<u8>, line_end: &'static str, dialect: &Dialect) -> CopyFrame {
    let line_end = match header.pop() {
        Some(b'\n') => "\n",
        _ => line_end,
    };
    let sep_line = dialect.sep_line.as_ref();
    CopyFrame {
        before: sep_line
            .map(|line| line.as_bytes().to_vec())
            .into_iter()
            .collect(),
        header: Some(header),
        between: "",
        after: Vec::new(),
        line_end,
    }
}

/// The header, and the place behind it.
fn read_header(
    start: PassStart,
    delimiter: Delimiter,
) -> Result<(Result<HeaderLine, HeaderFault>, PassStart), ManifestError> {
    let limits = start.limits;
    let first = PassStart {
        limits: ChunkLimits {
            records: 1,
            ..limits
        },
        ..start
    };
    let mut pass = Pass::new(first, Arc::default());
    let mut chunk = Chunk::default();
    pass.next_chunk(&mut chunk)?;
    let behind = PassStart {
        limits,
        ..pass.into_start()
    };
    Ok((header_line(&chunk, delimiter), behind))
}

fn header_line(chunk: &Chunk, delimiter: Delimiter) -> Result<HeaderLine, HeaderFault> {
    let header = chunk.records().next().ok_or(HeaderFault::Missing)?;
    let bytes = header.bytes(&Columns::separated_by(delimiter));
    let bytes = bytes.map_err(HeaderFault::Unreadable)?;
    // The reader drops a byte order mark: programs that add one to a file that has one leave two.
    let mut header = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter.byte())
        .from_reader(bytes);
    let names = header.byte_records().next().and_then(Result::ok);
    Ok(HeaderLine {
        text: bytes.to_vec(),
        cells: names.ok_or(HeaderFault::Missing)?,
    })
}
