//! Texts that the server would rewrite inside a batch.
//!
//! After decoding, the server looks in every value for references to other commands' results, and
//! nothing can escape them (bitrix24-rest.md §4.3). Such a post is sent outside the batch.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::{Command, Value, query};

/// `$`, one of five words, then a run without blanks that holds a bracket group. As on the
/// server, only blanks of ASCII end the run, and a no-break space does not.
#[expect(clippy::expect_used, reason = "the pattern is a literal")]
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\$(?:result|next|total|time|error)[^ \t\r\n\x0C]*\[[^\]]+\]")
        .expect("the pattern is valid")
});

/// Whether any text of the command would be searched for a result and possibly replaced.
pub(super) fn is_at_risk(command: &Command) -> bool {
    let looked = query::each_leaf(command, |_, value| match value {
        Value::Text(text) if holds_reference(text) => Err(()),
        _ => Ok(()),
    });
    looked.is_err()
}

fn holds_reference(text: &str) -> bool {
    text.contains('$') && REFERENCE.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_as_the_server_finds_them() {
        for text in [
            "$result[0]",
            "[b]$total[/b]",
            "$timeline[3]",
            "$errors[0]",
            "$RESULT[id]",
            "x$next.y[z]",
            "$error_description[a]",
            "$total\u{a0}[x]",
            "$time[a b\nc]",
        ] {
            assert!(holds_reference(text), "{text}");
        }
    }

    #[test]
    fn other_dollars_may_go_by_batch() {
        for text in [
            "$result",
            "$ result[0]",
            "$total [x]",
            "$time[]",
            "US$5 [b]",
            "$resul[0]",
        ] {
            assert!(!holds_reference(text), "{text}");
        }
    }
}
