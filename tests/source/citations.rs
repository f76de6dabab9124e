//! Each section of `docs/bitrix24-rest.md` that the code cites is there, and no other document is
//! cited by its sections.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::source_files::sources;

const DOCUMENT: &str = "bitrix24-rest.md";

/// The numbers after each `§`, as `1.4` in "§1.4, §10".
fn cited(text: &str) -> Vec<String> {
    let number = |rest: &str| {
        let digits = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.');
        digits.collect::<String>().trim_end_matches('.').to_owned()
    };
    text.split('§').skip(1).map(number).collect()
}

/// The numbers of the document's headings, as `1.4` in "### 1.4 Semantics".
fn headings(document: &str) -> BTreeSet<String> {
    let titles = document.lines().filter(|line| line.starts_with('#'));
    let words = titles.filter_map(|line| line.split_whitespace().nth(1));
    words
        .map(|word| word.trim_end_matches('.').to_owned())
        .collect()
}

#[test]
fn each_cited_section_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs").join(DOCUMENT)).unwrap();
    let headings = headings(&document);
    let mut count = 0;
    for folder in ["src", "tests", "benches"] {
        for file in sources(&root.join(folder)) {
            if file.ends_with("tests/source/citations.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            for section in cited(&text) {
                let place = file.display();
                assert!(headings.contains(&section), "{place} cites §{section}");
                assert!(text.contains(DOCUMENT), "{place} cites §{section} of what?");
                count += 1;
            }
        }
    }
    assert!(count > 100, "only {count} citations were found");
}

#[test]
fn sections_are_read_from_text_and_headings() {
    assert_eq!(cited("(x.md §1.4, §10). §7–§8."), ["1.4", "10", "7", "8"]);
    let found = headings("# What\n## 7. Errors\ntext 9\n### 1.4 Semantics\n");
    assert_eq!(found, ["1.4", "7", "What"].map(String::from).into());
}
