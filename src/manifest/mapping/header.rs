//! The columns of a header by their names.

use std::collections::{HashMap, HashSet};

/// The names of a header's columns, each of them once: the second `Note` is `Note#2`.
#[derive(Debug)]
pub(super) struct HeaderNames<'h> {
    /// As the header has them, without outer blanks.
    written: Vec<&'h str>,
    /// The same, told apart; empty where the header has no name.
    unique: Vec<String>,
    by_name: HashMap<String, usize>,
}

impl<'h> HeaderNames<'h> {
    pub fn new(names: impl IntoIterator<Item = &'h str>) -> HeaderNames<'h> {
        let written: Vec<&str> = names.into_iter().map(str::trim).collect();
        let taken: HashSet<String> = written.iter().map(|name| name.to_lowercase()).collect();
        let (mut by_name, mut unique) = (HashMap::new(), Vec::new());
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (column, name) in written.iter().enumerate() {
            let known = name.to_lowercase();
            if known.is_empty() {
                unique.push(String::new());
                continue;
            }
            let count = counts.entry(known.clone()).or_insert(0);
            *count += 1;
            // A name that ends so itself stays what it is.
            while *count > 1 && taken.contains(&format!("{known}#{count}")) {
                *count += 1;
            }
            let (known, name) = match *count {
                1 => (known, (*name).to_owned()),
                count => (format!("{known}#{count}"), format!("{name}#{count}")),
            };
            by_name.entry(known).or_insert(column);
            unique.push(name);
        }
        HeaderNames {
            written,
            unique,
            by_name,
        }
    }

    /// The column of that name, in any letter case and without outer blanks. Of columns that differ
    /// in letter case only it is the one that is written so.
    pub fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let column = *self.by_name.get(&name.to_lowercase())?;
        if self.unique[column] == name {
            return Some(column);
        }
        let mut same = (0..self.written.len()).filter(|column| self.written[*column] == name);
        match (same.next(), same.next()) {
            (Some(column), None) => Some(column),
            _ => Some(column),
        }
    }

    /// The name of a column that no other column has.
    pub fn unique(&self, column: usize) -> &str {
        &self.unique[column]
    }

    /// The name of a column as the header has it.
    pub fn written(&self, column: usize) -> &'h str {
        self.written[column]
    }

    /// All names that can be found.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let names = self.unique.iter().map(String::as_str);
        names.filter(|name| !name.is_empty())
    }

    pub fn count(&self) -> usize {
        self.written.len()
    }
}

/// The name of each column by which a mapping finds it: the second `Note` is `Note#2`. Empty where the
/// header has none.
pub fn unique_names<'h>(names: impl IntoIterator<Item = &'h str>) -> Vec<String> {
    HeaderNames::new(names).unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_are_numbered_and_letter_case_does_not_count() {
        let names = HeaderNames::new([" ID", "Note", "note ", "Note", "", "", "x#2", "X", "x"]);
        let all: Vec<_> = names.all().collect();
        assert_eq!(all, ["ID", "Note", "note#2", "Note#3", "x#2", "X", "x#3"]);
        for (name, column) in [
            ("id ", Some(0)),
            ("NOTE", Some(1)),
            ("Note", Some(1)),
            ("note", Some(2)),
            ("note#2", Some(2)),
            ("NOTE#3", Some(3)),
            ("X#2", Some(6)),
            ("X#3", Some(8)),
            ("Note#4", None),
            ("", None),
        ] {
            assert_eq!(names.find(name), column, "{name}");
        }
    }
}
