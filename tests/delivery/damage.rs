//! Ledgers that are damaged, foreign, too new or in use: the run ends with advice, and whatever the
//! damage no row is posted twice.

use std::fs;
use std::path::PathBuf;

use crate::common::{HEADER, LEDGER, Sandbox, Workspace, assert_counts};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::Connection;

/// Of SQLite's pages.
const PAGE: usize = 4_096;

/// Rows in the ledger, and rows that are added.
const SENT: usize = 120;
const ADDED: usize = 5;

/// A ledger that has seen most rows of its manifest.
struct Scene {
    workspace: Workspace,
    portal: Sandbox,
    ledger: PathBuf,
    whole: Vec<u8>,
}

impl Scene {
    fn new() -> Scene {
        let workspace = Workspace::new();
        workspace.rows(SENT);
        let portal = Sandbox::start(&workspace, &[]);
        workspace.import(&portal, &[]).expect(0);
        workspace.rows(SENT + ADDED);
        let ledger = workspace.path(LEDGER);
        let whole = fs::read(&ledger).unwrap();
        Scene {
            workspace,
            portal,
            ledger,
            whole,
        }
    }

    /// Puts bytes in the ledger's place, without a log.
    fn put(&self, bytes: &[u8]) {
        for ending in ["-wal", "-shm"] {
            drop(fs::remove_file(
                self.workspace.path(&format!("{LEDGER}{ending}")),
            ));
        }
        fs::write(&self.ledger, bytes).unwrap();
    }

    /// A run is refused with this code and these words; nothing is sent, the ledger not touched.
    #[track_caller]
    fn assert_refused(&self, bytes: &[u8], code: &str, words: &[&str]) {
        self.put(bytes);
        let before = self.portal.requests().len();
        let run = self.workspace.import(&self.portal, &[]).expect(1);
        let error = &run.json()["error"];
        let message = error["message"].as_str().unwrap();
        assert_eq!(error["code"], code, "{message}");
        for word in words.iter().chain(&[LEDGER]) {
            assert!(message.contains(word), "{word} in: {message}");
        }
        assert_eq!(self.portal.requests().len(), before, "nothing is asked");
        assert_eq!(fs::read(&self.ledger).unwrap(), bytes, "the file is kept");
        let status = self.workspace.run(&["status", "m.csv"]).expect(1);
        assert!(status.stderr.starts_with("error: "), "{}", status.stderr);
    }

    /// With the ledger as it was, only the new rows go.
    fn assert_mends(&self) {
        self.put(&self.whole);
        let run = self.workspace.import(&self.portal, &[]).expect(0).json();
        let (sent, added) = (SENT as u64, ADDED as u64);
        assert_counts(&run, &[("already_posted", sent), ("posted", added)]);
        assert_eq!(self.portal.posts_once().len(), SENT + ADDED);
    }
}

#[test]
fn a_ledger_that_lost_its_beginning_is_refused_and_no_new_one_begun() {
    let scene = Scene::new();
    let mut random = vec![0; scene.whole.len()];
    StdRng::seed_from_u64(1).fill_bytes(&mut random);
    let advice = ["restore a copy", "every row again"];
    scene.assert_refused(&random, "ledger_foreign", &advice);
    scene.assert_refused(&vec![0; scene.whole.len()], "ledger_foreign", &advice);
    scene.assert_mends();
}

#[test]
fn an_empty_ledger_is_refused_and_not_taken_for_a_new_one() {
    let scene = Scene::new();
    scene.assert_refused(b"", "ledger_damaged", &["empty", "restore a copy"]);
    scene.assert_mends();
}

#[test]
fn a_ledger_that_was_cut_off_is_refused() {
    let scene = Scene::new();
    let half = &scene.whole[..scene.whole.len() / 2];
    scene.assert_refused(half, "ledger_damaged", &["restore a copy"]);
    scene.assert_refused(&scene.whole[..PAGE], "ledger_damaged", &["restore a copy"]);
    scene.assert_refused(&half[..half.len() - 100], "ledger_damaged", &["damaged"]);
    scene.assert_mends();
}

#[test]
fn a_ledger_that_is_gone_while_its_log_is_there_is_missed() {
    let scene = Scene::new();
    let log = scene.workspace.write(&format!("{LEDGER}-wal"), "rows");
    fs::remove_file(&scene.ledger).unwrap();
    let run = scene.workspace.import(&scene.portal, &[]).expect(1).json();
    let message = run["error"]["message"].as_str().unwrap();
    assert_eq!(run["error"]["code"], "ledger_damaged");
    assert!(message.contains("put the ledger back"), "{message}");
    assert!(log.exists());
    scene.assert_mends();
}

