//! The OAuth server of the portal: which access tokens are good, and what a refresh token brings
//! (bitrix24-rest.md §7–§8).
//!
//! A state machine like the portal itself: it knows no clock but the one it is given. A refresh
//! token is good once, so whoever loses the new pair is out for good; an access token stays good
//! until it expires, whatever is refreshed meanwhile.

mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::answer::Answer;
use super::php::{Array, Php};
use super::rest_failure::RestFailure;

pub use file::{OAuthFile, OAuthFileError};

/// What every refresh names as `domain`: the server that answers it, and not the portal.
const SERVER_DOMAIN: &str = "oauth.bitrix.info";

/// How long access tokens are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLife {
    /// From when it is given out; 3600 s with Bitrix24 (bitrix24-rest.md §8).
    pub time: Duration,
    /// Calls that one token is good for; nothing for any number.
    pub calls: Option<u64>,
}

/// Who the application acts for, and where.
pub(super) struct Install {
    /// The portal's address with its scheme, without a slash at the end.
    pub address: String,
    pub member_id: String,
    pub user_id: u64,
    pub scopes: Vec<String>,
}

/// The server, with one application that one user has installed.
pub(super) struct OAuthServer {
    install: Install,
    life: TokenLife,
    client_id: String,
    client_secret: String,
    /// The refresh token that is good.
    refresh: String,
    /// All access tokens that were ever given out.
    access: BTreeMap<String, Token>,
    rng: StdRng,
}

#[derive(Clone, Copy)]
struct Token {
    /// Unix time in milliseconds.
    expires: u64,
    calls_left: Option<u64>,
}

/// A pair of tokens that was just made.
struct IssuedTokens {
    access: String,
    refresh: String,
    /// Unix time in seconds.
    expires: u64,
}

impl fmt::Debug for OAuthServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "OAuth for {} (hidden)", self.install.address)
    }
}

impl OAuthServer {
    /// A server with a first pair of tokens, which the file holds. All secrets come of the seed.
    pub(super) fn open(
        install: Install,
        life: TokenLife,
        seed: u64,
        now: u64,
    ) -> (OAuthServer, OAuthFile) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut oauth = OAuthServer {
            client_id: format!("local.{}", secret(&mut rng)),
            client_secret: secret(&mut rng),
            refresh: String::new(),
            access: BTreeMap::new(),
            install,
            life,
            rng,
        };
        let pair = oauth.next_pair(now);
        let file = OAuthFile::new(json!({
            "domain": oauth.install.address,
            "server": oauth.install.address,
            "client_id": oauth.client_id,
            "client_secret": oauth.client_secret,
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "expires": pair.expires,
            "member_id": oauth.install.member_id,
        }));
        (oauth, file)
    }

    /// Lets a call in whose parameters hold a good token, which is one call older then.
    pub(super) fn admit(&mut self, params: &Array, now: u64) -> Result<(), RestFailure> {
        let given = token(params).ok_or(RestFailure::NO_AUTH_FOUND)?;
        let token = self
            .access
            .get_mut(&given)
            .ok_or(RestFailure::INVALID_TOKEN)?;
        if now >= token.expires || token.calls_left == Some(0) {
            return Err(RestFailure::EXPIRED_TOKEN);
        }
        token.calls_left = token.calls_left.map(|calls| calls - 1);
        Ok(())
    }

    /// Answers `/oauth/token/`: a new pair for the refresh token, which is dead from then on.
    pub(super) fn refresh(&mut self, params: &Array, now: u64) -> Answer {
        match self.accept(params) {
            Ok(()) => {
                let pair = self.next_pair(now);
                Answer::json(200, &self.reply(&pair))
            }
            Err(failure) => Answer::json(
                failure.status,
                &Php::map([("error", Php::text(failure.code))]),
            ),
        }
    }

    /// The checks of a refresh. Which mistake gets which of the two codes for a wrong client is
    /// not known (bitrix24-rest.md §7), so both are given: one for the ID, one for the secret.
    fn accept(&self, params: &Array) -> Result<(), RestFailure> {
        let given = |name| text(params, name).unwrap_or_default();
        if given("grant_type") != "refresh_token" {
            return Err(RestFailure::INVALID_REQUEST);
        }
        if given("client_id") != self.client_id {
            return Err(RestFailure::INVALID_CLIENT);
        }
        if given("client_secret") != self.client_secret {
            return Err(RestFailure::WRONG_CLIENT);
        }
        if given("refresh_token") != self.refresh {
            return Err(RestFailure::INVALID_GRANT);
        }
        Ok(())
    }

    fn next_pair(&mut self, now: u64) -> IssuedTokens {
        let life = self.life.time.as_millis().try_into().unwrap_or(u64::MAX);
        let expires = now.saturating_add(life);
        let access = secret(&mut self.rng);
        self.refresh = secret(&mut self.rng);
        let token = Token {
            expires,
            calls_left: self.life.calls,
        };
        self.access.insert(access.clone(), token);
        IssuedTokens {
            access,
            refresh: self.refresh.clone(),
            expires: expires / 1000,
        }
    }

    fn reply(&self, pair: &IssuedTokens) -> Php {
        let install = &self.install;
        let number = |number: u64| Php::Int(number.try_into().unwrap_or(i64::MAX));
        let endpoint = || Php::text(format!("{}/rest/", install.address));
        Php::map([
            ("access_token", Php::text(&pair.access)),
            ("expires", number(pair.expires)),
            ("expires_in", number(self.life.time.as_secs())),
            ("scope", Php::text(install.scopes.join(","))),
            ("domain", Php::text(SERVER_DOMAIN)),
            ("server_endpoint", endpoint()),
            ("status", Php::text("L")),
            ("client_endpoint", endpoint()),
            ("member_id", Php::text(&install.member_id)),
            ("user_id", number(install.user_id)),
            ("refresh_token", Php::text(&pair.refresh)),
        ])
    }
}

/// The token of a call, under either of its names.
fn token(params: &Array) -> Option<String> {
    ["auth", "access_token"]
        .into_iter()
        .find_map(|name| text(params, name).filter(|token| !token.is_empty()))
}

fn text(params: &Array, name: &'static str) -> Option<String> {
    let text = params.named(name)?.to_text()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn secret(rng: &mut StdRng) -> String {
    format!("{:032x}", rng.random::<u128>())
}

#[cfg(test)]
mod tests;
