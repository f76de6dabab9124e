//! Whom a post notifies, as far as the row tells.

use crate::post::{AudienceKind, Post, mentioned};

/// The users whom Bitrix24 notifies of a post for sure: those whom its audience names one by one,
/// and those whom its texts mention (WIRE §1.4, §10). Whoever else is notified can't be seen here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notified {
    /// Each once, without the author that the row names.
    pub users: Box<[u64]>,
    /// Who the post is to be by, where the row says so.
    pub author: Option<u64>,
    /// Whether the audience names workgroups, departments or everybody, so that there may be more.
    pub open_ended: bool,
}

impl Notified {
    /// Whom this post notifies.
    pub(super) fn by(post: &Post<'_>) -> Notified {
        let codes = post.audience.codes();
        let named = codes.iter().filter(|code| code.kind == AudienceKind::User);
        let mut users = Vec::with_capacity(named.clone().count());
        users.extend(named.map(|code| code.id));
        let texts = [post.title.as_deref(), Some(&post.message)];
        for text in texts.into_iter().flatten() {
            users.extend(mentioned(text));
        }
        users.sort_unstable();
        users.dedup();
        users.retain(|user| Some(*user) != post.author_id);
        Notified {
            users: users.into(),
            author: post.author_id,
            open_ended: codes.iter().any(|code| {
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
            Notified::by(&Post {
                message: "[user=5]Ann[/user], [user=8]Bo[/user]".into(),
                audience: codes.collect(),
                author_id,
                ..Post::default()
            })
        };
        let found = notified(&["U9", "U5", "CRMDEAL3"], None);
        assert_eq!(
            (&found.users[..], found.open_ended),
            (&[5, 8, 9][..], false)
        );
        for wide in ["SG1", "DR2", "UA"] {
            let found = notified(&["U9", wide], Some(8));
            assert_eq!((&found.users[..], found.open_ended), (&[5, 9][..], true));
        }
    }
}
