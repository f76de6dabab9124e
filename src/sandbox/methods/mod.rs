//! The REST methods that the sandbox knows.

mod audience;
mod info;
mod livefeed;

use super::failure::Failure;
use super::php::{Array, Php};
use super::work::Work;

/// A method by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Batch,
    LivefeedMessageAdd,
    /// `method.get`.
    Get,
    Profile,
    Scope,
    ServerTime,
}

impl Method {
    const ALL: [Method; 6] = [
        Method::Batch,
        Method::LivefeedMessageAdd,
        Method::Get,
        Method::Profile,
        Method::Scope,
        Method::ServerTime,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Method::Batch => "batch",
            Method::LivefeedMessageAdd => "crm.livefeedmessage.add",
            Method::Get => "method.get",
            Method::Profile => "profile",
            Method::Scope => "scope",
            Method::ServerTime => "server.time",
        }
    }

    /// The method with a name in lower case.
    pub(super) fn find(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether the method creates posts by itself.
    pub(super) fn is_add(self) -> bool {
        self == Method::LivefeedMessageAdd
    }

    /// Whether a call would write, so far as one can tell beforehand. A call without fields only
    /// asks whether the method is switched on (WIRE §1.3).
    pub(super) fn writes(self, params: &Array) -> bool {
        self.is_add() && livefeed::fields(params).is_some_and(Php::truthy)
    }

    /// Runs the method. `batch` is no method of this kind: it runs others.
    ///
    /// # Errors
    /// What the method answers instead of a result.
    pub(super) fn run(self, work: &mut Work<'_>, params: &Array) -> Result<Php, Failure> {
        match self {
            Method::Batch => Err(Failure::BATCH_METHOD_NOT_ALLOWED),
            Method::LivefeedMessageAdd => livefeed::add(work, params),
            Method::Get => Ok(info::method_get(params)),
            Method::Profile => Ok(info::profile(work)),
            Method::Scope => Ok(info::scope()),
            Method::ServerTime => Ok(info::server_time(work)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_methods() {
        for method in Method::ALL {
            assert_eq!(Method::find(method.name()), Some(method));
        }
        assert_eq!(Method::find("crm.deal.add"), None);
        assert_eq!(Method::find(""), None);
    }
}
