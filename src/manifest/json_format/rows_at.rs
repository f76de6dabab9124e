//! Which values of a JSON file are its rows, by what is open around them.

use crate::manifest::folded::folded;
use std::sync::Arc;

/// Which values are rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum RowsAt {
    /// Each object that stands for itself, and all that a list has that stands for itself.
    Top,
    /// All that the list at that path has; also of lists within it, and of several objects.
    Path(Arc<[String]>),
    /// Each object in a list: wherever the lists are, as they are looked for.
    AnyList,
}

/// An object or a list around the rows.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub is_list: bool,
    pub line: u64,
    /// The key in hand, of an object.
    key: Vec<u8>,
    /// How many keys of the path have led here.
    matched: Option<usize>,
}

/// Bytes of a key that are kept.
const LONGEST_KEY: usize = 500;

impl RowsAt {
    /// The path, as a mapping file has it.
    pub fn path(&self) -> Option<String> {
        match self {
            RowsAt::Path(path) => Some(path.join(".")),
            RowsAt::Top | RowsAt::AnyList => None,
        }
    }

    /// The keys that lead to the list of rows.
    pub fn keys(&self) -> &[String] {
        match self {
            RowsAt::Path(path) => path,
            RowsAt::Top | RowsAt::AnyList => &[],
        }
    }

    /// How many keys of the path lead to a value within that object or list.
    pub fn matched(&self, parent: Option<&Frame>) -> Option<usize> {
        let Some(parent) = parent else {
            return Some(0);
        };
        let matched = parent.matched?;
        if parent.is_list {
            return Some(matched);
        }
        let RowsAt::Path(path) = self else {
            return None;
        };
        let key = path.get(matched)?;
        (folded(&parent.key()) == folded(key)).then_some(matched + 1)
    }

    /// Whether so many keys are the whole path.
    pub fn is_path(&self, matched: Option<usize>) -> bool {
        matches!(self, RowsAt::Path(path) if matched == Some(path.len()))
    }

    /// Whether a value is a row that begins with that byte, within these.
    pub fn is_row(&self, byte: u8, around: &[Frame], matched: Option<usize>) -> bool {
        let in_list = around.last().is_some_and(|frame| frame.is_list);
        match self {
            RowsAt::Top if around.is_empty() => byte == b'{',
            RowsAt::Top => in_list,
            RowsAt::Path(_) => in_list && self.is_path(matched),
            RowsAt::AnyList => in_list && byte == b'{',
        }
    }
}

impl Frame {
    pub fn new(is_list: bool, line: u64, matched: Option<usize>) -> Frame {
        Frame {
            is_list,
            line,
            key: Vec::new(),
            matched,
        }
    }

    /// Another key begins.
    pub fn clear_key(&mut self) {
        self.key.clear();
    }

    /// More of the key in hand has come.
    pub fn add_to_key(&mut self, more: &[u8]) {
        let room = LONGEST_KEY.saturating_sub(self.key.len());
        self.key.extend_from_slice(&more[..more.len().min(room)]);
    }

    /// What the key in hand says between its quotes.
    pub fn key(&self) -> String {
        let text = String::from_utf8_lossy(&self.key);
        match text.contains('\\') {
            true => {
                serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.into_owned())
            }
            false => text.into_owned(),
        }
    }
}
