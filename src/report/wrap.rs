//! Lines that fit a terminal, with words whole.

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use super::style::COMMAND;

/// Cells within which a column must begin for later lines to be set below it.
const FARTHEST_COLUMN: usize = 24;

/// Where later lines begin if a word has no room below its column.
const NARROW_COLUMN: usize = 4;

/// Stands for a blank where a line must not be broken.
const UNBREAKABLE: &str = "\u{a0}";

/// The text with its lines broken between words, so that none takes more cells than `width` unless
/// a single word or a command does. What goes on in a further line is set below the column that it
/// belongs to, or a little to the right of where its line began.
pub fn wrapped(text: &str, width: usize) -> String {
    let lines = text.split('\n');
    let lines: Vec<String> = lines
        .map(|line| wrapped_below(line, width, column_of(line, width)))
        .collect();
    lines.join("\n")
}

/// One line, broken so that further ones begin in that column.
pub fn wrapped_below(line: &str, width: usize, column: usize) -> String {
    if display_width(line) <= width {
        return line.to_owned();
    }
    let line = with_whole_commands(line);
    let widest = line.split(' ').map(display_width).max().unwrap_or(0);
    let fits = column + widest <= width;
    let indent = " ".repeat(if fits {
        column
    } else {
        column.min(NARROW_COLUMN)
    });
    let options = Options::new(width)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::fill(&line, options).replace(UNBREAKABLE, " ")
}

/// Where later lines begin: at the last column, which two blanks set off from the one before it.
fn column_of(line: &str, width: usize) -> usize {
    let farthest = FARTHEST_COLUMN.min(width / 2);
    let text_start = line.len() - line.trim_start_matches(' ').len();
    let gaps = line.match_indices("  ").map(|(at, _)| {
        let rest = line.get(at..).unwrap_or_default();
        let end = line.len() - rest.trim_start_matches(' ').len();
        (end, display_width(line.get(..end).unwrap_or_default()))
    });
    gaps.filter(|(end, cells)| *end > text_start && *cells <= farthest)
        .map(|(_, cells)| cells)
        .last()
        .unwrap_or(text_start + 2)
}

fn with_whole_commands(line: &str) -> String {
    let start = COMMAND.render().to_string();
    let end = COMMAND.render_reset().to_string();
    let mut pieces = line.split(start.as_str());
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (command, rest) = piece.split_once(end.as_str()).unwrap_or((piece, ""));
        whole.extend([&start, &command.replace(' ', UNBREAKABLE), &end, rest]);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::{plain, styled};

    #[test]
    fn lines_are_broken_between_words_at_every_width() {
        let text = "error: the portal has taken no post for an hour; check --request-limit\nshort";
        for width in [20, 40, 60, 80, 120] {
            let told = wrapped(text, width);
            assert!(
                told.lines().all(|line| display_width(line) <= width),
                "{told}"
            );
            let words = |text: &str| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(words(&told), words(text), "{width}");
        }
        assert_eq!(wrapped(text, 120), text);
        assert_eq!(
            wrapped("error: one two three", 12),
            "error: one\n  two three"
        );
    }

    #[test]
    fn further_lines_stand_below_their_column() {
        assert_eq!(
            wrapped("  time   between two and seven", 20),
            "  time   between two\n         and seven"
        );
        assert_eq!(
            wrapped("  a long name   one two", 20),
            "  a long name   one\n    two",
            "a column in the right half is none"
        );
        assert_eq!(wrapped("    one two", 10), "    one\n      two");
    }

    #[test]
    fn words_wider_than_the_line_and_scripts_of_two_cells_are_kept() {
        let path = "see /a/very/long/path/that/nobody/breaks.csv now";
        assert_eq!(
            wrapped(path, 20),
            "see\n  /a/very/long/path/that/nobody/breaks.csv\n  now"
        );
        assert_eq!(wrapped("東京 東京 東京", 10), "東京 東京\n  東京");
    }

    #[test]
    fn a_command_without_room_below_its_column_goes_further_left() {
        let line = format!(
            "  it is there:   {}",
            styled(COMMAND, "b24post resolve m.csv")
        );
        assert_eq!(
            plain(&wrapped(&line, 30)),
            "  it is there:\n    b24post resolve m.csv"
        );
    }

    #[test]
    fn a_command_stays_on_one_line_and_colours_take_no_cells() {
        let command = styled(COMMAND, "b24post resolve m.csv --ledger l.db");
        let told = wrapped(&format!("in doubt: settle them: {command}; then go on"), 40);
        assert_eq!(
            plain(&told),
            "in doubt: settle them:\n  b24post resolve m.csv --ledger l.db;\n  then go on"
        );
    }
}
