//! The names under which commands stand in a batch.

use rand::RngExt;

/// A command's name in its request, and the only way from an answer back to its row.
pub type CommandKey = String;

/// Makes the names of one request: letters, digits and one `_`, never a number, and with a random
/// part of their own in each request, so that no text in a post can refer to another command's
/// result (bitrix24-rest.md §4.3).
pub struct KeyMaker {
    prefix: String,
    made: usize,
}

const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl KeyMaker {
    /// Takes the prefix of one request's names from the generator.
    pub fn new(rng: &mut impl rand::Rng) -> KeyMaker {
        let random = (0..10).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]));
        KeyMaker {
            prefix: std::iter::once('p').chain(random).collect(),
            made: 0,
        }
    }

    /// The next name.
    pub fn next_key(&mut self) -> CommandKey {
        self.made += 1;
        format!("{}_{}", self.prefix, self.made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_plain_and_differ_between_requests() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut seen = HashSet::new();
        for _ in 0..20 {
            let mut keys = KeyMaker::new(&mut rng);
            for _ in 0..super::super::MAX_COMMANDS {
                let key = keys.next_key();
                assert!(key.starts_with('p') && key.len() <= 14, "{key}");
                assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
                assert!(seen.insert(key));
            }
        }
    }
}