#[test]
fn a_ledger_of_a_newer_program_is_refused_and_left_as_it_is() {
    let scene = Scene::new();
    let ledger = Connection::open(&scene.ledger).unwrap();
    ledger.pragma_update(None, "user_version", 99).unwrap();
    drop(ledger);
    let newer = fs::read(&scene.ledger).unwrap();
    scene.assert_refused(&newer, "ledger_newer", &["newer b24post", "format 99"]);
    scene.assert_mends();
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let scene = Scene::new();
    let other = scene.workspace.path("other.db");
    let database = Connection::open(&other).unwrap();
    database.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(database);
    let bytes = fs::read(&other).unwrap();
    scene.assert_refused(&bytes, "ledger_foreign", &["no b24post ledger"]);
    scene.assert_mends();
}

impl Scene {
    /// Runs with a damaged ledger, and with rows that no run has seen before all others, so that
    /// each is looked up by its key; says whether the damage was noticed.
    fn survives(&self, bytes: &[u8], serial: usize) -> bool {
        let first = SENT + 1 + serial * ADDED;
        let row = |n: usize| format!("r{n},Message {n},deal,{},U1\n", n % 5 + 1);
        let rows: String = (first..first + ADDED).chain(1..=SENT).map(row).collect();
        self.workspace.write("m.csv", format!("{HEADER}{rows}"));
        self.put(bytes);
        let before = self.portal.count();
        let run = self.workspace.import(&self.portal, &[]);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        let sent = self.portal.posts_once().len() as u64 - before;
        match run.code {
            0 => assert_eq!(sent, ADDED as u64),
            1 => {
                let error = &run.json()["error"];
                assert_eq!(error["code"], "ledger_damaged", "{error}");
            }
            code => panic!("{code}: {}\n{}", run.stdout, run.stderr),
        }
        run.code == 1
    }
}

/// Damages one part of the ledger after another, with its first page whole; says how much of the
/// damage was noticed.
fn damage_each_part(size: usize, damage: impl Fn(&mut [u8], &mut StdRng)) -> (usize, usize) {
    let scene = Scene::new();
    let mut rng = StdRng::seed_from_u64(size as u64);
    let parts = (scene.whole.len() - PAGE) / size;
    let noticed = (0..parts).filter(|part| {
        let mut bytes = scene.whole.clone();
        damage(&mut bytes[PAGE + part * size..][..size], &mut rng);
        scene.survives(&bytes, *part)
    });
    (noticed.count(), parts)
}

#[test]
fn pages_full_of_zeros_double_nothing() {
    let (noticed, pages) = damage_each_part(PAGE, |page, _| page.fill(0));
    assert!(noticed > pages / 2, "{noticed} of {pages}");
}

#[test]
fn sectors_full_of_zeros_double_nothing() {
    let (noticed, sectors) = damage_each_part(512, |sector, _| sector.fill(0));
    assert!(noticed > 0, "{noticed} of {sectors}");
}

#[test]
fn sectors_full_of_noise_double_nothing() {
    let (noticed, sectors) = damage_each_part(512, |sector, rng| rng.fill_bytes(sector));
    assert!(noticed > 0, "{noticed} of {sectors}");
}

#[test]
fn a_single_wrong_letter_in_a_key_does_not_make_its_row_new() {
    let scene = Scene::new();
    let key = b"x:r77";
    let places = scene.whole.windows(key.len()).enumerate();
    let places = places.filter(|(_, part)| part == key).map(|(at, _)| at);
    let noticed = places.enumerate().filter(|(serial, at)| {
        let mut bytes = scene.whole.clone();
        bytes[at + key.len() - 1] = b'8';
        scene.survives(&bytes, *serial)
    });
    assert!(noticed.count() > 0);
}

#[test]
fn a_ledger_held_by_another_program_is_named() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &[]).expect(0);
    let other = workspace.open(LEDGER);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = workspace.import(&portal, &[]).expect(1).json();
    assert_eq!(run["error"]["code"], "ledger_busy");
}

#[test]
fn a_ledger_that_cannot_be_used_is_named() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let portal = Sandbox::start(&workspace, &[]);
    let code = |more: &[&str]| {
        let run = workspace.import(&portal, more).expect(1).json();
        assert_eq!(portal.count(), 0);
        run["error"]["code"].as_str().unwrap().to_owned()
    };
    workspace.write(
        "text.db",
        "this is no database, but a longer text\n".repeat(50),
    );
    assert_eq!(code(&["--ledger", "text.db"]), "ledger_foreign");
    assert_eq!(code(&["--ledger", "no/such/folder/l.db"]), "ledger_open");
    fs::create_dir(workspace.path("folder.db")).unwrap();
    assert_eq!(code(&["--ledger", "folder.db"]), "ledger_open");
}
