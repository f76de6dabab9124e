//! The first row of each author goes alone, as a *canary*, and is read back before the next:
//! whether the portal keeps author, text, entity and files as they were sent is seen on one post,
//! not on thousands. Once [`MOST_AUTHORS`] were tried the others go as they come, and so do rows
//! that the credentials' user can't see on the portal.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::batch::Command;
use crate::ledger::{Authorship, Settlement, Witness};
use crate::post::RowKey;
use crate::targets::{FoundPost, Lookup, Target};

use crate::import::engine::canary_comparison::{CanarySent, Difference, compare};
use crate::import::pending_row::{PendingRow, RowSource};
use crate::import::readback::{PageResult, StreamRead};

/// Authors whose first row is tried, at most.
pub const MOST_AUTHORS: usize = 5;

/// How often a post is read that is not there yet, or not as it was sent, and the time between.
const MOST_LOOKS: u32 = 3;
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The canaries of a run, and which authors' posts are known to arrive as they are sent.
pub struct Canaries {
    lookup: Option<&'static dyn Lookup>,
    /// The credentials' user, by whom all posts are on portals that keep no other author.
    user_id: u64,
    may_lose_author: bool,
    known: HashSet<u64>,
    /// What this run has seen of posts by another author than its own user.
    seen: AuthorsSeen,
    under_way: Option<Canary>,
}

/// What a run has seen of the authors that calls name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AuthorsSeen {
    Nothing,
    Kept,
    Lost,
}

/// The first row of an author, on its way or being read back.
struct Canary {
    sent: CanarySent,
    /// How it is read back, once the portal has taken it.
    look: Option<CanaryRead>,
}

struct CanaryRead {
    id: u64,
    reading: StreamRead,
    looks: u32,
    not_before: Instant,
}

/// A post whose author the portal has not kept.
#[derive(Clone, Debug)]
pub struct LostAuthor {
    pub row: u64,
    pub line: u64,
    pub id: u64,
    /// The user whom the call named, and the one whose post it is.
    pub author_id: u64,
    pub user_id: u64,
    /// The post with its author's name; none where its text has the name, or is to have none.
    pub named: Option<Arc<RowSource>>,
}

/// What a page has shown of a canary.
#[derive(Debug)]
pub enum CanaryResult {
    /// More is to be read.
    More,
    /// The post is as it was sent; reads show such posts.
    Good(Option<Witness>),
    /// The post is as it was sent but for its author, whom the portal has not kept.
    AuthorLost(Option<Witness>, Box<LostAuthor>),
    Bad(Difference),
}

impl Canaries {
    /// Sends canaries where the target's posts can be read; none otherwise, or if the user wants
    /// none.
    pub fn new(target: &dyn Target, wanted: bool, user_id: u64) -> Canaries {
        Canaries {
            lookup: target.lookup().filter(|_| wanted),
            user_id,
            may_lose_author: target
                .lookup()
                .is_some_and(|lookup| lookup.may_lose_author()),
            known: HashSet::new(),
            seen: AuthorsSeen::Nothing,
            under_way: None,
        }
    }

    /// Whether a row may go as it comes: its author is known, or nothing can be seen of it.
    pub fn lets_go(&self, row: &PendingRow) -> bool {
        !row.is_in_sight || self.lookup.is_none() || self.knows(row.claim.author_id)
    }

    /// Where authors are lost, one post of another author shows what becomes of all.
    fn knows(&self, author_id: u64) -> bool {
        let is_lost = self.seen == AuthorsSeen::Lost && author_id != self.user_id;
        is_lost || self.known.contains(&author_id) || self.known.len() >= MOST_AUTHORS
    }

    /// Who the next posts will be by.
    pub fn authorship(&self) -> Authorship {
        match self.seen {
            AuthorsSeen::Nothing if self.may_lose_author => Authorship::AsNamedOr(self.user_id),
            AuthorsSeen::Nothing | AuthorsSeen::Kept => Authorship::AsNamed,
            AuthorsSeen::Lost => Authorship::By(self.user_id),
        }
    }

    /// Whether this run has seen that the portal keeps the authors that calls name, or loses them.
    pub fn keeps_author(&self) -> Option<bool> {
        match self.seen {
            AuthorsSeen::Nothing => None,
            seen => Some(seen == AuthorsSeen::Kept),
        }
    }

    /// Whether a canary is in flight, so that nothing else may begin.
    pub fn is_on(&self) -> bool {
        self.under_way.is_some()
    }

    /// The row is sent as a canary.
    pub fn begin(&mut self, row: &PendingRow) {
        let path = self.lookup.map_or(&[][..], |lookup| lookup.text_path());
        let claim = &row.claim;
        self.under_way = Some(Canary {
            sent: CanarySent {
                key: claim.key.clone(),
                row: row.number(),
                line: row.at.line,
                author_id: claim.author_id,
                entity: claim.entity,
                text_hash: claim.text_hash,
                reach: claim.reach,
                text: row.command.text(path).unwrap_or_default().to_owned(),
                files: claim.files,
                source: row.source.clone(),
            },
            look: None,
        });
    }

