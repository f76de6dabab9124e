//! What an OAuth file says: a portal, an application, and its tokens.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use url::Url;

use crate::portal::fatal::{Fatal, FatalKind};
use crate::portal::secret::Secret;
use crate::portal::webhook::is_loopback;

/// The OAuth server of a file that names none (bitrix24-rest.md §8).
const SERVER: &str = "https://oauth.bitrix.info";

/// Bytes that the file may have; one has about a thousand.
const FILE_LIMIT: u64 = 64 * 1024;

/// Why an OAuth file can't be used. Names its fields, never what they hold.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("can't read the OAuth file {}: {reason}. Check the path and that you may read it", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("the OAuth file {} is no JSON object. It should hold domain, client_id, client_secret, access_token and refresh_token", path.display())]
    NoObject { path: PathBuf },
    #[error("in the OAuth file {}, {field} is missing, empty or no text", path.display())]
    Field { path: PathBuf, field: &'static str },
    #[error("in the OAuth file {}, {field} is no address. It should be a host or begin with https://", path.display())]
    Address { path: PathBuf, field: &'static str },
    #[error("in the OAuth file {}, {field} begins with http://, which would send the tokens unprotected. Use https://; plain http is for this machine only", path.display())]
    Insecure { path: PathBuf, field: &'static str },
    #[error("can't write the OAuth file {} anew: {reason}. The tokens were not refreshed; make its folder writable, then run again", path.display())]
    Unwritable { path: PathBuf, reason: String },
    #[error("the new tokens can't be written to the OAuth file {}: {reason}. The old ones are spent: mend the disk and sign in again", path.display())]
    Lost { path: PathBuf, reason: String },
}

impl AccountError {
    /// The same failure after the old tokens were spent.
    pub(super) fn lost(self) -> AccountError {
        match self {
            AccountError::Unwritable { path, reason } => AccountError::Lost { path, reason },
            other => other,
        }
    }

    /// What it means for a run that is under way.
    pub(super) fn stop(&self) -> Fatal {
        Fatal {
            kind: FatalKind::Credentials,
            code: "oauth_file".to_owned(),
            what: self.to_string(),
            advice: "Rows that were not posted stay due",
        }
    }
}

/// The application's secrets.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub client_id: Secret,
    pub client_secret: Secret,
    pub access_token: Secret,
    pub refresh_token: Secret,
}

/// An OAuth file, read.
#[derive(Clone)]
pub struct Account {
    /// The file itself, not a link to it: it is replaced when the tokens are.
    pub(super) path: PathBuf,
    /// Everything in the file, to be written back.
    pub(super) fields: Map<String, Value>,
    pub(super) application: Application,
    /// Up to and with the slash before `rest`.
    pub(super) portal: Url,
    /// Up to and with the slash before `oauth`.
    pub(super) server: Url,
}

impl fmt::Debug for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Account({}, redacted)", self.path.display())
    }
}

impl Account {
    /// Reads an OAuth file.
    ///
    /// # Errors
    /// Which field is wrong, without showing it. `http` is taken for this machine only.
    pub fn read(path: &Path) -> Result<Account, AccountError> {
        let unreadable = |error: std::io::Error| AccountError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let path = path.canonicalize().map_err(unreadable)?;
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(FILE_LIMIT).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        Account::parse(path, &bytes)
    }

    fn parse(path: PathBuf, bytes: &[u8]) -> Result<Account, AccountError> {
        let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(Value::Object(fields)) = serde_json::from_slice(json) else {
            return Err(AccountError::NoObject { path });
        };
        let reader = Reader {
            path: &path,
            fields: &fields,
        };
        let application = Application {
            client_id: Secret::new(reader.text("client_id")?),
            client_secret: Secret::new(reader.text("client_secret")?),
            access_token: Secret::new(reader.text("access_token")?),
            refresh_token: Secret::new(reader.text("refresh_token")?),
        };
        let portal = reader.address("domain", reader.text("domain")?)?;
        let server = match fields.get("server") {
            None | Some(Value::Null) => SERVER,
            Some(_) => reader.text("server")?,
        };
        let server = reader.address("server", server)?;
        Ok(Account {
            path,
            fields,
            application,
            portal,
            server,
        })
    }

