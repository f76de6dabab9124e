//! One refresh a file: an advisory lock on `FILE.lock`, held while its tokens are replaced.
//!
//! The lock file is never removed, since another process may be waiting on it.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::account::AccountError;
use super::renewal::no_token;
use crate::portal::transport::SendError;
use crate::private_file;

/// Between two looks at a lock that another process has.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A refresh of another process takes less, time-outs included.
const PATIENCE: Duration = Duration::from_secs(120);

/// Held for as long as the value lives; the system frees it when the process dies.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock of the OAuth file at `path`. It looks again and again rather than block a
    /// thread, so that a run which is to stop doesn't wait here.
    pub(super) async fn wait(path: &Path) -> Result<FileLock, SendError> {
        let failed = |cause: std::io::Error| {
            let error = AccountError::Unwritable {
                path: path.to_owned(),
                reason: format!("its lock can't be taken: {cause}"),
            };
            SendError::SignIn(error.stop())
        };
        let file = private_file::open(&lock_path(path)).map_err(failed)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(FileLock { _file: file }),
                Err(TryLockError::Error(cause)) => return Err(failed(cause)),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= PATIENCE => {
                    let lock = lock_path(path);
                    return Err(no_token(format!(
                        "another process holds {}",
                        lock.display()
                    )));
                }
                Err(TryLockError::WouldBlock) => sleep(LOOK_AGAIN).await,
            }
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_lock_is_waited_for_and_left_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.json");
        let held = FileLock::wait(&path).await.unwrap();
        let second = tokio::spawn({
            let path = path.clone();
            async move { FileLock::wait(&path).await.map(|_| ()) }
        });
        sleep(LOOK_AGAIN * 2).await;
        assert!(!second.is_finished());
        drop(held);
        second.await.unwrap().unwrap();
        assert!(folder.path().join("o.json.lock").exists());
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.json");
        let _held = FileLock::wait(&path).await.unwrap();
        let error = FileLock::wait(&path).await.unwrap_err();
        assert!(error.to_string().contains("another process"), "{error}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_ends_the_run() {
        let error = FileLock::wait(Path::new("/no/such/o.json")).await;
        assert!(matches!(error, Err(SendError::SignIn(_))));
    }
}
