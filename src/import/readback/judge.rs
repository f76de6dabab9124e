//! Compares what was found with what was sent: each row in doubt is there, absent, or still
//! unknown.
//!
//! *Absent* sends a row again, so it is the last thing that is left to say: the read must be known
//! to show such posts, must have seen everything twice, and nothing that it saw may be the row in
//! another form.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::ledger::{OpenClaim, Settlement};
use crate::targets::FoundPost;

/// By how much a portal's clock may go wrong after it was asked.
pub const CLOCK_ERROR: SignedDuration = SignedDuration::from_mins(5);

/// A post may bear a time so much before its request was sent and still be its post: portals tell
/// whole seconds, and their servers' clocks differ a little.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_secs(15);

/// What two looks at a stream have shown.
#[derive(Debug, Default)]
pub struct Seen {
    pub found: BTreeMap<u64, FoundPost>,
    /// Why not everything was seen.
    pub gap: Option<Why>,
}

/// What is to be said of a row in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived, under this ID.
    There(u64),
    /// The same, but the portal has not kept the author that its call named.
    ThereByAnother(u64),
    /// It has not arrived, and never will by itself.
    Absent,
    Unknown(Why),
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The read never showed a post that is known to be there.
    Unproven,
    /// Two looks never showed the same.
    Unsteady,
    /// There are too many posts to look through.
    TooMany,
    /// The portal does not show them.
    Refused(String),
    /// A post by that author is there that nothing explains: it may be this one, altered.
    Unexplained(u64),
    /// The text is there under another author.
    OtherAuthor(u64),
    /// The text is there, perhaps from before the row was sent.
    PerhapsOlder(u64),
    /// Equal rows by another author, for other readers, or with other files, are in doubt too, and
    /// not all are there.
    Ambiguous,
    /// It is there without all of its files.
    FilesMissing { id: u64, has: u64, of: u64 },
}

impl Verdict {
    /// What the ledger is to keep.
    pub fn settlement(&self) -> Settlement {
        match self {
            Verdict::There(remote_id) | Verdict::ThereByAnother(remote_id) => Settlement::Posted {
                remote_id: *remote_id,
            },
            Verdict::Absent => Settlement::Pending,
            Verdict::Unknown(why) => Settlement::InDoubt {
                code: why.code().to_owned(),
                message: why.message(),
            },
        }
    }
}

impl Why {
    fn code(&self) -> &'static str {
        match self {
            Why::Unproven => "read_unproven",
            Why::Unsteady => "read_unsteady",
            Why::TooMany => "read_too_long",
            Why::Refused(_) => "read_refused",
            Why::Unexplained(_) => "unknown_post",
            Why::OtherAuthor(_) => "other_author",
            Why::PerhapsOlder(_) => "perhaps_older",
            Why::Ambiguous => "ambiguous",
            Why::FilesMissing { .. } => "files_missing",
        }
    }

    fn message(&self) -> String {
        match self {
            Why::Unproven => {
                "it was not seen on the portal, but neither was any post of its author \
                              and recipients that is known to be there"
                    .to_owned()
            }
            Why::Unsteady => "the portal never showed the same posts twice".to_owned(),
            Why::TooMany => {
                "it was not seen, but the portal has too many posts to look through them all"
                    .to_owned()
            }
            Why::Refused(reason) => format!("the portal does not show its posts ({reason})"),
            Why::Unexplained(id) => format!(
                "it was not seen, but post {id} by the same author is not in the ledger and may \
                 be this one with its text altered"
            ),
            Why::OtherAuthor(id) => {
                format!("post {id} has its text, but another author")
            }
            Why::PerhapsOlder(id) => {
                format!("post {id} has its text, but may have been there before the row was sent")
            }
            Why::Ambiguous => {
                "rows with the same text by or for others, or with other files, are in doubt too, \
                 and it can't be told which of them arrived"
                    .to_owned()
            }
            Why::FilesMissing { id, has, of } => {
                format!("it is on the portal as post {id}, with {has} of its {of} files")
            }
        }
    }
}

