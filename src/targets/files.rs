//! Attachments in the form that all of Bitrix24's methods take: pairs of name and content. The
//! files are named here and read only when the request is made.

use std::path::PathBuf;

use crate::batch::Value;

/// An attachment found on the disk: where it lies, what it is to be called, how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToSend {
    /// Where it lies, ready to be opened.
    pub path: PathBuf,
    /// What it is to be called on the portal.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// `FILES`: a pair of name and content for each; none for no file.
pub fn file_pairs(files: &[FileToSend]) -> Option<Value> {
    let pair = |file: &FileToSend| {
        let content = Value::File {
            path: file.path.clone(),
            size: file.size,
        };
        Value::List(vec![Value::Text(file.name.clone()), content])
    };
    (!files.is_empty()).then(|| Value::List(files.iter().map(pair).collect()))
}
