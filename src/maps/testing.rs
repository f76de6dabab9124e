//! Map files for unit tests.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use super::MapsError;

/// A map file that is gone with its folder.
pub struct WrittenMap {
    pub path: PathBuf,
    _folder: tempfile::TempDir,
}

pub fn written(text: &str) -> WrittenMap {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.csv");
    fs::write(&path, text).unwrap();
    WrittenMap {
        path,
        _folder: folder,
    }
}

/// What is told of a wrong map, without its path.
pub fn error<M: Debug>(read: impl Fn(&Path) -> Result<M, MapsError>, text: &str) -> String {
    let map = written(text);
    let told = read(&map.path).unwrap_err().to_string();
    told.replace(&map.path.display().to_string(), "")
}
