//! The faults there are, and the names that they have in a plan.

/// A fault of a whole request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum RequestFault {
    /// Executed; the connection is closed without an answer.
    Lost,
    /// Not executed; the connection is closed.
    Drop,
    /// Executed; the answer breaks off in the middle.
    Cut,
    /// Executed; no answer ever comes.
    Hang,
    /// Executed; the answer comes a byte now and then.
    Drip,
    /// The first half of the commands is executed, then the connection is closed.
    Partial,
    /// Executed; the web server answers 502 in HTML.
    BadGateway,
    /// Not executed; the web server answers 503 in HTML.
    Unavailable,
    /// The first half of the commands is executed, then `INTERNAL_SERVER_ERROR`.
    Internal,
    /// Not executed; answered as if no parameters had come.
    Blank,
    /// Not executed; `QUERY_LIMIT_EXCEEDED`.
    Limit,
    /// Not executed; the web server answers 413 in HTML.
    TooLarge,
    /// Not executed; `expired_token`, this once. Strikes only requests that sign in by a token.
    Expired,
}

impl RequestFault {
    /// The name it has in a plan.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        name(Kind::Request(self))
    }
}

/// A fault of one post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum PostFault {
    /// Not executed; "Access denied." with an empty code.
    Refuse,
    /// Not executed; `OPERATION_TIME_LIMIT`.
    CommandLimit,
    /// Not executed; the answer does not mention it.
    Missing,
    /// Executed; the result is `true` instead of an ID.
    NoId,
}

impl PostFault {
    /// The name it has in a plan.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        name(Kind::Post(self))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request(RequestFault),
    Post(PostFault),
}

/// The kinds by the names they have in a plan.
pub(super) const KINDS: [(&str, Kind); 17] = [
    ("lost", Kind::Request(RequestFault::Lost)),
    ("drop", Kind::Request(RequestFault::Drop)),
    ("cut", Kind::Request(RequestFault::Cut)),
    ("hang", Kind::Request(RequestFault::Hang)),
    ("drip", Kind::Request(RequestFault::Drip)),
    ("partial", Kind::Request(RequestFault::Partial)),
    ("bad-gateway", Kind::Request(RequestFault::BadGateway)),
    ("unavailable", Kind::Request(RequestFault::Unavailable)),
    ("internal", Kind::Request(RequestFault::Internal)),
    ("blank", Kind::Request(RequestFault::Blank)),
    ("limit", Kind::Request(RequestFault::Limit)),
    ("too-large", Kind::Request(RequestFault::TooLarge)),
    ("expired", Kind::Request(RequestFault::Expired)),
    ("refuse", Kind::Post(PostFault::Refuse)),
    ("command-limit", Kind::Post(PostFault::CommandLimit)),
    ("missing", Kind::Post(PostFault::Missing)),
    ("no-id", Kind::Post(PostFault::NoId)),
];

pub(super) fn name(kind: Kind) -> &'static str {
    let known = KINDS.iter().find(|(_, known)| *known == kind);
    known.map_or("", |(name, _)| name)
}
