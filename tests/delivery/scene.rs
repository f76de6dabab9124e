//! Folders with manifests, and one portal to post them all to.

use std::fs;
use std::process::Child;

use serde_json::Value;

use crate::common::{FAST, Run, Sandbox, Workspace, assert_counts, finish};

pub const HEADER: &str = "external_id,entity_type,entity_id,message,audience\n";
pub const ROWS: &str = "1,deal,1,One,U1\n2,deal,2,Two,U1\n3,deal,3,Three,U1\n";

/// Folders with manifests, and a portal to post them to.
pub struct Scene {
    pub workspace: Workspace,
    pub portal: Sandbox,
}

impl Scene {
    pub fn new() -> Scene {
        Scene::with(&[])
    }

    pub fn with(portal: &[&str]) -> Scene {
        let workspace = Workspace::new();
        let portal = Sandbox::start(&workspace, portal);
        Scene { workspace, portal }
    }

    /// Writes rows under the usual header.
    pub fn write(&self, manifest: &str, rows: &str) {
        self.workspace.write(manifest, format!("{HEADER}{rows}"));
    }

    pub fn copy(&self, from: &str, to: &str) {
        self.workspace
            .write(to, fs::read(self.workspace.path(from)).unwrap());
    }

    pub fn rename(&self, from: &str, to: &str) {
        let to = self.workspace.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.workspace.path(from), to).unwrap();
    }

    #[cfg(unix)]
    pub fn link(&self, target: &str, link: &str) {
        std::os::unix::fs::symlink(self.workspace.path(target), self.workspace.path(link)).unwrap();
    }

    pub fn start(&self, manifest: &str, more: &[&str]) -> Child {
        let import = ["import", manifest, "--format", "json", "--yes"];
        let mut command = self.workspace.command(&[&import, &FAST[..], more].concat());
        command.env("B24POST_WEBHOOK", &self.portal.webhook);
        command.spawn().unwrap()
    }

    pub fn import(&self, manifest: &str, more: &[&str]) -> Run {
        finish(self.start(manifest, more))
    }

    /// Imports it, and asserts the counts.
    #[track_caller]
    pub fn posts(&self, manifest: &str, more: &[&str], counts: &[(&str, u64)]) {
        assert_counts(&self.import(manifest, more).expect(0).json(), counts);
    }

    /// Asserts that an import stops and posts nothing, and says all of that.
    #[track_caller]
    pub fn stops(&self, manifest: &str, more: &[&str], code: &str, says: &[&str]) {
        let before = self.portal.count();
        self.refuses(manifest, more, code, says);
        assert_eq!(self.portal.count(), before, "nothing is sent");
    }

    /// The same where the portal may still be at a request of an earlier run.
    #[track_caller]
    pub fn refuses(&self, manifest: &str, more: &[&str], code: &str, says: &[&str]) {
        let run = self.import(manifest, more).expect(1).json();
        assert_eq!(run["error"]["code"], code, "{run}");
        assert_says(&run, says);
        assert_eq!((&run["posted"], &run["commands"]), (&0.into(), &0.into()));
    }

    pub fn registered(&self) -> Vec<String> {
        let register = self.workspace.open("state/b24post/ledgers.db");
        let mut paths = register
            .prepare("SELECT path FROM ledgers ORDER BY path")
            .unwrap();
        let paths = paths.query_map([], |row| row.get(0)).unwrap();
        paths.map(Result::unwrap).collect()
    }
}

#[track_caller]
fn assert_says(run: &Value, says: &[&str]) {
    let message = run["error"]["message"].as_str().unwrap();
    for part in says {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}
