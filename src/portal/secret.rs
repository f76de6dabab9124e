//! Secrets: tokens and addresses that must never be printed, and how an answer that repeats one is
//! blanked out before anybody sees it.

use std::fmt;

use bytes::Bytes;
use memchr::memmem;
use url::Url;

/// A token or a part of a password. It has no `Display`, and its `Debug` tells nothing.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for a request or a file of secrets and for nothing else.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(redacted)")
    }
}

/// An address that holds a secret. It has no `Display`, and its `Debug` tells nothing.
#[derive(Clone)]
pub struct SecretUrl(Url);

impl SecretUrl {
    pub(super) fn new(url: Url) -> SecretUrl {
        SecretUrl(url)
    }

    /// The address itself, for whoever opens the connection and for nobody else.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(redacted)")
    }
}

/// Shortest secret that is looked for in answers: a shorter one may be part of anything.
const SHORTEST: usize = 8;

/// Puts asterisks in a secret's place wherever an answer repeats it, as an error page with the
/// address in it does: its text is shown, and kept in the ledger.
pub(super) fn blank_out(body: Bytes, secret: &str) -> Bytes {
    let is_number = secret.bytes().all(|byte| byte.is_ascii_digit());
    if secret.len() < SHORTEST || is_number {
        return body;
    }
    let places: Vec<usize> = memmem::find_iter(&body, secret).collect();
    if places.is_empty() {
        return body;
    }
    let mut blank = body.to_vec();
    for at in places {
        blank[at..at + secret.len()].fill(b'*');
    }
    blank.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_repeats_the_secret_shows_asterisks() {
        for (body, secret, shown) in [
            ("at /rest/1/abcdefgh/x", "abcdefgh", "at /rest/1/********/x"),
            ("abcdefghabcdefgh", "abcdefgh", "****************"),
            ("nothing of it", "abcdefgh", "nothing of it"),
            ("{\"ka\":12345678}", "12345678", "{\"ka\":12345678}"),
            ("short", "short", "short"),
        ] {
            assert_eq!(blank_out(Bytes::from(body), secret), shown);
        }
    }
}
