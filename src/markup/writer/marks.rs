//! Marks that begin and end, in whatever order the text has them.

use super::mark::{Mark, tags};
use super::state::Writer;

impl Writer {
    pub fn start(&mut self, mark: Mark) {
        match self.wanted.iter_mut().find(|(wanted, _)| *wanted == mark) {
            Some((_, times)) => *times += 1,
            None => self.wanted.push((mark, 1)),
        }
    }

    pub fn end(&mut self, mark: Mark) {
        if let Some(at) = self.wanted.iter().position(|(wanted, _)| *wanted == mark) {
            self.wanted[at].1 -= 1;
            if self.wanted[at].1 == 0 {
                self.wanted.remove(at);
                let open = self.open.iter().position(|open| *open == mark);
                self.unended = self.unended.min(open.unwrap_or(usize::MAX));
            }
        }
    }

    /// From here on the text is a link; the one before ends, since links hold no links.
    pub fn start_link(&mut self, address: String) {
        if let Some(at) = self.open.iter().position(|open| *open == Mark::Link) {
            self.close_marks(at);
        }
        self.link = address;
        self.start(Mark::Link);
    }

    /// Those that are asked for; within code nothing else is rendered.
    pub(super) fn marks_to_write(&self) -> Vec<Mark> {
        let marks = self.wanted.iter().map(|(mark, _)| *mark);
        let code = self.wanted.iter().position(|(mark, _)| *mark == Mark::Code);
        marks
            .take(code.map_or(usize::MAX, |code| code + 1))
            .collect()
    }

    pub(super) fn open_mark(&mut self, mark: Mark) {
        match mark {
            Mark::Link => self.out.extend(["[url=", self.link.as_str(), "]"]),
            _ => self.out.push_str(tags(mark)[0]),
        }
        self.open.push(mark);
    }

    /// Closes the marks from this one on.
    pub(super) fn close_marks(&mut self, from: usize) {
        while self.open.len() > from {
            if let Some(mark) = self.open.pop() {
                self.out.push_str(tags(mark)[1]);
            }
        }
    }
}
