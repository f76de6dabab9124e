//! The error codes that we know, and what each says of the call that got it (bitrix24-rest.md §7).
//!
//! Codes decide before statuses: documentation, SDKs and servers disagree on the status of most.

use super::decode::ApiError;
use super::fatal::FatalKind;

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Too many requests; not executed.
    QueryLimit,
    /// The method's server time is used up; not executed.
    OperatingLimit,
    /// It may have been executed.
    Unknown,
    /// Refused for a reason of this call alone; not executed.
    Refused,
    /// As `Refused`, but from a server error on it may have been executed.
    RefusedUnlessServerError,
    /// No call of this kind can succeed; not executed.
    Stop(FatalKind),
}

/// The text with which a portal says that the CRM feed takes no posts; it comes without a code.
const RETIRED: &str = "livefeed is no longer supported";

/// What the error means; `None` for a code that isn't known, the empty one included.
pub(super) fn meaning(error: &ApiError) -> Option<Meaning> {
    use Meaning::{OperatingLimit, QueryLimit, Refused, RefusedUnlessServerError, Unknown};
    let code = error.code.to_ascii_uppercase();
    let stop = |kind| Some(Meaning::Stop(kind));
    match code.as_str() {
        "" if error.description.to_lowercase().contains(RETIRED) => stop(FatalKind::Retired),
        "QUERY_LIMIT_EXCEEDED" => Some(QueryLimit),
        "OPERATION_TIME_LIMIT" => Some(OperatingLimit),
        "OVERLOAD_LIMIT" => stop(FatalKind::Overload),
        "INTERNAL_SERVER_ERROR" | "ERROR_UNEXPECTED_ANSWER" | "WRONG_ENCODING" => Some(Unknown),
        "ERROR_CORE" | "ERROR_ARGUMENT" => Some(RefusedUnlessServerError),
        "OWNER_NOT_FOUND" | "NOT_FOUND" | "INVALID_ARG_VALUE" | "100" => Some(Refused),
        "ACCESS_DENIED" if is_about_the_plan(error) => stop(FatalKind::Plan),
        "ACCESS_DENIED" => Some(Refused),
        "EXPIRED_TOKEN" => stop(FatalKind::TokenExpired),
        "INVALID_TOKEN"
        | "NO_AUTH_FOUND"
        | "AUTHORIZATION_ERROR"
        | "INVALID_CREDENTIALS"
        | "WRONG_AUTH_TYPE" => stop(FatalKind::Credentials),
        "INSUFFICIENT_SCOPE" => stop(FatalKind::Scope),
        "USER_ACCESS_ERROR" | "ALLOWED_ONLY_INTRANET_USER" => stop(FatalKind::User),
        "PAYMENT_REQUIRED" => stop(FatalKind::Plan),
        "NOT_INSTALLED" | "APPLICATION_NOT_FOUND" | "ERROR_OAUTH" | "WRONG_CLIENT" => {
            stop(FatalKind::Application)
        }
        "METHOD_CONFIRM_WAITING" | "METHOD_CONFIRM_DENIED" => stop(FatalKind::Consent),
        "INVALID_REQUEST" => stop(FatalKind::Https),
        "PORTAL_DELETED" => stop(FatalKind::Deleted),
        "ERROR_METHOD_NOT_FOUND" => stop(FatalKind::Method),
        "ERROR_BATCH_LENGTH_EXCEEDED" | "ERROR_BATCH_METHOD_NOT_ALLOWED" => stop(FatalKind::Defect),
        code if code.starts_with("SONET_CONTROLLER_LIVEFEED") => {
            if code.ends_with("_NOT_INSTALLED") {
                stop(FatalKind::Method)
            } else {
                Some(Refused)
            }
        }
        _ => None,
    }
}

fn is_about_the_plan(error: &ApiError) -> bool {
    error.description.to_lowercase().contains("commercial plan")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str, description: &str) -> Option<Meaning> {
        meaning(&ApiError {
            code: code.into(),
            description: description.into(),
        })
    }

    #[test]
    fn letter_case_does_not_matter() {
        assert_eq!(of("query_limit_exceeded", ""), Some(Meaning::QueryLimit));
        assert_eq!(
            of("Expired_Token", ""),
            Some(Meaning::Stop(FatalKind::TokenExpired))
        );
    }

    #[test]
    fn the_description_decides_where_the_code_does_not() {
        let plan = "REST API is available only on commercial plans";
        assert_eq!(
            of("ACCESS_DENIED", plan),
            Some(Meaning::Stop(FatalKind::Plan))
        );
        assert_eq!(of("ACCESS_DENIED", "No rights"), Some(Meaning::Refused));
        let retired = Some(Meaning::Stop(FatalKind::Retired));
        assert_eq!(of("", "Livefeed is no longer supported"), retired);
        assert_eq!(of("", "Access denied."), None);
        assert_eq!(of("0", "Livefeed is no longer supported"), None);
    }

    #[test]
    fn codes_of_the_news_feed_are_told_by_their_ends() {
        let prefix = "SONET_CONTROLLER_LIVEFEED_BLOGPOST";
        assert_eq!(
            of(&format!("{prefix}_ADD_ERROR"), ""),
            Some(Meaning::Refused)
        );
        let missing = of("SONET_CONTROLLER_LIVEFEED_MODULE_BLOG_NOT_INSTALLED", "");
        assert_eq!(missing, Some(Meaning::Stop(FatalKind::Method)));
    }
}
