//! The settings of the sandbox: which of the portals in the field it behaves like.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use super::entities::EntityPlan;
use super::fault::FaultPlan;
use super::oauth::TokenLife;
use super::portal_data::PortalData;

/// Bytes.
const MIB: f64 = 1_048_576.0;

/// The portal's language: the one of its error texts.
#[allow(missing_docs, reason = "the names say it")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    English,
    #[default]
    Russian,
}

/// The leaky bucket of a cloud portal (bitrix24-rest.md §6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Requests that leave the bucket in a second.
    pub rate: f64,
    /// Requests that the bucket holds.
    pub burst: f64,
}

/// How server time is booked to methods, which differs between portals (bitrix24-rest.md §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accounting {
    /// Each call is charged as it ends, and its own time is in what it tells. A batch is not
    /// counted besides its calls. So it is documented.
    #[default]
    Calls,
    /// The calls of a request are charged together at its end, each method's sum by itself, and
    /// only sums above 0.1 s; what is told inside a batch does not hold that batch. `batch` is
    /// charged half of its time.
    Requests,
    /// Nothing is counted, limited or told, as on portals of one's own.
    Off,
}

/// The limit on each method's server time in ten minutes (bitrix24-rest.md §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperatingRules {
    /// A method that has spent more is refused. The documentation's example has 480 s.
    pub limit: Option<Duration>,
    /// How long a method is refused once its sum has come over the limit, whatever the sum is
    /// then. Nothing: until enough of it is ten minutes old.
    pub ban: Option<Duration>,
    /// How server time is booked to methods.
    pub accounting: Accounting,
}

/// What kind of portal it is. The default has no limits but the cloud's minute
/// for a request, and refuses nothing.
#[derive(Debug)]
pub struct Settings {
    /// Nothing on a portal without a limit.
    pub rate_limit: Option<RateLimit>,
    /// Server time that one post takes.
    pub post_cost: Duration,
    /// Server time that each MiB of a post's texts and files takes besides.
    pub mib_cost: Duration,
    /// The limit on each method's server time.
    pub operating: OperatingRules,
    /// Server time after which a request is cut.
    pub request_limit: Duration,
    /// Requests that are worked on at once; nothing for any number.
    pub workers: Option<NonZeroUsize>,
    /// Texts inside a batch that look like script, SQL or PHP are altered.
    pub web_filter: bool,
    /// Feed posts in CRM are switched off.
    pub retired_livefeed: bool,
    /// Posts may be addressed to everybody (`UA`).
    pub everyone_allowed: bool,
    /// Workgroups where the webhook's user may only propose posts.
    pub moderated_groups: Vec<u32>,
    /// `log.blogpost.get` knows the filters that came in August 2026 (bitrix24-rest.md §2.2).
    pub feed_filters: bool,
    /// The webhook's user may use CRM at all.
    pub crm_access: bool,
    /// Which CRM entities there are, and what the webhook's user may do with them.
    pub entities: EntityPlan,
    /// Records, users, departments and workgroups with names of their own.
    pub data: PortalData,
    /// What the webhook was given, such as `crm`.
    pub scopes: Vec<String>,
    /// Applications may call as well, with tokens that are good for so long.
    pub oauth: Option<TokenLife>,
    /// The webhook's user is an administrator.
    pub administrator: bool,
    /// The new address of a portal that was renamed: a host, or a scheme and a host.
    pub renamed_to: Option<String>,
    /// A comment in a timeline is by the user whom `AUTHOR_ID` names; otherwise the caller is its
    /// author, whatever the call says. Portals of before March 2026 keep it.
    pub keep_author: bool,
    /// Comments come back without the blanks at their ends.
    pub trim_comments: bool,
    /// Four-byte characters come back as tokens where a portal does not turn them back.
    pub emoji_tokens: bool,
    /// The language of its error texts.
    pub language: Language,
    /// Seconds by which the clock that `server.time` tells goes ahead.
    pub clock_skew: i64,
    /// What goes wrong on purpose.
    pub faults: FaultPlan,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            rate_limit: None,
            post_cost: Duration::ZERO,
            mib_cost: Duration::ZERO,
            operating: OperatingRules::default(),
            request_limit: Duration::from_secs(60),
            workers: None,
            web_filter: false,
            retired_livefeed: false,
            everyone_allowed: true,
            moderated_groups: Vec::new(),
            feed_filters: true,
            crm_access: true,
            entities: EntityPlan::default(),
            data: PortalData::default(),
            scopes: vec!["crm".to_owned(), "log".to_owned()],
            oauth: None,
            administrator: true,
            renamed_to: None,
            keep_author: false,
            trim_comments: false,
            emoji_tokens: false,
            language: Language::default(),
            clock_skew: 0,
            faults: FaultPlan::none(),
        }
    }
}

impl Settings {
    /// Whether the webhook may call methods for which any of these scopes will do; those that need
    /// none it may always.
    pub(super) fn grants(&self, scopes: &[&str]) -> bool {
        let has = |scope: &&str| self.scopes.iter().any(|granted| granted == scope);
        scopes.is_empty() || scopes.iter().any(has)
    }

    /// Server time that a post of so many bytes takes.
    pub(super) fn cost_of(&self, bytes: u64) -> Duration {
        self.post_cost + self.mib_cost.mul_f64(bytes as f64 / MIB)
    }
}

/// The inbound webhook of the portal: who posts, and the secret in the URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The user who posts.
    pub user_id: u64,
    /// The secret in the address.
    pub code: String,
}

impl Webhook {
    /// Whether user and code of a path are these.
    pub(super) fn admits(&self, user: &str, code: &str) -> bool {
        user.parse() == Ok(self.user_id) && code == self.code
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Webhook of user {} (code hidden)", self.user_id)
    }
}
