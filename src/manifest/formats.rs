//! The formats by their names.

use super::InputFormat;
use super::csv_format::Csv;
use super::json_format::{Json, Jsonl};
use super::opening::Format;

/// How manifests of that format are read.
pub(super) fn format_of(name: InputFormat) -> &'static dyn Format {
    match name {
        InputFormat::Csv => &Csv,
        InputFormat::Jsonl => &Jsonl,
        InputFormat::Json => &Json,
    }
}
