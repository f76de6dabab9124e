//! Looks that agree, looks that don't, and posts that prove a read.

use serde_json::json;

use super::*;
use crate::portal::{CallError, ListPage};
use crate::post::{ContentHash, Entity, EntityKind, RowKey};
use crate::targets::Timeline;

fn deal(id: u64) -> Option<Entity> {
    let kind = EntityKind::Deal;
    Some(Entity { kind, id })
}

fn claim(number: u64, of_deal: u64) -> OpenClaim {
    OpenClaim {
        body_bytes: 100,
        other_author_id: None,
        batch: 1,
        content: ContentHash([0; 16]),
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
fn page(ids: &[u64]) -> PageResult {
    let comment = |id: &u64| json!({"ID": id, "AUTHOR_ID": 1, "COMMENT": id.to_string()});
    Ok(ListPage {
        result: ids.iter().map(comment).collect(),
        next: None,
    })
}

/// Between two looks.
const APART: Duration = Duration::from_secs(60);

/// All of these rows are looked for.
fn wanted(claims: Vec<OpenClaim>, at: Instant) -> SearchRequest {
    SearchRequest {
        keys: claims.iter().map(|claim| claim.key.clone()).collect(),
        claims,
        at,
        apart: APART,
    }
}

fn search(claims: Vec<OpenClaim>, witness: Option<Witness>, now: Instant) -> DoubtSearch {
    DoubtSearch::new(wanted(claims, now), |_, _| witness, &Proven::new())
}

fn reads(search: &DoubtSearch, now: Instant) -> Reads {
    match search.next(now) {
        Next::Read(reads) => reads,
        other => panic!("{other:?}"),
    }
}

/// Answers one round of reads with one page for each; then as long as it waits passes.
fn round(search: &mut DoubtSearch, now: &mut Instant, pages: &[&[u64]]) -> Proven {
    let mut proven = Proven::new();
    if let Next::Wait(until) = search.next(*now) {
        *now = until;
    }
    let Reads { places, .. } = reads(search, *now);
    let pages = pages.iter().map(|ids| page(ids)).collect();
    search.answered(&places, pages, *now, &mut proven);
    proven
}

fn seen(search: DoubtSearch) -> Vec<(Vec<u64>, Option<Why>)> {
    let inquiries = search.into_parts().0.into_iter();
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
            Timeline.page(Stream::Entity(deal(5).unwrap()), &Since::default(), 0)
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
    let unknown =
        crate::import::readback::search::since(&[at(Some(9), None), at(None, Some(1_000))]);
    assert_eq!(unknown, Since::default());
}

#[test]
fn nothing_is_asked_before_its_time() {
    let now = Instant::now();
    let later = now + APART;
    let search = search(vec![claim(1, 7)], None, later);
    assert_eq!(search.next(now), Next::Wait(later));
}

#[test]
fn looks_agree_only_if_authors_and_texts_do() {
    let comment = |author: u64, text: &str| {
        Ok(ListPage {
            result: json!([{"ID": 9, "AUTHOR_ID": author, "COMMENT": text}]),
            next: None,
        })
    };
    for (first, second) in [
        (comment(1, "x"), comment(1, "y")),
        (comment(1, "x"), comment(2, "x")),
    ] {
        let mut now = Instant::now();
        let mut search = search(vec![claim(1, 7)], None, now);
        let mut proven = Proven::new();
        for page in [first, second] {
            if let Next::Wait(until) = search.next(now) {
                now = until;
            }
            search.answered(&[0], vec![page], now, &mut proven);
        }
        assert!(matches!(search.next(now), Next::Wait(_)), "a third look");
    }
}

#[test]
fn what_can_not_be_read_is_a_gap() {
    let now = Instant::now();
    let refused = || CallError::Refused {
        code: "x".into(),
        message: "Access denied.".into(),
    };
    let mut closed = search(vec![claim(1, 7)], None, now);
    closed.answered(&[0], vec![Err(refused())], now, &mut Proven::new());
    assert_eq!(closed.next(now), Next::Done);
    let why = Why::Refused(refused().to_string());
    assert_eq!(seen(closed), [(vec![], Some(why))]);
    let mut endless = search(vec![claim(1, 7)], None, now);
    for number in 1.. {
        let Next::Read(_) = endless.next(now) else {
            break;
        };
        let page = page(&[100_000 - number]).map(|page| ListPage {
            next: Some(number * 50),
            ..page
        });
        endless.answered(&[0], vec![page], now, &mut Proven::new());
    }
    assert_eq!(endless.next(now), Next::Done);
    assert_eq!(seen(endless)[0].1, Some(Why::TooMany));
}

#[test]
fn a_proof_is_read_to_its_end_before_the_row_is_looked_for() {
    let now = Instant::now();
    let witness = Some(Witness {
        reach: 1,
        remote_id: 3,
        entity: deal(5),
    });
    let mut search = search(vec![claim(1, 7)], witness, now);
    let mut proven = Proven::new();
    let first = page(&[9, 8]).map(|page| ListPage {
        next: Some(50),
        ..page
    });
    search.answered(&[0], vec![first], now, &mut proven);
    assert!(proven.is_empty());
    let asked = reads(&search, now).commands.remove(0);
    let stream = Stream::Entity(deal(5).unwrap());
    assert_eq!(asked, Timeline.page(stream, &Since::default(), 50));
    search.answered(&[0], vec![page(&[3])], now, &mut proven);
    assert!(proven.contains(&("timeline", 1)));
}

#[test]
fn a_proof_is_of_its_own_reach_and_each_reach_is_proved_once() {
    let now = Instant::now();
    let of_reach = |number, reach| OpenClaim {
        reach,
        ..claim(number, 7)
    };
    let claims = vec![of_reach(1, 1), of_reach(2, 2), of_reach(3, 2)];
    let witness = |_: &'static str, reach: u64| {
        (reach == 2).then_some(Witness {
            reach,
            remote_id: 3,
            entity: deal(5),
        })
    };
    let mut search = DoubtSearch::new(wanted(claims, now), witness, &Proven::new());
    let mut proven = Proven::new();
    search.answered(&[0], vec![page(&[3])], now, &mut proven);
    assert_eq!(proven, Proven::from([("timeline", 2)]));
    let asked = reads(&search, now).commands.remove(0);
    assert_eq!(asked.text(&["filter", "ENTITY_ID"]), Some("7"), "the row");
}

#[test]
fn no_more_streams_are_read_at_once_than_a_batch_holds() {
    let now = Instant::now();
    let deals = 1..=MAX_COMMANDS as u64 + 1;
    let claims = deals.map(|of_deal| claim(of_deal, of_deal)).collect();
    let search = search(claims, None, now);
    assert_eq!(reads(&search, now).commands.len(), MAX_COMMANDS);
}

#[test]
fn the_stream_that_is_due_first_wakes_the_search() {
    let mut now = Instant::now();
    let mut search = search(vec![claim(1, 7), claim(2, 8)], None, now);
    let first = now;
    search.answered(&[0], vec![page(&[])], now, &mut Proven::new());
    now += Duration::from_secs(3);
    search.answered(&[1], vec![page(&[])], now, &mut Proven::new());
    assert_eq!(search.next(now), Next::Wait(first + APART));
}
