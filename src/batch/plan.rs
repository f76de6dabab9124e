//! Which waiting rows make the next request: a pure function of the window, the busy entities and
//! the limits of the moment.
//!
//! It takes the earliest rows whose entity is free. Rows of one entity may share a batch, since
//! its commands run in order; a row that has to go alone keeps the later rows of its entity back.

use std::collections::HashSet;
use std::hash::Hash;

use super::Route;

/// A row that waits to be sent.
#[derive(Clone, Debug)]
pub struct Candidate<E> {
    /// What keeps its order: rows of one entity arrive in the order of the manifest.
    pub entity: E,
    /// Whether it may share a batch.
    pub route: Route,
    /// Bytes that its command will take in a body.
    pub size: u64,
}

/// What the next request may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Commands, at most.
    pub commands: usize,
    /// Bytes of the body, at most.
    pub bytes: u64,
}

/// The next request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whether it is a batch or a direct call.
    pub route: Route,
    /// Places in the window, ascending; one for a direct call.
    pub rows: Vec<usize>,
}

/// The next request, or none while every waiting row's entity is busy.
pub fn next_request<'a, E: Eq + Hash + 'a>(
    window: impl IntoIterator<Item = &'a Candidate<E>>,
    busy: impl Fn(&E) -> bool,
    limits: Limits,
) -> Option<Plan> {
    let mut held_back: HashSet<&E> = HashSet::new();
    let mut rows = Vec::new();
    let mut bytes = 0;
    for (place, row) in window.into_iter().enumerate() {
        if held_back.contains(&row.entity) || busy(&row.entity) {
            continue;
        }
        if row.route == Route::Direct {
            if rows.is_empty() {
                return Some(Plan {
                    route: Route::Direct,
                    rows: vec![place],
                });
            }
            held_back.insert(&row.entity);
            continue;
        }
        bytes += row.size;
        if !rows.is_empty() && bytes > limits.bytes {
            break;
        }
        rows.push(place);
        if rows.len() >= limits.commands {
            break;
        }
    }
    (!rows.is_empty()).then_some(Plan {
        route: Route::Batch,
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(entity: u32, route: Route, size: u64) -> Candidate<u32> {
        Candidate {
            entity,
            route,
            size,
        }
    }

    fn batch(entity: u32) -> Candidate<u32> {
        row(entity, Route::Batch, 10)
    }

    const WIDE: Limits = Limits {
        commands: 50,
        bytes: 1_000,
    };

    fn rows(window: &[Candidate<u32>], busy: &[u32], limits: Limits) -> Vec<usize> {
        next_request(window, |entity| busy.contains(entity), limits)
            .map(|plan| plan.rows)
            .unwrap_or_default()
    }

    #[test]
    fn the_earliest_free_rows_go_first() {
        let window = [batch(1), batch(2), batch(1), batch(3)];
        assert_eq!(rows(&window, &[], WIDE), [0, 1, 2, 3]);
        assert_eq!(rows(&window, &[1], WIDE), [1, 3]);
        assert_eq!(rows(&window, &[1, 2, 3], WIDE), [0; 0]);
        assert_eq!(
            rows(
                &window,
                &[],
                Limits {
                    commands: 2,
                    ..WIDE
                }
            ),
            [0, 1]
        );
    }

    #[test]
    fn the_byte_limit_ends_a_batch_but_never_empties_it() {
        let window = [
            row(1, Route::Batch, 900),
            row(2, Route::Batch, 200),
            batch(3),
        ];
        assert_eq!(rows(&window, &[], WIDE), [0]);
        let large = [row(1, Route::Batch, 5_000)];
        assert_eq!(rows(&large, &[], WIDE), [0]);
    }

    #[test]
    fn a_direct_row_goes_alone_and_keeps_its_entity_in_order() {
        let direct = row(1, Route::Direct, 10);
        let first = [direct.clone(), batch(2)];
        let plan = next_request(&first, |_| false, WIDE).unwrap();
        assert_eq!(
            plan,
            Plan {
                route: Route::Direct,
                rows: vec![0]
            }
        );
        let later = [batch(2), direct, batch(1), batch(3)];
        assert_eq!(rows(&later, &[], WIDE), [0, 3]);
    }
}
