//! The examples of the documentation are mappings.

use super::*;

/// The texts of a document's blocks of TOML.
fn examples(document: &str) -> Vec<&str> {
    let blocks = document.split("```toml\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .collect()
}

#[test]
fn the_examples_of_the_documentation_can_be_read() {
    let document = include_str!("../../../../docs/mapping.md");
    let examples = examples(document);
    assert!(examples.len() > 8, "{}", examples.len());
    for example in &examples {
        parse(example);
    }
    let whole = examples.concat();
    for key in [
        "target",
        "encoding",
        "delimiter",
        "timezone",
        "date_format",
        "message_format",
        "entity_map",
        "user_map",
        "file_map",
        "ignore_columns",
        "rows",
        "sheet",
        "fill_down",
        "column",
        "template",
        "value",
        "default",
        "values",
        "map",
        "missing",
        "separator",
        "format",
        "columns",
        "type",
        "equals",
    ] {
        assert!(whole.contains(&format!("{key} = ")), "{key} has no example");
    }
}

#[test]
fn the_example_in_the_module_s_documentation_can_be_read() {
    let source = include_str!("../mod.rs");
    let lines = source.lines().filter_map(|line| line.strip_prefix("//!"));
    let document: String = lines
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let found = examples(&document);
    assert_eq!(found.len(), 1);
    parse(found[0]);
}
