//! Opening a manifest: its format, its byte order mark and its header.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::beginning::Beginning;
use super::columns::{Header, IgnoredNames};
use super::doubts::{Doubts, Finder};
use super::pass::Start;
use super::source::Source;
use super::splitter::Splitter;
use super::{
    Chunk, ChunkLimits, Columns, HeaderFault, InputFormat, ManifestError, Pass, RowReader,
    UnknownKeys, Warning,
};

/// How to read a manifest.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format, where the extension shall not decide.
    pub input_format: Option<InputFormat>,
    /// Longest record in bytes, line end not counted.
    pub max_record: u64,
    /// Columns and keys that are taken for no field, whatever their names.
    pub ignored_columns: Vec<String>,
    pub limits: ChunkLimits,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            input_format: None,
            max_record: 16 << 20,
            ignored_columns: Vec::new(),
            limits: ChunkLimits::default(),
        }
    }
}

/// A manifest, opened, with its header understood.
#[derive(Debug)]
pub struct Manifest {
    start: Start,
    header: Header,
    ignored: IgnoredNames,
    /// The lines whose quotes can't be relied on, once they have been looked for.
    doubts: OnceLock<Arc<Doubts>>,
}

impl Manifest {
    /// Opens a manifest and reads its header.
    ///
    /// # Errors
    /// When the file can't be read, is no regular file, no text, or of another form, or its header
    /// is of no use.
    pub fn open(path: &Path, options: &Options) -> Result<Manifest, ManifestError> {
        let source = Source::open(path)?;
        let beginning = Beginning::of(&source)?;
        let format = beginning.format(path, options.input_format)?;
        let start = Start {
            offset: beginning.mark,
            source: Arc::new(source),
            splitter: Splitter::new(format),
            format,
            limits: options.limits,
            max_record: options.max_record,
        };
        let ignored = IgnoredNames::new(&options.ignored_columns);
        match format {
            InputFormat::Csv => Manifest::behind_header(start, ignored),
            InputFormat::Jsonl => Ok(Manifest {
                start,
                header: Header::default(),
                ignored,
                doubts: OnceLock::from(Arc::default()),
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
        Ok(Pass::new(self.start.clone(), self.doubts()?))
    }

    /// The doubtful lines. They are looked for once, through the whole file.
    fn doubts(&self) -> Result<Arc<Doubts>, ManifestError> {
        if let Some(known) = self.doubts.get() {
            return Ok(Arc::clone(known));
        }
        let mut pass = Pass::new(self.start.clone(), Arc::default());
        let (mut finder, mut chunk) = (Finder::new(self.columns()), Chunk::default());
        while pass.next_chunk(&mut chunk)? {
            finder.add(&chunk);
        }
        let found = Arc::new(finder.finish());
        Ok(Arc::clone(self.doubts.get_or_init(|| found)))
    }

    /// A worker's own means to take records apart.
    pub fn reader(&self) -> RowReader<'_> {
        RowReader::new(self.start.format, &self.header.columns, &self.ignored)
    }

    /// What was odd about the header; of columns that are nearly a field's it depends on the rows.
    pub fn warnings(&self) -> &[Warning] {
        &self.header.warnings
    }

    /// The columns of the header that are no fields.
    pub fn unknown_columns(&self) -> &UnknownKeys {
        &self.header.unknown
    }

    pub fn columns(&self) -> &Columns {
        &self.header.columns
    }

    pub fn format(&self) -> InputFormat {
        self.start.format
    }

    pub fn path(&self) -> &Path {
        self.start.source.path()
    }

    /// The file's bytes.
    pub fn size(&self) -> u64 {
        self.start.source.size()
    }

    /// The folder that holds the manifest, where attachments are looked for by default.
    pub fn folder(&self) -> &Path {
        folder_of(self.path())
    }

    fn behind_header(start: Start, ignored: IgnoredNames) -> Result<Manifest, ManifestError> {
        let path = start.source.path().to_owned();
        let limits = start.limits;
        let first = Start {
            limits: ChunkLimits {
                records: 1,
                ..limits
            },
            ..start
        };
        let mut pass = Pass::new(first, Arc::default());
        let mut chunk = Chunk::default();
        pass.next_chunk(&mut chunk)?;
        let header =
            read_header(&chunk, &ignored).map_err(|fault| ManifestError::Header { path, fault })?;
        let start = Start {
            limits,
            ..pass.into_start()
        };
        Ok(Manifest {
            start,
            header,
            ignored,
            doubts: OnceLock::new(),
        })
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn read_header(chunk: &Chunk, ignored: &IgnoredNames) -> Result<Header, HeaderFault> {
    let header = chunk.records().next().ok_or(HeaderFault::Missing)?;
    let names = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(
            header
                .bytes(&Columns::default())
                .map_err(HeaderFault::Unreadable)?,
        )
        .into_byte_records()
        .next()
        .and_then(Result::ok)
        .ok_or(HeaderFault::Missing)?;
    Columns::from_header(names.iter(), ignored)
}

#[cfg(test)]
mod tests;
