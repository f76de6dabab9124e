//! The errors of the REST interface: code, text and HTTP status (bitrix24-rest.md §7).

use std::borrow::Cow;

use super::php::Php;

/// A REST error. Its code may be empty: that is an error all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RestFailure {
    pub code: &'static str,
    pub text: Cow<'static, str>,
    /// The HTTP status when the whole request failed; inside a batch it is not seen.
    pub status: u16,
}

impl RestFailure {
    pub(super) const METHOD_NOT_FOUND: RestFailure =
        RestFailure::new("ERROR_METHOD_NOT_FOUND", "Method not found!", 404);

    /// No user and code in the path.
    pub(super) const NO_AUTH_FOUND: RestFailure =
        RestFailure::new("NO_AUTH_FOUND", "Wrong authorization data", 401);

    /// A webhook that is not there. bitrix24-rest.md §7 has 403 in the documentation and 401 in the
    /// SDKs; the server's own default for sign-in failures is 401, so this is it.
    pub(super) const INVALID_CREDENTIALS: RestFailure =
        RestFailure::new("INVALID_CREDENTIALS", "Invalid request credentials", 401);

    /// A token whose time is over.
    pub(super) const EXPIRED_TOKEN: RestFailure = RestFailure::new(
        "expired_token",
        "The access token provided has expired.",
        401,
    );

    /// A token that was never given out.
    pub(super) const INVALID_TOKEN: RestFailure =
        RestFailure::new("invalid_token", "Unable to get application by token", 401);

    /// From the OAuth server, whose failures are told by their codes alone: no such grant.
    pub(super) const INVALID_REQUEST: RestFailure = RestFailure::new("invalid_request", "", 400);

    /// From the OAuth server: no such application.
    pub(super) const INVALID_CLIENT: RestFailure = RestFailure::new("invalid_client", "", 400);

    /// From the OAuth server: not the application's secret. It says so with status 200.
    pub(super) const WRONG_CLIENT: RestFailure = RestFailure::new("wrong_client", "", 200);

    /// From the OAuth server: the refresh token is spent or none of ours.
    pub(super) const INVALID_GRANT: RestFailure = RestFailure::new("invalid_grant", "", 400);

    pub(super) const QUERY_LIMIT_EXCEEDED: RestFailure =
        RestFailure::new("QUERY_LIMIT_EXCEEDED", "Too many requests", 503);

    pub(super) const OPERATION_TIME_LIMIT: RestFailure = RestFailure::new(
        "OPERATION_TIME_LIMIT",
        "Method is blocked due to operation time limit.",
        429,
    );

    pub(super) const INTERNAL_SERVER_ERROR: RestFailure =
        RestFailure::new("INTERNAL_SERVER_ERROR", "Internal server error", 500);

    pub(super) const WRONG_ENCODING: RestFailure =
        RestFailure::new("WRONG_ENCODING", "Wrong request encoding", 200);

    pub(super) const BATCH_LENGTH_EXCEEDED: RestFailure = RestFailure::new(
        "ERROR_BATCH_LENGTH_EXCEEDED",
        "Max batch length exceeded",
        400,
    );

    pub(super) const BATCH_METHOD_NOT_ALLOWED: RestFailure = RestFailure::new(
        "ERROR_BATCH_METHOD_NOT_ALLOWED",
        "Method is not allowed for batch usage",
        405,
    );

    pub(super) const ACCESS_DENIED: RestFailure = RestFailure::new("", "Access denied.", 400);

    /// The portal has switched feed posts in CRM off (bitrix24-rest.md §1.3).
    pub(super) const LIVEFEED_RETIRED: RestFailure =
        RestFailure::new("", "Livefeed is no longer supported", 400);

    pub(super) const INSUFFICIENT_SCOPE: RestFailure = RestFailure::new(
        "insufficient_scope",
        "The request requires higher privileges than provided by the webhook token",
        403,
    );

    /// The same for a command of a batch, which is told no more than the code (bitrix24-rest.md
    /// §7).
    pub(super) const INSUFFICIENT_SCOPE_OF_COMMAND: RestFailure =
        RestFailure::new("insufficient_scope", "", 403);

    /// No right, from the methods whose errors have codes.
    pub(super) const NO_RIGHT: RestFailure =
        RestFailure::new("ACCESS_DENIED", "Access denied.", 400);

    /// What a comment belongs to is not there.
    pub(super) const OWNER_NOT_FOUND: RestFailure =
        RestFailure::new("OWNER_NOT_FOUND", "Owner not found.", 400);

    pub(super) const NOT_FOUND: RestFailure = RestFailure::new("NOT_FOUND", "Not found.", 400);

    /// `crm.item.*` was asked for a type that there is not.
    pub(super) const TYPE_NOT_FOUND: RestFailure =
        RestFailure::new("NOT_FOUND", "Smart process not found", 400);

    pub(super) const EMPTY_COMMENT: RestFailure =
        RestFailure::new("INVALID_ARG_VALUE", "The comment is empty.", 400);

    /// `log.blogpost.delete`: an ID that is none (bitrix24-rest.md §2.3).
    pub(super) const WRONG_BLOG_POST: RestFailure = RestFailure::new("100", "Wrong post ID", 400);

    /// `log.blogpost.delete`: neither author nor administrator (bitrix24-rest.md §2.3).
    pub(super) const NO_RIGHT_TO_DELETE: RestFailure =
        RestFailure::new("403", "No permission to delete the post", 400);

    const fn new(code: &'static str, text: &'static str, status: u16) -> RestFailure {
        RestFailure {
            code,
            text: Cow::Borrowed(text),
            status,
        }
    }

    /// A complaint of a method about its input: the code is empty.
    pub(super) fn plain(text: impl Into<Cow<'static, str>>) -> RestFailure {
        RestFailure {
            code: "",
            text: text.into(),
            status: 400,
        }
    }

    /// A required parameter is missing (bitrix24-rest.md §3.1).
    pub(super) fn missing(parameter: &str) -> RestFailure {
        RestFailure {
            code: "100",
            text: format!("Could not find value for parameter {{{parameter}}}").into(),
            status: 400,
        }
    }

    /// A parameter of `crm.item.*` that has no such value.
    pub(super) fn invalid(text: String) -> RestFailure {
        RestFailure {
            code: "INVALID_ARG_VALUE",
            text: text.into(),
            status: 400,
        }
    }

    /// `log.blogpost.add` creates nothing (bitrix24-rest.md §2.1).
    pub(super) fn not_posted(text: &'static str) -> RestFailure {
        RestFailure::new("SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR", text, 400)
    }

    pub(super) fn to_php(&self) -> Php {
        Php::map([
            ("error", Php::text(self.code)),
            ("error_description", Php::text(self.text.as_bytes())),
        ])
    }
}
