//! Opening a manifest: its format, its encoding and its header.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::post::{ContentHash, ContentHasher, Field};

use super::beginning::Beginning;
use super::column_names::ColumnNames;
use super::columns::Header;
use super::input_file::InputFile;
use super::pass::PassStart;
use super::splitter::Splitter;
use super::suspect::{SuspectBlocks, SuspectFinder};
use super::text_stream::TextPlace;
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
    /// Columns and keys by the fields that they hold, where their names shall not decide.
    pub mapped_columns: Vec<(Field, String)>,
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
            limits: ChunkLimits::default(),
        }
    }
}

/// A manifest, opened, with its header understood.
#[derive(Debug)]
pub struct Manifest {
    start: PassStart,
    dialect: Dialect,
    header: Header,
    names: ColumnNames,
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
        let names = ColumnNames::new(&options.mapped_columns, &options.ignored_columns);
        let dialect = match format {
            InputFormat::Csv => beginning.dialect(&source, options.delimiter, &names)?,
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
        match format {
            InputFormat::Csv => Manifest::behind_header(start, dialect, names),
            InputFormat::Jsonl => Ok(Manifest {
                start,
                dialect,
                header: Header::default(),
                names,
                suspects: OnceLock::from(Arc::default()),
            }),
        }
    }

    /// Reads the manifest once from its first data record on. All passes read the file that
    /// `open` opened, each with its own position.
    ///
    /// # Errors
    /// [`ManifestError::Changed`] when the file is no longer what it was.
    pub fn pass(&self) -> Result<Pass, ManifestError> {
        self.start.source.verify()?;
        Ok(Pass::new(self.start.clone(), self.suspects()?))
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

    /// How the file is written, if it is CSV.
    pub fn dialect(&self) -> Option<&Dialect> {
        (self.start.format == InputFormat::Csv).then_some(&self.dialect)
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
        match self.start.format {
            InputFormat::Csv => self.header.columns.place(field).is_some(),
            InputFormat::Jsonl => true,
        }
    }

    /// The file's bytes.
    pub fn size(&self) -> u64 {
        self.start.source.size()
    }

    /// What tells it from other manifests: a hash of all its bytes and of how they are read. None
    /// once `goes_on`, asked now and then, says no.
    ///
    /// # Errors
    /// When the file can't be read to its end, or is no longer what it was.
    pub fn fingerprint(
        &self,
        goes_on: impl Fn() -> bool,
    ) -> Result<Option<ContentHash>, ManifestError> {
        let mut hash = ContentHasher::default();
        let format = self.start.format as u64;
        let delimiter = u64::from(self.dialect.delimiter.byte());
        for setting in [format, delimiter, self.start.max_record] {
            hash.add(&setting.to_le_bytes());
        }
        hash.add(self.encoding().name().as_bytes());
        for (field, name) in self.names.mapped() {
            hash.add(&[field as u8, 0]);
            hash.add(name.as_bytes());
        }
        let mut buffer = vec![0; self.start.limits.read.max(1)];
        let mut offset = 0;
        loop {
            if !goes_on() {
                return Ok(None);
            }
            let length = self.start.source.read_at(offset, &mut buffer)?;
            if length == 0 {
                break;
            }
            hash.add(&buffer[..length]);
            offset += length as u64;
        }
        self.start.source.verify()?;
        Ok(Some(hash.finish()))
    }

    /// The folder that holds the manifest, where attachments are looked for by default.
    pub fn folder(&self) -> &Path {
        folder_of(self.path())
    }

    fn behind_header(
        start: PassStart,
        dialect: Dialect,
        names: ColumnNames,
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
        let header = read_header(&chunk, dialect.delimiter, &names);
        let mut header = header.map_err(|fault| ManifestError::Header { path, fault })?;
        if let Some(first) = dialect.titles.first() {
            header.warnings.push(Warning::LinesAboveHeader {
                lines: dialect.titles.len(),
                first: first.clone(),
            });
        }
        let start = PassStart {
            limits,
            ..pass.into_start()
        };
        Ok(Manifest {
            start,
            dialect,
            header,
            names,
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

fn read_header(
    chunk: &Chunk,
    delimiter: Delimiter,
    said: &ColumnNames,
) -> Result<Header, HeaderFault> {
    let header = chunk.records().next().ok_or(HeaderFault::Missing)?;
    let bytes = header.bytes(&Columns::separated_by(delimiter));
    let bytes = bytes.map_err(HeaderFault::Unreadable)?;
    // The reader drops a byte order mark: programs that add one to a file that has one leave two.
    let mut header = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter.byte())
        .from_reader(bytes);
    let names = header.byte_records().next().and_then(Result::ok);
    let names = names.ok_or(HeaderFault::Missing)?;
    Columns::from_header(names.iter(), delimiter, said)
}

#[cfg(test)]
mod tests;
