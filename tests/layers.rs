//! Dependencies between the modules point one way: this test reads the `use crate::` lines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("post", &[]),
    ("batch", &["post"]),
    ("targets", &["post", "batch"]),
    ("manifest", &["post"]),
    ("check", &["post", "targets", "batch", "manifest"]),
    ("portal", &["post", "batch", "private_file"]),
    ("pacing", &["batch"]),
    ("ledger", &["post", "private_file"]),
    (
        "import",
        &[
            "post",
            "batch",
            "targets",
            "manifest",
            "check",
            "portal",
            "pacing",
            "ledger",
            "exit",
            "interrupt",
        ],
    ),
    (
        "report",
        &["import", "check", "manifest", "ledger", "pacing", "post"],
    ),
    ("sandbox", &["private_file"]),
    ("exit.rs", &[]),
    ("interrupt.rs", &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules that a source file names after `crate::`, its tests left out.
fn named(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let uses = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1));
    uses.map(|rest| {
        rest.chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    })
    .collect()
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let may_use: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut checked = 0;
    for file in sources(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_string_lossy().into_owned();
        let is_test = inside.ends_with("tests.rs") || inside.ends_with("testing.rs");
        let Some(allowed) = may_use.get(module.as_str()).filter(|_| !is_test) else {
            assert!(
                is_test
                    || ["cli", "lib.rs", "main.rs", "planted.rs", "private_file.rs"]
                        .contains(&module.as_str()),
                "{module} is not in the layers"
            );
            continue;
        };
        for used in named(&fs::read_to_string(&file).unwrap()) {
            assert!(
                used == module || used == "planted" || allowed.contains(&used.as_str()),
                "{} must not use crate::{used}",
                inside.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} uses were found");
}

#[test]
fn the_reader_of_uses_sees_through_comments_and_tests() {
    let text = "use crate::post::Post;\n// crate::ledger\nfn f() { crate::batch::g() }\n\
                #[cfg(test)]\nmod tests { use crate::sandbox::S; }";
    assert_eq!(named(text), ["post", "batch"]);
}
