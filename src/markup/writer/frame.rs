//! What holds other text: quotes, lists, items and tables.

use crate::markup::table::Table;

/// What holds other text.
#[derive(Debug)]
pub(super) enum Holder {
    Quote,
    /// With `[list]`, or `[list=1]`.
    List {
        ordered: bool,
    },
    /// One that begins at another number than 1, which no tag can say: with the next number.
    Numbered(u64),
    Item,
    Table(Box<OuterState>),
}

/// What is to be done about the text around a table once that has ended.
#[derive(Debug)]
pub(super) struct OuterState {
    pub(super) table: Table,
    pub(super) breaks: u8,
    pub(super) space: bool,
    pub(super) at_start: bool,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) holder: Holder,
    pub(super) is_written: bool,
}

/// How many holders are written inside each other; what lies deeper is written without them.
pub(super) const DEEPEST: usize = 32;
