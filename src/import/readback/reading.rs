//! One look at a stream of posts, page by page.

use std::collections::BTreeMap;

use crate::batch::Command;
use crate::portal::{CallError, ListPage};
use crate::targets::{FoundPost, Lookup, Since, Stream};

/// Pages of 50 that are read at most: what takes longer is nothing to conclude from.
const MOST_PAGES: u32 = 40;

/// A page, or why the portal doesn't show it.
pub type PageResult = Result<ListPage, CallError>;

/// The answers, each a page or a refusal.
///
/// # Errors
/// The first error that is no refusal: nothing is known then, and all may be asked again.
pub fn answers(pages: Vec<Result<ListPage, CallError>>) -> Result<Vec<PageResult>, CallError> {
    let is_answer = |page: &PageResult| matches!(page, Ok(_) | Err(CallError::Refused { .. }));
    pages
        .into_iter()
        .map(|page| match is_answer(&page) {
            true => Ok(page),
            false => page.map(Ok),
        })
        .collect()
}

/// A look that is under way, or at its end.
pub struct StreamRead {
    lookup: &'static dyn Lookup,
    what: What,
    /// Posts skipped by the next page.
    start: u64,
    pages: u32,
    found: BTreeMap<u64, FoundPost>,
    end: Option<End>,
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
enum What {
    /// The newest part of a stream.
    Window { stream: Stream, since: Since },
    /// One post.
    One { id: u64 },
}

/// How a look has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything was seen.
    Complete,
    /// There was too much to see.
    TooLong,
    /// The portal doesn't let it be seen, or not in a form that can be understood.
    Refused(String),
}

impl StreamRead {
    /// A look at what came into a stream since then.
    pub fn window(lookup: &'static dyn Lookup, stream: Stream, since: Since) -> StreamRead {
        StreamRead {
            lookup,
            what: What::Window { stream, since },
            start: 0,
            pages: 0,
            found: BTreeMap::new(),
            end: None,
        }
    }

    /// A look at one post, in the way in which a window shows it.
    pub fn of_post(lookup: &'static dyn Lookup, stream: Stream, id: u64) -> StreamRead {
        let since = Since {
            id: Some(id.saturating_sub(1)),
            time: None,
        };
        let mut reading = StreamRead::window(lookup, stream, since);
        if lookup.one(id).is_some() {
            reading.what = What::One { id };
        }
        reading
    }

    /// The call for the next page; none at the end.
    pub fn command(&self) -> Option<Command> {
        match (&self.end, self.what) {
            (Some(_), _) => None,
            (None, What::One { id }) => self.lookup.one(id),
            (None, What::Window { stream, since }) => {
                Some(self.lookup.page(stream, &since, self.start))
            }
        }
    }

    /// Takes in the page that the last call has brought.
    pub fn take(&mut self, answer: PageResult) {
        let ListPage { result, next } = match answer {
            Ok(page) => page,
            Err(error) => return self.end_as(End::Refused(error.to_string())),
        };
        let Some(found) = self.lookup.found(&result) else {
            let message = "the portal gives posts in a form that is not known";
            return self.end_as(End::Refused(message.to_owned()));
        };
        self.pages += 1;
        let mut is_past = false;
        for post in found {
            match self.wants(&post) {
                true => drop(self.found.insert(post.id, post)),
                false => is_past = true,
            }
        }
        match next {
            _ if is_past && self.lookup.is_newest_first() => self.end_as(End::Complete),
            Some(next) if matches!(self.what, What::Window { .. }) && next > self.start => {
                self.start = next;
                if self.pages >= MOST_PAGES {
                    self.end_as(End::TooLong);
                }
            }
            _ => self.end_as(End::Complete),
        }
    }

    fn wants(&self, post: &FoundPost) -> bool {
        match &self.what {
            What::Window { since, .. } => since.reaches(post),
            What::One { id } => post.id == *id,
        }
    }

    fn end_as(&mut self, end: End) {
        self.end = Some(end);
    }

