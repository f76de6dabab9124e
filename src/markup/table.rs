//! A table's cells → BBCode, or lines of text where the table is only there for the layout.

use std::ops::Range;

/// A table while its cells are written one behind the other.
#[derive(Debug, Default)]
pub struct Table {
    /// Where its first cell begins.
    pub start: usize,
    rows: Vec<Vec<Cell>>,
    /// Where the cell begins that is being written.
    open: Option<OpenCell>,
    /// Whether the next cell begins another row.
    row_ended: bool,
    /// Whether it holds data for sure, or is for the layout for sure.
    pub is_data: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
struct OpenCell {
    start: usize,
    is_header: bool,
}

#[derive(Debug)]
struct Cell {
    text: Range<usize>,
    is_header: bool,
}

impl Table {
    pub fn at(start: usize, is_data: Option<bool>) -> Table {
        Table {
            start,
            is_data,
            ..Table::default()
        }
    }

    pub fn has_open_cell(&self) -> bool {
        self.open.is_some()
    }

    pub fn begin_cell(&mut self, start: usize, is_header: bool) {
        if self.row_ended || self.rows.is_empty() {
            self.rows.push(Vec::new());
            self.row_ended = false;
        }
        self.open = Some(OpenCell { start, is_header });
    }

    pub fn end_cell(&mut self, end: usize) {
        let Some(open) = self.open.take() else { return };
        if let Some(row) = self.rows.last_mut() {
            row.push(Cell {
                text: open.start..end,
                is_header: open.is_header,
            });
        }
    }

    pub fn end_row(&mut self) {
        self.row_ended = true;
    }

    /// The table in BBCode, of cells that lie in `cells`, which begins where the table does.
    pub fn written(&self, cells: &str) -> String {
        let text_of = |cell: &Cell| {
            let range = cell.text.start - self.start..cell.text.end - self.start;
            cells.get(range).unwrap_or_default()
        };
        let rows: Vec<Vec<(&str, bool)>> = self
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| (text_of(cell), cell.is_header))
                    .collect()
            })
            .filter(|row: &Vec<(&str, bool)>| row.iter().any(|(text, _)| !text.is_empty()))
            .collect();
        match self.is_data.unwrap_or_else(|| looks_like_data(&rows)) {
            true => with_tags(&rows),
            false => as_lines(&rows),
        }
    }
}

/// Whether these are rows of data: two at least, all of as many cells, each of one line.
fn looks_like_data(rows: &[Vec<(&str, bool)>]) -> bool {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let has_header = rows.iter().flatten().any(|(_, is_header)| *is_header);
    let is_one_line = |(text, _): &(&str, bool)| !text.contains('\n');
    if width < 2 {
        return false;
    }
    has_header
        || (rows.len() > 1
            && rows.iter().all(|row| row.len() == width)
            && rows.iter().flatten().all(is_one_line))
}

/// A row a line and blanks between the cells, so that it can be read where tables are not rendered.
fn with_tags(rows: &[Vec<(&str, bool)>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = "[table]\n".to_owned();
    for row in rows {
        out.push_str("[tr]");
        for (at, (text, is_header)) in row.iter().enumerate() {
            let [opening, closing] = match is_header {
                true => ["[th]", "[/th]"],
                false => ["[td]", "[/td]"],
            };
            let blank = if at > 0 { " " } else { "" };
            out.extend([blank, opening, *text, closing]);
        }
        out.push_str("[/tr]\n");
    }
    out.push_str("[/table]");
    out
}

fn as_lines(rows: &[Vec<(&str, bool)>]) -> String {
    let mut out = String::new();
    for row in rows {
        let texts = row.iter().map(|(text, _)| *text);
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        let between = match texts.iter().any(|text| text.contains('\n')) {
            true => "\n",
            false => " ",
        };
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&texts.join(between));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[&[&str]], is_data: Option<bool>) -> String {
        let mut table = Table::at(0, is_data);
        let mut cells = String::new();
        for row in rows {
            for text in *row {
                table.begin_cell(cells.len(), false);
                cells.push_str(text);
                table.end_cell(cells.len());
            }
            table.end_row();
        }
        table.written(&cells)
    }

    #[test]
    fn data_has_tags_and_layout_has_lines() {
        assert_eq!(
            written(&[&["a", "b"], &["", ""], &["1", ""]], None),
            "[table]\n[tr][td]a[/td] [td]b[/td][/tr]\n[tr][td]1[/td] [td][/td][/tr]\n[/table]"
        );
        assert_eq!(written(&[&["Logo", "Ann Lee"]], None), "Logo Ann Lee");
        assert_eq!(
            written(&[&["one\ntwo", "b"], &["c", "d"]], None),
            "one\ntwo\nb\nc d"
        );
        assert_eq!(written(&[&["a"], &["b"]], None), "a\nb");
        assert_eq!(
            written(&[&["a", "b"], &["c", "d"]], Some(false)),
            "a b\nc d"
        );
        assert_eq!(written(&[&[""]], None), "");
    }
}
