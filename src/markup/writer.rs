//! BBCode, written from left to right.
//!
//! Tags are written no sooner than there is something to put into them, so none is empty, and they
//! are closed in the order in which that has to be, whatever order the text ends them in.

use super::brackets;
use super::table::Table;

/// What a stretch of text is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Bold,
    Italic,
    Underline,
    Strike,
    Code,
    Link,
}

/// What holds other text.
#[derive(Debug)]
enum Holder {
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
struct OuterState {
    table: Table,
    breaks: u8,
    space: bool,
    at_start: bool,
}

#[derive(Debug)]
struct Frame {
    holder: Holder,
    is_written: bool,
}

/// How many holders are written inside each other; what lies deeper is written without them.
const DEEPEST: usize = 32;

/// The same for tables, whose cells are copied once for each table around them.
const DEEPEST_TABLES: usize = 6;

/// BBCode under way.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    /// Line ends that are due before the next word: one begins a line, two leave one empty.
    breaks: u8,
    /// Whether a blank is due before the next word.
    space: bool,
    /// Whether there is a word since the text, or what holds it, began.
    has_begun: bool,
    /// Whether the line that is being written holds nothing but no-break spaces.
    is_blank_line: bool,
    /// What the next word is to be shown as, and how often that is asked for.
    wanted: Vec<(Mark, u32)>,
    /// The marks whose tags are open.
    open: Vec<Mark>,
    /// Of those, how many have not ended since the last word. One that has and is asked for again
    /// goes on within a line, but not on the next one.
    unended: usize,
    link: String,
    frames: Vec<Frame>,
    /// Holders that are not written since they lie too deep.
    too_deep: u32,
    tables: usize,
    preformatted: u32,
    /// Blanks and line ends of preformatted text that are due before its next word.
    held: String,
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

    /// From here on blanks and line ends are kept as they are.
    pub fn start_preformatted(&mut self) {
        if self.preformatted == 0 {
            self.held.clear();
        }
        self.preformatted += 1;
    }

    pub fn end_preformatted(&mut self) {
        self.preformatted = self.preformatted.saturating_sub(1);
        self.space |= !self.held.is_empty();
        self.held.clear();
    }

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

    fn enter(&mut self, holder: Holder) {
        match self.frames.len() < DEEPEST {
            true => self.frames.push(Frame {
                holder,
                is_written: false,
            }),
            false => self.too_deep += 1,
        }
    }

    fn leave(&mut self, frame: &Frame) {
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

    fn write_block(&mut self, written: &str) {
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
    fn table(&mut self) -> Option<&mut Table> {
        self.frames
            .iter_mut()
            .rev()
            .find_map(|frame| match &mut frame.holder {
                Holder::Table(outer) => Some(&mut outer.table),
                _ => None,
            })
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
    fn prepare(&mut self) {
        self.is_blank_line = false;
        self.open_frames();
        let wanted: Vec<Mark> = self.marks_to_write();
        let kept = self.open.iter().zip(&wanted);
        let kept = kept.take_while(|(open, wanted)| open == wanted).count();
        let has_ended = self.breaks > 0 || self.open.contains(&Mark::Code);
        let kept = match has_ended {
            true => kept.min(self.unended),
            false => kept,
        };
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

    /// Those that are asked for; within code nothing else is rendered.
    fn marks_to_write(&self) -> Vec<Mark> {
        let marks = self.wanted.iter().map(|(mark, _)| *mark);
        let code = self.wanted.iter().position(|(mark, _)| *mark == Mark::Code);
        marks
            .take(code.map_or(usize::MAX, |code| code + 1))
            .collect()
    }

    fn open_mark(&mut self, mark: Mark) {
        match mark {
            Mark::Link => self.out.extend(["[url=", self.link.as_str(), "]"]),
            _ => self.out.push_str(tags(mark)[0]),
        }
        self.open.push(mark);
    }

    /// Closes the marks from this one on.
    fn close_marks(&mut self, from: usize) {
        while self.open.len() > from {
            if let Some(mark) = self.open.pop() {
                self.out.push_str(tags(mark)[1]);
            }
        }
    }

    /// Writes what holds the next word, as far as the innermost table's cell.
    fn open_frames(&mut self) {
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

    fn open_frame(&mut self, at: usize) {
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

/// The tags around a mark.
fn tags(mark: Mark) -> [&'static str; 2] {
    match mark {
        Mark::Bold => ["[b]", "[/b]"],
        Mark::Italic => ["[i]", "[/i]"],
        Mark::Underline => ["[u]", "[/u]"],
        Mark::Strike => ["[s]", "[/s]"],
        Mark::Code => ["[code]", "[/code]"],
        Mark::Link => ["[url]", "[/url]"],
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(tell: impl FnOnce(&mut Writer)) -> String {
        let mut writer = Writer::default();
        tell(&mut writer);
        writer.finish()
    }

    #[test]
    fn marks_are_nested_whatever_order_they_end_in() {
        let text = written(|writer| {
            writer.start(Mark::Bold);
            writer.text("one ");
            writer.start(Mark::Italic);
            writer.text("two");
            writer.end(Mark::Bold);
            writer.text(" three");
            writer.end(Mark::Italic);
            writer.text(" four");
        });
        assert_eq!(text, "[b]one [i]two[/i][/b] [i]three[/i] four");
    }

    #[test]
    fn lists_and_quotes_hold_what_has_words() {
        let text = written(|writer| {
            writer.text("a");
            writer.start_list(None);
            for item in ["x", "", "y"] {
                writer.start_item();
                writer.text(item);
                writer.end_holder();
            }
            writer.end_holder();
            writer.start_quote();
            writer.end_holder();
            writer.start_quote();
            writer.text("q");
            writer.end_holder();
            writer.text("b");
        });
        assert_eq!(text, "a\n[list]\n[*]x\n[*]y\n[/list]\n[quote]q[/quote]\nb");
    }

    #[test]
    fn a_list_from_another_number_is_text() {
        let text = written(|writer| {
            writer.start_list(Some(3));
            for item in ["c", "d"] {
                writer.start_item();
                writer.text(item);
                writer.end_holder();
            }
            writer.end_holder();
        });
        assert_eq!(text, "3. c\n4. d");
    }

    #[test]
    fn what_lies_too_deep_loses_its_holder_and_no_word() {
        let text = written(|writer| {
            (0..1_000).for_each(|_| writer.start_quote());
            writer.text("deep");
            (0..1_000).for_each(|_| writer.end_holder());
            writer.text("flat");
        });
        assert!(text.ends_with("[/quote]\nflat"), "{text}");
        assert_eq!(text.matches("[quote]").count(), DEEPEST);
    }
}