    /// How it has ended, if it has.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// What was seen, by ID.
    pub fn found(&self) -> &BTreeMap<u64, FoundPost> {
        &self.found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::portal::Limit;
    use crate::post::{Entity, EntityKind};
    use crate::targets::{NewsFeed, Target, Timeline};

    fn deal() -> Stream {
        Stream::Entity(Entity {
            kind: EntityKind::Deal,
            id: 7,
        })
    }

    fn since(id: u64) -> Since {
        Since {
            id: Some(id),
            time: None,
        }
    }

    fn page(ids: &[u64], next: Option<u64>) -> PageResult {
        let comment = |id: &u64| json!({"ID": id.to_string(), "AUTHOR_ID": "1", "COMMENT": "x"});
        let posts: Vec<_> = ids.iter().map(comment).collect();
        Ok(ListPage {
            result: json!(posts),
            next,
        })
    }

    fn seen(reading: &StreamRead) -> Vec<u64> {
        reading.found().keys().copied().collect()
    }

    #[test]
    fn a_window_ends_at_what_is_older() {
        let lookup = Timeline.lookup().unwrap();
        let mut reading = StreamRead::window(lookup, deal(), since(4));
        reading.take(page(&[9, 8], Some(50)));
        assert_eq!(reading.end(), None);
        assert!(reading.command().unwrap().text(&["start"]) == Some("50"));
        reading.take(page(&[6, 4, 3], Some(100)));
        assert_eq!(reading.end(), Some(&End::Complete));
        assert_eq!(seen(&reading), [6, 8, 9]);
        assert_eq!(reading.command(), None);
    }

    #[test]
    fn pages_that_come_by_activity_are_read_to_the_last() {
        let lookup = NewsFeed.lookup().unwrap();
        let post = |id: u64| json!({"ID": id, "AUTHOR_ID": 1, "DETAIL_TEXT": "x", "MICRO": "Y"});
        let mut reading = StreamRead::window(lookup, Stream::Feed, since(4));
        reading.take(Ok(ListPage {
            result: json!({"0": post(3), "2": post(9)}),
            next: Some(50),
        }));
        assert_eq!(reading.end(), None, "an old post may lie before a new one");
        reading.take(Ok(ListPage {
            result: json!([post(7)]),
            next: None,
        }));
        assert_eq!(reading.end(), Some(&End::Complete));
        assert_eq!(seen(&reading), [7, 9]);
    }

    #[test]
    fn what_never_ends_or_is_refused_is_told_apart() {
        let lookup = Timeline.lookup().unwrap();
        let mut reading = StreamRead::window(lookup, deal(), Since::default());
        for pages in 1.. {
            reading.take(page(&[100_000 - pages], Some(pages * 50)));
            if reading.end().is_some() {
                break;
            }
        }
        assert_eq!(reading.end(), Some(&End::TooLong));
        for odd in [
            Err(CallError::Refused {
                code: "x".into(),
                message: "Access denied.".into(),
            }),
            Ok(ListPage {
                result: json!([{"ID": "no"}]),
                next: None,
            }),
        ] {
            let mut reading = StreamRead::window(lookup, deal(), since(1));
            reading.take(odd);
            assert!(matches!(reading.end(), Some(End::Refused(_))));
        }
    }

    #[test]
    fn a_page_that_leads_back_ends_the_look() {
        let lookup = Timeline.lookup().unwrap();
        let mut reading = StreamRead::window(lookup, deal(), Since::default());
        reading.take(page(&[9], Some(50)));
        assert_eq!(reading.end(), None);
        reading.take(page(&[8], Some(40)));
        assert_eq!(reading.end(), Some(&End::Complete));
    }

    #[test]
    fn so_many_pages_are_read_and_no_more() {
        let lookup = Timeline.lookup().unwrap();
        let mut reading = StreamRead::window(lookup, deal(), Since::default());
        for pages in 1..u64::from(MOST_PAGES) {
            reading.take(page(&[100_000 - pages], Some(pages * 50)));
            assert_eq!(reading.end(), None);
        }
        reading.take(page(&[1], Some(u64::from(MOST_PAGES) * 50)));
        assert_eq!(reading.end(), Some(&End::TooLong));
    }

    #[test]
    fn refusals_are_answers_and_anything_else_is_none() {
        let refused = || CallError::Refused {
            code: "x".into(),
            message: "Access denied.".into(),
        };
        let read = answers(vec![page(&[1], None), Err(refused())]).unwrap();
        assert!(read[0].is_ok() && read[1].is_err());
        let limited = CallError::Limited(Limit::Query);
        let unread = answers(vec![page(&[1], None), Err(limited.clone())]);
        assert_eq!(unread.unwrap_err(), limited);
    }

    #[test]
    fn another_post_than_the_one_that_was_asked_for_is_not_it() {
        let lookup = NewsFeed.lookup().unwrap();
        let mut reading = StreamRead::of_post(lookup, Stream::Feed, 8);
        let post = json!({"ID": 9, "AUTHOR_ID": 1, "DETAIL_TEXT": "x", "MICRO": "Y"});
        reading.take(Ok(ListPage {
            result: json!([post]),
            next: Some(50),
        }));
        assert_eq!(reading.end(), Some(&End::Complete));
        assert!(reading.found().is_empty());
    }

    #[test]
    fn one_post_is_looked_for_as_its_target_shows_it() {
        let mut comment = StreamRead::of_post(Timeline.lookup().unwrap(), deal(), 8);
        assert_eq!(
            comment.command().unwrap().method,
            "crm.timeline.comment.list"
        );
        comment.take(page(&[9, 8, 7], Some(50)));
        assert_eq!(comment.end(), Some(&End::Complete));
        assert!(comment.found().contains_key(&8));
        let post = StreamRead::of_post(NewsFeed.lookup().unwrap(), Stream::Feed, 8);
        assert_eq!(post.command().unwrap().text(&["POST_ID"]), Some("8"));
    }
}
