//! Signing in by OAuth: a token that goes with each request, and how it is renewed (WIRE §8).
//!
//! A refresh token is good once. So one lane refreshes for all, one process for all that share the
//! file, and the new pair is on the disk before it is used. Nothing here prints a secret; the
//! address of a refresh holds three of them.

mod account;
mod file;
mod lock;
mod reply;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

use super::credentials::SecretUrl;
use super::secret::Secret;
use super::sign_in::{SendError, Signed};
use super::transport::{Cause, Request, Sent, Transport, TransportError, Verb};
use crate::batch::Payload;

use account::Application;
pub use account::{Account, AccountError};
use file::Draft;
use lock::FileLock;

/// How long the OAuth server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// An application's access to a portal.
#[derive(Debug)]
pub struct OAuth<T> {
    /// To the OAuth server.
    transport: T,
    path: PathBuf,
    portal: Url,
    server: Url,
    host: String,
    current: StdMutex<Current>,
    /// Held while refreshing; the last failure with its number.
    refreshing: Mutex<Option<(u64, SendError)>>,
    failures: AtomicU64,
}

/// The token that requests carry.
#[derive(Debug)]
struct Current {
    token: Secret,
    /// An answer has said that it is no longer good.
    spent: bool,
}

/// A token that took the place of another.
#[derive(Debug)]
pub(super) struct Renewed {
    pub token: Secret,
    /// Whether this call got it from the OAuth server; else somebody else had.
    pub refreshed: bool,
}

impl<T: Transport> OAuth<T> {
    /// Access as an OAuth file describes it; `transport` leads to the OAuth server.
    pub fn new(transport: T, account: Account) -> OAuth<T> {
        OAuth {
            transport,
            host: account.host().to_owned(),
            path: account.path,
            portal: account.portal,
            server: account.server,
            current: StdMutex::new(Current {
                token: account.application.access_token,
                spent: false,
            }),
            refreshing: Mutex::new(None),
            failures: AtomicU64::new(0),
        }
    }

    /// The token for the next request, renewed first if it is known to be spent.
    pub(super) async fn token(&self) -> Result<Secret, SendError> {
        let (token, spent) = {
            let current = self.current();
            (current.token.clone(), current.spent)
        };
        if spent {
            Ok(self.renew(&token).await?.token)
        } else {
            Ok(token)
        }
    }

    /// Says that a token is no longer good.
    pub(super) fn spend(&self, token: &Secret) {
        let mut current = self.current();
        current.spent |= current.token == *token;
    }

    /// A token other than this one, which the portal has refused. However many ask at once, the
    /// OAuth server is asked once, and they share what came of it.
    pub(super) async fn renew(&self, old: &Secret) -> Result<Renewed, SendError> {
        let known = self.failures.load(Ordering::SeqCst);
        let mut failure = self.refreshing.lock().await;
        let current = self.current().token.clone();
        if current != *old {
            return Ok(Renewed {
                token: current,
                refreshed: false,
            });
        }
        match &*failure {
            Some((number, error)) if *number > known => return Err(error.clone()),
            Some((_, error @ SendError::SignIn(_))) => return Err(error.clone()),
            _ => {}
        }
        let renewed = self.renew_in_file(old).await;
        match &renewed {
            Ok(renewed) => self.adopt(&renewed.token),
            Err(error) => {
                let number = self.failures.fetch_add(1, Ordering::SeqCst) + 1;
                *failure = Some((number, error.clone()));
            }
        }
        renewed
    }

    /// Under the file's lock: takes what another process has put there, or refreshes.
    async fn renew_in_file(&self, old: &Secret) -> Result<Renewed, SendError> {
        let _lock = FileLock::wait(&self.path).await?;
        let account = Account::read(&self.path).map_err(|error| SendError::SignIn(error.stop()))?;
        if account.application.access_token != *old {
            return Ok(Renewed {
                token: account.application.access_token,
                refreshed: false,
            });
        }
        // Before the old pair is spent: a disk that can't take the new one would lose both.
        let unwritable = |error: AccountError| SendError::SignIn(error.stop());
        let draft = Draft::begin(&self.path, &account.fields).map_err(unwritable)?;
        let request = Request {
            verb: Verb::Get,
            url: refresh_url(&self.server, &account.application),
            body: Payload::default(),
            answer_within: ANSWER_WITHIN,
        };
        let response = self.transport.send(request).await.map_err(no_answer)?;
        let pair = reply::read(&response, &account.application)?;
        // From here to the end nothing waits, so that no interruption can lose the pair.
        let fields = pair.put_into(account.fields);
        draft
            .finish(&fields)
            .map_err(|error| SendError::SignIn(error.lost().stop()))?;
        Ok(Renewed {
            token: pair.access_token,
            refreshed: true,
        })
    }

    fn adopt(&self, token: &Secret) {
        *self.current() = Current {
            token: token.clone(),
            spent: false,
        };
    }

    /// Where a method is called, and its body with the token in it. The token is never in the
    /// address, which servers log.
    pub(super) fn sign(&self, method: &str, body: Payload, token: &Secret) -> Signed {
        let mut url = self.portal.clone();
        url.set_path(&format!("{}rest/{method}", self.portal.path()));
        (SecretUrl::new(url), body.with_first("auth", token.expose()))
    }
}

impl<T> OAuth<T> {
    /// The portal's host, without port.
    pub fn host(&self) -> &str {
        &self.host
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refresh_url(server: &Url, application: &Application) -> SecretUrl {
    let mut url = server.clone();
    url.set_path(&format!("{}oauth/token/", server.path()));
    url.query_pairs_mut()
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", application.client_id.expose())
        .append_pair("client_secret", application.client_secret.expose())
        .append_pair("refresh_token", application.refresh_token.expose());
    SecretUrl::new(url)
}

/// A refresh without an answer. The portal's own request was refused, so nothing is in doubt.
fn no_answer(error: TransportError) -> SendError {
    let what = match error.cause {
        Cause::Dns => "the OAuth server's host name has no address",
        Cause::Connect | Cause::ConnectTimeout => "no connection to the OAuth server",
        Cause::Tls => "no secure connection to the OAuth server",
        _ => "the OAuth server gave no whole answer",
    };
    no_token(match error.detail.as_str() {
        "" => what.to_owned(),
        detail => format!("{what}: {detail}"),
    })
}

/// A refresh that may succeed later.
fn no_token(detail: String) -> SendError {
    SendError::Transport(TransportError {
        sent: Sent::Never,
        cause: Cause::NoToken,
        detail,
    })
}

#[cfg(test)]
mod tests;
