//! `iotdm cases`: the catalogue as a list, and what no case verifies.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::Args;
use iotdm_spec::model::{Party, Strength};
use iotdm_spec::requirement;

use crate::check_platform::catalogue;
use crate::contract::print;
use crate::exit::Failed;

/// List the cases, or the requirements that no case verifies.
#[derive(Debug, Args)]
pub struct CasesArgs {
    /// List the platform's requirements that no case verifies yet
    #[arg(long)]
    uncovered: bool,
}

/// Lists.
///
/// # Errors
/// A case file that is not usable.
pub fn list(args: &CasesArgs) -> Result<(), Failed> {
    let catalogue = catalogue(None, None)?;
    let mut text = String::new();
    if args.uncovered {
        let covered: BTreeSet<&str> =
            catalogue.cases().iter().flat_map(|case| &case.info.verifies).map(|cited| cited.id.as_str()).collect();
        let binding = requirement::all().iter().filter(|r| r.binds == Party::Platform && r.strength != Strength::May);
        for requirement in binding.filter(|r| !covered.contains(r.id.as_str())) {
            let _ = writeln!(text, "{}  {}", requirement.id, requirement.text);
        }
    } else {
        for case in catalogue.cases() {
            let _ = writeln!(text, "{}", case.info.id);
        }
    }
    print(&text, None)
}
