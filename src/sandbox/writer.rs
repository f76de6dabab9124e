//! The thread that owns the store: it writes what concurrent requests hand it, as many of them in
//! one transaction as are waiting.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::store::{LogEntry, Store};

/// The most requests in one transaction.
const GROUP: usize = 256;

/// Hands entries of the log, with their posts, to the thread.
#[derive(Clone, Debug)]
pub(super) struct StoreWriter {
    jobs: Sender<StoreJob>,
}

enum StoreJob {
    Write(LogEntry, oneshot::Sender<bool>),
    Stop,
}

impl StoreWriter {
    /// Starts the thread. It ends, and closes the store, when it is told to or when the last
    /// writer is gone.
    pub(super) fn start(store: Store) -> io::Result<(StoreWriter, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sandbox-store".into())
            .spawn(move || work(store, &queue))?;
        Ok((StoreWriter { jobs }, thread))
    }

    /// Queues an entry. What comes back tells whether it was stored; an error there means that
    /// the thread is gone, and it was not.
    pub(super) fn write(&self, entry: LogEntry) -> oneshot::Receiver<bool> {
        let (done, stored) = oneshot::channel();
        let _told_by_the_receiver = self.jobs.send(StoreJob::Write(entry, done));
        stored
    }

    /// Tells the thread to end once everything queued before is written.
    pub(super) fn stop(&self) {
        let _already_gone = self.jobs.send(StoreJob::Stop);
    }
}

fn work(mut store: Store, queue: &Receiver<StoreJob>) {
    let mut running = true;
    while running && let Ok(first) = queue.recv() {
        let mut entries = Vec::new();
        let mut waiting = Vec::new();
        for job in std::iter::once(first).chain(queue.try_iter()).take(GROUP) {
            match job {
                StoreJob::Write(entry, done) => {
                    entries.push(entry);
                    waiting.push(done);
                }
                StoreJob::Stop => {
                    running = false;
                    break;
                }
            }
        }
        let stored = entries.is_empty() || store.append(&entries).is_ok();
        for done in waiting {
            let _client_gone = done.send(stored);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::post::NewPost;
    use super::*;

    fn entry(id: i64) -> LogEntry {
        let post = NewPost {
            id,
            method: "crm.livefeedmessage.add",
            entity_type: 1,
            entity_id: 1,
            title: None,
            message: "m".into(),
            audience: Vec::new(),
            author_id: 1,
            received_at: 0,
            files: Vec::new(),
            news: None,
        };
        LogEntry {
            posts: vec![post],
            updated: Vec::new(),
            deleted: Vec::new(),
            method: "batch".into(),
            status: 200,
            received_at: 0,
        }
    }

    #[test]
    fn what_is_queued_is_stored_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let (writer, thread) = StoreWriter::start(Store::open(&path).unwrap()).unwrap();
        let stored: Vec<_> = (1..=1000).map(|id| writer.write(entry(id))).collect();
        writer.stop();
        for receiver in stored {
            assert!(receiver.blocking_recv().unwrap());
        }
        thread.join().unwrap();
        assert_eq!(Store::open(&path).unwrap().last_id().unwrap(), 1000);
        assert!(writer.write(entry(1001)).blocking_recv().is_err());
    }

    #[test]
    fn a_record_that_cannot_be_stored_is_told() {
        let (writer, _thread) = StoreWriter::start(Store::in_memory().unwrap()).unwrap();
        assert!(writer.write(entry(1)).blocking_recv().unwrap());
        assert!(!writer.write(entry(1)).blocking_recv().unwrap());
        assert!(writer.write(entry(2)).blocking_recv().unwrap());
    }
}
