//! Opening a file of JSON: there is no header, each row names its own fields.

use std::sync::Arc;

use crate::manifest::column_names::ColumnMeaning;
use crate::manifest::columns::Header;
use crate::manifest::mapping::BoundMapping;
use crate::manifest::opening::{Format, Opened, Opening};
use crate::manifest::record_copier::{CopyFrame, RecordCopier};
use crate::manifest::record_parser::RecordParser;
use crate::manifest::reject_columns::RejectPlaces;
use crate::manifest::splitter::Splitter;
use crate::manifest::{Columns, ManifestError, Pass, Sample};
use crate::post::Field;

use super::find_rows::{FoundRows, find_rows};
use super::lines::LineSplitter;
use super::records::JsonRecords;
use super::rows_at::RowsAt;
use super::sample::read_json;
use super::values::ValueSplitter;

/// One JSON object a line.
#[derive(Debug)]
pub(in crate::manifest) struct Jsonl;

/// JSON of any other shape: a list of objects, one in an object, or objects one after the other.
#[derive(Debug)]
pub(in crate::manifest) struct Json;

impl Format for Jsonl {
    fn open(&self, file: Opening<'_>) -> Result<Opened, ManifestError> {
        let bound = bind(&file)?;
        let form = "JSON lines".to_owned();
        Ok(opened(file, bound, LineSplitter::default(), form))
    }

    fn sample(&self, file: Opening<'_>, rows: usize) -> Result<Sample, ManifestError> {
        sample(file, LineSplitter::default(), JsonRecords::Lines, rows)
    }

    fn parser(&self, _: &Columns) -> Box<dyn RecordParser> {
        Box::new(JsonRecords::Lines)
    }

    fn copier(&self, _: &Columns, _: Option<&BoundMapping>) -> Box<dyn RecordCopier> {
        Box::new(JsonRecords::Lines)
    }
}

impl Format for Json {
    fn open(&self, file: Opening<'_>) -> Result<Opened, ManifestError> {
        let bound = bind(&file)?;
        match rows_of(&file, bound.as_deref())? {
            FoundRows::At(rows) => {
                let form = match rows.path() {
                    Some(path) => format!("JSON, its rows at `{path}`"),
                    None => "JSON".to_owned(),
                };
                let frame = list_frame(&rows, file.beginning.line_end());
                let opened = opened(file, bound, ValueSplitter::new(rows), form);
                Ok(Opened { frame, ..opened })
            }
            FoundRows::Several(lists) => Err(ManifestError::UnsureRows {
                path: file.source.path().to_owned(),
                lists,
            }),
        }
    }

    /// Where there are several lists, the longest is taken.
    fn sample(&self, file: Opening<'_>, rows: usize) -> Result<Sample, ManifestError> {
        let at = match rows_of(&file, None)? {
            FoundRows::At(rows) => rows,
            FoundRows::Several(lists) => match lists.longest() {
                Some(path) => RowsAt::Path(path.as_slice().into()),
                None => RowsAt::Top,
            },
        };
        let rows_at = at.path();
        let sample = sample(file, ValueSplitter::new(at), JsonRecords::Values, rows)?;
        Ok(Sample { rows_at, ..sample })
    }

    fn parser(&self, _: &Columns) -> Box<dyn RecordParser> {
        Box::new(JsonRecords::Values)
    }

    fn copier(&self, _: &Columns, _: Option<&BoundMapping>) -> Box<dyn RecordCopier> {
        Box::new(JsonRecords::Values)
    }
}

fn rows_of(file: &Opening<'_>, mapping: Option<&BoundMapping>) -> Result<FoundRows, ManifestError> {
    let settings = file.options.mapping.as_ref().map(|mapping| &mapping.file);
    let said = settings.and_then(|settings| settings.rows.as_ref());
    let is_message = |key: &str| match mapping {
        Some(mapping) => mapping.is_message_of(key),
        None => file.names.meaning(key) == ColumnMeaning::Field(Field::Message),
    };
    let said = said.map(|rows| rows.value.as_str());
    find_rows(&file.source, file.beginning.start, said, is_message)
}

fn bind(file: &Opening<'_>) -> Result<Option<Arc<BoundMapping>>, ManifestError> {
    let bound = file
        .mapping
        .as_ref()
        .map(|mapping| mapping.bind_json(file.column_options()));
    Ok(bound.transpose()?.map(Arc::new))
}

fn opened(
    file: Opening<'_>,
    mapping: Option<Arc<BoundMapping>>,
    splitter: impl Splitter + 'static,
    form: String,
) -> Opened {
    let names = file.names.clone();
    let rejects = RejectPlaces::in_json(file.beginning.text());
    Opened {
        frame: CopyFrame {
            before: Vec::new(),
            header: None,
            between: "",
            after: Vec::new(),
            line_end: file.beginning.line_end(),
        },
        start: file.start(splitter, 0),
        header: Arc::new(Header::of_json(rejects)),
        names,
        mapping,
        dialect: None,
        form,
    }
}

/// One list of rows, at the place where they are looked for.
fn list_frame(rows: &RowsAt, line_end: &'static str) -> CopyFrame {
    let keys = rows.keys();
    let open = |key: &String| format!("{{{}:", serde_json::Value::from(key.as_str()));
    let opening: String = keys.iter().map(open).collect();
    CopyFrame {
        before: vec![format!("{opening}[").into_bytes()],
        header: None,
        between: ",",
        after: format!("]{}", "}".repeat(keys.len())).into_bytes(),
        line_end,
    }
}

fn sample(
    file: Opening<'_>,
    splitter: impl Splitter + 'static,
    records: JsonRecords,
    rows: usize,
) -> Result<Sample, ManifestError> {
    let start = file.start(splitter, 0);
    let encoding = start.text.encoding;
    let sample = read_json(&mut Pass::new(start, Arc::default()), records, rows)?;
    Ok(Sample { encoding, ..sample })
}
