//! What is wrong with a mapping file, gathered while it is read.

use std::ops::Range;

use super::{MappingFault, Place};

/// Faults that are gathered; a file with more is something else.
const MOST: usize = 1_000;

/// What is wrong with a text, gathered while it is read.
pub(super) struct Faults<'t> {
    text: &'t str,
    found: Vec<(Place, MappingFault)>,
}

impl<'t> Faults<'t> {
    pub fn new(text: &'t str) -> Faults<'t> {
        Faults {
            text,
            found: Vec::new(),
        }
    }

    /// Takes note of a fault of what stands there.
    pub fn add(&mut self, span: &Range<usize>, fault: MappingFault) {
        if self.found.len() < MOST {
            self.found.push((self.place(span), fault));
        }
    }

    /// Takes note of a fault at that place.
    pub fn add_at(&mut self, place: Place, fault: MappingFault) {
        self.found.push((place, fault));
    }

    /// Where it begins.
    pub fn place(&self, span: &Range<usize>) -> Place {
        Place::of(self.text, span.start)
    }

    /// The text as it is written.
    pub fn written(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// All of them, in the order of the text.
    pub fn into_sorted(mut self) -> Vec<(Place, MappingFault)> {
        self.found.sort_by_key(|(place, _)| *place);
        self.found
    }
}
