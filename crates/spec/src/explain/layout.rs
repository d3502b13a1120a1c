//! Text in columns, for a terminal.

/// The width of a page.
pub(super) const WIDTH: usize = 96;

/// A page under construction.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// One line as it stands.
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    /// One line with a remark at the right edge.
    pub(super) fn line_with(&mut self, text: &str, remark: &str) {
        let gap = WIDTH.saturating_sub(text.chars().count() + remark.chars().count()).max(2);
        self.line(&format!("{text}{}{remark}", " ".repeat(gap)));
    }

    /// An empty line and a heading, with the name of the column at the right edge.
    pub(super) fn heading_with(&mut self, text: &str, remark: &str) {
        self.line("");
        self.line_with(text, remark);
    }

    /// A label, then text that wraps beside it, then a remark at the right edge of the first line.
    pub(super) fn row(&mut self, label: &str, text: &str, remark: &str) {
        let indent = label.chars().count();
        let taken = if remark.is_empty() { 0 } else { remark.chars().count() + 2 };
        let room = WIDTH.saturating_sub(indent + taken).max(20);
        for (number, part) in wrap(text, room).iter().enumerate() {
            match number {
                0 => self.line_with(&format!("{label}{part}"), remark),
                _ => self.line(&format!("{}{part}", " ".repeat(indent))),
            }
        }
    }

    /// Text that wraps at an indent.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        self.row(&" ".repeat(indent), text, "");
    }

    /// The page's text.
    pub(super) fn done(self) -> String {
        self.0
    }
}

/// Breaks a text into lines of at most `width` characters, at blanks. There is always one line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
    }
    lines
}

/// A number and its noun: `1 case`, `2 cases`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Remarks that are not empty, separated.
pub(super) fn remarks(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
