//! Opening a file of JSON: there is no header, each row names its own fields.

use std::sync::Arc;

use crate::manifest::opening::{Format, Opened, Opening};
use crate::manifest::record_parser::RecordParser;
use crate::manifest::{Columns, ManifestError, Pass, Sample};

use super::lines::LineSplitter;
use super::records::JsonLines;
use super::sample::read_json;

/// One JSON object a line.
#[derive(Debug)]
pub(in crate::manifest) struct Jsonl;

impl Format for Jsonl {
    fn open(&self, file: Opening<'_>) -> Result<Opened, ManifestError> {
        let options = file.column_options();
        let mapping = file.mapping.as_ref();
        let bound = mapping.map(|mapping| mapping.bind_json(options));
        let bound = bound.transpose()?.map(Arc::new);
        let names = file.names.clone();
        Ok(Opened {
            start: file.start(LineSplitter::default(), 0),
            header: Arc::default(),
            names,
            mapping: bound,
            dialect: None,
        })
    }

    fn sample(&self, file: Opening<'_>, rows: usize) -> Result<Sample, ManifestError> {
        let start = file.start(LineSplitter::default(), 0);
        let encoding = start.text.encoding;
        let sample = read_json(&mut Pass::new(start, Arc::default()), rows)?;
        Ok(Sample { encoding, ..sample })
    }

    fn parser(&self, _: &Columns) -> Box<dyn RecordParser> {
        Box::new(JsonLines)
    }
}
