//! Opening a manifest: its format, its encoding and its header.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use csv::ByteRecord;

use crate::post::Field;

use super::beginning::Beginning;
use super::column_names::ColumnNames;
use super::columns::{Header, texts};
use super::input_file::InputFile;
use super::mapping::{BoundMapping, ColumnOptions, Mapping};
use super::pass::PassStart;
use super::quotes::without_end;
use super::reject_columns::RejectPlaces;
use super::splitter::Splitter;
use super::suspect::{SuspectBlocks, SuspectFinder};
use super::text_stream::TextPlace;
use super::totals_line::TotalsLine;
use super::{
    Chunk, ChunkLimits, Columns, Delimiter, Dialect, EncodingName, FoundEncoding, HeaderFault,
    InputFormat, ManifestError, Pass, RowReader, UnknownKeys, Warning,
};

/// How to read a manifest.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The format, where the extension shall not decide.
    pub input_format: Option<InputFormat>,
    /// The encoding, where the file itself shall not tell.
    pub encoding: Option<EncodingName>,
    /// Longest record in bytes, line end not counted.
    pub max_record: u64,
    /// What separates the fields of CSV, where the file's beginning shall not decide.
    pub delimiter: Option<Delimiter>,
    /// Columns and keys that are taken for no field, whatever their names.
    pub ignored_columns: Vec<String>,
    /// Columns and keys by the fields that they hold, where neither a mapping nor their names shall
    /// decide.
    pub mapped_columns: Vec<(Field, String)>,
    /// Which columns give which fields, where their names are not to decide.
    pub mapping: Option<Arc<Mapping>>,
    pub limits: ChunkLimits,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            input_format: None,
            encoding: None,
            max_record: 16 << 20,
            delimiter: None,
            ignored_columns: Vec::new(),
            mapped_columns: Vec::new(),
            mapping: None,
            limits: ChunkLimits::default(),
        }
    }
}

/// What stands around a manifest's records.
#[derive(Debug)]
struct Frame {
    /// The header as it is written; empty for JSONL.
    header: Vec<u8>,
    line_end: &'static str,
}

/// A manifest, opened, with its header understood.
#[derive(Debug)]
pub struct Manifest {
    start: PassStart,
    dialect: Dialect,
    header: Arc<Header>,
    names: ColumnNames,
    /// What stands before the records and between them, for a copy of some of them.
    frame: Frame,
    /// Where columns are not taken for fields by their names alone.
    mapping: Option<Arc<BoundMapping>>,
    /// The lines whose quotes can't be relied on, once they have been looked for.
    suspects: OnceLock<Arc<SuspectBlocks>>,
}

