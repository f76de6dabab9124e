//! What the first bytes of a file tell: whether it is a manifest at all, and in which form.

use std::path::Path;

use super::column_names::ColumnNames;
use super::dialect::Unsure;
use super::foreign::recognise;
use super::input_file::InputFile;
use super::json_shape::{json_at_all, not_lines};
use super::{Delimiter, Dialect, InputFormat, ManifestError};

/// How a file begins.
pub(super) struct Beginning {
    bytes: Vec<u8>,
    /// Bytes of the UTF-8 byte order mark, if there is one.
    pub mark: u64,
}

/// Bytes that are looked at; of archives as many at the end.
const LOOKED_AT: usize = 64 << 10;

/// The UTF-8 byte order mark.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

impl Beginning {
    /// Looks at a file.
    ///
    /// # Errors
    /// When it can't be read, or is no text.
    pub fn of(source: &InputFile) -> Result<Beginning, ManifestError> {
        let bytes = read(source, 0)?;
        let behind = source.size().saturating_sub(LOOKED_AT as u64);
        let tail = match bytes.starts_with(b"PK") {
            true => read(source, behind)?,
            false => Vec::new(),
        };
        if let Some(found) = recognise(&bytes, &tail) {
            let path = source.path().to_owned();
            return Err(ManifestError::Foreign { path, found });
        }
        let mark = if bytes.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        Ok(Beginning {
            bytes,
            mark: mark as u64,
        })
    }

    /// The form of the file: as the user says, else by its name.
    ///
    /// # Errors
    /// When nothing tells it, or the file begins as one of another form.
    pub fn format(
        &self,
        path: &Path,
        said: Option<InputFormat>,
    ) -> Result<InputFormat, ManifestError> {
        let text = self.bytes.strip_prefix(MARK).unwrap_or(&self.bytes);
        let format = said.or_else(|| InputFormat::of_path(path));
        let shape = match format {
            Some(InputFormat::Jsonl) => not_lines(text),
            Some(InputFormat::Csv) | None => json_at_all(text),
        };
        let path = || path.to_owned();
        match (shape, format) {
            (Some(shape), _) => Err(ManifestError::NotJsonLines {
                path: path(),
                shape,
            }),
            (None, Some(format)) => Ok(format),
            (None, None) => Err(ManifestError::UnknownFormat { path: path() }),
        }
    }

    /// How a CSV file is written: as the user says, else by these bytes.
    ///
    /// # Errors
    /// When they fit more than one delimiter.
    pub fn dialect(
        &self,
        source: &InputFile,
        said: Option<Delimiter>,
        names: &ColumnNames,
    ) -> Result<Dialect, ManifestError> {
        let text = self.bytes.strip_prefix(MARK).unwrap_or(&self.bytes);
        let is_whole = self.bytes.len() as u64 == source.size();
        Dialect::find(text, is_whole, said, names).map_err(|Unsure(candidates)| {
            ManifestError::UnsureDelimiter {
                path: source.path().to_owned(),
                candidates: listed(&candidates),
            }
        })
    }
}

/// What fits alike, for a message.
fn listed(candidates: &[Delimiter]) -> String {
    let shown: Vec<String> = candidates.iter().map(|one| format!("`{one}`")).collect();
    shown.join(" and ")
}

/// The bytes from that offset on, up to so many.
fn read(source: &InputFile, offset: u64) -> Result<Vec<u8>, ManifestError> {
    let mut bytes = vec![0; LOOKED_AT];
    let mut length = 0;
    while length < bytes.len() {
        match source.read_at(offset + length as u64, &mut bytes[length..])? {
            0 => break,
            more => length += more,
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}
