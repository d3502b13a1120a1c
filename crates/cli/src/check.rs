//! What the three checks share: filters, report files, the end of the process.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use iotdm::embedded;
use iotdm_mock::{Builder, Platform};
use iotdm_suite::report::{Record, Style, json, junit, terminal::Terminal};
use iotdm_suite::yaml::FileError;
use iotdm_suite::{Event, Summary, Target};

use crate::exit::{self, Failed};

/// Files to write besides what the terminal shows.
#[derive(Debug, PartialEq, Eq, Args)]
pub struct ReportArgs {
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a JSON report
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Hears a run and tells it to a person, and to the files that were asked for.
pub struct Listener {
    terminal: Terminal<std::io::Stdout>,
    record: Record,
    junit: Option<Report>,
    json: Option<Report>,
}

/// A report file that can be written; what stands in it stays until there is something new.
struct Report {
    path: PathBuf,
    file: File,
}

impl Report {
    fn open(path: &Path) -> Result<Self, Failed> {
        let file = File::options().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|e| Failed::environment(exit::in_file(path, &e)))?;
        Ok(Self { path: path.to_owned(), file })
    }

    fn write(self, write: impl FnOnce(File) -> std::io::Result<()>) -> Result<(), Failed> {
        let emptied = match self.file.metadata() {
            // A pipe or a device has no length.
            Ok(metadata) if metadata.is_file() => self.file.set_len(0),
            _ => Ok(()),
        };
        emptied.and_then(|()| write(self.file)).map_err(|e| Failed::environment(exit::in_file(&self.path, &e)))
    }
}

impl Listener {
    /// A listener whose files can be written: nobody wants to learn that after a long run.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn new(args: &ReportArgs) -> Result<Self, Failed> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(Report::open).transpose();
        Ok(Self {
            terminal: Terminal::new(std::io::stdout(), Style::of_stdout()),
            record: Record::default(),
            junit: open(&args.junit)?,
            json: open(&args.json)?,
        })
    }

    pub fn hear(&mut self, event: &Event) {
        // A reader who has seen enough is no reason to stop the run.
        let _ = self.terminal.hear(event);
        self.record.hear(event);
    }

    /// Writes the files and gives the run's end.
    ///
    /// # Errors
    /// The run's exit code, if it is not that everything passed; a file that cannot be written.
    pub fn finish(self, summary: &Summary) -> Result<(), Failed> {
        if let Some(report) = self.junit {
            report.write(|file| junit::write(&self.record, file))?;
        }
        if let Some(report) = self.json {
            report.write(|file| json::write(&self.record, file))?;
        }
        match summary.exit.code() {
            0 => Ok(()),
            code => Err(Failed { code, message: String::new() }),
        }
    }
}

/// The platform of a target file, or a mock that lives as long as the first part.
///
/// # Errors
/// Everything that is wrong in the file; a mock that cannot start.
pub async fn platform(file: Option<&Path>, mock: Builder) -> Result<(Option<Platform>, Target), Failed> {
    if let Some(file) = file {
        return Ok((None, Target::read(file).map_err(|errors| Failed::bad_input(all(&errors)))?));
    }
    let platform = mock.start().await.map_err(Failed::environment)?;
    let target = embedded::target(&platform);
    Ok((Some(platform), target))
}

/// Everything that is wrong in files, one after the other.
pub fn all(errors: &[FileError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}
