//! Opening a manifest: its format, its byte order mark and its header.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::post::{ContentHash, ContentHasher, Field};

use super::doubts::{Doubts, Finder};
use super::pass::Start;
use super::source::Source;
use super::splitter::Splitter;
use super::{
    Chunk, ChunkLimits, Columns, HeaderFault, InputFormat, ManifestError, Pass, RowReader, Warning,
};

/// How to read a manifest.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The format, where the extension shall not decide.
    pub input_format: Option<InputFormat>,
    /// Longest record in bytes, line end not counted.
    pub max_record: u64,
    pub limits: ChunkLimits,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            input_format: None,
            max_record: 16 << 20,
            limits: ChunkLimits::default(),
        }
    }
}

/// A manifest, opened, with its header understood.
#[derive(Debug)]
pub struct Manifest {
    start: Start,
    columns: Columns,
    warnings: Vec<Warning>,
    /// The lines whose quotes can't be relied on, once they have been looked for.
    doubts: OnceLock<Arc<Doubts>>,
}

impl Manifest {
    /// Opens a manifest and reads its header.
    ///
    /// # Errors
    /// When the file can't be read, is no regular file, or its header is of no use.
    pub fn open(path: &Path, options: &Options) -> Result<Manifest, ManifestError> {
        let source = Source::open(path)?;
        let format = options
            .input_format
            .or_else(|| InputFormat::of_path(path))
            .ok_or_else(|| ManifestError::UnknownFormat {
                path: path.to_owned(),
            })?;
        let start = Start {
            offset: behind_mark(&source)?,
            source: Arc::new(source),
            splitter: Splitter::new(format),
            format,
            limits: options.limits,
            max_record: options.max_record,
        };
        match format {
            InputFormat::Csv => Manifest::behind_header(start),
            InputFormat::Jsonl => Ok(Manifest {
                start,
                columns: Columns::default(),
                warnings: Vec::new(),
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
        let (mut finder, mut chunk) = (Finder::new(&self.columns), Chunk::default());
        while pass.next_chunk(&mut chunk)? {
            finder.add(&chunk);
        }
        let found = Arc::new(finder.finish());
        Ok(Arc::clone(self.doubts.get_or_init(|| found)))
    }

    /// A worker's own means to take records apart.
    pub fn reader(&self) -> RowReader<'_> {
        RowReader::new(self.start.format, &self.columns)
    }

    /// What was odd about the header.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    pub fn path(&self) -> &Path {
        self.start.source.path()
    }

    /// Whether some row may say something in a field. Each line of JSONL names its own.
    pub fn may_have(&self, field: Field) -> bool {
        match self.start.format {
            InputFormat::Csv => self.columns.place(field).is_some(),
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
        for setting in [format, self.start.max_record] {
            hash.add(&setting.to_le_bytes());
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
        match self.path().parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn behind_header(start: Start) -> Result<Manifest, ManifestError> {
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
        let (columns, warnings) =
            read_header(&chunk).map_err(|fault| ManifestError::Header { path, fault })?;
        let start = Start {
            limits,
            ..pass.into_start()
        };
        Ok(Manifest {
            start,
            columns,
            warnings,
            doubts: OnceLock::new(),
        })
    }
}

fn read_header(chunk: &Chunk) -> Result<(Columns, Vec<Warning>), HeaderFault> {
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
    Columns::from_header(names.iter())
}

/// The offset behind a UTF-8 byte order mark, or 0. UTF-16 is refused.
fn behind_mark(source: &Source) -> Result<u64, ManifestError> {
    let mut start = [0; 3];
    let mut length = 0;
    while length < start.len() {
        match source.read_at(length as u64, &mut start[length..])? {
            0 => break,
            more => length += more,
        }
    }
    match &start[..length] {
        [0xef, 0xbb, 0xbf] => Ok(3),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(ManifestError::Utf16 {
            path: source.path().to_owned(),
        }),
        _ => Ok(0),
    }
}

#[cfg(test)]
mod tests;
