//! The problems of a manifest, written as they are found: a table for people, JSON lines for
//! programs. Nothing is kept, so a million problems cost no memory.

use std::collections::BTreeMap;
use std::io::{self, Write};

use textwrap::core::display_width;

use crate::check::{Code, Problem};

use super::style::{ERROR, LABEL, styled};
use super::wrap::wrapped_below;

/// How problems are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemFormat {
    /// A table with a header. On a terminal of that width what to do stands below each problem,
    /// since few terminals are as wide as the whole table.
    Human {
        /// None where it is no terminal.
        width: Option<usize>,
    },
    /// One JSON object a line.
    Json,
}

/// How many problems of each kind are shown to people.
#[derive(Clone, Debug)]
pub struct ProblemLimit {
    most: u64,
    shown: BTreeMap<Code, u64>,
}

impl From<u64> for ProblemLimit {
    fn from(most: u64) -> ProblemLimit {
        ProblemLimit {
            most,
            shown: BTreeMap::new(),
        }
    }
}

impl ProblemLimit {
    /// All of them.
    pub fn none() -> ProblemLimit {
        u64::MAX.into()
    }

    /// Whether one more problem of that kind is shown.
    pub fn lets(&mut self, code: Code) -> bool {
        let shown = self.shown.entry(code).or_default();
        *shown += 1;
        *shown <= self.most
    }
}

/// Writes problems one by one.
pub struct ProblemTable<'w> {
    out: &'w mut dyn Write,
    format: ProblemFormat,
    begun: bool,
}

/// Terminal cells of the columns before the advice: the longest code and what most values need.
const WIDTHS: [usize; 5] = [8, 8, 15, 22, 30];

/// The place of the code among those columns.
const CODE: usize = 3;

/// Where the text of a problem begins on a terminal, right of its row and line.
const TEXT_COLUMN: usize = 20;

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
            ProblemFormat::Human { width: Some(width) } => self.block(problem, width),
            ProblemFormat::Human { width: None } => {
                if !self.begin() {
                    self.line(HEADER, "what to do")?;
                }
                let (row, line) = (problem.row.to_string(), problem.line.to_string());
                let column = problem.column.as_deref().unwrap_or("-");
                let code = problem.code.as_str();
                self.line([&row, &line, column, code, &problem.value], &problem.advice)
            }
        }
    }

    /// Whether the header has been written; from now on it has.
    fn begin(&mut self) -> bool {
        std::mem::replace(&mut self.begun, true)
    }

    /// A problem on lines of its own, for a terminal.
    fn block(&mut self, problem: &Problem, width: usize) -> io::Result<()> {
        if !self.begin() {
            let header = format!("{:>8}  {:>8}  problem, and what to do", "row", "line");
            writeln!(self.out, "{}", styled(LABEL, header))?;
        }
        let mut what = styled(ERROR, problem.code.as_str());
        if let Some(column) = &problem.column {
            what.extend([" in ", column]);
        }
        if !problem.value.trim().is_empty() {
            what.extend([": ", &problem.value]);
        }
        let (row, line) = (problem.row, problem.line);
        let head = format!("{row:>8}  {line:>8}  {what}");
        let advice = format!("{:TEXT_COLUMN$}{}", "", problem.advice);
        for text in [head, advice] {
            writeln!(self.out, "{}", wrapped_below(&text, width, TEXT_COLUMN))?;
        }
        Ok(())
    }

    fn line(&mut self, cells: [&str; 5], advice: &str) -> io::Result<()> {
        for (place, (cell, width)) in cells.into_iter().zip(WIDTHS).enumerate() {
            let is_number = place < 2;
            let cell = fitted(cell, width);
            let blanks = " ".repeat(width.saturating_sub(display_width(&cell)));
            let is_code = place == CODE && cell != HEADER[CODE];
            let cell = if is_code { styled(ERROR, cell) } else { cell };
            if is_number {
                write!(self.out, "{blanks}{cell}  ")?;
            } else {
                write!(self.out, "{cell}{blanks}  ")?;
            }
        }
        writeln!(self.out, "{advice}")
    }
}

/// The text, cut so that it takes no more than that many terminal cells.
fn fitted(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits =
        |letter: &char| match left.checked_sub(display_width(letter.encode_utf8(&mut [0; 4]))) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Place;
    use crate::manifest::Position;
    use crate::report::style::plain;

    fn problem(value: &str) -> Problem {
        let place = Place {
            at: Position::of_record(3, 12),
            column: "audience",
        };
        Problem::of_column(place, Code::AudienceInvalid, value, "fix it")
    }

    const TABLE: ProblemFormat = ProblemFormat::Human { width: None };

    fn written(format: ProblemFormat, problems: &[Problem]) -> String {
        let mut out = Vec::new();
        let mut table = ProblemTable::new(&mut out, format);
        problems
            .iter()
            .for_each(|problem| table.write(problem).unwrap());
        plain(&String::from_utf8(out).unwrap())
    }

    #[test]
    fn advice_starts_in_one_column_whatever_the_script() {
        let whole = Problem::of_record(Position::of_record(1, 2), Code::FieldCount, "fix it");
        let values = [
            "X1",
            "привет",
            "東京東京東京東京東京東京東京東京東京",
            "e\u{301}tude",
        ];
        let problems: Vec<Problem> = values.iter().map(|value| problem(value)).collect();
        let text = written(TABLE, &[&problems[..], &[whole]].concat());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "one header");
        assert!(lines[0].ends_with("  what to do"));
        for line in &lines[1..] {
            let before = line.strip_suffix("fix it").unwrap();
            assert_eq!(
                display_width(before),
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
    fn on_a_terminal_what_to_do_stands_below_each_problem() {
        let format = ProblemFormat::Human { width: Some(40) };
        let text = written(format, &[problem("X1"), problem("a value of many words")]);
        let expected = "     row      line  problem, and what to do
       3        12  audience_invalid in
                    audience: X1
                    fix it
       3        12  audience_invalid in
                    audience: a value of
                    many words
                    fix it
";
        assert_eq!(text, expected);
    }

    #[test]
    fn every_code_fits_its_column() {
        assert!(
            Code::ALL
                .iter()
                .all(|code| code.as_str().len() <= WIDTHS[CODE])
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
