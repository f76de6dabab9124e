//! What must hold at the end of every life.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use b24post::batch::MAX_COMMANDS;
use b24post::import::{Ending, RunOutcome};
use sha2::{Digest, Sha256};

use crate::life::Life;
use crate::network::Post;
use crate::plan::{AttachedFile, Row};

/// A row as the ledger has it.
struct Entry {
    state: String,
    remote_id: Option<u64>,
    code: Option<String>,
}

/// No row twice, none lost, and the ledger tells the truth.
pub fn check(life: &Life, last: &RunOutcome) {
    assert!(matches!(last.end, Ok(Ending::Done)), "{last:?}");
    let world = life.world.lock().unwrap();
    let ours: Vec<&Post> = world.posts.iter().filter(|post| !post.is_strange).collect();
    let by_id: HashMap<u64, &Post> = ours.iter().map(|post| (post.id, *post)).collect();
    let entries = entries(&life.ledger_path());
    let rows: Vec<Row> = life.plan.manifest_rows().collect();
    for row in &rows {
        let entry = &entries[&row.number];
        match entry.state.as_str() {
            "posted" => {
                let id = entry.remote_id.unwrap();
                let post = by_id.get(&id).unwrap_or_else(|| {
                    panic!("row {} is not on the portal under {id}", row.number)
                });
                assert!(is_same(life, row, post), "row {}: {post:?}", row.number);
            }
            "failed" | "in_doubt" => assert_eq!(entry.remote_id, None),
            other => panic!("row {} is left {other}", row.number),
        }
    }
    check_outage(life, &entries);
    check_names(life, &rows, &entries, &ours);
    check_numbers(life, &rows, &entries, &ours);
    check_doubts(life, &entries);
    check_order(life, &rows, &entries);
}

/// What was sent, whatever the portal has made of it.
fn text(life: &Life, post: &Post) -> String {
    match life.plan.alters {
        true => post.text.replace("<sc ript", "<script"),
        false => post.text.clone(),
    }
}

fn is_same(life: &Life, row: &Row, post: &Post) -> bool {
    let is_there = !life.plan.has_records() || post.deal == Some(row.deal as u64);
    let files: Vec<[u8; 32]> = row.files.iter().map(hash).collect();
    let (text, author) = said(life, post);
    text == row.text
        && author.is_none_or(|author| author == row.author)
        && is_there
        && post.files == files
}

/// What a post says and by whom. Where the portal keeps no author the first line names it; posts
/// that were sent before that was seen lack it, and then nobody can tell.
fn said(life: &Life, post: &Post) -> (String, Option<u64>) {
    let text = text(life, post);
    if !life.plan.loses_authors() {
        return (text, Some(post.author));
    }
    assert_eq!(post.author, 1, "a portal that keeps no author");
    let named = text.strip_prefix("[i]user ");
    match named.and_then(|rest| rest.split_once("[/i]\n")) {
        Some((author, text)) => (text.to_owned(), Some(author.parse().unwrap())),
        None => (text, None),
    }
}

fn hash(file: &AttachedFile) -> [u8; 32] {
    Sha256::digest(file.content()).into()
}

/// Where nothing went wrong but that the portal keeps no author, every text names its author, also
/// that of the post on which this was seen.
fn check_names(life: &Life, rows: &[Row], entries: &BTreeMap<usize, Entry>, ours: &[&Post]) {
    let plan = &life.plan;
    let is_smooth = plan.faults.is_empty() && plan.network == 0.0 && plan.crash == 0.0;
    if !plan.loses_authors() || !plan.canary || !is_smooth {
        return;
    }
    let unnamed = |row: &&Row| {
        let id = entries[&row.number].remote_id;
        let post = ours.iter().find(|post| Some(post.id) == id);
        row.author != 1 && post.is_none_or(|post| said(life, post).1 != Some(row.author))
    };
    let unnamed: Vec<usize> = rows.iter().filter(unnamed).map(|row| row.number).collect();
    assert!(
        unnamed.is_empty(),
        "rows without their author's name: {unnamed:?}"
    );
}

/// However long it lasts, an outage leaves a request for each lane in doubt.
fn check_outage(life: &Life, entries: &BTreeMap<usize, Entry>) {
    if life.plan.outage.is_none() || life.plan.target.lookup().is_some() {
        return;
    }
    let in_doubt = entries
        .values()
        .filter(|entry| entry.state == "in_doubt")
        .count();
    let most = life.plan.lanes * MAX_COMMANDS;
    assert!(
        in_doubt <= most,
        "{in_doubt} rows in doubt after an outage, {most} may be"
    );
}

