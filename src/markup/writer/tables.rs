//! Tables: their cells are written one behind the other, and put in order at the end.

use crate::markup::table::Table;

use super::frame::{DEEPEST, Frame, Holder, OuterState};
use super::state::Writer;

/// The same for tables, whose cells are copied once for each table around them.
const DEEPEST_TABLES: usize = 6;

impl Writer {
    /// A table, which surely holds data, or is surely there for the layout, or is looked at.
    pub fn start_table(&mut self, is_data: Option<bool>) {
        self.block();
        if self.tables == DEEPEST_TABLES || self.frames.len() >= DEEPEST {
            self.too_deep += 1;
            return;
        }
        self.close_marks(0);
        let table = Table::at(self.out.len(), is_data);
        let outer = OuterState {
            table,
            breaks: self.breaks,
            space: self.space,
            at_start: !self.has_begun,
        };
        self.tables += 1;
        self.frames.push(Frame {
            holder: Holder::Table(Box::new(outer)),
            is_written: true,
        });
    }

    /// The next cell of the table begins.
    pub fn start_cell(&mut self, is_header: bool) {
        if self.too_deep > 0 {
            return self.block();
        }
        self.end_cell();
        let start = self.out.len();
        if let Some(table) = self.table() {
            table.begin_cell(start, is_header);
            self.has_begun = false;
            self.breaks = 0;
            self.space = false;
        }
    }

    /// The row of the table ends.
    pub fn end_row(&mut self) {
        if self.too_deep > 0 {
            return self.block();
        }
        self.end_cell();
        if let Some(table) = self.table() {
            table.end_row();
        }
    }

    pub fn end_cell(&mut self) {
        if self.too_deep > 0 || self.table().is_none() {
            return;
        }
        while matches!(self.frames.last(), Some(frame) if !matches!(frame.holder, Holder::Table(_)))
        {
            self.end_holder();
        }
        self.close_marks(0);
        let end = self.out.len();
        if let Some(table) = self.table() {
            table.end_cell(end);
        }
    }

    pub fn end_table(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return self.block();
        }
        self.end_row();
        if !matches!(self.frames.last(), Some(frame) if matches!(frame.holder, Holder::Table(_))) {
            return;
        }
        let Some(Frame {
            holder: Holder::Table(outer),
            ..
        }) = self.frames.pop()
        else {
            return;
        };
        self.tables -= 1;
        let cells = self.out.split_off(outer.table.start);
        let written = outer.table.written(&cells);
        self.breaks = outer.breaks;
        self.space = outer.space;
        self.has_begun = !outer.at_start;
        if !written.is_empty() {
            self.write_block(&written);
        }
        self.block();
    }

    pub(super) fn write_block(&mut self, written: &str) {
        // A table around this one is there for the layout.
        if let Some(table) = self.table() {
            table.is_data = Some(false);
        }
        let wanted = std::mem::take(&mut self.wanted);
        self.prepare();
        self.wanted = wanted;
        self.out.push_str(written);
    }

    /// The table that the text is in.
    pub(super) fn table(&mut self) -> Option<&mut Table> {
        self.frames
            .iter_mut()
            .rev()
            .find_map(|frame| match &mut frame.holder {
                Holder::Table(outer) => Some(&mut outer.table),
                _ => None,
            })
    }
}
