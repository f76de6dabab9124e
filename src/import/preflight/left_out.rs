//! A third, short pass over the manifest, only where entities are missing: their rows are told as
//! problems and taken out of what is due.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{self, CheckedRow};
use crate::import::ending::{Break, Ending};
use crate::import::job::Job;
use crate::import::survey::counts::Survey;
use crate::import::survey::load::Load;
use crate::post::{EntityKind, EntitySet};

/// Makes the due rows of missing entities invalid. Of the others the load is counted anew.
pub fn leave_out<T, C>(
    job: &mut Job<'_, T, C>,
    surveyed: &mut Survey,
    missing: &EntitySet,
    refused: &BTreeMap<EntityKind, String>,
) -> Result<(), Break> {
    if missing.is_empty() {
        return Ok(());
    }
    let mut load = Load::default();
    let (manifest, rules) = (Arc::clone(&job.manifest), Arc::clone(&job.rules));
    check::check_in_order(&manifest, &rules, |checked| {
        for row in &checked.rows {
            if !is_due(surveyed, row) {
                continue;
            }
            let Some(entity) = row.entity.filter(|entity| missing.contains(*entity)) else {
                load.add(row);
                continue;
            };
            let refusal = refused.get(&entity.kind).map(String::as_str);
            let columns = manifest.columns();
            job.reporter
                .problem(&check::entity_not_found(row, entity, refusal, columns));
            surveyed.make_invalid(row.at.number);
        }
        match job.interrupt.times() {
            0 => Ok(()),
            _ => Err(Break::Ending(Ending::Interrupted)),
        }
    })?;
    surveyed.load = load;
    Ok(())
}

fn is_due(surveyed: &Survey, row: &CheckedRow) -> bool {
    surveyed.due.contains(row.at.number)
}
