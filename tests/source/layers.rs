//! The structure of the source: modules use only what stands before them, no two files import each
//! other, not even in a circle of many, and the pictures of the data flow tell the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::source_files::sources;

/// What each module may use beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("post", &[]),
    ("batch", &["post"]),
    ("targets", &["post", "batch"]),
    ("manifest", &["post"]),
    ("guess", &["post", "manifest"]),
    ("maps", &["post", "manifest", "private_file"]),
    ("markup", &["post"]),
    (
        "check",
        &["post", "targets", "batch", "manifest", "maps", "markup"],
    ),
    ("rejects", &["post", "manifest", "check", "private_file"]),
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
            "maps",
            "check",
            "portal",
            "pacing",
            "ledger",
            "rejects",
            "exit",
            "interrupt",
        ],
    ),
    (
        "lookup",
        &[
            "post",
            "batch",
            "manifest",
            "maps",
            "portal",
            "pacing",
            "import",
            "exit",
            "interrupt",
        ],
    ),
    (
        "report",
        &[
            "import", "lookup", "rejects", "check", "maps", "manifest", "ledger", "pacing", "post",
        ],
    ),
    ("sandbox", &["private_file"]),
    ("exit.rs", &[]),
    ("interrupt.rs", &[]),
];

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
                    || ["cli", "lib.rs", "main.rs", "private_file.rs"].contains(&module.as_str()),
                "{module} is not in the layers"
            );
            continue;
        };
        for used in named(&fs::read_to_string(&file).unwrap()) {
            assert!(
                used == module || allowed.contains(&used.as_str()),
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

/// A module's path below the crate, as `["import", "engine"]`; the crate itself is empty.
type ModulePath = Vec<String>;

/// A source file's own code, without comments, strings' contents aside, and its unit tests.
struct SourceFile {
    module: ModulePath,
    /// Every path that a `use` names, of a private import.
    imports: Vec<Vec<String>>,
    /// Name → path, of a `pub use`.
    exports: BTreeMap<String, Vec<String>>,
}

fn module_of(inside: &Path) -> ModulePath {
    let parts = inside.with_extension("");
    let mut parts: Vec<String> = parts
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if parts
        .last()
        .is_some_and(|last| last == "mod" || last == "lib")
    {
        parts.pop();
    }
    parts
}

/// The paths of a use tree such as `a::{b, c::{d, e as f}}`.
fn leaves(prefix: &[String], tree: &str, found: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let (head, inner) = match tree.split_once('{') {
        Some((head, rest)) => (head, rest.strip_suffix('}')),
        None => (tree, None),
    };
    let name = head.split(" as ").next().unwrap_or(head);
    let parts = name
        .split("::")
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let path: Vec<String> = prefix
        .iter()
        .cloned()
        .chain(parts.map(String::from))
        .collect();
    let Some(inner) = inner else {
        return found.push(path);
    };
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                leaves(&path, &inner[start..at], found);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        leaves(&path, &inner[start..], found);
    }
}

fn read_source(inside: &Path, text: &str) -> SourceFile {
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    let code = lines.collect::<Vec<_>>().join(" ");
    let (mut imports, mut exports) = (Vec::new(), BTreeMap::new());
    for statement in code.split(';') {
        let Some(at) = statement.find("use ").filter(|at| {
            let before = statement[..*at].trim_end();
            before.is_empty() || before.ends_with([']', '}', ')']) || before.ends_with("pub")
        }) else {
            continue;
        };
        let mut paths = Vec::new();
        leaves(&[], &statement[at + 4..], &mut paths);
        let is_public = statement[..at].trim_end().ends_with("pub")
            || statement[..at].trim_end().ends_with("pub(super)")
            || statement[..at].trim_end().ends_with("pub(crate)");
        for path in paths {
            match (is_public, path.last().cloned()) {
                (true, Some(name)) => drop(exports.insert(name, path)),
                _ => imports.push(path),
            }
        }
    }
    SourceFile {
        module: module_of(inside),
        imports,
        exports,
    }
}

/// The module that a path of a file leads to, through what modules on its way hand on.
fn target_of(
    files: &BTreeMap<ModulePath, SourceFile>,
    from: &ModulePath,
    path: &[String],
) -> Option<ModulePath> {
    let mut at = from.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let child: ModulePath = at.iter().cloned().chain([first.to_owned()]).collect();
            files.get(&child)?;
        }
    }
    while let Some(name) = rest.first() {
        let child: ModulePath = at.iter().cloned().chain([name.clone()]).collect();
        if files.contains_key(&child) {
            (at, rest) = (child, &rest[1..]);
            continue;
        }
        let handed_on = files.get(&at).and_then(|file| file.exports.get(name));
        let behind = handed_on.and_then(|path| target_of(files, &at, path));
        return Some(behind.unwrap_or(at));
    }
    Some(at)
}

