//! A payload as an HTTP body of known length, with its files read and encoded while they leave.
//!
//! Memory stays flat: besides the bytes that already lie in memory there are at most two chunks.
//! Reading happens on tokio's blocking threads. A file that is not exactly as long as promised
//! spoils the request before its last byte, so the portal never sees a shortened attachment.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::progress::UploadProgress;
use crate::batch::{Part, Payload};

/// Largest chunk of memory handed out at once, bytes.
const CHUNK: usize = 256 * 1024;

/// Bytes of a file read at once: a multiple of 3, so that base64 pads only at the file's end.
const FILE_CHUNK: usize = CHUNK / 4 * 3;

/// Why a body could not be finished.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the file changed: {} bytes were promised", size)]
    Changed { path: PathBuf, size: u64 },
    #[error("{reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("the request was given up")]
    Revoked,
}

/// A payload on its way out.
pub(super) struct UploadBody {
    parts: std::vec::IntoIter<Part>,
    state: UploadState,
    /// Bytes not yet handed out.
    left: u64,
    progress: UploadProgress,
}

enum UploadState {
    BetweenParts,
    Memory(Bytes),
    File(JoinHandle<Result<FileRead, BodyError>>),
}

/// A chunk of a file in base64, and the reader unless that was its end.
struct FileRead {
    chunk: Bytes,
    rest: Option<FileReader>,
}

impl UploadBody {
    pub(super) fn new(payload: Payload, progress: UploadProgress) -> UploadBody {
        UploadBody {
            left: payload.len(),
            parts: payload.parts.into_iter(),
            state: UploadState::BetweenParts,
            progress,
        }
    }

