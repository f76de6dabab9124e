//! BBCode under way: its words, with the blanks, line ends and tags that are due before them.

use crate::markup::brackets;

use super::frame::{Frame, Holder};
use super::mark::Mark;

/// BBCode under way.
#[derive(Debug, Default)]
pub struct Writer {
    pub(super) out: String,
    /// Line ends that are due before the next word: one begins a line, two leave one empty.
    pub(super) breaks: u8,
    /// Whether a blank is due before the next word.
    pub(super) space: bool,
    /// Whether there is a word since the text, or what holds it, began.
    pub(super) has_begun: bool,
    /// Whether the line that is being written holds nothing but no-break spaces.
    pub(super) is_blank_line: bool,
    /// What the next word is to be shown as, and how often that is asked for.
    pub(super) wanted: Vec<(Mark, u32)>,
    /// The marks whose tags are open.
    pub(super) open: Vec<Mark>,
    /// Of those, how many have not ended since the last word. One that has and is asked for again
    /// goes on within a line, but not on the next one.
    pub(super) unended: usize,
    pub(super) link: String,
    pub(super) frames: Vec<Frame>,
    /// Holders that are not written since they lie too deep.
    pub(super) too_deep: u32,
    pub(super) tables: usize,
    pub(super) preformatted: u32,
    /// Blanks and line ends of preformatted text that are due before its next word.
    pub(super) held: String,
}

impl Writer {
    /// Text in which any run of blanks and line ends is one blank, unless it is preformatted.
    pub fn text(&mut self, text: &str) {
        for (run, is_blank) in runs(text) {
            match (self.preformatted > 0, is_blank) {
                (true, true) => self.held.push_str(run),
                (true, false) => self.preformatted_word(run),
                (false, true) => self.blank(run),
                (false, false) => self.word(run),
            }
        }
    }

    /// Text whose line ends are line breaks.
    pub fn lines(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.line_break();
            }
            self.text(line);
        }
    }

    /// BBCode that is ready, such as an image.
    pub fn tag(&mut self, tag: &str) {
        self.prepare();
        self.out.push_str(tag);
    }

    pub fn line_break(&mut self) {
        match self.preformatted > 0 {
            true => self.held.push('\n'),
            false => {
                self.breaks = (self.breaks + 1).min(2);
                self.space = false;
            }
        }
    }

    /// Here begins or ends a line.
    pub fn block(&mut self) {
        self.begin_line(1);
    }

    /// Here begins or ends a paragraph.
    pub fn paragraph(&mut self) {
        self.begin_line(2);
    }

    /// A line across the text.
    pub fn rule(&mut self) {
        self.block();
        self.text("———");
        self.block();
    }

    fn begin_line(&mut self, breaks: u8) {
        let breaks = if self.is_blank_line { 2 } else { breaks };
        self.is_blank_line = false;
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    /// From here on blanks and line ends are kept as they are.
    pub fn start_preformatted(&mut self) {
        if self.preformatted == 0 {
            self.held.clear();
        }
        self.preformatted += 1;
    }

    pub fn end_preformatted(&mut self) {
        self.preformatted = self.preformatted.saturating_sub(1);
        if self.preformatted == 0 {
            self.space |= !self.held.is_empty();
            self.held.clear();
        }
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.too_deep = 0;
        while let Some(frame) = self.frames.last() {
            match frame.holder {
                Holder::Table(_) => self.end_table(),
                _ => self.end_holder(),
            }
        }
        self.close_marks(0);
        self.out
    }

    fn blank(&mut self, run: &str) {
        self.space = true;
        // Mail programs write an empty line as a paragraph with a no-break space.
        self.is_blank_line |= self.breaks > 0 && run.contains('\u{a0}');
    }

    fn word(&mut self, word: &str) {
        self.prepare();
        brackets::push_text(&mut self.out, word);
    }

    fn preformatted_word(&mut self, word: &str) {
        let begins_line = !self.has_begun || self.breaks > 0;
        self.prepare();
        let held = std::mem::take(&mut self.held);
        // Where a line begins anyway, only what the word is indented by is left to be written.
        let blanks = match held.rfind('\n') {
            Some(at) if begins_line => &held[at + 1..],
            _ => &held,
        };
        self.out.push_str(blanks);
        brackets::push_text(&mut self.out, word);
    }

    /// Writes all that is due before the next word.
    pub(super) fn prepare(&mut self) {
        self.is_blank_line = false;
        self.open_frames();
        let wanted = self.marks_to_write();
        let kept = self.marks_to_keep(&wanted);
        self.close_marks(kept);
        if self.has_begun {
            match (self.breaks, self.space) {
                (0, true) => self.out.push(' '),
                (breaks, _) => (0..breaks).for_each(|_| self.out.push('\n')),
            }
        }
        self.has_begun = true;
        self.breaks = 0;
        self.space = false;
        for mark in &wanted[kept..] {
            self.open_mark(*mark);
        }
        self.unended = usize::MAX;
    }

    /// How many of the open marks go on.
    fn marks_to_keep(&self, wanted: &[Mark]) -> usize {
        let kept = self.open.iter().zip(wanted);
        let kept = kept.take_while(|(open, wanted)| open == wanted).count();
        match self.breaks > 0 || self.open.contains(&Mark::Code) {
            true => kept.min(self.unended),
            false => kept,
        }
    }
}

/// A text's runs of blanks and of everything else, by turns.
fn runs(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_blank = |letter: char| letter.is_ascii_whitespace() || letter == '\u{a0}';
    let mut rest = text;
    std::iter::from_fn(move || {
        let blank = is_blank(rest.chars().next()?);
        let end = rest.find(|letter| is_blank(letter) != blank);
        let (run, others) = rest.split_at(end.unwrap_or(rest.len()));
        rest = others;
        Some((run, blank))
    })
}
