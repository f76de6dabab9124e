//! The problems of a manifest, written as they are found: a table for people, JSON lines for
//! programs. Nothing is kept, so a million problems cost no memory.

use std::io::{self, Write};

use unicode_width::UnicodeWidthChar;

use crate::check::Problem;

/// How problems are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemFormat {
    /// A table with a header.
    Human,
    /// One JSON object a line.
    Json,
}

/// Writes problems one by one.
pub struct ProblemTable<'w> {
    out: &'w mut dyn Write,
    format: ProblemFormat,
    begun: bool,
}

/// Terminal cells of the columns before the advice: the longest code and what most values need.
const WIDTHS: [usize; 5] = [8, 8, 15, 22, 30];

const HEADER: [&str; 5] = ["row", "line", "column", "code", "value"];

impl<'w> ProblemTable<'w> {
    /// A table to that writer. Nothing is written until there is a problem.
    pub fn new(out: &'w mut dyn Write, format: ProblemFormat) -> ProblemTable<'w> {
        ProblemTable {
            out,
            format,
            begun: false,
        }
    }

    /// The same table, going on below the header that an earlier one has written.
    #[must_use]
    pub fn below_header(self) -> ProblemTable<'w> {
        ProblemTable {
            begun: true,
            ..self
        }
    }

    /// Writes a problem.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&mut self, problem: &Problem) -> io::Result<()> {
        match self.format {
            ProblemFormat::Json => {
                serde_json::to_writer(&mut *self.out, problem)?;
                self.out.write_all(b"\n")
            }
            ProblemFormat::Human => {
                if !self.begun {
                    self.begun = true;
                    self.line(HEADER, "what to do")?;
                }
                let (row, line) = (problem.row.to_string(), problem.line.to_string());
                let column = problem.column.as_deref().unwrap_or("-");
                let code = problem.code.as_str();
                self.line([&row, &line, column, code, &problem.value], &problem.advice)
            }
        }
    }

    fn line(&mut self, cells: [&str; 5], advice: &str) -> io::Result<()> {
        for (place, (cell, width)) in cells.into_iter().zip(WIDTHS).enumerate() {
            let is_number = place < 2;
            let cell = fitted(cell, width);
            let blanks = " ".repeat(width.saturating_sub(cells_of(&cell)));
            match is_number {
                true => write!(self.out, "{blanks}{cell}  ")?,
                false => write!(self.out, "{cell}{blanks}  ")?,
            }
        }
        writeln!(self.out, "{advice}")
    }
}

/// The text, cut so that it takes no more than that many terminal cells.
fn fitted(text: &str, width: usize) -> String {
    if cells_of(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |letter: &char| match left.checked_sub(letter.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

/// Terminal cells that a text takes.
fn cells_of(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Code, Place};
    use crate::manifest::Position;

    fn problem(value: &str) -> Problem {
        let place = Place {
            at: Position {
                number: 3,
                line: 12,
            },
            column: "audience",
        };
        Problem::of_column(place, Code::AudienceInvalid, value, "fix it")
    }

    fn written(format: ProblemFormat, problems: &[Problem]) -> String {
        let mut out = Vec::new();
        let mut table = ProblemTable::new(&mut out, format);
        problems
            .iter()
            .for_each(|problem| table.write(problem).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn advice_starts_in_one_column_whatever_the_script() {
        let whole = Problem::of_record(Position { number: 1, line: 2 }, Code::FieldCount, "fix it");
        let values = [
            "X1",
            "привет",
            "東京東京東京東京東京東京東京東京東京",
            "e\u{301}tude",
        ];
        let problems: Vec<Problem> = values.iter().map(|value| problem(value)).collect();
        let text = written(ProblemFormat::Human, &[&problems[..], &[whole]].concat());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "one header");
        assert!(lines[0].ends_with("  what to do"));
        for line in &lines[1..] {
            let before = line.strip_suffix("fix it").unwrap();
            assert_eq!(
                cells_of(before),
                WIDTHS.iter().sum::<usize>() + 10,
                "{line}"
            );
        }
        assert!(lines[3].contains('…'));
        assert!(
            lines[1].starts_with("       3        12  audience "),
            "{}",
            lines[1]
        );
    }

    #[test]
    fn every_code_fits_its_column() {
        assert!(
            Code::ALL
                .iter()
                .all(|code| code.as_str().len() <= WIDTHS[3])
        );
    }

    #[test]
    fn json_is_one_object_a_line_without_a_header() {
        let text = written(ProblemFormat::Json, &[problem("X\n"), problem("Y")]);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["value"], "X\\n");
        assert_eq!(lines[1]["code"], "audience_invalid");
        assert_eq!(written(ProblemFormat::Json, &[]), "");
    }
}