/// Rows of one stream that are in doubt, and what was seen there.
pub struct Case<'a> {
    /// In the order in which they were sent, every row in doubt that a post here may belong to.
    pub claims: &'a [OpenClaim],
    pub seen: &'a Seen,
    /// IDs that are known to be other rows', whatever ledger has them.
    pub owned: &'a HashSet<u64>,
}

/// Says of each claim what is known. `is_proven` says of a reach whether the read has shown a post
/// of it.
pub fn judge(case: &Case<'_>, is_proven: impl Fn(u64) -> bool) -> Vec<Verdict> {
    let found = case.seen.found.iter();
    let mut free: BTreeMap<u64, &FoundPost> = found.map(|(id, post)| (*id, post)).collect();
    free.retain(|id, _| !case.owned.contains(id));
    let matched = match_in_order(case, &mut free);
    let verdict = |(claim, found): (&OpenClaim, Option<&FoundPost>)| match found {
        _ if is_ambiguous(claim, case.claims, &matched) => Verdict::Unknown(Why::Ambiguous),
        Some(post) if post.files < claim.files => Verdict::Unknown(Why::FilesMissing {
            id: post.id,
            has: post.files,
            of: claim.files,
        }),
        Some(post) if post.author_id != claim.author_id => Verdict::ThereByAnother(post.id),
        Some(post) => Verdict::There(post.id),
        None => missed(case.seen, claim, &free, is_proven(claim.reach)),
    };
    let found = matched.iter().copied();
    case.claims.iter().zip(found).map(verdict).collect()
}

/// The posts that the claims have become. Rows that say the same take what there is in the order in
/// which they were sent, since IDs grow; first what has as many files as they. So all are matched
/// before any is missed.
fn match_in_order<'a>(
    case: &Case<'a>,
    free: &mut BTreeMap<u64, &'a FoundPost>,
) -> Vec<Option<&'a FoundPost>> {
    let mut matched = vec![None; case.claims.len()];
    let keeps_author = shows_a_kept_author(case.claims, free);
    let may_be = |claim: &OpenClaim, post: &FoundPost| {
        let author = match keeps_author {
            true => claim.author_id,
            false => claim.other_author_id.unwrap_or(claim.author_id),
        };
        post.author_id == author && may_be_its_text(claim, post)
    };
    for same_files in [true, false] {
        for (claim, matched) in case.claims.iter().zip(&mut matched) {
            let fits = |post: &&&FoundPost| {
                (post.files == claim.files || !same_files) && may_be(claim, post)
            };
            if matched.is_none()
                && let Some(post) = free.values().find(fits).copied()
            {
                *matched = Some(post);
                free.remove(&post.id);
            }
        }
    }
    leave_the_earliest_unmatched(case.claims, &mut matched, may_be);
    matched
}

/// Gives a post that either of two equal rows may have become to the one that was sent later. What
/// was posted since the later one was sent was also posted since the earlier one was, but not the
/// other way round: if the post of the earlier one was altered, only the earlier one's window shows
/// it, and the later one would seem to be absent.
fn leave_the_earliest_unmatched(
    claims: &[OpenClaim],
    matched: &mut [Option<&FoundPost>],
    may_be: impl Fn(&OpenClaim, &FoundPost) -> bool,
) {
    for (later, claim) in claims.iter().enumerate().rev() {
        let could_take = |earlier: &usize| {
            let has_its_files = |post: &&FoundPost| post.files == claim.files;
            let post = matched[*earlier].filter(has_its_files);
            claims[*earlier].batch < claim.batch && post.is_some_and(|post| may_be(claim, post))
        };
        if matched[later].is_none()
            && let Some(earlier) = (0..later).find(could_take)
        {
            matched.swap(earlier, later);
        }
    }
}

