//! What a chunk is to know of the records before it, where a mapping fills cells down.

use std::sync::Arc;

use super::columns::Header;
use super::csv_fields::CsvFields;
use super::mapping::{BoundMapping, Carry};
use super::record_posts::{LeftOver, cells_of};
use super::{Chunk, InputFormat};

/// Keeps what stands above the next record, from chunk to chunk.
#[derive(Debug)]
pub(super) struct Carrier {
    mapping: Arc<BoundMapping>,
    header: Arc<Header>,
    format: InputFormat,
    carry: Carry,
    fields: CsvFields,
}

impl Carrier {
    /// At the beginning of a manifest; none where the mapping fills nothing down.
    pub fn of(
        mapping: &Arc<BoundMapping>,
        header: &Arc<Header>,
        format: InputFormat,
    ) -> Option<Carrier> {
        let (carry, columns) = (mapping.carry(), &header.columns);
        (!carry.is_idle()).then(|| Carrier {
            mapping: Arc::clone(mapping),
            fields: CsvFields::new(columns.count(), columns.delimiter()),
            header: Arc::clone(header),
            format,
            carry,
        })
    }

    /// Gives the chunk what stands above its first record, and goes on behind its last one.
    pub fn pass(&mut self, chunk: &mut Chunk) {
        chunk.carry.clone_from(&self.carry);
        let layout = (&self.header.columns, self.format);
        let mut passing = self.carry.pass();
        for record in chunk.records().rev() {
            if passing.is_done() {
                return;
            }
            let mut cells = Vec::new();
            let mut show = |_: LeftOver<'_>| {};
            let read = cells_of(
                &self.mapping,
                layout,
                record,
                &mut self.fields,
                &mut cells,
                &mut show,
            );
            passing.record(read.is_ok().then_some(&cells));
        }
    }
}
