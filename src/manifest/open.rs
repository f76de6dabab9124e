//! Opening a manifest: its format, its encoding and its header.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::post::Field;

use super::column_names::ColumnNames;
use super::columns::Header;
use super::formats::format_of;
use super::mapping::BoundMapping;
use super::opening::{Format, Opening};
use super::pass::PassStart;
use super::record_copier::{CopyFrame, RecordCopier};
use super::record_parser::KnownColumns;
use super::suspect::{SuspectBlocks, SuspectFinder};
use super::{
    Chunk, Columns, Dialect, FoundEncoding, InputFormat, ManifestError, Pass, ReadOptions,
    RowReader, UnknownKeys, Warning,
};

/// A manifest, opened, with its header understood.
#[derive(Debug)]
pub struct Manifest {
    format: InputFormat,
    reads: &'static dyn Format,
    start: PassStart,
    /// How its header is written; none where each row names its own columns.
    dialect: Option<Dialect>,
    form: String,
    header: Arc<Header>,
    names: ColumnNames,
    /// What stands around the records, for a copy of some of them.
    frame: CopyFrame,
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
        let file = Opening::of(path, options)?;
        let (format, reads) = (file.format, format_of(file.format));
        let opened = reads.open(file)?;
        let suspects = match opened.dialect {
            Some(_) => OnceLock::new(),
            None => OnceLock::from(Arc::default()),
        };
        Ok(Manifest {
            format,
            reads,
            start: opened.start,
            dialect: opened.dialect,
            form: opened.form,
            header: opened.header,
            names: opened.names,
            frame: opened.frame,
            mapping: opened.mapping,
            suspects,
        })
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
            Some(mapping) => {
                let parser = self.reads.parser(self.columns());
                pass.carrying(mapping, &self.header, parser)
            }
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
        let known = KnownColumns {
            columns: self.columns(),
            names: &self.names,
            encoding: self.encoding().encoding(),
        };
        let parser = self.reads.parser(self.columns());
        RowReader::new(parser, known, self.mapping.as_deref())
    }

    /// What was odd about the header; of columns that are nearly a field's it depends on the rows.
    pub fn warnings(&self) -> &[Warning] {
        &self.header.warnings
    }

    /// The columns of the header that are no fields.
    pub fn unknown_columns(&self) -> &UnknownKeys {
        &self.header.unknown
    }

    /// What stands around its records, in a copy of some of them.
    pub(super) fn frame(&self) -> &CopyFrame {
        &self.frame
    }

    /// The means to copy its records, from the first on.
    pub(super) fn copier(&self) -> Box<dyn RecordCopier> {
        self.reads.copier(self.columns(), self.mapping())
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
        self.dialect.as_ref()
    }

    /// What the file is, in a few words.
    pub fn form(&self) -> &str {
        &self.form
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
        self.format
    }

    /// The encoding that it is read in, and how that is known.
    pub fn encoding(&self) -> FoundEncoding {
        self.start.text.encoding
    }

    pub fn path(&self) -> &Path {
        self.start.source.path()
    }

    /// Whether some row may say something in a field.
    pub fn may_have(&self, field: Field) -> bool {
        match &self.mapping {
            Some(mapping) => mapping.may_have(field),
            None if self.dialect.is_some() => self.columns().place(field).is_some(),
            None => true,
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
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests;
