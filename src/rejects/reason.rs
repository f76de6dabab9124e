//! Why a record is rejected, as its cells say it.

use crate::check::{CheckedRow, Code, Problem};

/// What is wrong with the posts of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    codes: Vec<String>,
    texts: Vec<String>,
}

/// Characters of all the reasons together.
const LONGEST: usize = 1_000;

impl Reason {
    /// What a check has found.
    pub fn of_problems<'p>(problems: impl IntoIterator<Item = &'p Problem>) -> Reason {
        let mut reason = Reason::default();
        for problem in problems {
            let text = match &problem.column {
                Some(column) => format!("{column}: {}: {}", problem.message, problem.advice),
                None => format!("{}: {}", problem.message, problem.advice),
            };
            reason.add(problem.code.as_str(), &text);
        }
        reason
    }

    /// What is wrong with a row, if it is invalid.
    pub fn of_row(row: &CheckedRow) -> Reason {
        let reason = Reason::of_problems(row.problems.iter().chain(&row.disk_problems));
        match reason.is_empty() && row.is_invalid() {
            true => Reason::of_code(Code::ColumnLikeField),
            false => reason,
        }
    }

    /// What is known by its code alone.
    pub fn of_code(code: Code) -> Reason {
        Reason::told(code.as_str(), code.message())
    }

    /// What somebody else has against the row.
    pub fn told(code: &str, text: &str) -> Reason {
        let mut reason = Reason::default();
        reason.add(code, text);
        reason
    }

    /// The same with what is wrong with another post of the record.
    pub fn extend(&mut self, other: Reason) {
        for code in other.codes {
            put(&mut self.codes, code);
        }
        for text in other.texts {
            put(&mut self.texts, text);
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The codes, each once.
    pub fn codes(&self) -> String {
        self.codes.join(",")
    }

    /// The same in words, on one line.
    pub fn text(&self) -> String {
        let text = self.texts.join("; ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = words.join(" ");
        match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    }

    fn add(&mut self, code: &str, text: &str) {
        put(&mut self.codes, code.to_owned());
        put(&mut self.texts, text.to_owned());
    }
}

fn put(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_and_reason_is_told_once_on_one_line() {
        let mut reason = Reason::told("ACCESS_DENIED", "No\n access");
        reason.extend(Reason::told("ACCESS_DENIED", "No\n access"));
        reason.extend(Reason::of_code(Code::AttachmentMissing));
        assert_eq!(reason.codes(), "ACCESS_DENIED,attachment_missing");
        assert_eq!(reason.text(), "No access; no such file");
        let long = Reason::told("x", &"я".repeat(2_000)).text();
        assert_eq!(long.chars().count(), LONGEST + 3);
        assert!(Reason::default().is_empty());
    }
}