    /// The portal's host, without port; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        self.portal.host_str().unwrap_or_default()
    }

    /// What a ledger is bound to: the host and, where the file names it, the portal's own ID, which
    /// stays with it whatever its host is.
    pub fn identity(&self) -> String {
        match self.fields.get("member_id").and_then(Value::as_str) {
            Some(member) if !member.is_empty() => format!("{}#{member}", self.host()),
            _ => self.host().to_owned(),
        }
    }

    /// Whether the portal is on this machine.
    pub fn is_portal_loopback(&self) -> bool {
        self.portal.host().is_some_and(is_loopback)
    }

    /// The port of a portal on this machine, where there may be several.
    pub fn loopback_port(&self) -> Option<u16> {
        let port = self.portal.port_or_known_default();
        port.filter(|_| self.is_portal_loopback())
    }

    /// Whether the OAuth server is on this machine.
    pub fn is_server_loopback(&self) -> bool {
        self.server.host().is_some_and(is_loopback)
    }
}

/// The fields of a file, and its path for errors.
struct Reader<'a> {
    path: &'a Path,
    fields: &'a Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn text(&self, field: &'static str) -> Result<&'a str, AccountError> {
        let text = self.fields.get(field).and_then(Value::as_str);
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| AccountError::Field {
                path: self.path.to_owned(),
                field,
            })
    }

    /// A host or an address with its scheme, perhaps with a path in front of REST's own.
    fn address(&self, field: &'static str, text: &str) -> Result<Url, AccountError> {
        let wrong = || AccountError::Address {
            path: self.path.to_owned(),
            field,
        };
        let with_scheme = match text.contains("://") {
            true => text.to_owned(),
            false => format!("https://{text}"),
        };
        let mut url = Url::parse(&with_scheme).map_err(|_| wrong())?;
        let loopback = url.host().is_some_and(is_loopback);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                let path = self.path.to_owned();
                return Err(AccountError::Insecure { path, field });
            }
            _ => return Err(wrong()),
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong());
        }
        // Bitrix24 gives a portal's address as `client_endpoint` with `rest` at its end.
        let path = url.path().trim_end_matches('/');
        let base = path.strip_suffix("/rest").unwrap_or(path).to_owned();
        url.set_path(&format!("{base}/"));
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(change: impl FnOnce(&mut Value)) -> Result<Account, AccountError> {
        let mut file = json!({
            "domain": "p.example", "client_id": "s3cr3t-id", "client_secret": "s3cr3t-key",
            "access_token": "s3cr3t-a", "refresh_token": "s3cr3t-r",
        });
        change(&mut file);
        Account::parse("/o.json".into(), file.to_string().as_bytes())
    }

    #[test]
    fn addresses_are_taken_in_their_forms() {
        for (domain, portal) in [
            ("p.example", "https://p.example/"),
            ("p.example:8443", "https://p.example:8443/"),
            ("https://p.example/", "https://p.example/"),
            ("https://p.example/b24/rest/", "https://p.example/b24/"),
            ("http://127.0.0.1:80", "http://127.0.0.1/"),
            ("http://[::1]:1/", "http://[::1]:1/"),
        ] {
            let account = parse(|file| file["domain"] = json!(domain)).unwrap();
            assert_eq!(account.portal.as_str(), portal, "{domain}");
            assert_eq!(account.server.as_str(), "https://oauth.bitrix.info/");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_secret_shown() {
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 8] = [
            (
                |file| file["domain"] = json!("http://p.example"),
                "domain begins",
            ),
            (
                |file| file["server"] = json!("http://o.example"),
                "server begins",
            ),
            (|file| file["server"] = json!(7), "server is missing"),
            (
                |file| file["domain"] = json!("https://s3cr3t:s3cr3t@p"),
                "domain is no address",
            ),
            (
                |file| file["domain"] = json!("ftp://p.example"),
                "domain is no address",
            ),
            (
                |file| file["client_id"] = json!(" "),
                "client_id is missing",
            ),
            (
                |file| file["refresh_token"] = json!(["s3cr3t"]),
                "refresh_token is missing",
            ),
            (|file| *file = json!(["s3cr3t"]), "no JSON object"),
        ];
        for (change, expected) in cases {
            let error = parse(change).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("s3cr3t"), "{error}");
        }
        let shown = format!("{:?}", parse(|_| {}).unwrap());
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }

    #[test]
    fn the_identity_has_the_member_where_the_file_names_it() {
        assert_eq!(parse(|_| {}).unwrap().identity(), "p.example");
        let named = parse(|file| file["member_id"] = json!("a1b2")).unwrap();
        assert_eq!(named.identity(), "p.example#a1b2");
    }
}