    /// The row came back unsent.
    pub fn put_back(&mut self, key: &RowKey) {
        if self.is_for(key) {
            self.under_way = None;
        }
    }

    /// What became of a row; only one that was taken can be looked at.
    pub fn settled(&mut self, key: &RowKey, settlement: &Settlement, now: Instant) {
        if !self.is_for(key) {
            return;
        }
        let look = match settlement {
            Settlement::Posted { remote_id } => self.look(*remote_id, 1, now),
            _ => None,
        };
        match (&mut self.under_way, look) {
            (Some(canary), Some(look)) => canary.look = Some(look),
            (canary, _) => *canary = None,
        }
    }

    fn look(&self, id: u64, looks: u32, not_before: Instant) -> Option<CanaryRead> {
        let (lookup, canary) = (self.lookup?, self.under_way.as_ref()?);
        let stream = lookup.stream(canary.sent.entity)?;
        Some(CanaryRead {
            id,
            reading: StreamRead::of_post(lookup, stream, id),
            looks,
            not_before,
        })
    }

    fn is_for(&self, key: &RowKey) -> bool {
        self.under_way
            .as_ref()
            .is_some_and(|canary| canary.sent.key == *key)
    }

    /// What is to be read, and not before when.
    pub fn next(&self) -> Option<(Instant, Command)> {
        let look = self.under_way.as_ref()?.look.as_ref()?;
        Some((look.not_before, look.reading.command()?))
    }

    /// Takes in the page that the last call has brought.
    pub fn answered(&mut self, page: PageResult, now: Instant) -> CanaryResult {
        let canary = self.under_way.as_mut();
        if let Some(look) = canary.and_then(|canary| canary.look.as_mut()) {
            look.reading.take(page);
        }
        let canary = self.under_way.as_ref();
        let Some((sent, look)) =
            canary.and_then(|canary| Some((&canary.sent, canary.look.as_ref()?)))
        else {
            return CanaryResult::More;
        };
        let Some(end) = look.reading.end() else {
            return CanaryResult::More;
        };
        let found = look.reading.found().get(&look.id);
        let is_lost = self.may_lose_author && found.is_some_and(|post| self.has_lost(sent, post));
        let asked_for = match is_lost {
            true => &CanarySent {
                author_id: self.user_id,
                ..sent.clone()
            },
            false => sent,
        };
        match compare(asked_for, look.id, found, end) {
            Ok(witness) => {
                let lost = is_lost.then(|| Box::new(self.lost(sent, look.id)));
                let author_id = sent.author_id;
                self.known.insert(author_id);
                if author_id != self.user_id {
                    self.seen = if is_lost {
                        AuthorsSeen::Lost
                    } else {
                        AuthorsSeen::Kept
                    };
                }
                self.under_way = None;
                match lost {
                    Some(lost) => CanaryResult::AuthorLost(witness, lost),
                    None => CanaryResult::Good(witness),
                }
            }
            Err(_) if look.looks < MOST_LOOKS => {
                let (id, looks) = (look.id, look.looks + 1);
                let again = self.look(id, looks, now + LOOK_AGAIN);
                if let Some(canary) = &mut self.under_way {
                    canary.look = again;
                }
                CanaryResult::More
            }
            Err(difference) => {
                self.under_way = None;
                CanaryResult::Bad(difference)
            }
        }
    }
}

impl Canaries {
    /// Whether a post is the run's own user's although another author was asked for.
    fn has_lost(&self, sent: &CanarySent, found: &FoundPost) -> bool {
        sent.author_id != self.user_id && found.author_id == self.user_id
    }

    fn lost(&self, sent: &CanarySent, id: u64) -> LostAuthor {
        LostAuthor {
            row: sent.row,
            line: sent.line,
            id,
            author_id: sent.author_id,
            user_id: self.user_id,
            named: sent.source.clone(),
        }
    }