/// Whether the posts show that the portal has kept an author of whom that was not certain. It keeps
/// all of them or none.
fn shows_a_kept_author(claims: &[OpenClaim], free: &BTreeMap<u64, &FoundPost>) -> bool {
    let mut unsure = claims
        .iter()
        .filter(|claim| claim.other_author_id.is_some());
    unsure.any(|claim| {
        let is_kept = |post: &&FoundPost| post.author_id == claim.author_id;
        free.values()
            .any(|post| is_kept(post) && may_be_its_text(claim, post))
    })
}

/// Whether a post has the claim's text and was made since it was sent.
fn may_be_its_text(claim: &OpenClaim, post: &FoundPost) -> bool {
    Age::of(claim, post) == Age::Since && post.fingerprint() == claim.text_hash
}

/// Whether a claim has others beside it with the same text, but of another author, for other
/// readers or with other files, and not all of them were found: then nobody knows which of them
/// was. A read shows of files no more than how many they are.
fn is_ambiguous(claim: &OpenClaim, claims: &[OpenClaim], matched: &[Option<&FoundPost>]) -> bool {
    let alike = || {
        let both = claims.iter().zip(matched);
        both.filter(|(other, _)| other.text_hash == claim.text_hash && shares_author(claim, other))
    };
    let files = |claim: &OpenClaim| (claim.files > 0).then_some((claim.files, claim.content.0));
    let traits = |claim: &OpenClaim| (claim.author_id, claim.reach, files(claim));
    let differ = alike().any(|(other, _)| traits(other) != traits(claim));
    differ && alike().any(|(_, matched)| matched.is_none())
}

/// Whether one post could be either claim's, as far as its author tells.
fn shares_author(one: &OpenClaim, other: &OpenClaim) -> bool {
    let possible = |claim: &OpenClaim| [Some(claim.author_id), claim.other_author_id];
    let others = possible(other);
    possible(one)
        .into_iter()
        .any(|author| author.is_some() && others.contains(&author))
}

/// A claim that nothing matches.
fn missed(
    seen: &Seen,
    claim: &OpenClaim,
    free: &BTreeMap<u64, &FoundPost>,
    is_proven: bool,
) -> Verdict {
    let after = || {
        let posts = free.values();
        posts.filter(|post| Age::of(claim, post) != Age::Before)
    };
    let same_text = after().find(|post| post.fingerprint() == claim.text_hash);
    let by_author = after().find(|post| may_be_by(claim, post));
    let why = match (same_text, by_author, &seen.gap) {
        (Some(post), ..) if may_be_by(claim, post) => Why::PerhapsOlder(post.id),
        (Some(post), ..) => Why::OtherAuthor(post.id),
        (None, _, Some(gap)) => gap.clone(),
        (None, Some(post), None) => Why::Unexplained(post.id),
        (None, None, None) if !is_proven => Why::Unproven,
        (None, None, None) => return Verdict::Absent,
    };
    Verdict::Unknown(why)
}

fn may_be_by(claim: &OpenClaim, post: &FoundPost) -> bool {
    [Some(claim.author_id), claim.other_author_id].contains(&Some(post.author_id))
}

/// Whether a post was made before the claim's request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// It was, so that it can't be the claim's.
    Before,
    /// Its time, or the clocks, leave that open.
    Unclear,
    /// It was made since then, as far as clocks can be trusted.
    Since,
}

