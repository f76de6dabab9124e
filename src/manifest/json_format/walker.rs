//! Finds the rows in JSON of any shape: which values are rows, and where each begins and ends.
//!
//! The text comes in parts and is gone through once, so a list of a million rows takes no more memory
//! than its longest row. What is around the rows is checked as it comes: brackets, commas, colons. Of a
//! row only brackets and texts are looked at, so that what else is wrong in it stays its own problem.

use memchr::memchr3;

use super::broken::{BrokenJson, Defect};
use super::rows_at::{Frame, RowsAt};

/// What comes next in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A row begins with that byte.
    RowStart(usize),
    /// A row ends before that byte, which is its last bracket or quote, or what follows its last
    /// letter.
    RowEnd(usize),
    /// A key of an object that stands for itself.
    TopKey,
}

/// Goes through a text.
#[derive(Clone, Debug)]
pub(super) struct Walker {
    rows: RowsAt,
    /// Physical line of the next byte, from 1.
    line: u64,
    after_cr: bool,
    /// What is open around the next byte, but within a row.
    frames: Vec<Frame>,
    expect: Expect,
    in_hand: InHand,
    /// Brackets that are open within the row in hand.
    nest: Vec<u8>,
    row_line: u64,
    /// Within a text of the row.
    in_text: bool,
    /// Behind a backslash.
    escaped: bool,
    text_line: u64,
    /// The first text with a line end in it.
    long_text: Option<u64>,
    /// Objects and lists that stand for themselves, and the lists among them.
    pub tops: u64,
    pub top_lists: u64,
    /// Whether there is a list at the path.
    pub has_list: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Top,
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InHand {
    Nothing,
    Key,
    Text { is_row: bool },
    Word { is_row: bool },
    Nest,
}

/// Brackets within brackets; what is nested deeper is no data.
const DEEPEST: usize = 500;

impl Walker {
    /// Before the first byte of line 1.
    pub fn new(rows: RowsAt) -> Walker {
        Walker {
            rows,
            line: 1,
            after_cr: false,
            frames: Vec::new(),
            expect: Expect::Top,
            in_hand: InHand::Nothing,
            nest: Vec::new(),
            row_line: 1,
            in_text: false,
            escaped: false,
            text_line: 1,
            long_text: None,
            tops: 0,
            top_lists: 0,
            has_list: false,
        }
    }

    /// Goes on from that byte to the next that is found; none at the end of this part of the text.
    ///
    /// # Errors
    /// When something is wrong around the rows, or with the brackets of one.
    pub fn advance(&mut self, input: &[u8], at: &mut usize) -> Result<Option<Found>, BrokenJson> {
        let mut found = None;
        while found.is_none() && *at < input.len() {
            found = match self.in_hand {
                InHand::Nothing => self.between(input, at)?,
                InHand::Nest => self.nested(input, at)?,
                InHand::Key => self.key(input, at),
                InHand::Text { is_row } => self.text(input, at, is_row),
                InHand::Word { is_row } => self.word(input, at, is_row)?,
            };
        }
        if *at > 0 {
            self.after_cr = input[*at - 1] == b'\r';
        }
        Ok(found)
    }

    /// Tells the walker that no text follows.
    ///
    /// # Errors
    /// When something is still open.
    pub fn finish(&self) -> Result<(), BrokenJson> {
        let (what, line) = match (self.in_hand, self.frames.last()) {
            (InHand::Nest, _) if self.nest.first() == Some(&b'[') => ("list", self.row_line),
            (InHand::Nest, _) => ("object", self.row_line),
            (_, Some(frame)) if frame.is_list => ("list", frame.line),
            (_, Some(frame)) => ("object", frame.line),
            (_, None) => return Ok(()),
        };
        Err(self.broken(Defect::Ends { what, line }))
    }

    /// The line of the next byte.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The line on which the row in hand, or the last one, begins.
    pub fn row_line(&self) -> u64 {
        self.row_line
    }

    /// The keys that lead to what is in hand.
    pub fn path(&self) -> Vec<String> {
        let objects = self.frames.iter().filter(|frame| !frame.is_list);
        objects.map(Frame::key).collect()
    }

