//! Looks that agree, looks that don't, and posts that prove a read.

use serde_json::json;

use super::*;
use crate::portal::Page;
use crate::post::{ContentHash, Entity, EntityKind, RowKey};
use crate::target::Timeline;

fn deal(id: u64) -> Option<Entity> {
    let kind = EntityKind::Deal;
    Some(Entity { kind, id })
}

fn claim(number: u64, of_deal: u64) -> OpenClaim {
    OpenClaim {
        key: RowKey::external(&number.to_string()),
        row_number: number,
        target: "timeline".into(),
        text_hash: ContentHash([0; 16]),
        entity: deal(of_deal),
        author_id: 1,
        reach: 1,
        files: 0,
        baseline: Some(4),
        portal_sent_at: None,
        sent_at: 0,
    }
}

/// A page with comments of these IDs.
fn page(ids: &[u64]) -> Answer {
    let comment = |id: &u64| json!({"ID": id, "AUTHOR_ID": 1, "COMMENT": id.to_string()});
    Ok(Page {
        result: ids.iter().map(comment).collect(),
        next: None,
    })
}

fn search(claims: Vec<OpenClaim>, witness: Option<Witness>, now: Instant) -> Search {
    Search::new(claims, |_, _| witness, &Proven::new(), now)
}

fn reads(search: &Search, now: Instant) -> Reads {
    match search.next(now) {
        Next::Read(reads) => reads,
        other => panic!("{other:?}"),
    }
}

/// Answers one round of reads with one page for each; then as long as it waits passes.
fn round(search: &mut Search, now: &mut Instant, pages: &[&[u64]]) -> Proven {
    let mut proven = Proven::new();
    if let Next::Wait(until) = search.next(*now) {
        *now = until;
    }
    let Reads { places, .. } = reads(search, *now);
    let pages = pages.iter().map(|ids| page(ids)).collect();
    search.answered(&places, pages, *now, &mut proven);
    proven
}

fn seen(search: Search) -> Vec<(Vec<u64>, Option<Why>)> {
    let inquiries = search.into_inquiries().into_iter();
    let seen = inquiries.map(|inquiry| inquiry.seen.unwrap());
    seen.map(|seen| (seen.found.into_keys().collect(), seen.gap))
        .collect()
}

#[test]
fn streams_are_read_together_and_twice() {
    let mut now = Instant::now();
    let claims = vec![claim(1, 7), claim(2, 8), claim(3, 7)];
    let mut search = search(claims, None, now);
    round(&mut search, &mut now, &[&[9, 3], &[]]);
    let first = now;
    round(&mut search, &mut now, &[&[9, 3], &[]]);
    assert_eq!(now - first, APART);
    assert_eq!(search.next(now), Next::Done);
    assert_eq!(seen(search), [(vec![9], None), (vec![], None)]);
}

#[test]
fn looks_go_on_until_two_agree() {
    let mut now = Instant::now();
    let mut late = search(vec![claim(1, 7)], None, now);
    for ids in [&[][..], &[9], &[9]] {
        round(&mut late, &mut now, &[ids]);
    }
    assert_eq!(seen(late), [(vec![9], None)]);
    let mut restless = search(vec![claim(1, 7)], None, now);
    for id in 5..5 + u64::from(MOST_LOOKS) {
        round(&mut restless, &mut now, &[&[id]]);
    }
    assert_eq!(restless.next(now), Next::Done);
    assert_eq!(seen(restless)[0].1, Some(Why::Unsteady));
}

#[test]
fn a_post_that_is_known_to_be_there_proves_the_read() {
    let mut now = Instant::now();
    let witness = Some(Witness {
        reach: 1,
        remote_id: 3,
        entity: deal(5),
    });
    for (shown, proves) in [(&[9, 3, 2][..], true), (&[9, 2], false)] {
        let mut search = search(vec![claim(1, 7)], witness, now);
        let asked = reads(&search, now).commands.remove(0);
        assert_eq!(
            asked,
            Timeline.page(Stream::Record(deal(5).unwrap()), &Since::default(), 0)
        );
        let proven = round(&mut search, &mut now, &[shown]);
        assert_eq!(proven.contains(&("timeline", 1)), proves);
        assert!(matches!(search.next(now), Next::Read(_)), "the row itself");
    }
}

#[test]
fn a_stream_is_read_from_before_the_first_of_its_rows() {
    let at = |id, portal| OpenClaim {
        baseline: id,
        portal_sent_at: portal,
        ..claim(1, 7)
    };
    let since = since(&[at(Some(9), Some(900_000)), at(Some(4), Some(1_000_000))]);
    assert_eq!(since.id, Some(4));
    assert_eq!(since.time, Timestamp::from_second(600).ok());
    let unknown = super::since(&[at(Some(9), None), at(None, Some(1_000))]);
    assert_eq!(unknown, Since::default());
}

#[test]
fn nothing_is_asked_before_its_time() {
    let now = Instant::now();
    let later = now + APART;
    let search = search(vec![claim(1, 7)], None, later);
    assert_eq!(search.next(now), Next::Wait(later));
}