impl Age {
    /// By its ID, since those of a target grow, and by its time: another ledger, or a person, may
    /// have posted the same text long before, under an ID above the highest that this ledger knew.
    fn of(claim: &OpenClaim, post: &FoundPost) -> Age {
        if claim.baseline.is_some_and(|baseline| post.id <= baseline) {
            return Age::Before;
        }
        let sent = claim.portal_sent_at.map(Timestamp::from_millisecond);
        let (Some(created), Some(Ok(sent))) = (post.created, sent) else {
            return Age::Unclear;
        };
        let early_by = sent.duration_since(created);
        if early_by <= CLOCK_MARGIN {
            Age::Since
        } else if early_by <= CLOCK_ERROR {
            Age::Unclear
        } else {
            Age::Before
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{ContentHash, RowKey};
    use crate::targets::fingerprint;

    fn claim(number: u64, text: &str) -> OpenClaim {
        OpenClaim {
            body_bytes: 100,
            other_author_id: None,
            batch: 1,
            content: ContentHash([0; 16]),
            key: RowKey::external(&number.to_string()),
            row_number: number,
            target: "timeline".into(),
            text_hash: fingerprint(None, text),
            entity: None,
            author_id: 1,
            reach: 1,
            files: 0,
            baseline: Some(10),
            portal_sent_at: Some(1_000_000),
            sent_at: 0,
        }
    }

    fn post(id: u64, author_id: u64, text: &str) -> FoundPost {
        FoundPost {
            id,
            author_id,
            title: None,
            text: text.into(),
            files: 0,
            created: Timestamp::from_second(1_000).ok(),
        }
    }

    fn seen(posts: &[FoundPost]) -> Seen {
        Seen {
            found: posts.iter().map(|post| (post.id, post.clone())).collect(),
            gap: None,
        }
    }

    fn case<'a>(claims: &'a [OpenClaim], seen: &'a Seen, owned: &'a HashSet<u64>) -> Case<'a> {
        Case {
            claims,
            seen,
            owned,
        }
    }

    fn verdicts(claims: &[OpenClaim], seen: &Seen) -> Vec<Verdict> {
        judge(&case(claims, seen, &HashSet::from([11])), |_| true)
    }

    #[test]
    fn what_is_found_is_adopted_and_what_is_nowhere_is_absent() {
        let posts = seen(&[
            post(11, 1, "mine"),
            post(12, 1, "two "),
            post(13, 5, "else"),
        ]);
        let claims = [claim(1, "one"), claim(2, "two")];
        assert_eq!(
            verdicts(&claims, &posts),
            [Verdict::Absent, Verdict::There(12)]
        );
    }

    #[test]
    fn only_absent_rows_are_sent_again() {
        let settlement = |verdict: Verdict| verdict.settlement();
        assert_eq!(
            settlement(Verdict::There(7)),
            Settlement::Posted { remote_id: 7 }
        );
        assert_eq!(settlement(Verdict::Absent), Settlement::Pending);
        for (why, its_code, says) in [
            (Why::Unproven, "read_unproven", "neither was any post"),
            (Why::Unexplained(7), "unknown_post", "post 7"),
            (Why::Ambiguous, "ambiguous", "which of them"),
        ] {
            let Settlement::InDoubt { code, message } = settlement(Verdict::Unknown(why)) else {
                panic!("{its_code} is no doubt");
            };
            assert_eq!(code, its_code);
            assert!(message.contains(says), "{message}");
        }
    }

    #[test]
    fn equal_rows_take_what_there_is_in_order() {
        let posts = seen(&[post(14, 1, "same"), post(12, 1, "same")]);
        let claims = [claim(1, "same"), claim(2, "same"), claim(3, "same")];
        assert_eq!(
            verdicts(&claims, &posts),
            [Verdict::There(12), Verdict::There(14), Verdict::Absent]
        );
    }

    /// Row 1 was altered by the portal: post 12. Row 2, sent later, is post 31, or else row 1 would
    /// be, and row 2 would be sent twice.
    #[test]
    fn of_equal_rows_the_one_sent_later_takes_the_post_that_either_may_be() {
        let posts = seen(&[post(12, 1, "altered"), post(31, 1, "same")]);
        let later = OpenClaim {
            batch: 2,
            baseline: Some(20),
            ..claim(2, "same")
        };
        let unexplained = Verdict::Unknown(Why::Unexplained(12));
        assert_eq!(
            verdicts(&[claim(1, "same"), later.clone()], &posts),
            [unexplained.clone(), Verdict::There(31)]
        );
        let last = OpenClaim {
            batch: 3,
            ..later.clone()
        };
        let all = [claim(1, "same"), later, last];
        let posts = seen(&[post(15, 1, "same"), post(31, 1, "same")]);
        assert_eq!(
            verdicts(&all, &posts),
            [Verdict::There(15), Verdict::Absent, Verdict::There(31)]
        );
    }

