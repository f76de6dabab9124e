//! Names of columns and keys as they are compared.

/// A name without what doesn't count in it: letter case and outer blanks.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
