//! Guesses over whole files.