    #[test]
    fn equal_rows_for_others_are_told_apart_only_if_all_are_there() {
        let other = OpenClaim {
            reach: 2,
            ..claim(2, "same")
        };
        let claims = [claim(1, "same"), other];
        let one = seen(&[post(12, 1, "same")]);
        let unknown = Verdict::Unknown(Why::Ambiguous);
        assert_eq!(verdicts(&claims, &one), [unknown.clone(), unknown]);
        let both = seen(&[post(12, 1, "same"), post(13, 1, "same")]);
        let there = [Verdict::There(12), Verdict::There(13)];
        assert_eq!(verdicts(&claims, &both), there);
    }

    #[test]
    fn rows_that_can_be_told_apart_are_not_ambiguous() {
        let posts = seen(&[post(12, 1, "same")]);
        let other_text = OpenClaim {
            reach: 2,
            ..claim(2, "else")
        };
        let other_author = OpenClaim {
            author_id: 5,
            ..claim(2, "same")
        };
        let other_row = OpenClaim {
            content: ContentHash([7; 16]),
            ..claim(2, "same")
        };
        for other in [other_text, other_author, other_row] {
            let claims = [claim(1, "same"), other];
            let there = [Verdict::There(12), Verdict::Absent];
            assert_eq!(verdicts(&claims, &posts), there);
        }
    }

    /// A read shows how many files a post has, and not which.
    #[test]
    fn rows_with_as_many_other_files_are_not_told_apart() {
        let with_file = |number, content| OpenClaim {
            files: 1,
            content: ContentHash([content; 16]),
            ..claim(number, "same")
        };
        let attached = |id| FoundPost {
            files: 1,
            ..post(id, 1, "same")
        };
        let claims = [with_file(1, 1), with_file(2, 2)];
        let unknown = Verdict::Unknown(Why::Ambiguous);
        let one = seen(&[attached(12)]);
        assert_eq!(verdicts(&claims, &one), [unknown.clone(), unknown]);
        let both = seen(&[attached(12), attached(13)]);
        let there = [Verdict::There(12), Verdict::There(13)];
        assert_eq!(verdicts(&claims, &both), there);
        let equal = [with_file(1, 1), with_file(2, 1)];
        let there = [Verdict::There(12), Verdict::Absent];
        assert_eq!(verdicts(&equal, &one), there);
    }

    #[test]
    fn equal_rows_with_other_files_take_the_posts_that_have_them() {
        let with_files = OpenClaim {
            files: 1,
            ..claim(1, "same")
        };
        let claims = [with_files, claim(2, "same")];
        let attached = FoundPost {
            files: 1,
            ..post(13, 1, "same")
        };
        let both = seen(&[post(12, 1, "same"), attached]);
        let there = [Verdict::There(13), Verdict::There(12)];
        assert_eq!(verdicts(&claims, &both), there);
        let unknown = Verdict::Unknown(Why::Ambiguous);
        let one = seen(&[post(12, 1, "same")]);
        assert_eq!(verdicts(&claims, &one), [unknown.clone(), unknown]);
    }

