//! `--rejects`: what it may name, and what is told of it.

use std::ffi::OsString;
use std::path::Path;

use crate::manifest::FoundEncoding;
use crate::rejects::RejectsWritten;
use crate::report::{Commands, Printer, rejects_note, rejects_warnings};

use super::manifest_args::ManifestArgs;

/// What is wrong with the path: the manifest itself must stay what it is.
pub fn contradiction(rejects: Option<&Path>, manifest: &Path) -> Option<String> {
    let rejects = rejects?;
    let is_same = match (
        std::fs::canonicalize(rejects),
        std::fs::canonicalize(manifest),
    ) {
        (Ok(rejects), Ok(manifest)) => rejects == manifest,
        _ => rejects == manifest,
    };
    is_same.then(|| {
        "--rejects names the manifest itself, whose other rows would be lost; give it a path of its own"
            .to_owned()
    })
}

/// Tells where the rejected rows are, and how to go on.
pub fn tell(
    printer: Printer,
    manifest: &ManifestArgs,
    commands: &Commands,
    (written, encoding): (&RejectsWritten, FoundEncoding),
    more: &[&str],
) {
    for warning in rejects_warnings(written) {
        printer.warning(&warning);
    }
    let Some(path) = &written.path else { return };
    let mut options: Vec<OsString> = more.iter().map(OsString::from).collect();
    options.extend(manifest.root_for(path));
    options.extend(manifest.encoding_for(encoding));
    if let Some(note) = rejects_note(written, &commands.import(path, &options)) {
        printer.note(&note);
    }
}
