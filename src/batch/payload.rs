//! A request body as parts: bytes in memory, and files that are read while they are sent.

use std::path::PathBuf;

use bytes::Bytes;

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Bytes(Bytes),
    /// The file's content in base64, without line breaks.
    File {
        path: PathBuf,
        /// Bytes that the file must have; another length spoils the request.
        size: u64,
    },
}

/// A JSON body of known length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    pub parts: Vec<Part>,
}

impl Payload {
    /// A body that lies in memory.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Payload {
        Payload {
            parts: vec![Part::Bytes(bytes.into())],
        }
    }

    /// Bytes on the wire.
    pub fn len(&self) -> u64 {
        self.parts.iter().map(Part::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Part {
    /// Bytes on the wire.
    pub fn len(&self) -> u64 {
        match self {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File { size, .. } => base64_len(*size),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Length of `size` bytes in padded base64.
pub fn base64_len(size: u64) -> u64 {
    size.div_ceil(3) * 4
}
