//! Answers that end a run, since sending more would be pointless or harmful: for each kind the
//! words for what happened and what the user can do.

use std::fmt;

use super::decode::ApiError;

/// Why the run has to stop. Nothing of the refused request was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fatal {
    /// What has to change.
    pub kind: FatalKind,
    /// The portal's code, or one of our own in lower case.
    pub code: String,
    /// What happened, in one sentence without its full stop.
    pub what: String,
    /// What to do next.
    pub advice: &'static str,
}

/// What has to change before the run can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FatalKind {
    /// The webhook or token is unknown, revoked or mistyped.
    Credentials,
    /// The access token ran out, and refreshing it was of no use or not possible.
    TokenExpired,
    /// The user behind the credentials may not use REST.
    User,
    /// The webhook or application lacks a scope.
    Scope,
    /// An administrator has to allow the method first.
    Consent,
    /// The portal's plan has no REST.
    Plan,
    /// The portal does not know the application.
    Application,
    /// The portal takes https only.
    Https,
    /// The portal no longer exists.
    Deleted,
    /// The portal has no such method.
    Method,
    /// The portal has switched off posts in the CRM feed.
    Retired,
    /// Bitrix24 blocked the portal's REST by hand.
    Overload,
    /// The portal refused the request as a whole, for no reason that we know better.
    Refused,
    /// A redirect: to a new host if the portal was renamed.
    Renamed {
        /// The new host; none if the redirect names none.
        host: Option<String>,
    },
    /// A proxy on the way asks for a password.
    Proxy,
    /// b24post sent what no portal takes.
    Defect,
}

impl Fatal {
    /// A stop for an error that the portal worded itself.
    pub(super) fn by_portal(kind: FatalKind, error: &ApiError) -> Fatal {
        let code = if error.code.is_empty() {
            kind.own_code().to_owned()
        } else {
            error.code.clone()
        };
        let said = match (error.code.as_str(), error.description.as_str()) {
            ("", "") => String::new(),
            ("", text) | (text, "") => format!(" ({text})"),
            (code, text) => format!(" ({code}: {text})"),
        };
        Fatal {
            what: format!("{}{said}", kind.what()),
            advice: kind.advice(),
            code,
            kind,
        }
    }

    /// A stop for an answer without any error code.
    pub(super) fn by_status(kind: FatalKind, status: u16) -> Fatal {
        Fatal {
            what: format!("{} (HTTP {status})", kind.what()),
            advice: kind.advice(),
            code: kind.own_code().to_owned(),
            kind,
        }
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}. {}", self.what, self.advice)
    }
}

impl std::error::Error for Fatal {}

