//! What a chunk is to know of the records before it, where a mapping fills cells down.

use std::sync::Arc;

use super::Chunk;
use super::columns::Header;
use super::left_over::LeftOver;
use super::mapping::{BoundMapping, Carry};
use super::record_parser::RecordParser;

/// Keeps what stands above the next record, from chunk to chunk.
#[derive(Debug)]
pub(super) struct Carrier {
    mapping: Arc<BoundMapping>,
    header: Arc<Header>,
    parser: Box<dyn RecordParser>,
    carry: Carry,
}

impl Carrier {
    /// At the beginning of a manifest; none where the mapping fills nothing down.
    pub fn of(
        mapping: &Arc<BoundMapping>,
        header: &Arc<Header>,
        parser: Box<dyn RecordParser>,
    ) -> Option<Carrier> {
        let carry = mapping.carry();
        (!carry.is_idle()).then(|| Carrier {
            mapping: Arc::clone(mapping),
            header: Arc::clone(header),
            parser,
            carry,
        })
    }

    /// Gives the chunk what stands above its first record, and goes on behind its last one.
    pub fn pass(&mut self, chunk: &mut Chunk) {
        chunk.carry.clone_from(&self.carry);
        let columns = &self.header.columns;
        let mut passing = self.carry.pass();
        for record in chunk.records().rev() {
            if passing.is_done() {
                return;
            }
            let mut cells = Vec::new();
            let read = record.bytes(columns).and_then(|bytes| {
                let mut show = |_: LeftOver<'_>| {};
                self.parser.cells(
                    record.at,
                    bytes,
                    columns,
                    &self.mapping,
                    &mut cells,
                    &mut show,
                )
            });
            passing.record(read.is_ok().then_some(&cells));
        }
    }
}
