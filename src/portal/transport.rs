//! The seam to the network: bytes out; a status and bytes, or a typed failure, back.
//!
//! A failure always says whether the portal may have acted ([`Sent`]). `Never` makes rows be sent
//! again, so it is said only where it can be proven.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::certificate_fault::CertificateFault;
use super::fatal::Fatal;
use super::secret::SecretUrl;
use crate::batch::Payload;

/// Carries one request to a portal, once.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request and reads the whole answer. An answer of any status is an `Ok`; it never
    /// follows a redirect and never sends a request twice.
    fn send(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, TransportError>> + Send;
}

/// How a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// By its address alone; the body is empty.
    Get,
    /// With a body of JSON.
    Post,
}

/// A request to a portal, or to the server of its tokens.
#[derive(Clone)]
pub struct Request {
    /// Whether there is a body.
    pub verb: Verb,
    /// The whole address; it may hold the webhook's code.
    pub url: SecretUrl,
    /// The body; empty with [`Verb::Get`].
    pub body: Payload,
    /// How long it may take.
    pub within: Within,
}

/// How long a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// Until the last chunk of the body has left, connecting included; else it never leaves.
    pub upload: Duration,
    /// From then on until the whole answer has come.
    pub answer: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Request")
            .field("verb", &self.verb)
            .field("url", &self.url)
            .field("bytes", &self.body.len())
            .field("within", &self.within)
            .finish()
    }
}

/// What the portal answered.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header. A renamed portal repeats the webhook's code in it (bitrix24-rest.md
    /// §9), so it is never printed.
    pub location: Option<String>,
    /// The body, whole.
    pub body: Bytes,
}

impl fmt::Debug for Response {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Response")
            .field("status", &self.status)
            .field("location", &self.location.as_ref().map(|_| "(redacted)"))
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// Whether the portal may have received the whole request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It provably has not: no connection, or the last chunk of the body never left.
    Never,
    /// The last chunk was handed to the network; what became of it is not known.
    Maybe,
}

/// What went wrong on the way.
#[allow(
    missing_docs,
    reason = "what `status` and `path` are follows from the variants"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportCause {
    /// The host's name has no address.
    Dns,
    /// No connection: refused, unreachable, or a proxy said no.
    Connect,
    /// The connection could not be secured, and not because of a certificate.
    Tls,
    /// The portal's certificate is refused.
    Certificate(CertificateFault),
    /// No connection in time.
    ConnectTimeout,
    /// For too long the network took no further chunk of the body.
    UploadStalled,
    /// The body has left, and the answer did not come in time.
    AnswerTimeout,
    /// The connection broke before an answer began.
    Broken,
    /// The answer began with this status and broke off.
    AnswerCut { status: u16 },
    /// The answer is larger than any real one.
    AnswerTooLarge { status: u16 },
    /// A file to be sent no longer has the size that it had when its row was checked.
    FileChanged { path: PathBuf },
    /// A file to be sent can't be read.
    FileUnreadable { path: PathBuf },
    /// The access token has expired, and for now there is no new one.
    NoToken,
}

/// A request without a usable answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}{detail}. {advice}", detail = Detail(detail), advice = self.advice())]
pub struct TransportError {
    /// Whether the portal can have got the request.
    pub sent: Sent,
    /// What went wrong.
    pub cause: TransportCause,
    /// What the operating system or the library said; no address, may be empty.
    pub detail: String,
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The request has no usable answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no valid token and none to be had. Nothing was executed.
    #[error(transparent)]
    SignIn(Fatal),
}

/// Where a request goes, and the body that it goes with.
pub(super) type Signed = (SecretUrl, Payload);

