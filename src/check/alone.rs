//! Whether a post will go by a call of its own, outside every batch.

use crate::batch::{MAX_LEAVES, Route, base64_len, encoded_size, route};
use crate::post::Post;
use crate::targets::{FileToSend, Sending};

use super::Rules;

/// More values than a call has beside audience, tags and files, and more bytes than it has beside
/// texts and files.
const OTHER_LEAVES: usize = 32;
const OTHER_BYTES: u64 = 64 << 10;

/// Percent-encoding makes three bytes of one, at most.
const GROWTH: u64 = 3;

/// Decided by the call itself, which is only made for the few posts that may have to.
pub(super) fn goes_alone(post: &Post<'_>, files: &[FileToSend], rules: &Rules) -> bool {
    let may = may_be_rewritten(post, files) || may_be_too_large(post, files, rules);
    if !may {
        return false;
    }
    // The author of the post changes no text and nearly no length.
    let sending = Sending {
        files,
        origin: rules.origin_line,
        user_id: 0,
    };
    let command = rules.target.command(post, &sending);
    route(&command, encoded_size(&command), rules.max_batch_bytes) == Route::Direct
}

/// Whether a text holds `$`, with which everything begins that a batch would rewrite.
fn may_be_rewritten(post: &Post<'_>, files: &[FileToSend]) -> bool {
    let has_sign = |text: &str| memchr::memchr(b'$', text.as_bytes()).is_some();
    has_sign(&post.message)
        || post.title.as_deref().is_some_and(has_sign)
        || post.author_name.as_deref().is_some_and(has_sign)
        || post.tags.iter().any(|tag| has_sign(tag))
        || files.iter().any(|file| has_sign(&file.name))
}

fn may_be_too_large(post: &Post<'_>, files: &[FileToSend], rules: &Rules) -> bool {
    let audience = post.audience.codes().len() + post.audience.names().len();
    let leaves = audience + post.tags.len() + 2 * files.len();
    let length = |text: Option<&str>| text.map_or(0, |text| text.len() as u64);
    let texts = post.message.len() as u64
        + length(post.title.as_deref())
        + length(post.author_name.as_deref())
        + post.tags.iter().map(|tag| tag.len() as u64).sum::<u64>();
    let files: u64 = files.iter().map(|file| base64_len(file.size)).sum();
    leaves + OTHER_LEAVES >= MAX_LEAVES
        || GROWTH * (texts + files) + OTHER_BYTES > rules.max_batch_bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{AudienceCode, Entity, EntityKind};
    use crate::targets::{CrmFeed, OriginLine, Timeline};

    fn rules(target: &'static dyn crate::targets::Target) -> Rules {
        Rules::new(target, &std::env::temp_dir(), None).unwrap()
    }

    fn post(message: &str) -> Post<'static> {
        Post {
            message: message.to_owned().into(),
            entity: Some(Entity {
                kind: EntityKind::Deal,
                id: 1,
            }),
            ..Post::default()
        }
    }

    #[test]
    fn what_a_batch_would_harm_goes_alone() {
        let rules = rules(&Timeline);
        let alone = |post: &Post<'_>| goes_alone(post, &[], &rules);
        assert!(alone(&post("see $result[1]")) && alone(&post("[b]$total[/b]")));
        assert!(!alone(&post("US$5")) && !alone(&post("text")));
        let named = Post {
            author_name: Some("$next[0]".into()),
            ..post("text")
        };
        assert!(alone(&named), "the name stands in the first line");
        let mut nameless = rules.clone();
        nameless.origin_line = OriginLine::Never;
        assert!(!goes_alone(&named, &[], &nameless));
        let file = |name: &str, size| FileToSend {
            path: "/f".into(),
            name: name.into(),
            size,
        };
        let with = |file: FileToSend| goes_alone(&post("text"), &[file], &rules);
        assert!(with(file("$time[a].pdf", 9)) && !with(file("a.pdf", 9)));
        assert!(with(file("a.pdf", 6 << 20)) && !with(file("a.pdf", 5 << 20)));
        let mut small = rules.clone();
        small.max_batch_bytes = 4_096;
        assert!(goes_alone(&post(&"x".repeat(5_000)), &[], &small));
    }

    #[test]
    fn a_thousand_values_go_alone() {
        let rules = rules(&CrmFeed);
        let alone = |users: u64| {
            let code = |id: u64| AudienceCode::parse(&format!("U{id}")).unwrap();
            let post = Post {
                audience: (1..=users).map(code).collect(),
                ..post("text")
            };
            goes_alone(&post, &[], &rules)
        };
        assert!(alone(1_000) && !alone(980) && !alone(100));
    }
}
