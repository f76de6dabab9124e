//! One refresh: reads the file again, asks the OAuth server, and keeps what it gives.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;
use url::Url;

use super::account::{Account, AccountError, Application};
use super::file::FileDraft;
use super::lock::FileLock;
use super::renewal::{Renewed, no_token};
use super::reply;
use crate::batch::Payload;
use crate::portal::secret::Secret;
use crate::portal::secret::SecretUrl;
use crate::portal::transport::{
    Request, SendError, Transport, TransportCause, TransportError, Verb, Within,
};

/// How long the OAuth server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// How long an interrupted run waits for a refresh that is under way.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// Refreshes the tokens of one file.
#[derive(Debug)]
pub(super) struct Refresher<T> {
    /// To the OAuth server.
    pub transport: T,
    pub path: PathBuf,
    pub server: Url,
    /// Held as long as a refresh is under way, even if nobody waits for it any more.
    pub busy: Arc<Mutex<()>>,
}

impl<T: Transport> Refresher<T> {
    /// Renews in a task of its own: once the OAuth server has been asked, the old pair is spent,
    /// and a run that is interrupted just then must not lose the new one.
    pub(super) async fn start(self: &Arc<Self>, old: Secret) -> Result<Renewed, SendError> {
        let busy = Arc::clone(&self.busy).lock_owned().await;
        let this = Arc::clone(self);
        let task = tokio::spawn(async move {
            let _busy = busy;
            this.renew(old).await
        });
        task.await
            .unwrap_or_else(|error| Err(no_token(format!("the refresh broke down: {error}"))))
    }

    /// Waits until no refresh is under way, though not for ever.
    pub(super) async fn finish(&self) {
        drop(timeout(LAST_WAIT, self.busy.lock()).await);
    }

    /// Under the file's lock: takes what another process has put there, or refreshes.
    async fn renew(&self, old: Secret) -> Result<Renewed, SendError> {
        let _lock = FileLock::wait(&self.path).await?;
        let account = Account::read(&self.path).map_err(|error| SendError::SignIn(error.stop()))?;
        if account.application.access_token != old {
            return Ok(Renewed {
                token: account.application.access_token,
                refreshed: false,
            });
        }
        // Before the old pair is spent: a disk that can't take the new one would lose both.
        let unwritable = |error: AccountError| SendError::SignIn(error.stop());
        let draft = FileDraft::begin(&self.path, &account.fields).map_err(unwritable)?;
        let request = Request {
            verb: Verb::Get,
            url: refresh_url(&self.server, &account.application),
            body: Payload::default(),
            within: Within {
                upload: ANSWER_WITHIN,
                answer: ANSWER_WITHIN,
            },
        };
        let response = self.transport.send(request).await.map_err(no_answer)?;
        let pair = reply::read(&response, &account.application)?;
        let fields = pair.put_into(account.fields);
        draft
            .finish(&fields)
            .map_err(|error| SendError::SignIn(error.lost().stop()))?;
        Ok(Renewed {
            token: pair.access_token,
            refreshed: true,
        })
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
        TransportCause::Dns => "the OAuth server's host name has no address",
        TransportCause::Connect | TransportCause::ConnectTimeout => {
            "no connection to the OAuth server"
        }
        TransportCause::Tls | TransportCause::Certificate(_) => {
            "no secure connection to the OAuth server"
        }
        _ => "the OAuth server gave no whole answer",
    };
    no_token(match error.detail.as_str() {
        "" => what.to_owned(),
        detail => format!("{what}: {detail}"),
    })
}
