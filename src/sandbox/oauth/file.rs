//! The OAuth file that signs an application in at the sandbox.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::private_file;

/// What the address of a sandbox begins with; that of no real portal does.
const PLAIN: &str = "http://";

/// An OAuth file that cannot be written.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum OAuthFileError {
    #[error("{} exists and is no OAuth file of a sandbox; name another file", .0.display())]
    Foreign(PathBuf),
    #[error("cannot write the OAuth file {}: {source}; make its folder writable or name another", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Address, application and tokens, as `import --oauth-file` takes them.
#[derive(Clone)]
pub struct OAuthFile(Value);

impl fmt::Debug for OAuthFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OAuthFile(hidden)")
    }
}

impl OAuthFile {
    pub(super) fn new(fields: Value) -> OAuthFile {
        OAuthFile(fields)
    }

    /// A field of it.
    #[cfg(test)]
    pub(in super::super) fn field(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    /// Writes it for its owner alone, over the file of an earlier sandbox but over no other: the
    /// tokens of a real portal would be lost.
    ///
    /// # Errors
    /// Another file is there, or this one cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), OAuthFileError> {
        let failed = |source| OAuthFileError::Write {
            path: path.to_owned(),
            source,
        };
        match fs::read(path) {
            Ok(content) if !is_ours(&content) => {
                return Err(OAuthFileError::Foreign(path.to_owned()));
            }
            Ok(_) => fs::remove_file(path).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        private_file::create_new(path)
            .and_then(|mut file| writeln!(file, "{:#}", self.0))
            .map_err(failed)
    }
}

fn is_ours(content: &[u8]) -> bool {
    serde_json::from_slice::<Value>(content).is_ok_and(|file| {
        file["domain"]
            .as_str()
            .unwrap_or_default()
            .starts_with(PLAIN)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_file_of_a_sandbox_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.json");
        let file = OAuthFile::new(json!({"domain": "http://127.0.0.1:1"}));
        file.write(&path).unwrap();
        let next = OAuthFile::new(json!({"domain": "http://127.0.0.1:2"}));
        next.write(&path).unwrap();
        let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(written, next.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        for foreign in [r#"{"domain":"p.example"}"#, "[]", "text", ""] {
            fs::write(&path, foreign).unwrap();
            let error = next.write(&path).unwrap_err();
            assert!(matches!(error, OAuthFileError::Foreign(_)), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
        }
        let nowhere = next.write(&folder.path().join("no/o.json")).unwrap_err();
        assert!(matches!(nowhere, OAuthFileError::Write { .. }), "{nowhere}");
    }
}
