//! Quotes, lists and items.

use super::frame::{DEEPEST, Frame, Holder};
use super::state::Writer;

impl Writer {
    pub fn start_quote(&mut self) {
        self.block();
        self.enter(Holder::Quote);
    }

    pub fn start_list(&mut self, first: Option<u64>) {
        self.block();
        self.enter(match first {
            None => Holder::List { ordered: false },
            Some(1) => Holder::List { ordered: true },
            Some(first) => Holder::Numbered(first),
        });
    }

    /// Outside a list, an item is a line.
    pub fn start_item(&mut self) {
        self.block();
        self.enter(Holder::Item);
    }

    /// The innermost quote, list or item ends.
    pub fn end_holder(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return self.block();
        }
        if !matches!(self.frames.last(), Some(frame) if !matches!(frame.holder, Holder::Table(_))) {
            return;
        }
        if let Some(frame) = self.frames.pop() {
            self.leave(&frame);
        }
    }

    pub(super) fn enter(&mut self, holder: Holder) {
        match self.frames.len() < DEEPEST {
            true => self.frames.push(Frame {
                holder,
                is_written: false,
            }),
            false => self.too_deep += 1,
        }
    }

    pub(super) fn leave(&mut self, frame: &Frame) {
        if frame.is_written {
            self.close_marks(0);
            match frame.holder {
                Holder::Quote => self.out.push_str("[/quote]"),
                Holder::List { .. } => self.out.push_str("\n[/list]"),
                Holder::Numbered(_) | Holder::Item | Holder::Table(_) => {}
            }
            self.has_begun = true;
            self.breaks = 0;
        }
        self.block();
    }

    /// Writes what holds the next word, as far as the innermost table's cell.
    pub(super) fn open_frames(&mut self) {
        let in_table = |frame: &Frame| matches!(frame.holder, Holder::Table(_));
        let first = self
            .frames
            .iter()
            .rposition(in_table)
            .map_or(0, |at| at + 1);
        if first > 0 && self.table().is_some_and(|table| !table.has_open_cell()) {
            self.start_cell(false);
        }
        for at in first..self.frames.len() {
            if !self.frames[at].is_written {
                self.frames[at].is_written = true;
                self.open_frame(at);
            }
        }
    }

    pub(super) fn open_frame(&mut self, at: usize) {
        let number = match (&self.frames[at].holder, at.checked_sub(1)) {
            (Holder::Item, Some(list)) => match &mut self.frames[list].holder {
                Holder::Numbered(number) => {
                    *number = number.saturating_add(1);
                    Some(*number - 1)
                }
                Holder::List { .. } => None,
                _ => return,
            },
            (Holder::Item, None) | (Holder::Numbered(_), _) => return,
            _ => None,
        };
        self.close_marks(0);
        let is_item = matches!(self.frames[at].holder, Holder::Item);
        if self.has_begun {
            let breaks = if is_item { 1 } else { self.breaks.max(1) };
            (0..breaks).for_each(|_| self.out.push('\n'));
        }
        match (&self.frames[at].holder, number) {
            (Holder::Item, Some(number)) => self.out.push_str(&format!("{number}. ")),
            (Holder::Item, None) => self.out.push_str("[*]"),
            (Holder::Quote, _) => self.out.push_str("[quote]"),
            (Holder::List { ordered: true }, _) => self.out.push_str("[list=1]"),
            (Holder::List { ordered: false }, _) => self.out.push_str("[list]"),
            (Holder::Numbered(_) | Holder::Table(_), _) => {}
        }
        self.breaks = 0;
        self.space = false;
        // The first item stands on a line of its own.
        self.has_begun = matches!(self.frames[at].holder, Holder::List { .. });
    }
}
