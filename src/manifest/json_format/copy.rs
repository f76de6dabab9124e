//! Copies of JSON rows.

use crate::manifest::record_copier::{Copied, RecordCopier};
use crate::manifest::reject_text::{RejectValues, json_record};
use crate::manifest::{Columns, Record};

use super::records::JsonRecords;

impl RecordCopier for JsonRecords {
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
                None => (text.to_vec(), Copied::Alone),
            },
        )
    }
}
