//! The platform's certificate as a file, for programs that want a path.

use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A number that nobody can guess.
pub(super) fn nonce() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// A file with the platform's certificate; one that we wrote ourselves is removed when it is dropped.
#[derive(Debug)]
pub(super) struct CaFile {
    path: PathBuf,
    ours: bool,
}

impl CaFile {
    /// The given file, or else a new one with this certificate; none if there is neither.
    pub(super) fn provide(given: Option<&Path>, pem: Option<&str>) -> Result<Option<Self>, String> {
        if let Some(path) = given {
            return Ok(Some(Self { path: path.to_owned(), ours: false }));
        }
        let Some(pem) = pem else { return Ok(None) };
        let path = std::env::temp_dir().join(format!("iotdm-ca-{:016x}.pem", nonce()));
        let failed = |e: std::io::Error| format!("{} cannot be written: {e}", path.display());
        // Never through a file or a link that somebody else has put there.
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
        file.write_all(pem.as_bytes()).map_err(failed)?;
        Ok(Some(Self { path, ours: true }))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        if self.ours {
            // Whoever removed it before us has done our work.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
