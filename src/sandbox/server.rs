//! The portal over HTTP: brings it requests, stores the posts, and delivers the answers.
//!
//! Requests are decided one at a time, behind a lock and off the async threads; server time is
//! slept through without the lock, so that requests overlap as they do on a real portal.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{self, ConnectInfo, State};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::{self, JoinHandle as Task};

use super::answer::Answer;
use super::connection::{BreakableListener, Breaker};
use super::delivery::deliver;
use super::incoming;
use super::oauth::{Install, OAuthFile, OAuthServer};
use super::portal::Portal;
use super::request::IncomingRequest;
use super::rest_failure::RestFailure;
use super::settings::{Settings, Webhook};
use super::store::{LogEntry, Store, StoreError};
use super::writer::StoreWriter;

/// How long requests under way may keep a closing server.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a server needs to start.
#[derive(Debug)]
pub struct ServerOptions {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// What kind of portal it is.
    pub settings: Settings,
    /// Where posts and requests are kept.
    pub store: Store,
}

/// A server that cannot start.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the sandbox cannot listen on {address}: {source}; choose another address")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("the sandbox cannot start its store's thread: {0}")]
    Thread(io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A running sandbox. It stops when it is dropped; `shutdown` also waits until it has.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    webhook: Webhook,
    identity: String,
    oauth_file: Option<OAuthFile>,
    closing: watch::Sender<bool>,
    serving: Task<()>,
    writer: StoreWriter,
    store_thread: JoinHandle<()>,
}

/// What all requests share.
struct ServerState {
    portal: Mutex<Portal>,
    writer: StoreWriter,
    closing: watch::Receiver<bool>,
}

impl Server {
    /// Starts to listen. The posts of the store are kept, and IDs go on behind them.
    ///
    /// # Errors
    /// The address is taken or not ours, or the store cannot be read.
    pub async fn start(options: ServerOptions) -> Result<Server, SandboxError> {
        let listen_error = |source| SandboxError::Listen {
            address: options.listen,
            source,
        };
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let store = options.store;
        let webhook = store.webhook().clone();
        let identity = store.identity().to_owned();
        let mut portal = Portal::new(options.settings, webhook.clone(), store.last_id()? + 1);
        let oauth_file = install(&mut portal, address, &identity);
        portal.restore(&store.readable_posts()?);
        let (writer, store_thread) = StoreWriter::start(store).map_err(SandboxError::Thread)?;
        let (closing, closed) = watch::channel(false);
        let shared = ServerState {
            portal: Mutex::new(portal),
            writer: writer.clone(),
            closing: closed,
        };
        Ok(Server {
            address,
            webhook,
            identity,
            oauth_file,
            closing,
            serving: task::spawn(serve(listener, Arc::new(shared))),
            writer,
            store_thread,
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The webhook's URL, with its secret: `http://127.0.0.1:PORT/rest/1/CODE/`.
    pub fn webhook_url(&self) -> String {
        let Webhook { user_id, code } = &self.webhook;
        format!("http://{}/rest/{user_id}/{code}/", self.address)
    }

    /// What signs an application in, where the settings let one in.
    pub fn oauth_file(&self) -> Option<&OAuthFile> {
        self.oauth_file.as_ref()
    }

    /// The portal's identity, which is the store's: it outlives the port.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Stops: no new requests, those under way get a few seconds, then the store is closed.
    pub async fn shutdown(mut self) {
        self.closing.send_replace(true);
        if tokio::time::timeout(PATIENCE, &mut self.serving)
            .await
            .is_err()
        {
            self.serving.abort();
        }
        self.writer.stop();
        let store_thread = self.store_thread;
        let _joined = task::spawn_blocking(move || store_thread.join()).await;
    }
}

/// Installs an application with secrets of its own, if the portal takes one.
fn install(portal: &mut Portal, address: SocketAddr, identity: &str) -> Option<OAuthFile> {
    let life = portal.state.settings.oauth?;
    let install = Install {
        address: format!("http://{address}"),
        member_id: identity.to_owned(),
        user_id: portal.state.webhook.user_id,
        scopes: portal.state.settings.scopes.clone(),
    };
    let (oauth, file) = OAuthServer::open(install, life, rand::random(), unix_millis());
    portal.install(oauth);
    Some(file)
}

async fn serve(listener: TcpListener, shared: Arc<ServerState>) {
    let mut closing = shared.closing.clone();
    let router = Router::new().fallback(answer).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Breaker>();
    let stop = async move {
        let _closing_or_gone = closing.wait_for(|closing| *closing).await;
    };
    let _never_fails = axum::serve(BreakableListener(listener), service)
        .with_graceful_shutdown(stop)
        .await;
}

async fn answer(
    State(shared): State<Arc<ServerState>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: extract::Request,
) -> Response {
    let mut closing = shared.closing.clone();
    let answer = match incoming::read(request).await {
        Ok(request) => decide(Arc::clone(&shared), request).await,
        Err(refusal) => refusal,
    };
    tokio::select! {
        biased;
        _ = closing.wait_for(|closing| *closing) => {}
        () = tokio::time::sleep(answer.cost) => {}
    }
    deliver(answer, &breaker, closing).await
}

/// Lets the portal decide, and waits until the posts are stored. A client that leaves meanwhile
/// changes nothing: what was decided is queued for the store in one go.
async fn decide(shared: Arc<ServerState>, request: IncomingRequest) -> Answer {
    let decided = task::spawn_blocking(move || handle(&shared, &request)).await;
    if let Ok((answer, stored)) = decided
        && stored.await == Ok(true)
    {
        return answer;
    }
    Answer::failure(&RestFailure::INTERNAL_SERVER_ERROR)
}

fn handle(shared: &ServerState, request: &IncomingRequest) -> (Answer, oneshot::Receiver<bool>) {
    let now = unix_millis();
    let mut answer = shared
        .portal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .handle(request, now);
    let stored = shared.writer.write(LogEntry {
        posts: std::mem::take(&mut answer.posts),
        updated: std::mem::take(&mut answer.updated),
        deleted: std::mem::take(&mut answer.deleted),
        method: answer.method.clone(),
        status: answer.status,
        received_at: now,
    });
    (answer, stored)
}

fn unix_millis() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis() as u64
}

#[cfg(test)]
mod tests;
