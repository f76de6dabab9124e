//! The real transport: reqwest over rustls, with its conveniences switched off.
//!
//! No redirect is followed and nothing is sent twice. Two layers below could repeat a request:
//! reqwest's own retries are off, and hyper-util's pool takes a request to another connection only
//! if the first one closed before a byte of it was written (hyper hands the request back
//! untouched), so that one is harmless.
//!
//! reqwest's time-outs run during the upload too and would cut a slow large file, so only its
//! connect time-out is used; the rest is counted here from the chunks that leave.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, ClientBuilder};

use super::body::{BodyError, UploadBody};
use super::certificate_fault::CertificateFault;
use super::certificates::{self, HttpSetupError};
use super::progress::UploadProgress;
use super::transport::{Request, Response, Sent, Transport, TransportCause, TransportError, Verb};

/// Bytes that an answer may have. Fifty results with their times take some kilobytes.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For a connection, TLS included.
    connect: Duration,
    /// For the network to take the next chunk of a body.
    stall: Duration,
    /// Before an unused connection is dropped: a server that closes it at the same moment would
    /// leave a request in doubt.
    idle: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(60),
            idle: Duration::from_secs(15),
        }
    }
}

/// Sends requests over HTTP/1.1.
#[derive(Debug)]
pub struct HttpTransport {
    client: Client,
    patience: Patience,
}

impl HttpTransport {
    /// A transport to one server. `loopback` says that it is on this machine: no proxy is used
    /// then and no system certificates are needed. `ca_file` adds trusted certificates; there is no
    /// way to switch the verification off.
    ///
    /// # Errors
    /// When the certificates can't be read, or none are to be had.
    pub fn new(loopback: bool, ca_file: Option<&Path>) -> Result<HttpTransport, HttpSetupError> {
        HttpTransport::with_patience(loopback, ca_file, Patience::default())
    }

    fn with_patience(
        loopback: bool,
        ca_file: Option<&Path>,
        patience: Patience,
    ) -> Result<HttpTransport, HttpSetupError> {
        let tls = certificates::client_config(loopback, ca_file)?;
        let builder = plain_client(patience).tls_backend_preconfigured(tls);
        let builder = match loopback {
            true => builder.no_proxy(),
            false => builder,
        };
        let client = builder
            .build()
            .map_err(|error| HttpSetupError::Tls(flatten(&error.without_url())))?;
        Ok(HttpTransport { client, patience })
    }

    async fn exchange(
        &self,
        request: Request,
        progress: &UploadProgress,
    ) -> Result<Response, TransportError> {
        let url = request.url.expose().clone();
        let body = UploadBody::new(request.body, progress.clone());
        let builder = match request.verb {
            Verb::Get => self.client.get(url),
            Verb::Post => self.client.post(url).body(reqwest::Body::wrap(body)),
        };
        let mut response = builder
            .send()
            .await
            .map_err(|error| failure(error, progress))?;
        let status = response.status().as_u16();
        let location = response.headers().get(LOCATION);
        let location = location
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = read_answer(&mut response, status, progress).await?;
        Ok(Response {
            status,
            location,
            body,
        })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let progress = UploadProgress::new(request.body.is_empty());
        let within = request.within;
        let came = tokio::select! {
            biased;
            done = self.exchange(request, &progress) => done,
            cause = progress.overdue(self.patience.stall, within) => Err(TransportError {
                sent: progress.revoke(),
                cause,
                detail: String::new(),
            }),
        };
        // An answer may come before the body has left: the rest of it stays here.
        progress.revoke();
        came
    }
}

fn plain_client(patience: Patience) -> ClientBuilder {
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, json.clone()), (ACCEPT, json)]);
    let builder = Client::builder()
        .http1_only()
        .user_agent(concat!("b24post/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(patience.connect)
        .pool_idle_timeout(patience.idle);
    // Where there is such an option, reqwest has the kernel drop a connection whose peer takes
    // nothing for 30 s.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let builder = builder.tcp_user_timeout(None);
    builder
}

async fn read_answer(
    response: &mut reqwest::Response,
    status: u16,
    progress: &UploadProgress,
) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    loop {
        let (cause, detail) = match response.chunk().await {
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_LIMIT => {
                body.extend_from_slice(&chunk);
                continue;
            }
            Ok(Some(_)) => (TransportCause::AnswerTooLarge { status }, String::new()),
            Err(error) => (
                TransportCause::AnswerCut { status },
                flatten(&error.without_url()),
            ),
        };
        return Err(TransportError {
            sent: progress.revoke(),
            cause,
            detail,
        });
    }
}

/// Why a request got no answer.
fn failure(error: reqwest::Error, progress: &UploadProgress) -> TransportError {
    let error = error.without_url();
    let sent = progress.revoke();
    let failed = |sent, cause, detail| TransportError {
        sent,
        cause,
        detail,
    };
    match chain(&error).find_map(|error| error.downcast_ref::<BodyError>()) {
        Some(BodyError::Changed { path, size }) => {
            let detail = format!("it had {size} bytes");
            failed(
                sent,
                TransportCause::FileChanged { path: path.clone() },
                detail,
            )
        }
        Some(BodyError::Unreadable { path, reason }) => {
            let cause = TransportCause::FileUnreadable { path: path.clone() };
            failed(sent, cause, reason.clone())
        }
        None if error.is_connect() => failed(Sent::Never, connect_cause(&error), flatten(&error)),
        Some(BodyError::Revoked) | None => failed(sent, TransportCause::Broken, flatten(&error)),
    }
}

fn connect_cause(error: &reqwest::Error) -> TransportCause {
    if error.is_dns() {
        TransportCause::Dns
    } else if error.is_timeout() {
        TransportCause::ConnectTimeout
    } else {
        let causes = chain(error).filter_map(|error| error.downcast_ref());
        match causes.into_iter().find_map(tls_error) {
            Some(error) => {
                CertificateFault::of(error).map_or(TransportCause::Tls, TransportCause::Certificate)
            }
            None => TransportCause::Connect,
        }
    }
}

/// tokio-rustls reports what is wrong with the peer's TLS as invalid data; hyper-rustls wraps that
/// in another I/O error, which does not give it as its source.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    match inner.downcast_ref::<io::Error>() {
        Some(inner) => tls_error(inner),
        None => inner.downcast_ref(),
    }
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The error's sources in one line, or itself if it has none. reqwest's own words say only that a
/// request failed. The caller has removed the address.
fn flatten(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for error in chain(error.source().unwrap_or(error)) {
        let part = error.to_string();
        if text.ends_with(&part) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&part);
    }
    text
}

#[cfg(test)]
mod tests;
