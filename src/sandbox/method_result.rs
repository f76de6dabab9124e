//! What a method answers when nothing is wrong: a value, and for lists where the page ends.

use std::ops::Range;

use super::php::{Array, Key, Php};

/// Entries of a list that one answer holds.
const PAGE: usize = 50;

/// A method's answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MethodResult {
    pub value: Php,
    /// Where the next page starts, when there is one.
    pub next: Option<usize>,
    /// How many entries there are on all pages.
    pub total: Option<usize>,
}

impl From<Php> for MethodResult {
    fn from(value: Php) -> MethodResult {
        MethodResult {
            value,
            next: None,
            total: None,
        }
    }
}

impl MethodResult {
    /// `next` and `total` as a direct call has them between its result and its time.
    pub(super) fn enter(self, body: &mut Array) {
        let number = |number: usize| Php::Int(number as i64);
        let entries = [
            ("result", Some(self.value)),
            ("next", self.next.map(number)),
            ("total", self.total.map(number)),
        ];
        for (name, value) in entries {
            if let Some(value) = value {
                body.insert(Key::from_text(name.as_bytes()), value);
            }
        }
    }
}

/// The page of a list that a call asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageRange {
    start: usize,
    size: usize,
    total: usize,
    /// A negative `start` is the first page, and asks not to count.
    counted: bool,
    /// A call that names its own size is told of no next page.
    goes_on: bool,
}

impl PageRange {
    /// The page that `start` names, of so many entries.
    pub(super) fn of(params: &Array, total: usize) -> PageRange {
        let start = params.named("start").map_or(0, Php::to_int);
        PageRange {
            start: usize::try_from(start).unwrap_or(0).min(total),
            size: PAGE,
            total,
            counted: start >= 0,
            goes_on: start >= 0,
        }
    }

    /// The page of a call that names its size.
    pub(super) fn first(size: usize, total: usize) -> PageRange {
        PageRange {
            start: 0,
            size,
            total,
            counted: true,
            goes_on: false,
        }
    }

    /// The entries on it.
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.total.min(self.start + self.size)
    }

    /// The answer that holds this page.
    pub(super) fn reply(self, value: Php) -> MethodResult {
        let end = self.range().end;
        MethodResult {
            value,
            next: (self.goes_on && end < self.total).then_some(end),
            total: self.counted.then_some(self.total),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_fifty() {
        for (start, total, range, next, counted) in [
            (0, 120, 0..50, Some(50), Some(120)),
            (100, 120, 100..120, None, Some(120)),
            (0, 50, 0..50, None, Some(50)),
            (70, 50, 50..50, None, Some(50)),
            (-1, 120, 0..50, None, None),
        ] {
            let params = Array::from_names([("start", Php::Int(start))]);
            let page = PageRange::of(&params, total);
            assert_eq!(page.range(), range, "{start} of {total}");
            let reply = page.reply(Php::Null);
            assert_eq!(
                (reply.next, reply.total),
                (next, counted),
                "{start} of {total}"
            );
        }
        assert_eq!(PageRange::of(&Array::new(), 3).range(), 0..3);
    }
}
