//! What a format does with a file: this is all that the rest of the module knows of formats.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::beginning::Beginning;
use super::column_names::ColumnNames;
use super::columns::Header;
use super::input_file::InputFile;
use super::mapping::{BoundMapping, ColumnOptions, Mapping};
use super::pass::PassStart;
use super::record_copier::{CopyFrame, RecordCopier};
use super::record_parser::RecordParser;
use super::splitter::Splitter;
use super::text_stream::TextPlace;
use super::{Columns, Dialect, InputFormat, ManifestError, ReadOptions, Sample};

/// A form that manifests have.
pub(super) trait Format: fmt::Debug + Send + Sync {
    /// Finds where the rows begin and what their columns are.
    ///
    /// # Errors
    /// When the file can't be read, is not written as the format wants it, or its columns are of no use.
    fn open(&self, file: Opening<'_>) -> Result<Opened, ManifestError>;

    /// Reads up to that many of the first rows, and as many of the others, whatever their columns.
    ///
    /// # Errors
    /// As [`Format::open`] has them.
    fn sample(&self, file: Opening<'_>, rows: usize) -> Result<Sample, ManifestError>;

    /// A worker's own means to take records with these columns apart.
    fn parser(&self, columns: &Columns) -> Box<dyn RecordParser>;

    /// The means to copy records with these columns, from the first one on.
    fn copier(&self, columns: &Columns, mapping: Option<&BoundMapping>) -> Box<dyn RecordCopier>;
}

/// A file of which the format is known and nothing else.
#[derive(Debug)]
pub(super) struct Opening<'o> {
    pub source: InputFile,
    pub beginning: Beginning,
    pub format: InputFormat,
    pub options: &'o ReadOptions,
    /// What options and mapping file say of its columns.
    pub names: ColumnNames,
    pub mapping: Option<Arc<Mapping>>,
}

/// A file whose rows can be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub start: PassStart,
    pub header: Arc<Header>,
    pub names: ColumnNames,
    pub mapping: Option<Arc<BoundMapping>>,
    /// What the header stands in; none where each row names its own columns.
    pub dialect: Option<Dialect>,
    /// What the file is, in a few words.
    pub form: String,
    /// What stands around the rows.
    pub frame: CopyFrame,
}

impl<'o> Opening<'o> {
    /// Opens a file and looks at its beginning.
    ///
    /// # Errors
    /// When the file can't be read, is no regular file or no text, or its encoding or format can't be
    /// told.
    pub fn of(path: &Path, options: &'o ReadOptions) -> Result<Opening<'o>, ManifestError> {
        let source = InputFile::open(path)?;
        let beginning = Beginning::of(&source, options.encoding)?;
        let settings = options.mapping.as_ref().map(|mapping| &mapping.file);
        let has_rows = settings.is_some_and(|settings| settings.rows.is_some());
        let format = beginning.format(path, options.input_format, has_rows)?;
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
        Ok(Opening {
            source,
            beginning,
            format,
            options,
            names,
            mapping,
        })
    }

    /// What the command line says of columns.
    pub fn column_options(&self) -> ColumnOptions<'o> {
        ColumnOptions {
            mapped: &self.options.mapped_columns,
            ignored: &self.options.ignored_columns,
        }
    }

    /// A reading of the text from that byte on.
    pub fn start(self, splitter: impl Splitter + 'static, offset: usize) -> PassStart {
        PassStart {
            text: TextPlace {
                offset: offset as u64,
                ..self.beginning.start
            },
            source: Arc::new(self.source),
            splitter: Box::new(splitter),
            limits: self.options.limits,
            max_record: self.options.max_record,
        }
    }
}
