//! Where the program keeps what it remembers of this user, beside their manifests.

use std::env;
use std::path::PathBuf;

use crate::ledger::Register;
use crate::report::Printer;

use super::credentials::Credentials;

/// The variable that names another folder than the platform's.
const FOLDER: &str = "B24POST_STATE_DIR";

/// The user's register of ledgers, for a run to that portal.
pub fn register(portal: &Credentials, printer: Printer) -> Option<Register> {
    let Some(folder) = folder() else {
        printer.warning(&format!(
            "there is no home folder for the register of ledgers, so rows that were \
             posted from another folder are not recognised; name a folder in {FOLDER}"
        ));
        return None;
    };
    Some(Register::in_folder(&folder).on_port(portal.loopback_port()))
}

fn folder() -> Option<PathBuf> {
    let named = env::var_os(FOLDER).filter(|folder| !folder.is_empty());
    named
        .map(PathBuf::from)
        // Only Linux has one for state alone.
        .or_else(dirs::state_dir)
        .or_else(dirs::data_local_dir)
}
