//! Signing in by OAuth: a token that goes with each request, and how it is renewed
//! (bitrix24-rest.md §8).
//!
//! A refresh token is good once. So one lane refreshes for all, one process for all that share the
//! file, and the new pair is on the disk before it is used. Nothing here prints a secret; the
//! address of a refresh holds three of them.

mod account;
mod file;
mod lock;
mod refresher;
mod renewal;
mod reply;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use tokio::sync::Mutex;
use url::Url;

use super::secret::Secret;
use super::secret::SecretUrl;
use super::transport::{SendError, Signed, Transport};
use crate::batch::Payload;

pub use account::{Account, AccountError};
use refresher::Refresher;
use renewal::Renewed;

/// An application's access to a portal.
#[derive(Debug)]
pub struct OAuth<T> {
    refresher: Arc<Refresher<T>>,
    portal: Url,
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

impl<T: Transport> OAuth<T> {
    /// Access as an OAuth file describes it; `transport` leads to the OAuth server.
    pub fn new(transport: T, account: Account) -> OAuth<T> {
        OAuth {
            host: account.host().to_owned(),
            portal: account.portal,
            refresher: Arc::new(Refresher {
                transport,
                path: account.path,
                server: account.server,
                busy: Arc::default(),
            }),
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
        let renewed = self.refresher.start(old.clone()).await;
        match &renewed {
            Ok(renewed) => self.adopt(&renewed.token),
            Err(error) => {
                let number = self.failures.fetch_add(1, Ordering::SeqCst) + 1;
                *failure = Some((number, error.clone()));
            }
        }
        renewed
    }

    /// Waits for a refresh that a run has left behind.
    pub(super) async fn finish(&self) {
        self.refresher.finish().await;
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

#[cfg(test)]
mod tests;