    /// Each condition by itself keeps a row from being sent again.
    #[test]
    fn absence_takes_every_condition() {
        let claims = [claim(1, "one")];
        let only = |seen: &Seen, is_proven: bool| {
            let owned = HashSet::from([11]);
            let mut verdicts = judge(&case(&claims, seen, &owned), |_| is_proven);
            verdicts.remove(0)
        };
        let unknown = Verdict::Unknown;
        assert_eq!(only(&seen(&[]), true), Verdict::Absent);
        assert_eq!(only(&seen(&[]), false), unknown(Why::Unproven));
        for gap in [Why::Unsteady, Why::TooMany, Why::Refused("no".into())] {
            let gapped = Seen {
                gap: Some(gap.clone()),
                ..Seen::default()
            };
            assert_eq!(only(&gapped, true), unknown(gap));
        }
        let altered = seen(&[post(12, 1, "0ne")]);
        assert_eq!(only(&altered, true), unknown(Why::Unexplained(12)));
        let by_another = seen(&[post(12, 5, "one")]);
        assert_eq!(only(&by_another, true), unknown(Why::OtherAuthor(12)));
        let older = seen(&[post(10, 1, "one"), post(9, 1, "0ne")]);
        assert_eq!(only(&older, true), Verdict::Absent);
    }

    /// Somebody may have posted the same text before, under an ID that the ledger never knew.
    #[test]
    fn an_equal_post_from_before_the_claim_is_not_adopted() {
        let claims = [claim(1, "one")];
        let made = |second| {
            let created = Timestamp::from_second(second).ok();
            let post = FoundPost {
                created,
                ..post(12, 1, "one")
            };
            verdicts(&claims, &seen(&[post])).remove(0)
        };
        for (second, verdict) in [
            (1_000 - 300 * 24 * 3_600, Verdict::Absent),
            (1_000 - 301, Verdict::Absent),
            (1_000 - 95, Verdict::Unknown(Why::PerhapsOlder(12))),
            (1_000 - 16, Verdict::Unknown(Why::PerhapsOlder(12))),
            (1_000 - 15, Verdict::There(12)),
            (1_060, Verdict::There(12)),
        ] {
            assert_eq!(made(second), verdict, "at {second} s");
        }
        let undated = FoundPost {
            created: None,
            ..post(12, 1, "one")
        };
        let perhaps = [Verdict::Unknown(Why::PerhapsOlder(12))];
        assert_eq!(verdicts(&claims, &seen(&[undated])), perhaps);
        let clockless = [OpenClaim {
            portal_sent_at: None,
            ..claim(1, "one")
        }];
        assert_eq!(verdicts(&clockless, &seen(&[post(12, 1, "one")])), perhaps);
    }

    #[test]
    fn a_lost_author_is_looked_for_under_the_caller() {
        let by_nine = |number, text| OpenClaim {
            author_id: 9,
            other_author_id: Some(1),
            reach: 9,
            ..claim(number, text)
        };
        let lost = seen(&[post(12, 1, "one")]);
        let sure = OpenClaim {
            other_author_id: None,
            ..by_nine(1, "one")
        };
        let claims = [by_nine(1, "one")];
        assert_eq!(verdicts(&claims, &lost), [Verdict::ThereByAnother(12)]);
        let another = [Verdict::Unknown(Why::OtherAuthor(12))];
        assert_eq!(verdicts(&[sure], &lost), another);
        let kept = seen(&[post(12, 1, "one"), post(13, 9, "one")]);
        let both = [by_nine(1, "one"), claim(2, "one")];
        let there = [Verdict::There(13), Verdict::There(12)];
        assert_eq!(verdicts(&both, &kept), there, "each its own author");
        let all_lost = seen(&[post(12, 1, "one"), post(13, 1, "one")]);
        let there = [Verdict::ThereByAnother(12), Verdict::There(13)];
        assert_eq!(verdicts(&both, &all_lost), there, "as they were sent");
        let unknown = Verdict::Unknown(Why::Ambiguous);
        assert_eq!(verdicts(&both, &lost), [unknown.clone(), unknown]);
    }

    #[test]
    fn a_post_without_its_files_is_for_the_user_to_judge() {
        let claims = [OpenClaim {
            files: 2,
            ..claim(1, "one")
        }];
        let why = Why::FilesMissing {
            id: 12,
            has: 0,
            of: 2,
        };
        let posts = seen(&[post(12, 1, "one")]);
        assert_eq!(verdicts(&claims, &posts), [Verdict::Unknown(why)]);
    }
}
