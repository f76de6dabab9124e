//! What the first bytes of a file tell: whether it is a manifest at all, and in which form.

use std::path::Path;

use encoding_rs::Encoding;

use super::column_names::ColumnNames;
use super::dialect::Unsure;
use super::encoding::{
    EncodingBasis, EncodingName, FoundEncoding, SampleBuilder, by_letters, by_nuls,
};
use super::foreign::{recognise, recognise_text};
use super::input_file::InputFile;
use super::json_format::{json_in_csv, not_lines, values_not_lines};
use super::text_stream::{TextPlace, TextStream};
use super::{Delimiter, Dialect, Foreign, InputFormat, ManifestError};

/// How a file begins.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The first of its text, as UTF-8.
    text: Vec<u8>,
    /// Whether nothing follows that.
    is_whole: bool,
    /// Where the text begins, and in which encoding.
    pub start: TextPlace,
}

/// Bytes that are looked at; of archives as many at the end.
const LOOKED_AT: usize = 64 << 10;

/// Bytes that are searched for letters beyond ASCII, by which the encoding is known.
const SEARCHED: u64 = 16 << 20;

impl Beginning {
    /// Looks at a file, and for its encoding unless it is said.
    ///
    /// # Errors
    /// When it can't be read, or is no text, or its encoding can't be told or is not what is said.
    pub fn of(source: &InputFile, said: Option<EncodingName>) -> Result<Beginning, ManifestError> {
        let bytes = read(source, 0)?;
        let behind = source.size().saturating_sub(LOOKED_AT as u64);
        let tail = match bytes.starts_with(b"PK") {
            true => read(source, behind)?,
            false => Vec::new(),
        };
        refuse(source, recognise(&bytes, &tail))?;
        let (plain, mark) = plain_encoding(source, &bytes, said)?;
        refuse(source, recognise_text(&plain_text(&bytes[mark..], plain)))?;
        let encoding = match plain {
            Some(encoding) => encoding,
            None => encoding_by_letters(source)?,
        };
        Beginning::decoded(
            source,
            TextPlace {
                encoding,
                mark: mark as u64,
                offset: 0,
                end: source.size(),
            },
        )
    }

    /// Decodes the first of the text.
    fn decoded(source: &InputFile, start: TextPlace) -> Result<Beginning, ManifestError> {
        let (mut stream, mut text) = (TextStream::new(start), vec![0; LOOKED_AT]);
        let (mut length, mut is_whole) = (0, false);
        while length < text.len() && !is_whole {
            let more = stream.read(source, &mut text[length..])?;
            length += more;
            is_whole = more == 0;
        }
        text.truncate(length);
        Ok(Beginning {
            text,
            is_whole,
            start,
        })
    }

    /// The first of its text, as UTF-8.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// What its lines end with; within quotes there may be another.
    pub fn line_end(&self) -> &'static str {
        let text = &self.text[..];
        let has = |end: &[u8]| memchr::memmem::find(text, end).is_some();
        match (has(b"\r\n"), has(b"\n"), has(b"\r")) {
            (true, ..) => "\r\n",
            (false, false, true) => "\r",
            _ => "\n",
        }
    }

    /// The form of the file: as the user says, else by its name and how it begins. `has_rows` where
    /// the user says at which path of JSON the rows are.
    ///
    /// # Errors
    /// When nothing tells it, or the file begins as one of another form.
    pub fn format(
        &self,
        path: &Path,
        said: Option<InputFormat>,
        has_rows: bool,
    ) -> Result<InputFormat, ManifestError> {
        let refused = |shape| ManifestError::NotJsonLines {
            path: path.to_owned(),
            shape,
        };
        let by_shape = |is_whole| {
            let is_json = values_not_lines(&self.text, is_whole, has_rows).map_err(refused)?;
            Ok(match is_json {
                true => InputFormat::Json,
                false => InputFormat::Jsonl,
            })
        };
        let in_csv = || json_in_csv(&self.text);
        let said_json = || not_lines(&self.text);
        match (said, InputFormat::of_path(path)) {
            (Some(InputFormat::Csv), _) | (None, Some(InputFormat::Csv)) => {
                in_csv().map_or(Ok(InputFormat::Csv), |shape| Err(refused(shape)))
            }
            (Some(InputFormat::Jsonl), _) => {
                said_json().map_or(Ok(InputFormat::Jsonl), |shape| Err(refused(shape)))
            }
            (Some(InputFormat::Json), _) => match said_json() {
                Some(shape) if !shape.is_json() => Err(refused(shape)),
                _ => Ok(InputFormat::Json),
            },
            // Lines are usual in such a file, however long the first one is.
            (None, Some(InputFormat::Jsonl)) => by_shape(self.is_whole),
            (None, Some(InputFormat::Json)) => by_shape(true),
            (None, None) if in_csv().is_some() => by_shape(true),
            (None, None) => Err(ManifestError::UnknownFormat {
                path: path.to_owned(),
            }),
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
        Dialect::find(&self.text, self.is_whole, said, names).map_err(|Unsure(candidates)| {
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

fn refuse(source: &InputFile, found: Option<Foreign>) -> Result<(), ManifestError> {
    let path = || source.path().to_owned();
    found.map_or(Ok(()), |found| {
        Err(ManifestError::Foreign {
            path: path(),
            found,
        })
    })
}

/// The encoding as far as it takes no look at the letters, and the length of the byte order mark.
fn plain_encoding(
    source: &InputFile,
    head: &[u8],
    said: Option<EncodingName>,
) -> Result<(Option<FoundEncoding>, usize), ManifestError> {
    let given = |encoding| FoundEncoding::new(encoding, EncodingBasis::Given);
    match (Encoding::for_bom(head), said) {
        (Some((marked, _)), Some(said)) if !said.allows(marked) => Err(ManifestError::OtherMark {
            path: source.path().to_owned(),
            mark: given(marked).name(),
            said: said.name(),
        }),
        (Some((marked, length)), Some(_)) => Ok((Some(given(marked)), length)),
        (Some((marked, length)), None) => {
            let found = FoundEncoding::new(marked, EncodingBasis::Mark);
            Ok((Some(found), length))
        }
        (None, Some(said)) => Ok((Some(given(said.of_file(head))), 0)),
        (None, None) => {
            let by_nuls = by_nuls(head);
            let found = by_nuls.map(|wide| FoundEncoding::new(wide, EncodingBasis::Nuls));
            Ok((found, 0))
        }
    }
}

/// The beginning of a text in which ASCII is ASCII: only UTF-16 has to be decoded for that.
fn plain_text(bytes: &[u8], encoding: Option<FoundEncoding>) -> Vec<u8> {
    match encoding.filter(FoundEncoding::is_utf16) {
        Some(encoding) => encoding.decoded(bytes).into_bytes(),
        None => bytes.to_owned(),
    }
}

/// The encoding by the letters of the file's own lines.
fn encoding_by_letters(source: &InputFile) -> Result<FoundEncoding, ManifestError> {
    let (mut builder, mut block) = (SampleBuilder::default(), vec![0; LOOKED_AT]);
    let mut offset = 0;
    while offset < SEARCHED {
        let length = source.read_at(offset, &mut block)?;
        if length == 0 || !builder.add(&block[..length]) {
            break;
        }
        offset += length as u64;
    }
    by_letters(&builder.finish()).map_err(|unsure| ManifestError::UnsureEncoding {
        path: source.path().to_owned(),
        unsure,
    })
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
