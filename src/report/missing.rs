//! What the maps of old IDs lack, in words.

use std::path::PathBuf;

use indicatif::HumanCount;

use crate::manifest::mapping::MapKind;
use crate::maps::MissingValues;

use super::words::rows;

/// A line for each map that lacks something; where the values were written, if they were.
pub fn missing_text(missing: &MissingValues, written: &[PathBuf]) -> Vec<String> {
    let mut lines: Vec<String> = missing
        .counts()
        .map(|(kind, values, count)| {
            let what = match (kind, values) {
                (MapKind::Entity, 1) => "CRM record",
                (MapKind::Entity, _) => "CRM records",
                (MapKind::User, 1) => "user",
                (MapKind::User, _) => "users",
                (MapKind::File, 1) => "file",
                (MapKind::File, _) => "files",
            };
            let names = if count == 1 { "names" } else { "name" };
            let values = HumanCount(values as u64);
            format!(
                "{} {names} {values} {what} that the map doesn't have",
                rows(count)
            )
        })
        .collect();
    match written {
        [] if lines.is_empty() => {}
        [] => lines.push("--missing PATH writes them as a map to be filled in".to_owned()),
        paths => {
            let paths: Vec<String> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            lines.push(format!(
                "to be filled in, and then given as the map or added to it: {}",
                paths.join(", ")
            ));
        }
    }
    lines
}
