//! Which Bitrix24 method a post becomes.
//!
//! A target is plain data and pure functions: which fields it carries, what it has against a post,
//! and the command that a post becomes. It sends nothing and reads no file.
//!
//! # Adding a target
//!
//! A new target is one file here and one entry in [`ALL`]; the command line, the check and the
//! engine take it from there.
//!
//! ```
//! use b24post::batch::{Command, Value};
//! use b24post::post::{Field, Post};
//! use b24post::targets::{Objection, OriginLine, Sending, Target};
//!
//! /// Comments on tasks.
//! struct TaskComment;
//!
//! impl Target for TaskComment {
//!     fn name(&self) -> &'static str {
//!         "task"
//!     }
//!
//!     fn method(&self) -> &'static str {
//!         "task.commentitem.add"
//!     }
//!
//!     fn scope(&self) -> &'static str {
//!         "task"
//!     }
//!
//!     // A row with anything else is a problem of that row.
//!     fn carries(&self, field: Field) -> bool {
//!         matches!(field, Field::ExternalId | Field::Message | Field::EntityId)
//!     }
//!
//!     // What is wrong with a post that is valid by itself; most targets look at its entity here.
//!     fn object(&self, _: &Post<'_>, _: OriginLine, _: &mut dyn FnMut(Objection)) {}
//!
//!     fn text(&self, post: &Post<'_>, _: OriginLine) -> String {
//!         post.message.clone().into_owned()
//!     }
//!
//!     fn command(&self, post: &Post<'_>, sending: &Sending<'_>) -> Command {
//!         let text = Value::Text(self.text(post, sending.origin));
//!         Command {
//!             method: self.method(),
//!             params: vec![("fields", Value::Map(vec![("POST_MESSAGE", text)]))],
//!         }
//!     }
//! }
//!
//! let post = Post { message: "Hello".into(), ..Post::default() };
//! let sending = Sending { files: &[], origin: OriginLine::Never, user_id: 1 };
//! let command = TaskComment.command(&post, &sending);
//! assert_eq!(command.text(&["fields", "POST_MESSAGE"]), Some("Hello"));
//! // Its posts can't be read back, so a lost answer leaves a row in doubt.
//! assert!(TaskComment.lookup().is_none());
//! ```

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
