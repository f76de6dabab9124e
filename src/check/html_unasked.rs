//! Texts that look like HTML although nobody has said how they are written. Nothing is converted
//! unasked, and a file full of tags is not sent unnoticed either.

use super::Problem;

/// From so many rows on they hold the file back.
const MANY: u64 = 50;

/// In a smaller file from so many on, if they are one in twenty.
const FEW: u64 = 5;
const ONE_IN: u64 = 20;

/// Behind their number.
const WHAT_TO_DO: &str = "look like HTML, which Bitrix24 shows with all its tags; have them converted \
                          with --message-format html, or send them as they are with \
                          --message-format text";

/// Such rows, as far as they have been seen.
#[derive(Debug, Default)]
pub struct HtmlUnasked {
    rows: u64,
    first: Option<Problem>,
}

impl HtmlUnasked {
    /// Counts a row, with what makes it one of them.
    pub fn add(&mut self, problem: Problem) {
        self.rows += 1;
        self.first.get_or_insert(problem);
    }

    /// How many there are.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The problem of the file, if that many of all its rows are too many.
    pub fn problem(&self, all: u64) -> Option<Problem> {
        let are_many =
            self.rows >= MANY || (self.rows >= FEW && self.rows.saturating_mul(ONE_IN) >= all);
        let first = self.first.as_ref().filter(|_| are_many)?;
        Some(Problem {
            advice: format!("{} of {all} texts {WHAT_TO_DO}", self.rows),
            ..first.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;
    use crate::manifest::Position;

    #[test]
    fn fifty_or_one_in_twenty_hold_a_file_back() {
        let stops = |rows: u64, all: u64| {
            let mut seen = HtmlUnasked::default();
            for row in 1..=rows {
                let at = Position::of_record(row, row);
                seen.add(Problem::of_record(at, Code::MessageLikeHtml, ""));
            }
            seen.problem(all).map(|problem| problem.row)
        };
        for (rows, all) in [(50, 1_000_000), (5, 5), (5, 100), (49, 980)] {
            assert_eq!(stops(rows, all), Some(1), "{rows} of {all}");
        }
        for (rows, all) in [(0, 0), (4, 4), (5, 101), (49, 981)] {
            assert_eq!(stops(rows, all), None, "{rows} of {all}");
        }
    }
}
