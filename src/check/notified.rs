//! Whom a post notifies, as far as the row tells.

use crate::post::{AudienceKind, Post, mentioned};

/// The users whom Bitrix24 notifies of a post for sure: those whom its audience names one by one,
/// and those whom its texts mention (bitrix24-rest.md §1.4, §10). Whoever else is notified can't be
/// seen here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notified {
    /// Each once, without the author that the row names.
    pub users: Vec<u64>,
    /// Who the post is to be by, where the row says so.
    pub author: Option<u64>,
    /// Whether the audience names workgroups, departments or everybody, so that there may be more.
    pub open_ended: bool,
}

impl Notified {
    /// Whom this post notifies; its texts are looked through only if they mention somebody.
    pub(super) fn by(post: &Post<'_>, has_mention: bool) -> Notified {
        let codes = post.audience.codes();
        let named = codes.iter().filter(|code| code.kind == AudienceKind::User);
        let mut users: Vec<u64> = named.map(|code| code.id).collect();
        if has_mention {
            // The author's name may go into the first line of the text.
            let texts = [
                post.title.as_deref(),
                Some(&post.message),
                post.author_name.as_deref(),
            ];
            users.extend(texts.into_iter().flatten().flat_map(mentioned));
        }
        users.sort_unstable();
        users.dedup();
        users.retain(|user| Some(*user) != post.author_id);
        Notified {
            users,
            author: post.author_id,
            open_ended: !post.audience.names().is_empty()
                || codes.iter().any(|code| {
                    matches!(
                        code.kind,
                        AudienceKind::Workgroup | AudienceKind::Department | AudienceKind::Everyone
                    )
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::AudienceCode;

    #[test]
    fn everybody_named_counts_once_and_the_author_not_at_all() {
        let notified = |codes: &[&str], author_id| {
            let codes = codes.iter().map(|code| AudienceCode::parse(code).unwrap());
            Notified::by(
                &Post {
                    message: "[user=5]Ann[/user], [user=8]Bo[/user]".into(),
                    audience: codes.collect(),
                    author_id,
                    ..Post::default()
                },
                true,
            )
        };
        let found = notified(&["U9", "U5", "CRMDEAL3"], None);
        assert_eq!(
            (&found.users[..], found.open_ended),
            (&[5, 8, 9][..], false)
        );
        let named = Post {
            message: "a".into(),
            author_name: Some("[user=7]Cy[/user]".into()),
            ..Post::default()
        };
        assert_eq!(
            Notified::by(&named, true).users,
            [7],
            "in the first line of the text"
        );
        for wide in ["SG1", "DR2", "UA"] {
            let found = notified(&["U9", wide], Some(8));
            assert_eq!((&found.users[..], found.open_ended), (&[5, 9][..], true));
        }
    }
}