impl FatalKind {
    /// The code where the portal gave none.
    fn own_code(&self) -> &'static str {
        match self {
            FatalKind::Credentials => "not_authorized",
            FatalKind::TokenExpired => "token_expired",
            FatalKind::User => "user_refused",
            FatalKind::Scope => "scope_missing",
            FatalKind::Consent => "consent_missing",
            FatalKind::Plan => "plan_without_rest",
            FatalKind::Application => "application_refused",
            FatalKind::Https => "https_required",
            FatalKind::Deleted => "portal_deleted",
            FatalKind::Method => "method_missing",
            FatalKind::Retired => "livefeed_retired",
            FatalKind::Overload => "portal_blocked",
            FatalKind::Refused => "request_refused",
            FatalKind::Renamed { host: Some(_) } => "portal_renamed",
            FatalKind::Renamed { host: None } => "portal_redirects",
            FatalKind::Proxy => "proxy_password",
            FatalKind::Defect => "request_not_understood",
        }
    }

    fn what(&self) -> String {
        let text = match self {
            FatalKind::Credentials => "the portal does not accept the credentials",
            FatalKind::TokenExpired => "the access token has expired",
            FatalKind::User => "the user behind the credentials may not use the portal's REST",
            FatalKind::Scope => "the credentials lack a permission",
            FatalKind::Consent => "the portal wants an administrator's consent for this method",
            FatalKind::Plan => "the portal's plan does not include REST",
            FatalKind::Application => "the portal does not know this application",
            FatalKind::Https => "the portal takes https only",
            FatalKind::Deleted => "the portal no longer exists",
            FatalKind::Method => "the portal does not have the method",
            FatalKind::Retired => "the portal has switched off posts in the CRM feed",
            FatalKind::Overload => "Bitrix24 has blocked this portal's REST because of overload",
            FatalKind::Refused => "the portal refused the request as a whole",
            FatalKind::Renamed { host: Some(host) } => {
                return format!("the portal redirects to another address, {host}");
            }
            FatalKind::Renamed { host: None } => "the portal answers with a redirect",
            FatalKind::Proxy => "a proxy on the way to the portal asks for a password",
            FatalKind::Defect => "the portal does not take the request that b24post made",
        };
        text.to_owned()
    }

    fn advice(&self) -> &'static str {
        match self {
            FatalKind::Credentials => {
                "Trying again will not help. Check in the portal that the inbound webhook still \
                 exists, and give b24post its current address; with OAuth, that the application is \
                 installed, and authorise it again"
            }
            FatalKind::TokenExpired => {
                "Check that domain in the OAuth file is the portal of these tokens, authorise the \
                 application again, or use an inbound webhook; then run again"
            }
            FatalKind::User => {
                "Trying again will not help. Let an administrator give that user access, or use \
                 the webhook or authorisation of another user"
            }
            FatalKind::Scope => {
                "Trying again will not help. Edit the webhook or application in the portal and add the permission \
                 that the method needs (crm, for the News Feed log); it can take a day to apply"
            }
            FatalKind::Consent => "Ask an administrator of the portal to allow it, then run again",
            FatalKind::Plan => {
                "Trying again will not help until the portal has a plan or subscription with REST"
            }
            FatalKind::Application => {
                "Trying again will not help. Install the application in the portal, or use an \
                 inbound webhook"
            }
            FatalKind::Https => "Use the portal's https:// address",
            FatalKind::Deleted => {
                "Check the portal's address; use the credentials of a portal that exists"
            }
            FatalKind::Method => {
                "Trying again will not help. Check the portal's address and that the portal is up \
                 to date and has the module of this target"
            }
            FatalKind::Retired => {
                "Trying again will not help: this portal takes no more posts there. Go on with the \
                 same command and --target timeline --drop audience: the posts become comments on \
                 their records, and whoever sees a record sees them. What is posted stays as it is"
            }
            FatalKind::Overload => {
                "Do not try again on your own; write to Bitrix24's support, and run again when they \
                 have lifted the block"
            }
            FatalKind::Refused => {
                "Trying again will not help by itself. Check the rights of the user behind the credentials and \
                 what stands between here and the portal, then run again"
            }
            FatalKind::Renamed { host: Some(_) } => {
                "Nothing was sent there. If it is your portal under a new name, put the new host into \
                 the webhook's address, or into domain in the OAuth file, and run again with --rebind"
            }
            FatalKind::Renamed { host: None } => {
                "The redirect was not followed. Check the portal's address: scheme, host and path"
            }
            FatalKind::Proxy => {
                "Put the user and password into HTTPS_PROXY, or list the portal in NO_PROXY"
            }
            FatalKind::Defect => {
                "Trying again will not help. This is a fault of b24post: please report it"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, description: &str) -> ApiError {
        ApiError {
            code: code.into(),
            description: description.into(),
        }
    }

    #[test]
    fn the_portals_words_are_kept() {
        let stop = Fatal::by_portal(FatalKind::Scope, &error("insufficient_scope", "Needs crm"));
        assert_eq!(stop.code, "insufficient_scope");
        assert!(stop.to_string().starts_with(
            "the credentials lack a permission (insufficient_scope: Needs crm). Trying"
        ));
        assert!(stop.to_string().contains("(crm, for the News Feed log)"));
        let bare = Fatal::by_portal(FatalKind::Scope, &error("insufficient_scope", ""));
        assert_eq!(
            bare.what,
            "the credentials lack a permission (insufficient_scope)"
        );
    }

    #[test]
    fn without_a_code_it_gets_one_of_ours() {
        let stop = Fatal::by_portal(
            FatalKind::Retired,
            &error("", "Livefeed is no longer supported"),
        );
        assert_eq!(stop.code, "livefeed_retired");
        let stop = Fatal::by_status(FatalKind::Credentials, 401);
        assert_eq!(stop.code, "not_authorized");
        assert_eq!(
            stop.what,
            "the portal does not accept the credentials (HTTP 401)"
        );
    }
}