    /// The next chunk, perhaps empty; `None` after the last part.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let (state, chunk) = match &mut self.state {
            UploadState::BetweenParts => match self.parts.next() {
                None => return Poll::Ready(None),
                Some(Part::Bytes(bytes)) => (UploadState::Memory(bytes), Bytes::new()),
                Some(Part::File { path, size }) => {
                    let read = spawn_blocking(move || FileReader::open(path, size)?.read());
                    (UploadState::File(read), Bytes::new())
                }
            },
            UploadState::Memory(bytes) if bytes.is_empty() => {
                (UploadState::BetweenParts, Bytes::new())
            }
            UploadState::Memory(bytes) => {
                return Poll::Ready(Some(Ok(bytes.split_to(bytes.len().min(CHUNK)))));
            }
            UploadState::File(read) => match ready!(Pin::new(read).poll(cx)) {
                Ok(Ok(FileRead { chunk, rest })) => {
                    let next =
                        rest.map(|reader| UploadState::File(spawn_blocking(|| reader.read())));
                    (next.unwrap_or(UploadState::BetweenParts), chunk)
                }
                Ok(Err(error)) => return Poll::Ready(Some(Err(error))),
                Err(_) => return Poll::Ready(Some(Err(BodyError::Revoked))),
            },
        };
        self.state = state;
        Poll::Ready(Some(Ok(chunk)))
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let chunk = match ready!(self.poll_chunk(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => chunk,
            };
            self.left = self.left.saturating_sub(chunk.len() as u64);
            let frame = if self.progress.advance(self.left == 0) {
                Ok(Frame::data(chunk))
            } else {
                Err(BodyError::Revoked)
            };
            return Poll::Ready(Some(frame));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    /// Always exact, so the request carries a Content-Length and is not chunked.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A file that must turn out to be of one exact length.
struct FileReader {
    file: File,
    path: PathBuf,
    size: u64,
    left: u64,
}

impl FileReader {
    fn open(path: PathBuf, size: u64) -> Result<FileReader, BodyError> {
        let unreadable = |reason: String| BodyError::Unreadable {
            path: path.clone(),
            reason,
        };
        // Asked before opening: opening a pipe would wait for its other end.
        let found = std::fs::metadata(&path).map_err(|error| unreadable(error.to_string()))?;
        if !found.is_file() {
            return Err(unreadable("not a file".to_owned()));
        }
        if found.len() != size {
            return Err(BodyError::Changed { path, size });
        }
        let file = File::open(&path).map_err(|error| unreadable(error.to_string()))?;
        Ok(FileReader {
            file,
            path,
            size,
            left: size,
        })
    }

    fn read(mut self) -> Result<FileRead, BodyError> {
        let wanted = usize::try_from(self.left)
            .unwrap_or(FILE_CHUNK)
            .min(FILE_CHUNK);
        let mut buffer = vec![0; wanted];
        match self.file.read_exact(&mut buffer) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(self.changed()),
            Err(error) => return Err(self.unreadable(&error)),
        }
        self.left -= wanted as u64;
        let chunk = Bytes::from(STANDARD.encode(buffer));
        if self.left > 0 {
            return Ok(FileRead {
                chunk,
                rest: Some(self),
            });
        }
        match self.file.read(&mut [0]) {
            Ok(0) => Ok(FileRead { chunk, rest: None }),
            Ok(_) => Err(self.changed()),
            Err(error) => Err(self.unreadable(&error)),
        }
    }

    fn changed(self) -> BodyError {
        BodyError::Changed {
            path: self.path,
            size: self.size,
        }
    }

    fn unreadable(self, error: &std::io::Error) -> BodyError {
        BodyError::Unreadable {
            path: self.path,
            reason: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::transport::Sent;
    use std::future::poll_fn;
    use std::path::Path;

    fn file(path: &Path, size: u64) -> Part {
        Part::File {
            path: path.to_path_buf(),
            size,
        }
    }

    fn text(text: &'static str) -> Part {
        Part::Bytes(Bytes::from_static(text.as_bytes()))
    }

    struct Drained {
        result: Result<Vec<u8>, BodyError>,
        largest: usize,
        sent: Sent,
    }

    async fn drain(parts: Vec<Part>) -> Drained {
        let payload = Payload { parts };
        let progress = UploadProgress::new(payload.is_empty());
        let mut body = UploadBody::new(payload, progress.clone());
        let promised = body.size_hint().exact().unwrap();
        let (mut bytes, mut largest) = (Vec::new(), 0);
        let result = loop {
            if body.is_end_stream() {
                assert_eq!(bytes.len() as u64, promised);
                break Ok(bytes);
            }
            match poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                None => panic!("the body ended {} bytes early", body.left),
                Some(Err(error)) => break Err(error),
                Some(Ok(frame)) => {
                    let chunk = frame.into_data().unwrap();
                    largest = largest.max(chunk.len());
                    bytes.extend_from_slice(&chunk);
                    assert_eq!(
                        body.size_hint().exact(),
                        Some(promised - bytes.len() as u64)
                    );
                }
            }
        };
        Drained {
            result,
            largest,
            sent: progress.revoke(),
        }
    }

    #[tokio::test]
    async fn files_of_every_length_leave_as_base64() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let around = |n: usize| [n - 1, n, n + 1];
        let sizes = (0..8)
            .chain(around(FILE_CHUNK))
            .chain(around(3 * FILE_CHUNK));
        for size in sizes {
            let content: Vec<u8> = (0..size).map(|at| (at * 7 % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let parts = vec![text("{\"f\":\""), file(&path, size as u64), text("\"}")];
            let drained = drain(parts).await;
            let expected = format!("{{\"f\":\"{}\"}}", STANDARD.encode(&content));
            assert!(
                drained.result.unwrap() == expected.as_bytes(),
                "{size} bytes"
            );
            assert!(drained.largest <= CHUNK);
            assert_eq!(drained.sent, Sent::Maybe);
        }
    }

    #[tokio::test]
    async fn memory_leaves_in_chunks() {
        let large = vec![b'x'; 2 * CHUNK + 5];
        let drained = drain(vec![text(""), Part::Bytes(large.clone().into()), text("")]).await;
        assert!(drained.result.unwrap() == large);
        assert_eq!(drained.largest, CHUNK);
    }

    #[tokio::test]
    async fn nothing_is_a_body_too() {
        let drained = drain(vec![]).await;
        assert_eq!(drained.result.unwrap(), b"");
        assert_eq!(drained.sent, Sent::Maybe);
    }

    #[tokio::test]
    async fn a_file_of_another_length_spoils_the_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        std::fs::write(&path, [0; 10]).unwrap();
        for size in [9, 11] {
            let drained = drain(vec![text("{"), file(&path, size), text("}")]).await;
            let error = drained.result.unwrap_err();
            assert!(matches!(&error, BodyError::Changed { path: p, .. } if *p == path));
            assert_eq!(drained.sent, Sent::Never);
        }
    }

    #[tokio::test]
    async fn a_missing_file_or_a_folder_spoils_the_request() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("gone"), folder.path().to_path_buf()] {
            let drained = drain(vec![file(&path, 1), text("}")]).await;
            let error = drained.result.unwrap_err();
            assert!(matches!(&error, BodyError::Unreadable { path: p, .. } if *p == path));
            assert_eq!(drained.sent, Sent::Never);
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let size = FILE_CHUNK as u64 + 3;
        for new_size in [size - 1, size + 1] {
            std::fs::write(&path, vec![0; size as usize]).unwrap();
            let reader = FileReader::open(path.clone(), size).unwrap();
            let reader = reader.read().unwrap().rest.unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.set_len(new_size).unwrap();
            let error = reader.read().err().unwrap();
            assert!(matches!(error, BodyError::Changed { .. }), "{new_size}");
        }
    }

    #[tokio::test]
    async fn a_revoked_request_hands_out_nothing_more() {
        let progress = UploadProgress::new(false);
        let mut body = UploadBody::new(Payload::from_bytes("{}"), progress.clone());
        assert_eq!(progress.revoke(), Sent::Never);
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        assert!(matches!(frame, Some(Err(BodyError::Revoked))));
    }
}
