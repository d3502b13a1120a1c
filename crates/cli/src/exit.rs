//! How the process ends: one line for a person, one code for a script.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use iotdm_mock::check_authorities;
use iotdm_suite::verdict::{EXIT_BAD_INPUT, EXIT_ENVIRONMENT};

/// Why a command did not succeed.
#[derive(Debug)]
pub struct Failed {
    /// The exit code; `iotdm_suite::verdict` lists them.
    pub code: u8,
    /// One line or more; empty where everything has been said already.
    pub message: String,
}

impl Failed {
    /// What was given is not usable.
    pub fn bad_input(message: impl Display) -> Self {
        Self { code: EXIT_BAD_INPUT, message: message.to_string() }
    }

    /// The environment does not allow it.
    pub fn environment(message: impl Display) -> Self {
        Self { code: EXIT_ENVIRONMENT, message: message.to_string() }
    }

    /// Prints the message and gives the code.
    pub fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            eprintln!("iotdm: {}", self.message);
        }
        ExitCode::from(self.code)
    }
}

/// A file and what is the matter with it.
pub fn in_file(file: &Path, reason: &dyn Display) -> String {
    format!("{}: {reason}", file.display())
}

/// The text of a file that was named.
///
/// # Errors
/// Bad input, if it cannot be read.
pub fn read(file: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(file).map_err(|e| Failed::bad_input(in_file(file, &e)))
}

/// The certificates of the authorities in a file that was named.
///
/// # Errors
/// Bad input, if it cannot be read or holds none.
pub fn authorities(file: &Path) -> Result<String, Failed> {
    let pem = read(file)?;
    check_authorities(&pem).map_err(|e| Failed::bad_input(in_file(file, &e)))?;
    Ok(pem)
}