impl TransportError {
    fn advice(&self) -> &'static str {
        match (&self.cause, self.sent) {
            (TransportCause::FileChanged { .. } | TransportCause::FileUnreadable { .. }, _) => {
                "Nothing was posted; put the file back or correct the row, and run again"
            }
            (TransportCause::NoToken, _) => {
                "Nothing was posted and trying again is safe; check the network and the address of \
                 the OAuth server"
            }
            (TransportCause::Certificate(fault), _) => fault.advice(),
            (TransportCause::Tls, _) => {
                "Nothing was sent; check that the portal's address is one of https, what stands between \
                 this machine and the portal, and that its certificate's key is RSA, P-256, P-384 or \
                 Ed25519"
            }
            (TransportCause::Dns | TransportCause::Connect | TransportCause::ConnectTimeout, _) => {
                "Nothing was sent and trying again is safe; check the network and the portal's address"
            }
            (_, Sent::Never) => "The portal did not get the whole request; trying again is safe",
            (_, Sent::Maybe) => {
                "The portal may have acted on the request; it must not simply be sent again"
            }
        }
    }
}

impl fmt::Display for TransportCause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportCause::Dns => out.write_str("the portal's host name has no address"),
            TransportCause::Connect => out.write_str("no connection to the portal"),
            TransportCause::Tls => out.write_str("no secure connection to the portal"),
            TransportCause::Certificate(fault) => out.write_str(fault.what()),
            TransportCause::ConnectTimeout => {
                out.write_str("the portal took too long to accept a connection")
            }
            TransportCause::UploadStalled => out.write_str("the portal stopped taking the request"),
            TransportCause::AnswerTimeout => out.write_str("the portal took too long to answer"),
            TransportCause::Broken => out.write_str("the connection broke before an answer"),
            TransportCause::AnswerCut { status } => {
                write!(out, "the answer (HTTP {status}) broke off")
            }
            TransportCause::AnswerTooLarge { status } => {
                write!(out, "the answer (HTTP {status}) is too large")
            }
            TransportCause::FileChanged { path } => {
                write!(out, "{} changed since its row was checked", path.display())
            }
            TransportCause::FileUnreadable { path } => {
                write!(out, "{} can't be read", path.display())
            }
            TransportCause::NoToken => {
                out.write_str("the access token has expired and could not be refreshed")
            }
        }
    }
}

struct Detail<'a>(&'a str);

impl fmt::Display for Detail<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            text => write!(out, " ({text})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::Webhook;

    #[test]
    fn requests_and_responses_print_no_secret() {
        let webhook = Webhook::parse("https://p.example/rest/1/s3cr3t/").unwrap();
        let request = Request {
            verb: Verb::Post,
            url: webhook.endpoint("batch"),
            body: Payload::from_bytes("{}"),
            within: Within {
                upload: Duration::from_secs(75),
                answer: Duration::from_secs(75),
            },
        };
        let response = Response {
            status: 302,
            location: Some("https://q.example/rest/1/s3cr3t/batch".into()),
            body: Bytes::from_static(b"s3cr3t"),
        };
        let shown = format!("{request:?} {response:?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert!(
            shown.contains("302") && shown.contains("bytes: 2"),
            "{shown}"
        );
    }

    #[test]
    fn an_error_says_what_happened_and_what_to_do() {
        let error = TransportError {
            sent: Sent::Maybe,
            cause: TransportCause::AnswerTimeout,
            detail: String::new(),
        };
        assert_eq!(
            error.to_string(),
            "the portal took too long to answer. The portal may have acted on the request; it must \
             not simply be sent again"
        );
        let error = TransportError {
            sent: Sent::Never,
            cause: TransportCause::Connect,
            detail: "refused".into(),
        };
        assert!(
            error
                .to_string()
                .starts_with("no connection to the portal (refused). Nothing")
        );
    }

    #[test]
    fn each_fault_of_a_certificate_gets_advice_of_its_own() {
        for (fault, said) in [
            (CertificateFault::Expired, "renewed on the portal"),
            (CertificateFault::NotYetValid, "the clocks"),
            (CertificateFault::WrongName, "subjectAltName"),
            (CertificateFault::UnknownIssuer, "--ca-file"),
            (CertificateFault::Authority, "--ca-file"),
            (CertificateFault::UnknownKey, "P-521"),
            (CertificateFault::Other, "--ca-file"),
        ] {
            let error = TransportError {
                sent: Sent::Never,
                cause: TransportCause::Certificate(fault),
                detail: String::new(),
            };
            let text = error.to_string();
            assert!(text.contains(said) && !text.contains("  "), "{text}");
            assert!(text.contains("Nothing was sent"), "{text}");
        }
    }
}
