//! Copies of JSON rows.

use crate::manifest::record_copier::{Copied, RecordCopier};
use crate::manifest::reject_text::{RejectValues, json_record};
use crate::manifest::{Columns, Record};

use super::records::JsonRecords;

impl RecordCopier for JsonRecords {
    fn header(&self, text: &[u8], _: &Columns) -> Vec<u8> {
        text.to_vec()
    }

    fn needs_all(&self) -> bool {
        false
    }

    fn pass(&mut self, _: Record<'_>, _: &Columns) {}

    fn copy(
        &mut self,
        record: Record<'_>,
        columns: &Columns,
        values: RejectValues<'_>,
    ) -> Option<(Vec<u8>, Copied)> {
        let text = self.text(record.bytes(columns).ok()?);
        let object = str::from_utf8(text).ok();
        Some(
            match object.and_then(|object| json_record(object, values)) {
                Some(object) => (object.into_bytes(), Copied::Whole),
                None => (self.alone(text).to_vec(), Copied::Alone),
            },
        )
    }
}

impl JsonRecords {
    /// A row that is no object, without the comma or bracket that has ended a number or a word.
    fn alone(self, text: &[u8]) -> &[u8] {
        let has_end = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        match (self, text.first().is_some_and(has_end), text.split_last()) {
            (JsonRecords::Values, true, Some((b',' | b']', value))) => value.trim_ascii_end(),
            _ => text,
        }
    }
}
