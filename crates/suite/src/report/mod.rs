//! The reports of a run: for a person at a terminal, for a CI server (JUnit), for a program (JSON).
//!
//! Reports see the run's [`events`](crate::events) and [`verdicts`](crate::verdict), nothing else.
//! [`terminal::Terminal`] hears every event as it comes; the two files are written from a
//! [`Record`] when the run is over:
//!
//! ```no_run
//! # use iotdm_suite::{events::Event, report::{Record, Style, json, junit, terminal::Terminal}};
//! # fn run(_: impl FnMut(Event)) {}
//! # fn main() -> std::io::Result<()> {
//! let mut terminal = Terminal::new(std::io::stdout(), Style::of_stdout());
//! let mut record = Record::default();
//! run(|event: Event| {
//!     // A closed pipe is no reason to stop the run.
//!     let _ = terminal.hear(&event);
//!     record.hear(&event);
//! });
//! junit::write(&record, std::fs::File::create("junit.xml")?)?;
//! json::write(&record, std::fs::File::create("report.json")?)?;
//! # Ok(())
//! # }
//! ```

mod case_text;
mod closing;
pub mod json;
pub mod junit;
mod page;
mod record;
mod style;
mod table;
pub mod terminal;
mod totals;
mod wrapping;

pub use record::Record;
pub use style::Style;

#[cfg(test)]
mod sample;
