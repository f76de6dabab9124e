//! Why a store cannot be used.

use std::path::{Path, PathBuf};

/// A store that cannot be used.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{} is an SQLite database, but no store of a sandbox; name another file", .0.display())]
    Foreign(PathBuf),
    #[error("{} was written by another version of b24post (schema {found}); name another file", path.display())]
    Version { path: PathBuf, found: String },
    #[error("cannot make the sandbox store {}: {source}; make its folder writable or name another", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot {doing} the sandbox store {}: {source}", path.display())]
    Sqlite {
        doing: &'static str,
        path: PathBuf,
        source: rusqlite::Error,
    },
}

/// The error of a step with the file at `path`.
pub(super) fn sqlite_error(
    doing: &'static str,
    path: &Path,
) -> impl Fn(rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Sqlite {
        doing,
        path: path.clone(),
        source,
    }
}
