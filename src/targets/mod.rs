//! Which Bitrix24 method a post becomes.
//!
//! A target is plain data and pure functions: which fields it carries, what it has against a post,
//! and the command that a post becomes. It sends nothing and reads no file. A new target is one
//! file here and one entry in [`ALL`].

mod crm_feed;
mod files;
mod fingerprint;
mod lookup;
mod news_feed;
mod objection;
mod origin;
mod target;
mod timeline;

pub use crm_feed::CrmFeed;
pub use files::FileToSend;
pub use fingerprint::{fingerprint, normal};
pub use lookup::{FoundPost, Lookup, Since, Stream};
pub use news_feed::NewsFeed;
pub use objection::{Objection, ObjectionKind};
pub use origin::OriginLine;
pub use target::{Sending, Target};
pub use timeline::Timeline;

/// Every target.
pub const ALL: [&dyn Target; 3] = [&CrmFeed, &Timeline, &NewsFeed];

/// Where posts go unless the user says otherwise.
pub const DEFAULT: &dyn Target = &CrmFeed;

/// The target of that name.
pub fn named(name: &str) -> Option<&'static dyn Target> {
    ALL.into_iter().find(|target| target.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_found_by_its_own_name() {
        for target in ALL {
            assert_eq!(
                named(target.name()).map(Target::method),
                Some(target.method())
            );
        }
        assert!(named("feed").is_none());
    }
}