    /// A row in doubt was found as this post, by the run's own user.
    pub fn author_lost(&mut self, row: &PendingRow, id: u64) -> LostAuthor {
        self.seen = AuthorsSeen::Lost;
        LostAuthor {
            row: row.number(),
            line: row.at.line,
            id,
            author_id: row.claim.author_id,
            user_id: self.user_id,
            named: row.source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::batch::Value;
    use crate::import::testing::row;
    use crate::portal::ListPage;
    use crate::targets::{CrmFeed, Timeline, fingerprint};

    /// A row of author 1 with this text.
    fn sent(number: u64, text: &str) -> PendingRow {
        let mut row = row(number, 7);
        Arc::make_mut(&mut row.claim).text_hash = fingerprint(None, text);
        let fields = vec![("COMMENT", Value::Text(text.to_owned()))];
        row.command.params = vec![("fields", Value::Map(fields))];
        row
    }

    fn page(comment: serde_json::Value) -> PageResult {
        Ok(ListPage {
            result: json!([comment]),
            next: None,
        })
    }

    /// A canary of the text whose post has ID 9 now.
    fn sent_canary(text: &str, now: Instant) -> Canaries {
        let mut canaries = Canaries::new(&Timeline, true, 1);
        let row = sent(1, text);
        assert!(!canaries.knows(1));
        canaries.begin(&row);
        assert!(canaries.is_on() && canaries.next().is_none());
        canaries.settled(&row.claim.key, &Settlement::Posted { remote_id: 9 }, now);
        canaries
    }

    #[test]
    fn a_post_as_it_was_sent_lets_its_author_go_on() {
        let now = Instant::now();
        let mut canaries = sent_canary("Hi \u{1f389}", now);
        assert!(canaries.next().is_some());
        let comment = json!({"ID": "9", "AUTHOR_ID": "1", "COMMENT": "Hi :f09f8e89:", "FILES": []});
        let CanaryResult::Good(Some(witness)) = canaries.answered(page(comment), now) else {
            panic!("the same");
        };
        assert_eq!((witness.remote_id, witness.reach), (9, 1));
        assert!(canaries.knows(1) && !canaries.knows(2) && !canaries.is_on());
    }

    #[test]
    fn every_difference_is_shown_from_both_sides() {
        let now = Instant::now();
        let mut canaries = sent_canary("Dear <b>all</b>", now);
        let comment =
            || page(json!({"ID": 9, "AUTHOR_ID": 5, "COMMENT": "Dear all", "FILES": {"3": {}}}));
        for _ in 1..MOST_LOOKS {
            assert!(matches!(
                canaries.answered(comment(), now),
                CanaryResult::More
            ));
        }
        let CanaryResult::Bad(difference) = canaries.answered(comment(), now) else {
            panic!("it differs");
        };
        let text = difference.to_string();
        for part in [
            "row 1 (line 2) was posted as ID 9",
            "The author: sent user 1, found user 5.",
            "The text: sent \"Dear <b>all</b>\", found \"Dear all\".",
            "The number of files: sent 0, found 1.",
            "--no-canary",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!canaries.knows(1) && !canaries.is_on());
    }

    /// A trait of the portal, and nothing that is wrong with the post.
    #[test]
    fn an_author_that_is_not_kept_is_no_difference() {
        let now = Instant::now();
        let mut canaries = Canaries::new(&Timeline, true, 1);
        let mut row = sent(1, "Hi");
        Arc::make_mut(&mut row.claim).author_id = 9;
        assert_eq!(canaries.authorship(), Authorship::AsNamedOr(1));
        canaries.begin(&row);
        canaries.settled(&row.claim.key, &Settlement::Posted { remote_id: 5 }, now);
        let tried = canaries.answered(page(json!({"ID": 5, "AUTHOR_ID": 1, "COMMENT": "Hi"})), now);
        let CanaryResult::AuthorLost(Some(_), lost) = tried else {
            panic!("{tried:?}");
        };
        assert_eq!(
            (lost.row, lost.id, lost.author_id, lost.user_id),
            (1, 5, 9, 1)
        );
        assert_eq!(canaries.authorship(), Authorship::By(1));
        assert_eq!(canaries.keeps_author(), Some(false));
        assert!(
            canaries.knows(77) && !canaries.knows(1),
            "all others are like it"
        );
    }

    #[test]
    fn a_post_that_nobody_sees_is_a_difference() {
        let now = Instant::now();
        let mut canaries = sent_canary("x", now);
        let nothing = || {
            Ok(ListPage {
                result: json!([]),
                next: None,
            })
        };
        assert!(matches!(
            canaries.answered(nothing(), now),
            CanaryResult::More
        ));
        assert_eq!(canaries.next().unwrap().0, now + LOOK_AGAIN);
        assert!(matches!(
            canaries.answered(nothing(), now),
            CanaryResult::More
        ));
        assert!(matches!(
            canaries.answered(nothing(), now),
            CanaryResult::Bad(_)
        ));
    }

    #[test]
    fn a_row_that_is_not_taken_is_no_trial() {
        let now = Instant::now();
        let mut canaries = Canaries::new(&Timeline, true, 1);
        let row = sent(1, "x");
        canaries.begin(&row);
        canaries.settled(&row.claim.key, &Settlement::Pending, now);
        assert!(!canaries.is_on() && !canaries.knows(1));
        canaries.begin(&row);
        canaries.put_back(&row.claim.key);
        assert!(!canaries.is_on());
    }

    #[test]
    fn what_can_not_be_read_or_is_not_wanted_is_not_tried() {
        let visible = sent(1, "x");
        assert!(Canaries::new(&CrmFeed, true, 1).lets_go(&visible));
        assert!(Canaries::new(&Timeline, false, 1).lets_go(&visible));
        let unseen = PendingRow {
            is_in_sight: false,
            ..sent(2, "x")
        };
        let mut canaries = Canaries::new(&Timeline, true, 1);
        canaries.known.extend(1..=MOST_AUTHORS as u64);
        assert!(canaries.knows(99), "no more than so many");
        canaries.known.clear();
        assert!(!canaries.lets_go(&visible) && canaries.lets_go(&unseen));
    }
}
