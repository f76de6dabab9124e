//! The JSON body of a `batch` request, grown command by command up to a byte limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Command, MAX_COMMANDS, Payload, Value, query};

/// An attachment that can't be sent as it was checked.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("{}: it had {expected} bytes when it was checked and has another length now", path.display())]
    Changed { path: PathBuf, expected: u64 },
}

/// What became of a command that was to join a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in.
    Yes,
    /// The body is full without it; it belongs into the next one.
    Full,
    /// It does not fit even alone.
    TooLarge,
}

/// A `batch` body in the making. `halt` is 0: a failed command doesn't stop the others.
pub struct BatchBody {
    bytes: Vec<u8>,
    commands: usize,
    max_bytes: usize,
}

const OPENING: &[u8] = br#"{"halt":0,"cmd":{"#;
const CLOSING: &[u8] = b"}}";

/// Read at a time from an attachment; a multiple of 3, so that pieces of base64 join.
const FILE_PIECE: usize = 48 * 1024;

impl BatchBody {
    /// An empty body that may grow to `max_bytes` on the wire; about `expected` will be needed.
    pub fn new(max_bytes: usize, expected: usize) -> BatchBody {
        let mut bytes = Vec::with_capacity(expected.min(max_bytes));
        bytes.extend_from_slice(OPENING);
        BatchBody {
            bytes,
            commands: 0,
            max_bytes,
        }
    }

    /// Adds a command under its key, reading its attachments. A body that can't take it is left
    /// as it was.
    ///
    /// # Errors
    /// When an attachment can't be read or has changed; the body is left as it was.
    pub fn add(&mut self, key: &str, command: &Command) -> Result<Added, FileError> {
        if self.commands == MAX_COMMANDS {
            return Ok(Added::Full);
        }
        let before = self.bytes.len();
        match self.push_command(key, command) {
            Ok(true) => {
                self.commands += 1;
                Ok(Added::Yes)
            }
            Ok(false) => {
                self.bytes.truncate(before);
                Ok(if self.commands == 0 {
                    Added::TooLarge
                } else {
                    Added::Full
                })
            }
            Err(error) => {
                self.bytes.truncate(before);
                Err(error)
            }
        }
    }

    /// Writes `"key":"method?query"`; false as soon as the limit is passed.
    fn push_command(&mut self, key: &str, command: &Command) -> Result<bool, FileError> {
        if self.commands > 0 {
            self.bytes.push(b',');
        }
        self.bytes.extend_from_slice(b"\"");
        self.bytes.extend_from_slice(key.as_bytes());
        self.bytes.extend_from_slice(b"\":\"");
        self.bytes.extend_from_slice(command.method.as_bytes());
        let mut separator = b'?';
        let pushed = query::each_leaf(command, |name, value| {
            self.bytes.push(separator);
            separator = b'&';
            match self.push_leaf(name, value) {
                Ok(true) => Ok(()),
                Ok(false) => Err(None),
                Err(error) => Err(Some(error)),
            }
        });
        match pushed {
            Ok(()) => self.bytes.push(b'"'),
            Err(None) => return Ok(false),
            Err(Some(error)) => return Err(error),
        }
        Ok(self.fits())
    }

