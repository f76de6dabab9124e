//! Copies of CSV records.
//!
//! Where empty cells mean the value above, a copy has that value written out, since other records
//! stand above it.

use crate::manifest::mapping::BoundMapping;
use crate::manifest::quotes::{FieldSpans, without_end};
use crate::manifest::record_copier::{Copied, RecordCopier};
use crate::manifest::reject_columns::RejectColumn;
use crate::manifest::reject_text::{RejectValues, csv_record};
use crate::manifest::{Columns, Record};

use super::fields::CsvFields;

/// Copies CSV records.
#[derive(Debug)]
pub(super) struct CsvCopier {
    fields: CsvFields,
    filled_down: Vec<FilledDown>,
}

/// A column whose empty cells mean the value above.
#[derive(Debug)]
struct FilledDown {
    column: usize,
    /// The cell as it is written; none where a record that can't be read may have had another.
    above: Option<Vec<u8>>,
}

impl CsvCopier {
    /// For records with these columns.
    pub fn new(columns: &Columns, mapping: Option<&BoundMapping>) -> CsvCopier {
        let filled_down = mapping.map_or(Vec::new(), |mapping| {
            let columns = mapping.columns_filled_down();
            let filled = columns.map(|column| FilledDown {
                column,
                above: Some(Vec::new()),
            });
            filled.collect()
        });
        CsvCopier {
            fields: CsvFields::new(columns.count(), columns.delimiter()),
            filled_down,
        }
    }

    fn fill_down(
        &mut self,
        record: Record<'_>,
        columns: &Columns,
    ) -> Option<Vec<(usize, Vec<u8>)>> {
        fill_down(&mut self.filled_down, columns, record, &mut self.fields)
    }
}

impl RecordCopier for CsvCopier {
    fn header(&self, text: &[u8], columns: &Columns) -> Vec<u8> {
        let names = RejectColumn::ALL.map(RejectColumn::name);
        csv_record(text, columns.delimiter(), columns.rejects(), names, &[])
    }

    fn needs_all(&self) -> bool {
        !self.filled_down.is_empty()
    }

    fn pass(&mut self, record: Record<'_>, columns: &Columns) {
        self.fill_down(record, columns);
    }

    fn copy(
        &mut self,
        record: Record<'_>,
        columns: &Columns,
        values: RejectValues<'_>,
    ) -> Option<(Vec<u8>, Copied)> {
        let filled = self.fill_down(record, columns)?;
        let bytes = record.bytes(columns).ok()?;
        let (text, places) = (without_end(bytes), columns.rejects());
        // In their places only where it is certain which those are.
        let is_whole = self.fields.split(bytes).count() == columns.count();
        let line = match places.are_there() && !is_whole {
            true => text.to_vec(),
            false => csv_record(text, columns.delimiter(), places, values, &filled),
        };
        Some((line, Copied::Whole))
    }
}

/// The cells of a record that mean the value above, as they are to be written; none where that is
/// not known.
fn fill_down(
    columns: &mut [FilledDown],
    layout: &Columns,
    record: Record<'_>,
    fields: &mut CsvFields,
) -> Option<Vec<(usize, Vec<u8>)>> {
    let mut filled = Vec::new();
    if columns.is_empty() {
        return Some(filled);
    }
    let bytes = record.bytes(layout).ok();
    let whole = bytes.filter(|bytes| fields.split(bytes).count() == layout.count());
    let Some(bytes) = whole else {
        columns.iter_mut().for_each(|column| column.above = None);
        return bytes.map(|_| filled);
    };
    let text = without_end(bytes);
    let spans: Vec<_> = FieldSpans::of(text, layout.delimiter()).collect();
    let mut is_known = true;
    for FilledDown { column, above } in columns {
        let Some(span) = spans.get(*column) else {
            continue;
        };
        let cell = &text[span.start..span.end];
        let is_empty = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'"';
        match (cell.iter().all(is_empty), above) {
            (false, above) => *above = Some(cell.to_vec()),
            (true, Some(above)) if !above.is_empty() => filled.push((*column, above.clone())),
            (true, Some(_)) => {}
            (true, None) => is_known = false,
        }
    }
    is_known.then_some(filled)
}
