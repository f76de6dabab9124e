//! How to read a manifest.

use std::sync::Arc;

use crate::post::Field;

use super::mapping::Mapping;
use super::{ChunkLimits, Delimiter, EncodingName, InputFormat};

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
