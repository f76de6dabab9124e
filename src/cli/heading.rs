//! The headings under which `--help` lists the options.

pub const INPUT: &str = "Input";
pub const TARGET: &str = "Target";
pub const SAFETY: &str = "Safety";
pub const PORTAL_LIMITS: &str = "Portal limits";
pub const OUTPUT: &str = "Output";
