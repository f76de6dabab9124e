//! Why a manifest can't be read at all. What is wrong with one row is a
//! [`RowFault`](super::RowFault).

use std::io;
use std::path::PathBuf;

use super::mapping::MappingErrors;
use super::{BrokenJson, Foreign, HeaderFault, JsonLists, JsonShape, UnsureEncoding};

/// Why a manifest can't be opened or read on.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("cannot open the manifest {}: {reason}", path.display())]
    Open { path: PathBuf, reason: io::Error },
    #[error("cannot read the manifest {}: {reason}", path.display())]
    Read { path: PathBuf, reason: io::Error },
    #[error("the manifest {} is {found}; it is read twice, so it has to be a regular file", path.display())]
    NotAFile { path: PathBuf, found: &'static str },
    #[error("cannot tell the format of {} by its extension; give --input-format csv, jsonl or json", path.display())]
    UnknownFormat { path: PathBuf },
    #[error("the manifest {} is {found}", path.display())]
    Foreign { path: PathBuf, found: Foreign },
    #[error(
        "cannot tell what separates the columns of {}: {candidates} fit alike; name it with \
         --delimiter",
        path.display()
    )]
    UnsureDelimiter { path: PathBuf, candidates: String },
    #[error(
        "cannot tell the encoding of {}; name it with --encoding NAME. A piece of it, as the \
         likeliest encodings read it:{unsure}",
        path.display()
    )]
    UnsureEncoding {
        path: PathBuf,
        unsure: UnsureEncoding,
    },
    #[error(
        "the manifest {} begins with the byte order mark of {mark}, but --encoding says {said}; \
         leave the option out, or save the file without the mark",
        path.display()
    )]
    OtherMark {
        path: PathBuf,
        /// The names of encodings.
        mark: String,
        said: String,
    },
    #[error("the manifest {} {shape}", path.display())]
    NotJsonLines { path: PathBuf, shape: JsonShape },
    #[error("the JSON of the manifest {} is broken, so nothing of it is read: {broken}", path.display())]
    BrokenJson { path: PathBuf, broken: BrokenJson },
    #[error("the manifest {} has no list at `{rows}`, where its rows are to be; it has {lists}", path.display())]
    NoRowsAt {
        path: PathBuf,
        /// As it is written.
        rows: String,
        lists: JsonLists,
    },
    #[error(
        "the manifest {} has {lists}; say which of them are the rows, in the table [file] of a mapping \
         file: rows = \"PATH\"",
        path.display()
    )]
    UnsureRows { path: PathBuf, lists: JsonLists },
    #[error("the manifest {}: {fault}", path.display())]
    Header { path: PathBuf, fault: HeaderFault },
    #[error(transparent)]
    Mapping(#[from] MappingErrors),
    #[error(
        "the rows of {} belong to more than one ledger: row {} to {}, row {} to {}; import them from \
         files of their own, or name one with --ledger",
        path.display(), first.0, first.1, second.0, second.1
    )]
    TwoLedgers {
        path: PathBuf,
        /// Row and ledger.
        first: (u64, String),
        second: (u64, String),
    },
    #[error("the manifest {} has changed while it was read; run again when it is complete", path.display())]
    Changed { path: PathBuf },
}