/// Text, author and deal.
type Said = (String, Option<u64>, Option<usize>);

/// As many posts as rows that are posted, or perhaps are: of each text, author and record.
fn check_numbers(life: &Life, rows: &[Row], entries: &BTreeMap<usize, Entry>, ours: &[&Post]) {
    let mut posted: HashMap<Said, (usize, usize)> = HashMap::new();
    // Where authors are lost, equal rows of different authors may be told apart by nobody.
    let by = |author: Option<u64>| author.filter(|_| !life.plan.loses_authors());
    for row in rows {
        let deal = life.plan.has_records().then_some(row.deal);
        let counts = posted
            .entry((row.text.clone(), by(Some(row.author)), deal))
            .or_default();
        match entries[&row.number].state.as_str() {
            "posted" => counts.0 += 1,
            "in_doubt" => counts.1 += 1,
            _ => {}
        }
    }
    let mut there: HashMap<Said, usize> = HashMap::new();
    for post in ours {
        let deal = post.deal.map(|deal| usize::try_from(deal).unwrap());
        let deal = deal.filter(|_| life.plan.has_records());
        let (text, author) = said(life, post);
        *there.entry((text, by(author), deal)).or_default() += 1;
    }
    for (what, (sure, perhaps)) in &posted {
        let there = there.remove(what).unwrap_or(0);
        let range = *sure..=sure + perhaps;
        assert!(
            range.contains(&there),
            "{what:?}: {there} posts for {range:?} rows"
        );
    }
    assert!(there.is_empty(), "posts of no row: {there:?}");
}

/// In the end doubt is left only where nothing could settle it.
fn check_doubts(life: &Life, entries: &BTreeMap<usize, Entry>) {
    if life.plan.target.lookup().is_none() {
        return;
    }
    let codes = entries.values().filter(|entry| entry.state == "in_doubt");
    for entry in codes {
        let code = entry.code.as_deref().unwrap_or_default();
        let is_known = match code {
            // Somebody else's post stands in the way.
            "unknown_post" => {
                life.plan.strangers > 0.0 || life.plan.twins > 0.0 || life.plan.alters
            }
            // Nothing was ever posted by that author.
            "read_unproven" => true,
            // Somebody posted the same shortly before.
            "perhaps_older" | "other_author" => life.plan.twins > 0.0,
            // Equal rows for others, with other files, or by others where no run has seen whether
            // authors are kept.
            "ambiguous" => life.plan.is_feed() || life.plan.files > 0.0 || life.plan.authors > 0,
            _ => false,
        };
        assert!(is_known, "in doubt for `{code}`");
    }
}

/// Rows of a deal, or of the whole feed, arrive in order, unless a run has told otherwise.
fn check_order(life: &Life, rows: &[Row], entries: &BTreeMap<usize, Entry>) {
    let within = ["command-limit", "missing", "no-id", "internal"];
    let is_rough = within.iter().any(|kind| life.plan.faults.contains(kind));
    let can_read = life.plan.target.lookup().is_some();
    // A run that crashed has told nothing; and what is found absent after its entity went on comes
    // late.
    let is_untold = life.plan.crash > 0.0 && (is_rough || can_read);
    if life.was_told || is_untold || life.had_doubt && can_read {
        return;
    }
    let mut last: HashMap<usize, u64> = HashMap::new();
    for row in rows {
        let Some(id) = entries[&row.number].remote_id else {
            continue;
        };
        let line = if life.plan.has_records() { row.deal } else { 0 };
        let before = last.insert(line, id);
        assert!(
            before < Some(id),
            "row {} came before an earlier one on the {} (faults {}, network {})",
            row.number,
            life.plan.target.name(),
            life.plan.faults,
            life.plan.network
        );
    }
}

/// The rows that the ledger knows.
pub fn sent_rows(ledger: &Path) -> BTreeSet<usize> {
    match ledger.exists() {
        true => entries(ledger).into_keys().collect(),
        false => BTreeSet::new(),
    }
}

/// Rows by their numbers.
fn entries(ledger: &Path) -> BTreeMap<usize, Entry> {
    let ledger = rusqlite::Connection::open(ledger).unwrap();
    let mut query = ledger
        .prepare("SELECT row_number, state, remote_id, error_code FROM rows")
        .unwrap();
    let rows = query.query_map([], |row| {
        let entry = Entry {
            state: row.get(1)?,
            remote_id: row.get(2)?,
            code: row.get(3)?,
        };
        Ok((row.get(0)?, entry))
    });
    rows.unwrap().map(Result::unwrap).collect()
}
