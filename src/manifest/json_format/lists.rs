//! The lists of objects that a JSON file has.

use std::collections::BTreeMap;
use std::fmt;

/// Lists of objects in a file, by their paths, with how many objects each has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonLists(BTreeMap<Vec<String>, u64>);

impl JsonLists {
    /// Lists that are kept in mind; more are data.
    const MOST: usize = 50;

    /// Another object of the list at that path.
    pub(super) fn add(&mut self, path: Vec<String>) {
        if self.0.len() < JsonLists::MOST || self.0.contains_key(&path) {
            *self.0.entry(path).or_default() += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the list is, if there is one only.
    pub(super) fn only(&self) -> Option<&[String]> {
        let mut paths = self.0.keys();
        paths
            .next()
            .filter(|_| self.0.len() == 1)
            .map(Vec::as_slice)
    }

    /// The one with most objects.
    pub(super) fn longest(&self) -> Option<&Vec<String>> {
        let longest = self.0.iter().max_by_key(|(_, count)| **count);
        longest.map(|(path, _)| path)
    }
}

impl fmt::Display for JsonLists {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(path, count): (&Vec<String>, &u64)| match path.is_empty() {
            true => format!("its beginning ({count})"),
            false => format!("`{}` ({count})", path.join(".")),
        };
        let shown: Vec<String> = self.0.iter().map(shown).collect();
        match shown.is_empty() {
            true => out.write_str("no list of objects"),
            false => write!(out, "lists of objects at {}", shown.join(", ")),
        }
    }
}