    fn broken(&self, defect: Defect) -> BrokenJson {
        BrokenJson {
            line: self.line,
            defect,
            long_text: self.long_text,
        }
    }

    /// Counts the line end at that byte; CR LF is one.
    fn count(&mut self, input: &[u8], at: usize) {
        let after_cr = match at {
            0 => self.after_cr,
            at => input[at - 1] == b'\r',
        };
        self.line += u64::from(input[at] == b'\r' || !after_cr);
    }

    /// Where nothing is in hand.
    fn between(&mut self, input: &[u8], at: &mut usize) -> Result<Option<Found>, BrokenJson> {
        let byte = input[*at];
        match (byte, self.expect) {
            (b' ' | b'\t', _) => {}
            (b'\n' | b'\r', _) => self.count(input, *at),
            (b'}' | b']', Expect::CommaOrEnd | Expect::ValueOrEnd | Expect::KeyOrEnd) => {
                self.close(byte)?;
            }
            (b'}' | b']', Expect::Value | Expect::Key) if self.is_behind_comma() => {
                return Err(self.broken(Defect::CommaBefore(char::from(byte))));
            }
            (b',', Expect::CommaOrEnd) => {
                let is_list = self.frames.last().is_some_and(|frame| frame.is_list);
                self.expect = match is_list {
                    true => Expect::Value,
                    false => Expect::Key,
                };
            }
            (b':', Expect::Colon) => self.expect = Expect::Value,
            (b'"', Expect::Key | Expect::KeyOrEnd) => {
                self.in_hand = InHand::Key;
                if let Some(frame) = self.frames.last_mut() {
                    frame.clear_key();
                }
            }
            (b'{' | b'[', Expect::Top) => {
                self.tops += 1;
                self.top_lists += u64::from(byte == b'[');
                return self.begin(byte, at);
            }
            (_, Expect::Value | Expect::ValueOrEnd) if begins_value(byte) => {
                return self.begin(byte, at);
            }
            _ => return Err(self.unexpected(&input[*at..])),
        }
        *at += 1;
        Ok(None)
    }

    /// Whether a comma and nothing else stands before what comes next.
    fn is_behind_comma(&self) -> bool {
        let is_list = self.frames.last().is_some_and(|frame| frame.is_list);
        is_list || self.expect == Expect::Key
    }

    fn unexpected(&self, rest: &[u8]) -> BrokenJson {
        let is_comment = [&b"//"[..], b"/*", b"#"];
        if is_comment.iter().any(|mark| rest.starts_with(mark)) {
            return self.broken(Defect::Comment);
        }
        let text = String::from_utf8_lossy(&rest[..rest.len().min(60)]);
        let text: String = text
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(20)
            .collect();
        let place = match self.expect {
            Expect::Top if rest.starts_with(b",") => return self.broken(Defect::CommaOutside),
            Expect::Top => "where an object or a list is to begin",
            Expect::Value | Expect::ValueOrEnd => "where a value is to begin",
            Expect::Key | Expect::KeyOrEnd => "where a name in double quotes is to stand",
            Expect::Colon => "where a colon is to stand",
            Expect::CommaOrEnd => "where a comma is to stand",
        };
        self.broken(Defect::Unexpected { text, place })
    }

    /// A value begins with that byte.
    fn begin(&mut self, byte: u8, at: &mut usize) -> Result<Option<Found>, BrokenJson> {
        let matched = self.rows.matched(self.frames.last());
        let is_row = self.rows.is_row(byte, &self.frames, matched);
        *at += 1;
        self.in_hand = match byte {
            b'{' | b'[' if is_row => {
                self.nest.clear();
                self.nest.push(byte);
                InHand::Nest
            }
            b'{' | b'[' => {
                if self.frames.len() == DEEPEST {
                    return Err(self.broken(Defect::TooDeep));
                }
                let is_list = byte == b'[';
                self.has_list |= is_list && self.rows.is_path(matched);
                self.expect = match is_list {
                    true => Expect::ValueOrEnd,
                    false => Expect::KeyOrEnd,
                };
                self.frames.push(Frame::new(is_list, self.line, matched));
                InHand::Nothing
            }
            b'"' => InHand::Text { is_row },
            _ => InHand::Word { is_row },
        };
        self.text_line = self.line;
        if is_row {
            self.row_line = self.line;
        }
        Ok(is_row.then_some(Found::RowStart(*at - 1)))
    }

