//! What the due rows bring with them: bytes, entities, people. Counted while the manifest is read.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::check::{CheckedRow, MessageFind, MojibakeRows, Notified};
use crate::post::{AudienceName, Entity, EntitySet};

/// Rows whose entities are named to the user before the run.
pub const SAMPLES: usize = 3;

/// Authors whose names may be asked for: as many as one request can ask.
const MOST_AUTHORS: usize = 2_500;

/// Hosts of images that are named.
const MOST_HOSTS: usize = 20;

/// What the due rows bring with them.
#[derive(Debug, Default)]
pub struct Load {
    /// Attachments and their bytes.
    pub files: u64,
    pub bytes: u64,
    /// Attachments that may be too large for a server.
    pub large_files: u64,
    /// Attachments that lie under nearly the name that is given, and those that are HTML pages.
    pub otherwise_named: u64,
    pub html_pages: u64,
    /// Folders of attachments that have none.
    pub empty_folders: u64,
    /// Bytes of titles and messages.
    pub text_bytes: u64,
    /// Posts that go by a call of their own, and the bytes of their files and texts.
    pub alone: u64,
    pub alone_files: u64,
    pub alone_texts: u64,
    /// Rows that go without something in a dropped field.
    pub dropped: u64,
    /// Rows that mention users.
    pub mentioning: u64,
    /// Rows that are posted as somebody else.
    pub with_author: u64,
    /// Those others, as far as there is room.
    pub authors: BTreeSet<u64>,
    /// Rows with control characters other than tab and line ends.
    pub with_control_characters: u64,
    /// Rows whose texts were decoded wrongly before the export.
    pub mojibake: MojibakeRows,
    /// Hosts from which images are shown, and images that can't be.
    pub image_hosts: BTreeSet<String>,
    pub images_left_out: u64,
    /// The CRM entities that the rows name.
    pub entities: EntitySet,
    /// Those of the first rows.
    pub first_entities: Vec<Entity>,
    pub reach: Reach,
    /// Names in audiences whose codes the portal has to tell.
    pub audience_names: BTreeSet<AudienceName>,
    /// How many rows they are.
    pub rows: usize,
}

impl Load {
    /// Takes in a due row.
    pub fn add(&mut self, row: &CheckedRow) {
        self.files += u64::from(row.attachments);
        self.bytes += row.attachment_bytes;
        self.large_files += u64::from(row.large_files);
        self.otherwise_named += u64::from(row.otherwise_named);
        self.html_pages += u64::from(row.html_pages);
        self.empty_folders += u64::from(row.empty_folders);
        self.text_bytes += row.text_bytes;
        if row.goes_alone {
            self.alone += 1;
            self.alone_files += row.attachment_bytes;
            self.alone_texts += row.text_bytes;
        }
        self.dropped += u64::from(row.has_dropped);
        self.mentioning += u64::from(row.has_mention);
        if let Some(author) = row.notified.author {
            self.with_author += 1;
            if self.authors.len() < MOST_AUTHORS {
                self.authors.insert(author);
            }
        }
        self.with_control_characters += u64::from(row.has_control_chars);
        self.mojibake.add(row.at.row, row.mojibake);
        if let Some(MessageFind::Images(images)) = row.message_find.as_deref() {
            self.images_left_out += u64::from(images.left_out);
            let room = MOST_HOSTS.saturating_sub(self.image_hosts.len());
            self.image_hosts
                .extend(images.hosts.iter().take(room).cloned());
        }
        if let Some(entity) = row.entity {
            self.entities.insert(entity);
            if self.rows < SAMPLES {
                self.first_entities.push(entity);
            }
        }
        self.reach.add(&row.notified);
        self.audience_names
            .extend(row.audience_names.iter().cloned());
        self.rows += 1;
    }
}

/// The people whom the posts notify, as far as the rows name them.
#[derive(Debug, Default)]
pub struct Reach {
    /// Notifications by user, from rows that the credentials' user posts.
    own: HashMap<u64, u64>,
    /// Users notified by rows with another author, and those notifications.
    by_others: HashSet<u64>,
    from_others: u64,
    open_ended: bool,
}

/// How many people a run notifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Users who are notified at least once, each counted once.
    pub people: u64,
    /// Notifications that they get, all together.
    pub notifications: u64,
    /// Whether groups are addressed too, so that there may be more.
    pub open_ended: bool,
}

impl Reach {
    fn add(&mut self, notified: &Notified) {
        self.open_ended |= notified.open_ended;
        for user in &notified.users {
            if notified.author.is_some() {
                self.by_others.insert(*user);
                self.from_others += 1;
            } else {
                *self.own.entry(*user).or_default() += 1;
            }
        }
    }

    /// The count when the other rows are posted by that user, who is not notified of them.
    pub fn people(&self, poster: u64) -> People {
        let own = self.own.iter().filter(|(user, _)| **user != poster);
        let (mut people, mut notifications) = (self.by_others.len() as u64, self.from_others);
        for (user, count) in own {
            people += u64::from(!self.by_others.contains(user));
            notifications += count;
        }
        People {
            people,
            notifications,
            open_ended: self.open_ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_notified_of_a_post_of_their_own() {
        let mut reach = Reach::default();
        let notified = |users: &[u64], author| Notified {
            users: users.into(),
            author,
            open_ended: false,
        };
        for row in [
            notified(&[1, 2], None),
            notified(&[1, 3], None),
            notified(&[1, 3], Some(9)),
        ] {
            reach.add(&row);
        }
        let of = |poster| {
            let people = reach.people(poster);
            (people.people, people.notifications, people.open_ended)
        };
        assert_eq!(of(7), (3, 6, false));
        assert_eq!(of(1), (3, 4, false), "of the third row user 1 hears");
        assert_eq!(of(2), (2, 5, false));
        reach.add(&Notified {
            open_ended: true,
            ..Notified::default()
        });
        assert!(reach.people(7).open_ended);
    }
}
