//! A draft as the text of a mapping file. A remark begins with `# `; a setting that is only proposed
//! with `#` alone, so that it holds once that is removed.

use std::fmt;

use super::draft::{Draft, Section, Setting};
use super::toml_text::is_unseen;

/// Characters of a line of remarks.
const WIDTH: usize = 96;

impl fmt::Display for Draft {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.preface.iter().try_for_each(|text| remark(out, text))?;
        for section in &self.sections {
            writeln!(out)?;
            write_section(out, section)?;
        }
        if !self.afterword.is_empty() {
            writeln!(out)?;
        }
        self.afterword.iter().try_for_each(|text| remark(out, text))
    }
}

fn write_section(out: &mut fmt::Formatter<'_>, section: &Section) -> fmt::Result {
    section
        .reasons
        .iter()
        .try_for_each(|text| remark(out, text))?;
    let mark = if section.is_active { "" } else { "#" };
    writeln!(out, "{mark}{}", section.heading)?;
    let mark_of = |setting: &Setting| match section.is_active && setting.is_active {
        true => "",
        false => "#",
    };
    let length = |setting: &Setting| mark_of(setting).len() + setting.key.chars().count();
    let lengths = section.settings.iter().map(length);
    // A long key, such as one of a table of values, doesn't move the others.
    let width = lengths.filter(|length| *length <= 16).max().unwrap_or(0);
    for setting in &section.settings {
        setting
            .reasons
            .iter()
            .try_for_each(|text| remark(out, text))?;
        if let Some(value) = &setting.value {
            let mark = mark_of(setting);
            let key = format!("{mark}{}", setting.key);
            let line = format!("{key:width$} = {}", value.to_toml());
            writeln!(out, "{}", line.replace('\n', &format!("\n{mark}")))?;
        } else {
            writeln!(out)?;
        }
    }
    Ok(())
}

fn remark(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let text: String = text
        .chars()
        .map(|letter| if is_unseen(letter) { ' ' } else { letter })
        .collect();
    let options = textwrap::Options::new(WIDTH).break_words(false);
    for line in textwrap::wrap(&text, options) {
        writeln!(out, "# {line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guess::toml_text::Value;

    #[test]
    fn a_proposed_setting_holds_once_its_mark_is_removed() {
        let long = Value::List(vec!["a".repeat(60), "b".repeat(60)]);
        let draft = Draft {
            preface: vec!["Above\u{202e}\nall.".to_owned()],
            sections: vec![
                Section::new(
                    "[file]",
                    vec![
                        Setting::new("target", Value::text("timeline")),
                        Setting::proposed("ignore_columns", long).because("Why."),
                    ],
                ),
                Section {
                    is_active: false,
                    ..Section::new("[[skip]]", vec![Setting::new("column", Value::text("x"))])
                },
            ],
            afterword: vec![],
        };
        let text = draft.to_string();
        let expected = format!(
            "# Above  all.\n\n[file]\ntarget          = \"timeline\"\n# Why.\n#ignore_columns = [\n\
             #    \"{}\",\n#    \"{}\",\n#]\n\n#[[skip]]\n#column = \"x\"\n",
            "a".repeat(60),
            "b".repeat(60)
        );
        assert_eq!(text, expected);
    }
}
