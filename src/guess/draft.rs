//! A mapping file before it is written: settings that hold, settings that are only proposed, and why.

use super::toml_text::Value;

/// A mapping file in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What stands above all.
    pub preface: Vec<String>,
    /// Its sections in order.
    pub sections: Vec<Section>,
    /// What stands below all.
    pub afterword: Vec<String>,
}

/// A section under its heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// With its brackets, such as `[fields]`.
    pub heading: &'static str,
    /// Whether it holds; else it is written as a comment.
    pub is_active: bool,
    /// Why it is as it is.
    pub reasons: Vec<String>,
    /// What it says.
    pub settings: Vec<Setting>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key, as it is written.
    pub key: String,
    /// The value; none for a remark without a setting.
    pub value: Option<Value>,
    /// Whether it holds; else it is written as a comment.
    pub is_active: bool,
    /// Why it is as it is.
    pub reasons: Vec<String>,
}

/// What one question about a file adds to the mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Of `[fields]`.
    pub fields: Vec<Setting>,
    /// Sections of their own.
    pub sections: Vec<Section>,
    /// Columns that they use.
    pub used: Vec<String>,
}

impl Setting {
    /// A setting that holds.
    pub fn new(key: impl Into<String>, value: Value) -> Setting {
        Setting {
            key: key.into(),
            value: Some(value),
            is_active: true,
            reasons: Vec::new(),
        }
    }

    /// A setting that is only proposed.
    pub fn proposed(key: impl Into<String>, value: Value) -> Setting {
        Setting {
            is_active: false,
            ..Setting::new(key, value)
        }
    }

    /// A remark.
    pub fn remark(reason: impl Into<String>) -> Setting {
        Setting {
            key: String::new(),
            value: None,
            is_active: false,
            reasons: vec![reason.into()],
        }
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Setting {
        self.reasons.push(reason.into());
        self
    }
}

impl Section {
    /// A section that holds.
    pub fn new(heading: &'static str, settings: Vec<Setting>) -> Section {
        Section {
            heading,
            is_active: true,
            reasons: Vec::new(),
            settings,
        }
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Section {
        self.reasons.push(reason.into());
        self
    }
}

impl Part {
    /// Adds a setting of a field that takes this column.
    pub fn take(&mut self, setting: Setting, column: &str) {
        self.fields.push(setting);
        self.used.push(column.to_owned());
    }

    /// Adds another part.
    pub fn add(&mut self, other: Part) {
        self.fields.extend(other.fields);
        self.sections.extend(other.sections);
        self.used.extend(other.used);
    }
}
