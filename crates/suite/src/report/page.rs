//! A page of text in the making: margins, wrapping, tones.

use super::style::{Style, Tone};
use super::wrapping::{columns, printable, wrap};

/// However deep the margin, that many columns remain for the text.
const NARROWEST: usize = 24;

/// A page of text in the making.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    style: Style,
}

impl Page {
    pub(super) const fn new(style: Style) -> Self {
        Self { text: String::new(), style }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The columns that remain beside a margin.
    pub(super) fn beside(&self, margin: usize) -> usize {
        self.style.width.saturating_sub(margin).max(NARROWEST)
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Pieces of one line, each in its tone, without wrapping.
    pub(super) fn pieces(&mut self, pieces: &[(Tone, &str)]) {
        for (at, (tone, piece)) in pieces.iter().enumerate() {
            let piece = printable(piece);
            let piece = if at + 1 == pieces.len() { piece.trim_end() } else { &piece };
            self.text.push_str(&tone.paint(piece, self.style.colour));
        }
        self.text.push('\n');
    }

    /// One line that is not wrapped, because a person copies it or because its columns matter.
    pub(super) fn verbatim(&mut self, indent: usize, tone: Tone, text: &str) {
        self.pieces(&[(Tone::Plain, &" ".repeat(indent)), (tone, text)]);
    }

    /// Wrapped text behind so many blanks.
    pub(super) fn paragraph(&mut self, indent: usize, tone: Tone, text: &str) {
        self.entry(&" ".repeat(indent), tone, text);
    }

    /// Wrapped text beside a margin that stands on the first line only.
    pub(super) fn entry(&mut self, margin: &str, tone: Tone, text: &str) {
        let width = columns(margin);
        let lines = wrap(text, self.beside(width));
        if lines.is_empty() {
            self.pieces(&[(Tone::Faint, margin)]);
        }
        for (at, line) in lines.iter().enumerate() {
            let under = " ".repeat(width);
            let margin = if at == 0 { margin } else { &under };
            match line.is_empty() {
                true if at > 0 => self.blank(),
                _ => self.pieces(&[(Tone::Faint, margin), (tone, line)]),
            }
        }
    }
}

/// `1 case`, `2 cases`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A duration as a person says it.
pub(super) fn spoken(duration: std::time::Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.as_millis());
    match seconds {
        0 => format!("{millis} ms"),
        1..=59 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}
