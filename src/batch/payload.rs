//! A request body as parts: bytes in memory, and files that are read while they are sent.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

/// Length of `{}`.
const EMPTY_OBJECT: u64 = 2;

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A stretch that lies in memory.
    Bytes(Bytes),
    /// The file's content in base64, without line breaks.
    File {
        /// Where the file lies, ready to be opened.
        path: PathBuf,
        /// Bytes that the file must have; another length spoils the request.
        size: u64,
    },
}

/// A JSON body of known length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// The pieces, in the order in which they are sent.
    pub parts: Vec<Part>,
}

impl Payload {
    /// A body that lies in memory.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Payload {
        Payload {
            parts: vec![Part::Bytes(bytes.into())],
        }
    }

    /// The same body, which lets go of the guard with the last of its bytes in memory.
    pub fn guarded_by(self, guard: impl Send + Sync + 'static) -> Payload {
        let guard = Arc::new(guard);
        let guarded = |part| match part {
            Part::Bytes(bytes) => Part::Bytes(Bytes::from_owner(Guarded {
                bytes,
                _guard: Arc::clone(&guard),
            })),
            Part::File { .. } => part,
        };
        Payload {
            parts: self.parts.into_iter().map(guarded).collect(),
        }
    }

    /// The same JSON object with one more text in front. What it holds already is not copied.
    pub fn with_first(mut self, name: &str, value: &str) -> Payload {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let comma = if self.len() > EMPTY_OBJECT { "," } else { "" };
        let opening = format!("{{{}:{}{comma}", json(name), json(value));
        // Without its brace, which now stands before the new member.
        if let Some(Part::Bytes(bytes)) = self.parts.first_mut() {
            *bytes = bytes.slice(1.min(bytes.len())..);
        }
        self.parts.insert(0, Part::Bytes(opening.into()));
        self
    }

    /// Bytes on the wire.
    pub fn len(&self) -> u64 {
        self.parts.iter().map(Part::len).sum()
    }

    /// Whether nothing would be sent.
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

    /// Whether nothing would be sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes with a guard that is dropped with them.
struct Guarded<G> {
    bytes: Bytes,
    _guard: Arc<G>,
}

impl<G> AsRef<[u8]> for Guarded<G> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Length of `size` bytes in padded base64.
pub fn base64_len(size: u64) -> u64 {
    size.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_joins_in_front_without_a_copy() {
        let large = Bytes::from_static(br#"{"a":[1,2]}"#);
        let file = Part::File {
            path: "/f".into(),
            size: 3,
        };
        let body = Payload {
            parts: vec![Part::Bytes(large.clone()), file.clone()],
        };
        let joined = body.with_first("auth", "t\"1");
        let [Part::Bytes(opening), Part::Bytes(rest), last] = &joined.parts[..] else {
            panic!("three parts expected");
        };
        assert_eq!(&opening[..], br#"{"auth":"t\"1","#);
        assert_eq!(&rest[..], br#""a":[1,2]}"#);
        assert_eq!(rest.as_ptr(), large[1..].as_ptr());
        assert_eq!(*last, file);
    }

    #[test]
    fn an_empty_object_gets_no_comma() {
        let joined = Payload::from_bytes("{}").with_first("auth", "t");
        assert_eq!(joined.len(), br#"{"auth":"t"}"#.len() as u64);
        assert_eq!(joined.parts.last(), Some(&Part::Bytes("}".into())));
    }
}
