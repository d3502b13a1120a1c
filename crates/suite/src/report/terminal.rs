//! The report for a person who watches.
//!
//! While the run goes on: one line that is overwritten on a terminal, otherwise one short line a
//! chapter. What fails is printed in full as soon as it has; warnings, known failures and what did
//! not apply wait for the end, and the verdict is the last line.

use std::io::{self, Write};

use iotdm_spec::model::{Chapter, Party};

use super::page::{Page, count};
use super::record::Record;
use super::style::{Style, Tone};
use super::wrapping::columns;
use super::{case_text, closing};
use crate::events::{CaseFinished, Event, RunStarted, TargetSummary};
use crate::verdict::Verdict;

/// Erases the line and returns to its start.
const ERASE: &str = "\r\x1b[2K";
/// The line of progress must never wrap, or it could not be erased; a terminal has 80 columns.
const LIVE_WIDTH: usize = 78;

/// The report for a person who watches.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    style: Style,
    record: Record,
    /// The ids of the cases that run now, the oldest first.
    running: Vec<String>,
    /// Whether the line of progress stands on the screen.
    shown: bool,
    /// Whether the last thing printed was a case in full: what follows keeps a distance.
    after_case: bool,
}

impl<W: Write> Terminal<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, record: Record::default(), running: Vec::new(), shown: false, after_case: false }
    }

    /// What it has been written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Takes an event in and prints what it says.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn hear(&mut self, event: &Event) -> io::Result<()> {
        self.record.hear(event);
        let mut page = Page::new(self.style);
        match event {
            Event::RunStarted(started) => opening(&mut page, started),
            // They stand at the end, beside the totals.
            Event::Remark { .. } => {}
            Event::CaseStarted { case } => self.running.push(case.id.clone()),
            Event::CaseFinished(finished) => {
                self.running.retain(|id| *id != finished.case.id);
                self.ended(&mut page, finished);
            }
            Event::RunFinished { .. } => {
                self.running.clear();
                closing::write(&mut page, &self.record);
            }
        }
        self.print(&page.into_text(), matches!(event, Event::RunFinished { .. }))
    }

    fn ended(&mut self, page: &mut Page, finished: &CaseFinished) {
        if finished.verdict.fails_the_run() || matches!(finished.verdict, Verdict::HarnessError { .. }) {
            page.blank();
            case_text::full(page, self.party(), finished);
            self.after_case = true;
        }
        if !self.style.live {
            self.chapter_ended(page, finished.case.chapter);
        }
    }

    /// A log that nobody can overwrite gets one line a chapter, when its last case has ended.
    fn chapter_ended(&mut self, page: &mut Page, chapter: Chapter) {
        let of_chapter = |finished: &&CaseFinished| finished.case.chapter == chapter;
        let ended: Vec<&CaseFinished> = self.record.finished().iter().filter(of_chapter).collect();
        let selected = self.record.cases().iter().filter(|case| case.chapter == chapter).count();
        if ended.len() != selected {
            return;
        }
        let failed = ended.iter().filter(|f| f.verdict.fails_the_run()).count();
        let broken = ended.iter().filter(|f| matches!(f.verdict, Verdict::HarnessError { .. })).count();
        let mut text = format!("{} {}: {}", self.progress(), chapter.folder(), count(selected, "case"));
        if failed > 0 {
            text.push_str(&format!(", {failed} failed"));
        }
        if broken > 0 {
            text.push_str(&format!(", {broken} not judged"));
        }
        if std::mem::take(&mut self.after_case) {
            page.blank();
        }
        page.verbatim(0, Tone::Plain, &text);
    }

    /// `[ 3/12]`.
    fn progress(&self) -> String {
        let total = self.record.cases().len().to_string();
        format!("[{:>width$}/{total}]", self.record.finished().len(), width = total.len())
    }

    /// The oldest running case is the one that everything waits for.
    fn live_line(&self) -> Option<String> {
        let oldest = self.running.first()?;
        let failed = self.record.finished().iter().filter(|f| f.verdict.fails_the_run()).count();
        let mut line = self.progress();
        if failed > 0 {
            line.push_str(&format!(" {failed} failed"));
        }
        line.push_str(&format!("  {oldest}"));
        while columns(&line) > LIVE_WIDTH {
            line.pop();
        }
        Some(line)
    }

    fn print(&mut self, text: &str, last: bool) -> io::Result<()> {
        if self.shown {
            self.out.write_all(ERASE.as_bytes())?;
            self.shown = false;
        }
        self.out.write_all(text.as_bytes())?;
        if let Some(line) = self.live_line().filter(|_| self.style.live && !last) {
            self.out.write_all(Tone::Faint.paint(&line, self.style.colour).as_bytes())?;
            self.shown = true;
        }
        self.out.flush()
    }

    fn party(&self) -> Party {
        self.record.started().map_or(Party::Platform, |started| started.under_test)
    }
}

fn opening(page: &mut Page, started: &RunStarted) {
    let cases = count(started.cases.len(), "case");
    let party = started.under_test.as_str();
    let target = &started.target.name;
    page.pieces(&[(Tone::Plain, &format!("Checking the {party} with {cases}: ")), (Tone::Strong, target)]);
    if let Some(addresses) = addresses(&started.target) {
        page.paragraph(2, Tone::Plain, &addresses);
    }
}

/// Where the target is, and under whose name the cases act.
pub(super) fn addresses(target: &TargetSummary) -> Option<String> {
    let mut parts = Vec::new();
    if !target.base_url.is_empty() {
        parts.push(format!("REST {}", target.base_url));
    }
    parts.extend(target.mqtt.as_ref().map(|mqtt| format!("MQTT {mqtt}")));
    if !target.application.is_empty() {
        parts.push(format!("application {}", target.application));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests;