/// Files that import each other, directly or by others: each such group.
fn circles(imports: &BTreeMap<ModulePath, BTreeSet<ModulePath>>) -> Vec<BTreeSet<ModulePath>> {
    let reach = |from: &ModulePath| {
        let mut seen: BTreeSet<&ModulePath> = BTreeSet::new();
        let mut next: Vec<&ModulePath> = imports[from].iter().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(imports.get(module).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = imports
        .keys()
        .map(|module| (module, reach(module)))
        .collect();
    let mut found = BTreeSet::new();
    for (module, seen) in &reached {
        let back = seen.iter().filter(|other| {
            reached
                .get(*other)
                .is_some_and(|theirs| theirs.contains(module))
        });
        let group: BTreeSet<ModulePath> = back.map(|other| (*other).clone()).collect();
        if group.len() > 1 {
            found.insert(group);
        }
    }
    found.into_iter().collect()
}

fn imports_of(files: Vec<SourceFile>) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let files: BTreeMap<ModulePath, SourceFile> = files
        .into_iter()
        .map(|file| (file.module.clone(), file))
        .collect();
    let mut imports = BTreeMap::new();
    for (module, file) in &files {
        let found = file
            .imports
            .iter()
            .filter_map(|path| target_of(&files, module, path));
        let others = found.filter(|other| other != module);
        imports.insert(module.clone(), others.collect::<BTreeSet<_>>());
    }
    imports
}

#[test]
fn no_files_import_each_other() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_code = |inside: &Path| !inside.ends_with("tests.rs") && inside != Path::new("main.rs");
    let mut files = Vec::new();
    for path in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        let in_tests = inside.iter().any(|part| part == "tests");
        if is_code(inside) && !in_tests {
            files.push(read_source(inside, &fs::read_to_string(&path).unwrap()));
        }
    }
    let imports = imports_of(files);
    let count: usize = imports.values().map(BTreeSet::len).sum();
    assert!(count > 500, "only {count} imports were found");
    let circles = circles(&imports);
    assert!(circles.is_empty(), "files import each other: {circles:#?}");
}

#[test]
fn circles_are_found_through_what_modules_hand_on() {
    let file = |path: &str, text: &str| read_source(Path::new(path), text);
    let module = |path: &str| -> ModulePath { path.split('/').map(String::from).collect() };
    let files = vec![
        file(
            "a/mod.rs",
            "mod one;\nmod two;\npub use one::One;\npub use two::Two;\n",
        ),
        file("a/one.rs", "use super::Two;\npub struct One;"),
        file(
            "a/two.rs",
            "use std::fmt;\nuse crate::{a::One, b::Other as B};\npub struct Two;",
        ),
        file("b.rs", "// use crate::a::One;\npub struct Other;"),
    ];
    let imports = imports_of(files);
    assert_eq!(
        imports[&module("a/two")],
        [module("a/one"), module("b")].into()
    );
    assert_eq!(
        circles(&imports),
        [[module("a/one"), module("a/two")].into()]
    );
}

/// The arrows of the picture in a text: module, type, module.
fn arrows(text: &str) -> Vec<[String; 3]> {
    let line = text.lines().find(|line| line.contains("──▶")).unwrap();
    let words: Vec<&str> = line
        .trim_start_matches("//!")
        .split(['─', '▶', ' '])
        .filter(|word| !word.is_empty())
        .collect();
    let arrow = |at: usize| [0, 1, 2].map(|more| words[at + more].to_owned());
    (0..words.len() - 2).step_by(2).map(arrow).collect()
}

#[test]
fn the_pictures_name_types_that_are_public_where_they_leave_or_arrive() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let drawn = arrows(&read("src/lib.rs"));
    assert_eq!(drawn, arrows(&read("ARCHITECTURE.md")));
    assert_eq!(drawn.len(), 6);
    let is_public = |module: &str, name: &str| {
        let folder = format!("src/{module}/mod.rs");
        let exports = read_source(Path::new("x.rs"), &read(&folder)).exports;
        exports.contains_key(name)
    };
    for [from, what, to] in drawn {
        assert!(
            is_public(&from, &what) || is_public(&to, &what),
            "{what} is public neither in {from} nor in {to}"
        );
    }
}

#[test]
fn the_files_that_the_documents_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "RELIABILITY.md",
    ] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let named = text.split('`').skip(1).step_by(2);
        for name in named.filter(|name| name.ends_with(".rs") && !name.contains([' ', '*'])) {
            let is_there = root.join(name).exists() || root.join("src").join(name).exists();
            assert!(is_there, "{document} names {name}");
        }
    }
}
