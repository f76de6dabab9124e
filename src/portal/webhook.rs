//! The inbound webhook: an address that is also a password.
//!
//! Whoever knows the address acts on the portal as the webhook's creator (bitrix24-rest.md §8). So
//! it lives in types that can't be printed, and no error repeats a piece of what was typed.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use url::{Host, Url};

use super::secret::SecretUrl;

/// Bytes that a webhook file may have; an address has about a hundred.
const FILE_LIMIT: u64 = 64 * 1024;

/// How an address should look, for error texts.
const SHAPE: &str = "https://portal.example/rest/1/CODE/";

/// Why a webhook can't be used. No variant carries the address or a part of it.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error("the webhook address is empty. It should look like {SHAPE}")]
    Empty,
    #[error(
        "the webhook address holds a blank or a control character. Copy it again; it should look like {SHAPE}"
    )]
    Blank,
    #[error("the webhook address does not begin with https://. It should look like {SHAPE}")]
    NoScheme,
    #[error(
        "the webhook address begins with http://, which would send its code unprotected. Use https://; plain http is for this machine only"
    )]
    Insecure,
    #[error("the host or port of the webhook address can't be read. It should look like {SHAPE}")]
    Host,
    #[error(
        "the webhook address holds a user name or password before the host. Remove it; it should look like {SHAPE}"
    )]
    UserInfo,
    #[error(
        "the webhook address has something after ? or #. Remove it; it should look like {SHAPE}"
    )]
    Query,
    #[error(
        "the webhook address has no /rest/ part followed by a user and a code. It should look like {SHAPE}"
    )]
    NoRest,
    #[error(
        "the webhook address is of the new REST (/rest/api/), which has no method for posts. Leave out /api; it should look like {SHAPE}"
    )]
    NewRest,
    #[error(
        "the webhook address ends too early: after /rest/ come the user and the code. It should look like {SHAPE}"
    )]
    Short,
    #[error(
        "the webhook address is too long: after the code only a method may follow. It should look like {SHAPE}"
    )]
    Long,
    #[error(
        "the code in the webhook address holds a character that no code has. Copy it again; it should look like {SHAPE}"
    )]
    Code,
    #[error(
        "the method at the end of the webhook address can't be one. Remove it; it should look like {SHAPE}"
    )]
    Method,
    #[error("can't read the webhook file {}: {reason}. Check the path and that you may read it", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("the webhook file {} is empty. Its first line should be the address: {SHAPE}", path.display())]
    EmptyFile { path: PathBuf },
    #[error("the webhook file {} is too large to be one. Its first line should be the address: {SHAPE}", path.display())]
    LargeFile { path: PathBuf },
    #[error("the webhook file {} is not plain text. Its first line should be the address: {SHAPE}", path.display())]
    NotText { path: PathBuf },
    #[error("in the webhook file {}, first line: {error}", path.display())]
    InFile {
        path: PathBuf,
        error: Box<WebhookError>,
    },
}

/// An inbound webhook.
#[derive(Clone)]
pub struct Webhook {
    /// Up to and with the slash after the code.
    base: Url,
    host: String,
    loopback: bool,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Webhook(redacted)")
    }
}

impl Webhook {
    /// The code, which answers must not repeat.
    pub(super) fn code(&self) -> &str {
        let parts = self.base.path_segments().into_iter().flatten();
        parts
            .rev()
            .find(|part| !part.is_empty())
            .unwrap_or_default()
    }

    /// Reads `https://host[:port][/base]/rest/<user>/<code>[/][method[.json]][/]`, blanks around
    /// it ignored. A method at the end is dropped: portals show the address with one.
    ///
    /// # Errors
    /// Which part of the address is wrong, without showing it. `http` is taken for this machine
    /// only.
    pub fn parse(text: &str) -> Result<Webhook, WebhookError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(WebhookError::Empty);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(WebhookError::Blank);
        }
        if !text.contains("://") {
            return Err(WebhookError::NoScheme);
        }
        let mut base = Url::parse(text).map_err(|_| WebhookError::Host)?;
        let loopback = base.host().is_some_and(is_loopback);
        check_around(&base, loopback)?;
        let host = base.host_str().ok_or(WebhookError::Host)?.to_owned();
        let path = webhook_path(&base)?;
        base.set_path(&path);
        Ok(Webhook {
            base,
            host,
            loopback,
        })
    }

    /// Reads the address from a file: the first line that is not blank.
    ///
    /// # Errors
    /// When the file can't be read, is no small text file, or its first line is no webhook.
    pub fn from_file(path: &Path) -> Result<Webhook, WebhookError> {
        let path_buf = || path.to_path_buf();
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
            .map_err(|error| WebhookError::Unreadable {
                path: path_buf(),
                reason: error.to_string(),
            })?;
        if bytes.len() as u64 > FILE_LIMIT {
            return Err(WebhookError::LargeFile { path: path_buf() });
        }
        let text =
            std::str::from_utf8(&bytes).map_err(|_| WebhookError::NotText { path: path_buf() })?;
        let line = text
            .trim_start_matches('\u{feff}')
            .lines()
            .find(|line| !line.trim().is_empty())
            .ok_or_else(|| WebhookError::EmptyFile { path: path_buf() })?;
        Webhook::parse(line).map_err(|error| WebhookError::InFile {
            path: path_buf(),
            error: Box::new(error),
        })
    }

    /// The portal's host, without port; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the portal is on this machine: no proxy, no certificates needed, `http` allowed.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The port of a portal on this machine, where there may be several.
    pub fn loopback_port(&self) -> Option<u16> {
        self.base.port_or_known_default().filter(|_| self.loopback)
    }

    /// Where a method is called.
    pub fn endpoint(&self, method: &str) -> SecretUrl {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{method}", self.base.path()));
        SecretUrl::new(url)
    }
}

/// Whether a host is this machine, where `http` is as safe as `https`.
pub(super) fn is_loopback(host: Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Everything but the path: scheme, user name, query.
fn check_around(url: &Url, loopback: bool) -> Result<(), WebhookError> {
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(WebhookError::Insecure),
        _ => return Err(WebhookError::NoScheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebhookError::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(WebhookError::Query);
    }
    Ok(())
}

/// The path up to and with the slash after the code.
fn webhook_path(url: &Url) -> Result<String, WebhookError> {
    let parts: Vec<&str> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let rest = parts
        .iter()
        .position(|part| *part == "rest")
        .ok_or(WebhookError::NoRest)?;
    let (code, method) = match &parts[rest + 1..] {
        ["api", _, ..] => return Err(WebhookError::NewRest),
        [_, code] => (code, None),
        [_, code, method] => (code, Some(method)),
        [] | [_] => return Err(WebhookError::Short),
        _ => return Err(WebhookError::Long),
    };
    if !code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return Err(WebhookError::Code);
    }
    let is_method = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
    };
    if method.is_some_and(|method| !is_method(method)) {
        return Err(WebhookError::Method);
    }
    Ok(format!("/{}/", parts[..rest + 3].join("/")))
}

#[cfg(test)]
mod tests;