    /// A value has ended.
    fn end(&mut self) {
        self.in_hand = InHand::Nothing;
        self.expect = match self.frames.is_empty() {
            true => Expect::Top,
            false => Expect::CommaOrEnd,
        };
    }

    /// A bracket closes what is open around the rows.
    fn close(&mut self, byte: u8) -> Result<(), BrokenJson> {
        match self.frames.pop() {
            Some(frame) if frame.is_list == (byte == b']') => {
                self.end();
                Ok(())
            }
            frame => Err(self.broken(Defect::Mismatch {
                bracket: char::from(byte),
                line: frame.map_or(self.line, |frame| frame.line),
            })),
        }
    }

    fn key(&mut self, input: &[u8], at: &mut usize) -> Option<Found> {
        let start = *at;
        let is_closed = self.skip_text(input, at);
        let end = *at - usize::from(is_closed);
        let level = self.frames.len();
        if let Some(frame) = self.frames.last_mut() {
            frame.add_to_key(&input[start..end]);
        }
        if !is_closed {
            return None;
        }
        self.in_hand = InHand::Nothing;
        self.expect = Expect::Colon;
        (level == 1).then_some(Found::TopKey)
    }

    fn text(&mut self, input: &[u8], at: &mut usize, is_row: bool) -> Option<Found> {
        if !self.skip_text(input, at) {
            return None;
        }
        self.end();
        is_row.then_some(Found::RowEnd(*at - 1))
    }

    /// A number or a word ends before the byte that ends it, which a row has to take along.
    fn word(
        &mut self,
        input: &[u8],
        at: &mut usize,
        is_row: bool,
    ) -> Result<Option<Found>, BrokenJson> {
        let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        let Some(length) = input[*at..].iter().position(is_end) else {
            *at = input.len();
            return Ok(None);
        };
        *at += length;
        self.end();
        if !is_row {
            return Ok(None);
        }
        let end = *at;
        self.between(input, at)?;
        Ok(Some(Found::RowEnd(end)))
    }

    /// Goes on behind the quote that closes a text; false where it is not in this part.
    fn skip_text(&mut self, input: &[u8], at: &mut usize) -> bool {
        while *at < input.len() {
            if self.escaped {
                self.escaped = false;
                *at += 1;
                continue;
            }
            let Some(found) = memchr3(b'"', b'\\', b'\n', &input[*at..]) else {
                *at = input.len();
                return false;
            };
            *at += found + 1;
            match input[*at - 1] {
                b'"' => return true,
                b'\\' => self.escaped = true,
                _ => {
                    self.long_text.get_or_insert(self.text_line);
                    self.line += 1;
                }
            }
        }
        false
    }

    /// Goes on to the end of the object or list that is a row.
    fn nested(&mut self, input: &[u8], at: &mut usize) -> Result<Option<Found>, BrokenJson> {
        while *at < input.len() {
            if self.in_text {
                self.in_text = !self.skip_text(input, at);
                continue;
            }
            match input[*at] {
                b'"' => {
                    self.in_text = true;
                    self.text_line = self.line;
                }
                open @ (b'{' | b'[') => {
                    if self.nest.len() == DEEPEST {
                        return Err(self.broken(Defect::TooDeep));
                    }
                    self.nest.push(open);
                }
                bracket @ (b'}' | b']') => {
                    let is_list = self.nest.pop() == Some(b'[');
                    if is_list != (bracket == b']') {
                        let (bracket, line) = (char::from(bracket), self.row_line);
                        return Err(self.broken(Defect::Mismatch { bracket, line }));
                    }
                    if self.nest.is_empty() {
                        *at += 1;
                        self.end();
                        return Ok(Some(Found::RowEnd(*at - 1)));
                    }
                }
                b'\n' | b'\r' => self.count(input, *at),
                _ => {}
            }
            *at += 1;
        }
        Ok(None)
    }
}

/// Whether a value, if only a wrong one, begins with that byte.
fn begins_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'-' | b'+' | b'.') || byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests;