    fn push_leaf(&mut self, name: &str, value: &Value) -> Result<bool, FileError> {
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'=');
        match value {
            Value::Text(text) => query::push_text(&mut self.bytes, text),
            Value::File { path, size } => return self.push_file(path, *size),
            Value::List(_) | Value::Map(_) | Value::Named(_) => {}
        }
        Ok(self.fits())
    }

    /// Encodes a file piece by piece and stops early at the limit.
    fn push_file(&mut self, path: &Path, size: u64) -> Result<bool, FileError> {
        let unreadable = |cause| FileError::Unreadable {
            path: path.to_owned(),
            cause,
        };
        // Opening a pipe would wait for a writer.
        if !path.metadata().map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("it is no file any more")));
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let mut piece = Vec::with_capacity(FILE_PIECE);
        let mut base64 = String::with_capacity(FILE_PIECE / 3 * 4);
        let mut read = 0;
        loop {
            piece.clear();
            let taken = file
                .by_ref()
                .take(FILE_PIECE as u64)
                .read_to_end(&mut piece)
                .map_err(unreadable)?;
            read += taken as u64;
            base64.clear();
            STANDARD.encode_string(&piece, &mut base64);
            query::push_text(&mut self.bytes, &base64);
            if !self.fits() {
                return Ok(false);
            }
            if taken < FILE_PIECE {
                break;
            }
        }
        if read != size {
            return Err(FileError::Changed {
                path: path.to_owned(),
                expected: size,
            });
        }
        Ok(true)
    }

    fn fits(&self) -> bool {
        self.bytes.len() + CLOSING.len() <= self.max_bytes
    }

    /// The finished body.
    pub fn finish(mut self) -> Payload {
        self.bytes.extend_from_slice(CLOSING);
        Payload::from_bytes(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::batch::Part;

    fn command(text: &str) -> Command {
        Command {
            method: "m.add",
            params: vec![("fields", Value::Map(vec![("T", Value::Text(text.into()))]))],
        }
    }

    fn text(payload: Payload) -> String {
        let [Part::Bytes(bytes)] = &payload.parts[..] else {
            panic!("one part expected");
        };
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn the_body_is_json_with_one_query_a_command() {
        let mut body = BatchBody::new(1_000, 0);
        assert_eq!(body.add("a_1", &command("x \"y\"")).unwrap(), Added::Yes);
        assert_eq!(body.add("a_2", &command("z")).unwrap(), Added::Yes);
        assert_eq!(
            text(body.finish()),
            r#"{"halt":0,"cmd":{"a_1":"m.add?fields[T]=x%20%22y%22","a_2":"m.add?fields[T]=z"}}"#
        );
    }

    #[test]
    fn the_limit_is_kept_to_the_byte() {
        let mut one = BatchBody::new(usize::MAX, 0);
        one.add("k", &command("abc")).unwrap();
        let exact = text(one.finish()).len();
        let mut body = BatchBody::new(exact, 0);
        assert_eq!(body.add("k", &command("abcd")).unwrap(), Added::TooLarge);
        assert_eq!(body.add("k", &command("abc")).unwrap(), Added::Yes);
        assert_eq!(body.add("l", &command("")).unwrap(), Added::Full);
        assert_eq!(text(body.finish()).len(), exact);
    }

    #[test]
    fn no_more_than_fifty_commands() {
        let mut body = BatchBody::new(usize::MAX, 0);
        for place in 0..MAX_COMMANDS {
            assert_eq!(
                body.add(&format!("k{place}"), &command("")).unwrap(),
                Added::Yes
            );
        }
        assert_eq!(body.add("k", &command("")).unwrap(), Added::Full);
    }

    #[test]
    fn files_of_any_length_are_read_and_a_changed_one_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        for size in [
            1,
            2,
            3,
            FILE_PIECE - 1,
            FILE_PIECE,
            FILE_PIECE + 1,
            3 * FILE_PIECE,
        ] {
            let path = folder.path().join("f");
            let content: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let with_size = |size| Command {
                method: "m",
                params: vec![(
                    "F",
                    Value::File {
                        path: path.clone(),
                        size,
                    },
                )],
            };
            let mut body = BatchBody::new(usize::MAX, 0);
            let changed = body.add("k", &with_size(size as u64 + 1)).unwrap_err();
            assert!(matches!(changed, FileError::Changed { .. }));
            assert_eq!(body.add("k", &with_size(size as u64)).unwrap(), Added::Yes);
            let sent = text(body.finish());
            let base64 = sent
                .strip_prefix(r#"{"halt":0,"cmd":{"k":"m?F="#)
                .and_then(|rest| rest.strip_suffix("\"}}"))
                .unwrap();
            let base64 = percent_encoding::percent_decode_str(base64)
                .decode_utf8()
                .unwrap();
            assert_eq!(STANDARD.decode(base64.as_bytes()).unwrap(), content);
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let command = Command {
            method: "m",
            params: vec![(
                "F",
                Value::File {
                    path: "/no/such/file".into(),
                    size: 1,
                },
            )],
        };
        let error = BatchBody::new(100, 0).add("k", &command).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/file: "), "{error}");
    }
}
