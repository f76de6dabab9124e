//! Reading a sample of a file.

use std::path::Path;

use super::formats::format_of;
use super::opening::Opening;
use super::{ManifestError, ReadOptions, Sample};

impl Sample {
    /// Reads up to that many of the first rows, and as many of the others.
    ///
    /// # Errors
    /// When the file can't be read, is no manifest, or has no header.
    pub fn read(path: &Path, options: &ReadOptions, rows: usize) -> Result<Sample, ManifestError> {
        let file = Opening::of(path, options)?;
        format_of(file.format).sample(file, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &str, rows: usize) -> Result<Sample, ManifestError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Sample::read(&path, &ReadOptions::default(), rows)
    }

    fn shown(sample: &Sample) -> Vec<String> {
        let columns = sample.columns.iter();
        columns
            .map(|column| format!("{}: {}", column.name, column.cells.join("|")))
            .collect()
    }

    #[test]
    fn no_column_has_to_be_a_field() {
        let text = "\u{feff}Отчёт\n\nID;Note;note;\n1;\"a;\nb\";;x\n2;c;d;\n3;e\n4;\"f\"g;h;\n";
        let sample = read("m.csv", text, 10).unwrap();
        assert_eq!(
            shown(&sample),
            ["ID: 1|2", "Note: a;\nb|c", "note#2: |d", ": x|"]
        );
        assert_eq!((sample.rows, sample.of_rows, sample.unreadable), (2, 4, 2));
        assert_eq!(sample.dialect.unwrap().titles, ["Отчёт"]);
        assert!(read("m.csv", "", 10).is_err());
        assert_eq!(read("m.csv", "A,B\n", 10).unwrap().rows, 0);
    }

    #[test]
    fn rows_behind_the_first_ones_are_spread_over_the_file() {
        let rows: String = (0..1000).map(|row| format!("{row}\n")).collect();
        let sample = read("m.csv", &format!("A\n{rows}"), 10).unwrap();
        let cells = &sample.columns[0].cells;
        assert_eq!(
            cells[..10],
            ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        );
        assert!((15..=20).contains(&cells.len()), "{cells:?}");
        assert!(
            cells.last().unwrap().parse::<u32>().unwrap() > 800,
            "{cells:?}"
        );
        assert_eq!(sample.of_rows, 1000);
    }

    #[test]
    fn values_of_json_are_found_by_their_paths() {
        let text = "{\"id\":1,\"p\":{\"Text\":\"a\\nb\",\"to\":[1,2]},\"\":0}\n\n\
                    {\"ID\":null,\"p\":{\"text\":\"c\"},\"done\":true}\n[1]\n{\"x\n";
        let sample = read("m.jsonl", text, 10).unwrap();
        assert_eq!(
            shown(&sample),
            ["id: 1|", "p.Text: a\nb|c", "p.to: [1,2]|", "done: |true"]
        );
        assert_eq!((sample.rows, sample.unreadable), (2, 2));
    }
}
