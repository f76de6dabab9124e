//! What the posts of a manifest come to together: who may see them, whom they notify, what their files
//! are.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

use crate::post::{AudienceCode, AudienceKind, Post, mentioned};

use super::FoundFiles;

/// Counts over posts, made chunk by chunk.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    audiences: BTreeMap<AudienceKind, RoaringTreemap>,
    /// The last code that was counted: the next post mostly has it too.
    last: Option<AudienceCode>,
    notified: RoaringTreemap,
    notifications: u64,
    file_types: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a post; its texts are looked through only if they mention somebody.
    pub(super) fn add(&mut self, post: &Post<'_>, files: Option<&FoundFiles>, has_mention: bool) {
        for code in post.audience.codes() {
            self.notifications += u64::from(code.kind == AudienceKind::User);
            if self.last != Some(*code) {
                self.last = Some(*code);
                self.audiences.entry(code.kind).or_default().insert(code.id);
            }
        }
        if has_mention {
            let texts = [post.title.as_deref(), Some(&post.message)];
            for user in texts.into_iter().flatten().flat_map(mentioned) {
                self.notifications += 1;
                self.notified.insert(user);
            }
        }
        for kind in files.iter().flat_map(|files| &files.types) {
            *self.file_types.entry(kind).or_default() += 1;
        }
    }

    /// Takes in what was counted elsewhere.
    pub(super) fn join(&mut self, other: Tally) {
        for (kind, ids) in other.audiences {
            *self.audiences.entry(kind).or_default() |= ids;
        }
        self.notified |= other.notified;
        self.notifications += other.notifications;
        for (kind, count) in other.file_types {
            *self.file_types.entry(kind).or_default() += count;
        }
    }

    /// How many different ones of each kind may see posts.
    pub fn audiences(&self) -> impl Iterator<Item = (AudienceKind, u64)> {
        self.audiences.iter().map(|(kind, ids)| (*kind, ids.len()))
    }

    /// Users who are notified at least once: those whom audiences name one by one, and those who are
    /// mentioned. Groups may have more.
    pub fn people(&self) -> u64 {
        match self.audiences.get(&AudienceKind::User) {
            Some(users) => users.union_len(&self.notified),
            None => self.notified.len(),
        }
    }

    /// Notifications that they get, all together.
    pub fn notifications(&self) -> u64 {
        self.notifications
    }

    /// Attachments by what their content is, such as `pdf`.
    pub fn file_types(&self) -> &BTreeMap<&'static str, u64> {
        &self.file_types
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(codes: &[&str], message: &'static str) -> Post<'static> {
        let code = |code: &&str| AudienceCode::parse(code).unwrap();
        Post {
            audience: codes.iter().map(code).collect(),
            message: message.into(),
            ..Post::default()
        }
    }

    #[test]
    fn people_count_once_and_notifications_each_time() {
        let mut tally = Tally::default();
        for (codes, message) in [
            (&["U1", "U2", "DR7"][..], ""),
            (&["U1"][..], "[user=9]Ann[/user]"),
            (&["UA"][..], ""),
        ] {
            let post = post(codes, message);
            tally.add(&post, None, !message.is_empty());
        }
        let mut whole = Tally::default();
        whole.join(tally.clone());
        whole.join(tally);
        let audiences: Vec<_> = whole.audiences().collect();
        assert_eq!(
            audiences,
            [
                (AudienceKind::User, 2),
                (AudienceKind::Department, 1),
                (AudienceKind::Everyone, 1)
            ]
        );
        assert_eq!((whole.people(), whole.notifications()), (3, 8));
    }
}
