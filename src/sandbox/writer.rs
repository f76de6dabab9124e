//! The thread that owns the store: it writes what concurrent requests hand it, as many of them in
//! one transaction as are waiting.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::store::{Record, Store};

/// The most requests in one transaction.
const GROUP: usize = 256;

/// Hands records to the thread.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    jobs: Sender<Job>,
}

enum Job {
    Write(Record, oneshot::Sender<bool>),
    Stop,
}

impl Writer {
    /// Starts the thread. It ends, and closes the store, when it is told to or when the last
    /// writer is gone.
    pub(super) fn start(store: Store) -> io::Result<(Writer, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sandbox-store".into())
            .spawn(move || work(store, &queue))?;
        Ok((Writer { jobs }, thread))
    }

    /// Queues a record. What comes back tells whether it was stored; an error there means that
    /// the thread is gone, and it was not.
    pub(super) fn write(&self, record: Record) -> oneshot::Receiver<bool> {
        let (done, stored) = oneshot::channel();
        let _told_by_the_receiver = self.jobs.send(Job::Write(record, done));
        stored
    }

    /// Tells the thread to end once everything queued before is written.
    pub(super) fn stop(&self) {
        let _already_gone = self.jobs.send(Job::Stop);
    }
}

fn work(mut store: Store, queue: &Receiver<Job>) {
    let mut running = true;
    while running && let Ok(first) = queue.recv() {
        let mut records = Vec::new();
        let mut waiting = Vec::new();
        for job in std::iter::once(first).chain(queue.try_iter()).take(GROUP) {
            match job {
                Job::Write(record, done) => {
                    records.push(record);
                    waiting.push(done);
                }
                Job::Stop => {
                    running = false;
                    break;
                }
            }
        }
        let stored = records.is_empty() || store.record(&records).is_ok();
        for done in waiting {
            let _client_gone = done.send(stored);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::post::NewPost;
    use super::*;

    fn record(id: i64) -> Record {
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
        Record {
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
        let (writer, thread) = Writer::start(Store::open(&path).unwrap()).unwrap();
        let stored: Vec<_> = (1..=1000).map(|id| writer.write(record(id))).collect();
        writer.stop();
        for receiver in stored {
            assert!(receiver.blocking_recv().unwrap());
        }
        thread.join().unwrap();
        assert_eq!(Store::open(&path).unwrap().last_id().unwrap(), 1000);
        assert!(writer.write(record(1001)).blocking_recv().is_err());
    }

    #[test]
    fn a_record_that_cannot_be_stored_is_told() {
        let (writer, _thread) = Writer::start(Store::in_memory().unwrap()).unwrap();
        assert!(writer.write(record(1)).blocking_recv().unwrap());
        assert!(!writer.write(record(1)).blocking_recv().unwrap());
        assert!(writer.write(record(2)).blocking_recv().unwrap());
    }
}
