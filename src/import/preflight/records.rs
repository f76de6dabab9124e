//! Whether the CRM records that the rows name exist and can be read.
//!
//! Records found by an earlier run are remembered in the ledger and not asked for again, but for
//! those of the first rows, whose titles the screen shows. What is found is remembered after every
//! answer, so that an interrupted check goes on where it was.

use std::collections::{BTreeMap, HashMap};

use crate::import::clock::Clock;
use crate::import::job::Break;
use crate::import::load::Load;
use crate::ledger::SeenBy;
use crate::portal::Transport;
use crate::post::{Entity, EntityKind, EntitySet};

use super::asking::Asker;
use super::item_list;
use super::search::Search;

/// What came of the check.
#[derive(Debug, Default)]
pub struct Found {
    /// Records that the portal doesn't show.
    pub missing: EntitySet,
    /// Kinds of which it shows none, each with what it said.
    pub refused: BTreeMap<EntityKind, String>,
    /// Titles of the first rows' records.
    pub titles: HashMap<Entity, String>,
    pub warnings: Vec<String>,
}

/// Looks for the records of the due rows.
pub async fn look_up<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    load: &Load,
    user_id: u64,
) -> Result<Found, Break> {
    let portal = asker.job.identity.clone();
    let seen = SeenBy {
        portal: &portal,
        user_id,
    };
    if asker.job.options.rebind {
        asker.job.ledger.forget_records()?;
    }
    let known = asker.job.ledger.known_records(seen)?;
    let wanted = wanted(load, &known);
    let limit = asker.job.options.request_limit;
    let mut search = Search::new(wanted.len(), &load.first_records, limit);
    let mut fresh = item_list::calls(wanted.iter());
    search.announce(asker);
    while let Some(calls) = search.next(&mut fresh) {
        let (seen_now, is_over) = search.ask(asker, calls).await?;
        // Only those of the first rows are asked for although they are remembered.
        let first = load.first_records.iter().copied();
        let gone = first.filter(|entity| search.found.missing.contains(*entity));
        let ledger = &mut asker.job.ledger;
        ledger.remember_records(seen, &seen_now, &gone.collect())?;
        if is_over {
            break;
        }
        search.tell(asker);
    }
    Ok(search.found)
}

/// The records to be asked for: those not known yet, and those whose titles the screen shows.
fn wanted(load: &Load, known: &EntitySet) -> EntitySet {
    let mut wanted = load.records.clone();
    wanted.remove_all(known);
    let first = load.first_records.iter().copied();
    let all = wanted.iter().chain(first);
    all.filter(|entity| item_list::can_be_listed(entity.kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::EntityKind;

    #[test]
    fn what_is_known_is_asked_for_only_where_its_title_is_shown() {
        let entity = |kind, id| Entity { kind, id };
        let deal = |id| entity(EntityKind::Deal, id);
        let load = Load {
            records: [deal(1), deal(2), deal(3), entity(EntityKind::Order, 4)]
                .into_iter()
                .collect(),
            first_records: vec![deal(1), entity(EntityKind::Order, 4)],
            ..Load::default()
        };
        let known = [deal(1), deal(2)].into_iter().collect();
        let asked: Vec<Entity> = wanted(&load, &known).iter().collect();
        assert_eq!(asked, [deal(1), deal(3)]);
    }
}
