//! The first rows of a file, and of those behind them as many again, evenly spread.

use super::{Chunk, ManifestError, Pass, Record};

/// Keeps the first rows, and of the others as many, evenly spread; returns how many there are. What
/// is no row is passed over.
pub(super) fn spread<T>(
    pass: &mut Pass,
    most: usize,
    kept: &mut Vec<T>,
    mut read: impl FnMut(Record<'_>) -> Option<T>,
) -> Result<u64, ManifestError> {
    let (mut chunk, mut others) = (Chunk::default(), Vec::new());
    let (mut number, mut behind, mut step) = (0, 0, 1);
    while pass.next_chunk(&mut chunk)? {
        for record in chunk.records() {
            let is_first = kept.len() < most;
            if !is_first {
                behind += 1;
                number += 1;
                if behind % step > 0 {
                    continue;
                }
            }
            match read(record) {
                Some(row) if is_first => {
                    number += 1;
                    kept.push(row);
                }
                Some(row) => others.push(row),
                None => {}
            }
            if others.len() > most {
                let mut place = 0;
                others.retain(|_| {
                    place += 1;
                    place % 2 == 0
                });
                step *= 2;
            }
        }
    }
    kept.extend(others);
    Ok(number)
}
