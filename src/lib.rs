//! Puts many posts into a Bitrix24 portal and can always say which ones arrived.
//!
//! This is the library behind the program `b24post`; README.md tells how the program is used. A
//! manifest (a CSV or JSON file, one post a row) is checked row by row, the rows that are due are
//! sent through Bitrix24's REST `batch`, and each resulting ID is kept in a ledger, an SQLite file
//! beside the manifest. So the same command again sends only what is missing.
//!
//! Where to start reading: [`cli`] puts a command together, [`import::import`] is the run,
//! [`check`] and [`targets`] hold most of what changes, and [`sandbox`] is the portal that all
//! tests post to.
//!
//! Data flows one way; each name in a row is a module, each arrow a type that the left one gives to
//! the right one:
//!
//! ```text
//! manifest ──Row──▶ check ──Post──▶ targets ──Command──▶ batch ──Payload──▶ portal ──Response──▶ import ──Commit──▶ ledger
//! (bytes → rows)   (rules)        (methods)            (plan, encode)      (http, auth)         (the run)         (sqlite)
//!                                                                                                │
//!                                                                                                └──Summary──▶ report
//! ```
//!
//! `manifest`, `guess`, `post`, `maps`, `check`, `targets`, `batch` and `pacing` touch no network and
//! no database. `ledger` does not know `portal`, nor `portal` `ledger`; `import` brings them together.

#![warn(missing_docs)]

pub mod batch;
pub mod check;
pub mod cli;
pub mod exit;
pub mod guess;
pub mod import;
pub mod interrupt;
pub mod ledger;
pub mod lookup;
#[allow(missing_docs, reason = "its names are still being settled")]
pub mod manifest;
pub mod maps;
pub mod markup;
pub mod pacing;
#[doc(hidden)]
pub mod portal;
pub mod post;
pub mod private_file;
pub mod rejects;
pub mod report;
pub mod sandbox;
pub mod targets;
