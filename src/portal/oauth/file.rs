//! Replacing an OAuth file so that at any moment it holds one whole pair of tokens.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::private_file;

use super::account::AccountError;

/// The file's next content, beside it until it is finished. The caller holds the file's lock.
#[derive(Debug)]
pub(super) struct FileDraft {
    file: File,
    path: PathBuf,
    temporary: PathBuf,
}

impl FileDraft {
    /// Writes a copy of the present content: whatever keeps a new one from being written shows
    /// now, and the room for it on the disk is taken.
    pub(super) fn begin(
        path: &Path,
        present: &Map<String, Value>,
    ) -> Result<FileDraft, AccountError> {
        let mut temporary = OsString::from(path.as_os_str());
        temporary.push(".new");
        let temporary = PathBuf::from(temporary);
        let create = || {
            match fs::remove_file(&temporary) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            private_file::create_new(&temporary)
        };
        let mut draft = FileDraft {
            file: create().map_err(|error| unwritable(path, &error))?,
            path: path.to_owned(),
            temporary: temporary.clone(),
        };
        draft
            .write(present)
            .map_err(|error| unwritable(path, &error))?;
        Ok(draft)
    }

    /// Puts the new content in the old one's place; durable when this returns.
    pub(super) fn finish(mut self, fields: &Map<String, Value>) -> Result<(), AccountError> {
        self.write(fields)
            .and_then(|()| fs::rename(&self.temporary, &self.path))
            .and_then(|()| match self.path.parent() {
                Some(folder) => private_file::sync_folder(folder),
                None => Ok(()),
            })
            .map_err(|error| unwritable(&self.path, &error))
    }

    fn write(&mut self, fields: &Map<String, Value>) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(fields)?;
        text.push(b'\n');
        self.file.rewind()?;
        self.file.write_all(&text)?;
        self.file.set_len(text.len() as u64)?;
        self.file.sync_all()
    }
}

impl Drop for FileDraft {
    /// A draft that was not finished holds the old tokens; nobody needs it. After a rename there
    /// is nothing to remove.
    fn drop(&mut self) {
        drop(fs::remove_file(&self.temporary));
    }
}

fn unwritable(path: &Path, error: &io::Error) -> AccountError {
    AccountError::Unwritable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_file_is_replaced_whole_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.json");
        let old = fields(json!({"a": "a very long old value", "b": 1}));
        fs::write(&path, "old").unwrap();
        fs::write(folder.path().join("o.json.new"), "left by a crash").unwrap();
        let draft = FileDraft::begin(&path, &old).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        draft.finish(&fields(json!({"a": "new"}))).unwrap();
        let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(written, json!({"a": "new"}));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_unfinished_draft_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.json");
        fs::write(&path, "old").unwrap();
        drop(FileDraft::begin(&path, &Map::new()).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_takes_no_file_is_told_before_anything_is_spent() {
        let error = FileDraft::begin(Path::new("/no/such/o.json"), &Map::new()).unwrap_err();
        assert!(error.to_string().contains("were not refreshed"), "{error}");
        assert!(error.lost().to_string().contains("sign in again"));
    }
}
