//! Finds out which values of a JSON file are its rows, and that nothing is wrong around them.

use crate::manifest::input_file::InputFile;
use crate::manifest::text_stream::{TextPlace, TextStream};
use crate::manifest::{ManifestError, ReadOptions};

use super::lists::JsonLists;
use super::rows_at::RowsAt;
use super::walker::{Found, Walker};

/// What a file holds whose rows may be anywhere.
#[derive(Debug)]
pub(super) enum FoundRows {
    At(RowsAt),
    /// It is one object that holds several lists.
    Several(JsonLists),
}

/// Goes through a JSON file to find its rows: at the path that is said, else as its shape shows.
/// `is_message` tells the keys that only a row has.
///
/// # Errors
/// When the file can't be read, is broken, or has no list at the path.
pub(super) fn find_rows(
    source: &InputFile,
    start: TextPlace,
    said: Option<&str>,
    is_message: impl Fn(&str) -> bool,
) -> Result<FoundRows, ManifestError> {
    if let Some(said) = said {
        return rows_at(source, start, said).map(FoundRows::At);
    }
    let whole = walk(source, start, RowsAt::Top, |_, _| {})?;
    if whole.tops != 1 || whole.top_lists > 0 {
        return Ok(FoundRows::At(RowsAt::Top));
    }
    let (lists, is_row) = lists_in(source, start, is_message)?;
    if is_row || lists.is_empty() {
        return Ok(FoundRows::At(RowsAt::Top));
    }
    Ok(match lists.only() {
        Some(path) => FoundRows::At(RowsAt::Path(path.into())),
        None => FoundRows::Several(lists),
    })
}

fn rows_at(source: &InputFile, start: TextPlace, said: &str) -> Result<RowsAt, ManifestError> {
    let path: Vec<String> = said.split('.').map(|key| key.trim().to_owned()).collect();
    let rows = RowsAt::Path(path.into());
    if walk(source, start, rows.clone(), |_, _| {})?.has_list {
        return Ok(rows);
    }
    let (lists, _) = lists_in(source, start, |_| false)?;
    Err(ManifestError::NoRowsAt {
        path: source.path().to_owned(),
        rows: said.to_owned(),
        lists,
    })
}

/// The lists of objects in a file, and whether one of its keys is a row's.
fn lists_in(
    source: &InputFile,
    start: TextPlace,
    is_message: impl Fn(&str) -> bool,
) -> Result<(JsonLists, bool), ManifestError> {
    let (mut lists, mut is_row) = (JsonLists::default(), false);
    walk(
        source,
        start,
        RowsAt::AnyList,
        |walker, found| match found {
            Found::RowStart(_) => lists.add(walker.path()),
            Found::TopKey => {
                let keys = walker.path();
                is_row |= keys.first().is_some_and(|key| is_message(key));
            }
            Found::RowEnd(_) => {}
        },
    )?;
    Ok((lists, is_row))
}

/// Goes through the whole text and shows what is found.
fn walk(
    source: &InputFile,
    start: TextPlace,
    rows: RowsAt,
    mut see: impl FnMut(&Walker, Found),
) -> Result<Walker, ManifestError> {
    let broken = |broken| ManifestError::BrokenJson {
        path: source.path().to_owned(),
        broken,
    };
    let (mut stream, mut walker) = (TextStream::new(start), Walker::new(rows));
    let mut block = vec![0; ReadOptions::default().limits.read];
    loop {
        let length = stream.read(source, &mut block)?;
        if length == 0 {
            walker.finish().map_err(broken)?;
            return Ok(walker);
        }
        let (input, mut at) = (&block[..length], 0);
        while let Some(found) = walker.advance(input, &mut at).map_err(broken)? {
            see(&walker, found);
        }
    }
}
