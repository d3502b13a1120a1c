//! `iotdm export` and `iotdm explain`: the contract, for programs and for people.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use iotdm_spec::export::Document;
use iotdm_spec::{explain, nearest};
use iotdm_suite::case::Case;

use crate::check_platform::catalogue;
use crate::exit::{self, Failed};

/// Write the contract, or what the mock says of itself, as one JSON document.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// contract, openapi, asyncapi; control for the mock's control plane, world-schema for its dumped worlds
    document: String,
    /// Where to write it; by default to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Exports a document.
///
/// # Errors
/// An unknown document, with the nearest name; a file that cannot be written.
pub fn export(args: &ExportArgs) -> Result<(), Failed> {
    let text = match (Document::parse(&args.document), args.document.as_str()) {
        (Ok(document), _) => document.text(),
        (Err(_), CONTROL) => format!("{:#}\n", iotdm_mock::control_document()),
        (Err(_), WORLD_SCHEMA) => format!("{:#}\n", iotdm_mock::world_schema()),
        (Err(_), other) => return Err(unknown(other)),
    };
    print(&text, args.output.as_deref())
}

/// The documents that are not the contract's but the mock's: its control plane, and the schema of a dumped world.
const CONTROL: &str = "control";
const WORLD_SCHEMA: &str = "world-schema";

fn unknown(document: &str) -> Failed {
    let known: Vec<_> = Document::ALL.iter().map(|document| document.name()).chain([CONTROL, WORLD_SCHEMA]).collect();
    let hint = nearest::of(document, known.iter().copied())
        .map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean {near}?"));
    Failed::bad_input(format!("no document is called {document:?}: {hint}"))
}

/// Say what a clause, a requirement, an error code or an operation is about.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Such as 1.5.2, 1.5.2/err/400-100426, 100426, register_by_password, deviceAdded
    what: String,
}

/// Explains.
///
/// # Errors
/// An unknown clause, id, code or name, with the nearest that is known.
pub fn explain(args: &ExplainArgs) -> Result<(), Failed> {
    let catalogue = catalogue(None, None)?;
    let explanation = match explain::explain(&args.what) {
        Ok(explanation) => explanation,
        Err(unknown) => {
            // Many a ruling changes no row of the contract, and yet cases are read by it.
            return match ruling(&args.what) {
                Some(number) => print(&cases_of_ruling(number, catalogue.cases())?, None),
                None => Err(Failed::bad_input(unknown)),
            };
        }
    };
    let verifying = |id: &str| {
        let cites = |case: &&std::sync::Arc<Case>| case.info.verifies.iter().any(|cited| cited.id == id);
        catalogue.cases().iter().filter(cites).map(|case| case.info.id.clone()).collect()
    };
    let explanation = explanation.verified_by(verifying);
    print(&format!("{explanation}\n"), None)
}

/// The number of a ruling such as A-73.
fn ruling(word: &str) -> Option<u16> {
    word.strip_prefix("A-").or_else(|| word.strip_prefix("a-"))?.parse().ok()
}

/// The cases that rest on a ruling.
fn cases_of_ruling(number: u16, cases: &[std::sync::Arc<Case>]) -> Result<String, Failed> {
    let names = |because: &str| {
        because.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| ruling(word) == Some(number))
    };
    let resting: Vec<_> = cases.iter().filter(|case| case.info.because.as_deref().is_some_and(names)).collect();
    let count = match resting.len() {
        0 => {
            return Err(Failed::bad_input(format!(
                "no erratum of the contract and no case cites a ruling A-{number:02}"
            )));
        }
        1 => "1 case rests on it".to_owned(),
        count => format!("{count} cases rest on it"),
    };
    let mut text = format!("ruling A-{number:02}, which no erratum of the contract carries; {count}\n\n");
    for case in resting {
        text.push_str(&format!("  {}\n", case.info.id));
    }
    Ok(text)
}

/// Prints, and takes a closed pipe for what it is: a reader who has seen enough.
pub fn print(text: &str, file: Option<&std::path::Path>) -> Result<(), Failed> {
    if let Some(file) = file {
        return std::fs::write(file, text).map_err(|e| Failed::environment(exit::in_file(file, &e)));
    }
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failed::environment(e)),
        _ => Ok(()),
    }
}