impl Manifest {
    /// Opens a manifest and reads its header.
    ///
    /// # Errors
    /// When the file can't be read, is no regular file, no text, or of another form, its encoding can't
    /// be told, or its header is of no use.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Manifest, ManifestError> {
        let source = InputFile::open(path)?;
        let beginning = Beginning::of(&source, options.encoding)?;
        let format = beginning.format(path, options.input_format)?;
        let mapping = match &options.mapping {
            None if options.mapped_columns.is_empty() => None,
            None => Some(Arc::default()),
            mapping => mapping.clone(),
        };
        let names = ColumnNames::new(
            &options.mapped_columns,
            mapping.as_deref(),
            &options.ignored_columns,
        );
        let dialect = match format {
            InputFormat::Csv => beginning.dialect(&source, options.delimiter, &names)?,
            InputFormat::Jsonl => Dialect::plain(Delimiter::default()),
        };
        let line_end = beginning.line_end();
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
        match format {
            InputFormat::Csv => Manifest::behind_header(
                start,
                (dialect, line_end),
                names,
                mapping.as_deref(),
                options,
            ),
            InputFormat::Jsonl => {
                let bound = mapping.map(|mapping| mapping.bind_json(column_options(options)));
                Ok(Manifest {
                    start,
                    dialect,
                    header: Arc::new(Header::of_json(RejectPlaces::in_json(beginning.text()))),
                    names,
                    frame: Frame {
                        header: Vec::new(),
                        line_end,
                    },
                    mapping: bound.transpose()?.map(Arc::new),
                    suspects: OnceLock::from(Arc::default()),
                })
            }
        }
    }

    /// Reads the manifest once from its first data record on. All passes read the file that
    /// `open` opened, each with its own position.
    ///
    /// # Errors
    /// [`ManifestError::Changed`] when the file is no longer what it was.
    pub fn pass(&self) -> Result<Pass, ManifestError> {
        self.start.source.verify()?;
        let pass = Pass::new(self.start.clone(), self.suspects()?);
        Ok(match &self.mapping {
            Some(mapping) => pass.carrying(mapping, &self.header),
            None => pass,
        })
    }

    /// The suspect lines. They are looked for once, through the whole file.
    fn suspects(&self) -> Result<Arc<SuspectBlocks>, ManifestError> {
        if let Some(known) = self.suspects.get() {
            return Ok(Arc::clone(known));
        }
        if !self.start.source.holds(b'"')? {
            return Ok(Arc::clone(self.suspects.get_or_init(Arc::default)));
        }
        let mut pass = Pass::new(self.start.clone(), Arc::default());
        let (mut finder, mut chunk) = (SuspectFinder::new(self.columns()), Chunk::default());
        while pass.next_chunk(&mut chunk)? {
            finder.add(&chunk);
        }
        let found = Arc::new(finder.finish());
        Ok(Arc::clone(self.suspects.get_or_init(|| found)))
    }

    /// A worker's own means to take records apart.
    pub fn reader(&self) -> RowReader<'_> {
        RowReader::new(
            self.start.format,
            self.encoding().encoding(),
            &self.header.columns,
            &self.names,
            self.mapping.as_deref(),
        )
    }

    /// What was odd about the header; of columns that are nearly a field's it depends on the rows.
    pub fn warnings(&self) -> &[Warning] {
        &self.header.warnings
    }

    /// The columns of the header that are no fields.
    pub fn unknown_columns(&self) -> &UnknownKeys {
        &self.header.unknown
    }

    /// The header as it is written; empty for JSONL.
    pub(super) fn header_text(&self) -> &[u8] {
        &self.frame.header
    }

    /// What stands between its lines.
    pub(super) fn line_end(&self) -> &'static str {
        self.frame.line_end
    }

    /// The first line where it names the delimiter.
    pub(super) fn sep_line(&self) -> Option<&[u8]> {
        self.dialect.sep_line.as_deref().map(str::as_bytes)
    }

    /// The file's first bytes, if they mark its encoding.
    pub(super) fn byte_order_mark(&self) -> Result<Vec<u8>, ManifestError> {
        let mut mark = vec![0; usize::try_from(self.start.text.mark).unwrap_or_default()];
        let length = self.start.source.read_at(0, &mut mark)?;
        mark.truncate(length);
        Ok(mark)
    }

    /// How the file is written, if it is CSV.
    pub fn dialect(&self) -> Option<&Dialect> {
        (self.start.format == InputFormat::Csv).then_some(&self.dialect)
    }

    /// What a mapping makes of its records.
    pub fn mapping(&self) -> Option<&BoundMapping> {
        self.mapping.as_deref()
    }

    /// Whether its rows are bound to their entries in a ledger, as those of a rejects file are.
    pub fn is_rejects(&self) -> bool {
        self.header.columns.rejects().are_there()
    }

    pub fn columns(&self) -> &Columns {
        &self.header.columns
    }

    pub fn format(&self) -> InputFormat {
        self.start.format
    }

    /// The encoding that it is read in, and how that is known.
    pub fn encoding(&self) -> FoundEncoding {
        self.start.text.encoding
    }

    pub fn path(&self) -> &Path {
        self.start.source.path()
    }

    /// Whether some row may say something in a field. Each line of JSONL names its own.
    pub fn may_have(&self, field: Field) -> bool {
        match (&self.mapping, self.start.format) {
            (Some(mapping), _) => mapping.may_have(field),
            (None, InputFormat::Csv) => self.header.columns.place(field).is_some(),
            (None, InputFormat::Jsonl) => true,
        }
    }

    /// The file's bytes.
    pub fn size(&self) -> u64 {
        self.start.source.size()
    }

    /// The folder that holds the manifest, where attachments are looked for by default.
    pub fn folder(&self) -> &Path {
        folder_of(self.path())
    }

    fn behind_header(
        start: PassStart,
        (dialect, line_end): (Dialect, &'static str),
        names: ColumnNames,
        mapping: Option<&Mapping>,
        options: &ReadOptions,
    ) -> Result<Manifest, ManifestError> {
        let path = start.source.path().to_owned();
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
        let failed = |fault| ManifestError::Header {
            path: path.clone(),
            fault,
        };
        let record = read_header(&chunk, dialect.delimiter).map_err(failed)?;
        let header_line = chunk
            .record(0)
            .map(|header| header.bytes(&Columns::separated_by(dialect.delimiter)));
        let header_line = header_line.and_then(Result::ok).unwrap_or_default();
        let frame = Frame {
            header: without_end(header_line).to_vec(),
            line_end: match header_line.last() {
                Some(b'\n') => "\n",
                _ => line_end,
            },
        };
        let listed = texts(record.iter()).map_err(failed)?;
        let bound = mapping
            .map(|mapping| mapping.bind_header(listed.iter().copied(), column_options(options)));
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
        let mut start = PassStart {
            limits,
            ..pass.into_start()
        };
        if let Some(totals) = TotalsLine::find(&start, &header.columns)? {
            start.text.end = totals.start;
            header
                .warnings
                .push(Warning::totals(totals.line, &totals.text));
        }
        Ok(Manifest {
            start,
            dialect,
            header: Arc::new(header),
            names,
            frame,
            mapping: bound,
            suspects: OnceLock::new(),
        })
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What the command line says of columns.
fn column_options(options: &ReadOptions) -> ColumnOptions<'_> {
    ColumnOptions {
        mapped: &options.mapped_columns,
        ignored: &options.ignored_columns,
    }
}

/// The cells of the header.
fn read_header(chunk: &Chunk, delimiter: Delimiter) -> Result<ByteRecord, HeaderFault> {
    let header = chunk.records().next().ok_or(HeaderFault::Missing)?;
    let bytes = header.bytes(&Columns::separated_by(delimiter));
    let bytes = bytes.map_err(HeaderFault::Unreadable)?;
    // The reader drops a byte order mark: programs that add one to a file that has one leave two.
    let mut header = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter.byte())
        .from_reader(bytes);
    let names = header.byte_records().next().and_then(Result::ok);
    names.ok_or(HeaderFault::Missing)
}

#[cfg(test)]
mod tests;
