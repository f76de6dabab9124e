//! The keys of a record's posts, as the cell of a rejects file holds them.
//!
//! The key of a lone post stands as it is. Where a mapping makes several posts of a record, they
//! stand in a JSON object by what tells them apart: `{"/Note":"x:51/Note","/Note 2":"x:51/Note 2"}`.

use std::collections::BTreeMap;

use super::RowKey;

/// The cell that holds these keys, each with the part of the record that it belongs to.
pub fn reject_key_cell(keys: &BTreeMap<String, RowKey>) -> String {
    match keys.iter().next() {
        None => String::new(),
        Some((part, key)) if part.is_empty() && keys.len() == 1 => key.to_string(),
        Some(_) => {
            let pairs = keys
                .iter()
                .map(|(part, key)| (part.clone(), key.to_string().into()));
            serde_json::Value::Object(pairs.collect()).to_string()
        }
    }
}

/// A cell of keys that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRejectKey;

/// The key that such a cell holds for that part of its record; none where it holds none.
///
/// # Errors
/// When it holds no keys.
pub fn key_in_reject_cell(cell: &str, part: &str) -> Result<Option<RowKey>, BadRejectKey> {
    let cell = cell.trim();
    let parsed = |key: &str| RowKey::parse(key).ok_or(BadRejectKey);
    match cell.as_bytes().first() {
        None => Ok(None),
        Some(b'{') => {
            let keys: BTreeMap<String, String> =
                serde_json::from_str(cell).map_err(|_| BadRejectKey)?;
            keys.get(part).map(|key| parsed(key)).transpose()
        }
        // Something that the file's encoding doesn't have.
        Some(b'"') => {
            let inner: String = serde_json::from_str(cell).map_err(|_| BadRejectKey)?;
            match inner.starts_with('"') {
                true => Err(BadRejectKey),
                false => key_in_reject_cell(&inner, part),
            }
        }
        Some(_) => {
            let key = parsed(cell)?;
            let is_it = match key.external_id() {
                Some(id) => id.ends_with(part),
                None => key.hashed_part() == part,
            };
            Ok(is_it.then_some(key))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::ContentHash;

    #[test]
    fn a_cell_gives_back_the_keys_that_were_put_in() {
        let hash = ContentHash([7; 16]);
        let lone = [RowKey::external("51 ,\"x"), RowKey::hashed(hash, 2, "")];
        for key in lone {
            let cell = reject_key_cell(&[(String::new(), key.clone())].into());
            assert_eq!(cell, key.as_str());
            assert_eq!(key_in_reject_cell(&cell, ""), Ok(Some(key)));
        }
        let keys: BTreeMap<String, RowKey> = ["/Note", "/A/Note", "/Note@deal:1"]
            .into_iter()
            .map(|part| (part.to_owned(), RowKey::hashed(hash, 0, part)))
            .collect();
        let cell = reject_key_cell(&keys);
        for (part, key) in &keys {
            assert_eq!(
                key_in_reject_cell(&cell, part).as_ref(),
                Ok(&Some(key.clone()))
            );
        }
        assert_eq!(key_in_reject_cell(&cell, "/Note 2"), Ok(None));
        assert_eq!(reject_key_cell(&BTreeMap::new()), "");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for cell in [
            "51",
            "h:12:0",
            "{",
            "{\"\":\"51\"}",
            "x:",
            "\"51\"",
            "#NAME?",
        ] {
            assert_eq!(key_in_reject_cell(cell, ""), Err(BadRejectKey), "{cell}");
        }
        assert_eq!(key_in_reject_cell(" ", ""), Ok(None));
        let key = Some(RowKey::external("ы"));
        assert_eq!(key_in_reject_cell("\"x:\\u044b\"", ""), Ok(key));
    }
}
