//! How a report for the eye looks: width, colours, and whether lines can be overwritten.

use std::env;
use std::io::IsTerminal as _;

/// How a report for the eye looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// How many columns a line may have.
    pub width: usize,
    /// Whether colours are used.
    pub colour: bool,
    /// Whether the line of progress is overwritten in place.
    pub live: bool,
}

impl Style {
    /// For files and pipes: no colours, every line stays.
    pub const PLAIN: Self = Self { width: 100, colour: false, live: false };

    /// The style for this process's standard output.
    #[must_use]
    pub fn of_stdout() -> Self {
        let variable = |name| env::var_os(name).and_then(|value| value.into_string().ok());
        Self::choose(std::io::stdout().is_terminal(), variable("NO_COLOR").as_deref(), variable("TERM").as_deref())
    }

    /// Colours and live progress only on a terminal that can show them; an empty `NO_COLOR` counts
    /// as unset (no-color.org).
    #[must_use]
    pub fn choose(is_terminal: bool, no_color: Option<&str>, term: Option<&str>) -> Self {
        let able = is_terminal && term != Some("dumb");
        Self { colour: able && no_color.is_none_or(str::is_empty), live: able, ..Self::PLAIN }
    }
}

/// What a piece of text means, and so its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Doubtful,
}

impl Tone {
    /// The text in this tone.
    pub(super) fn paint(self, text: &str, colour: bool) -> String {
        let code = match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Doubtful => "33",
            Self::Plain => return text.to_owned(),
        };
        if colour && !text.trim().is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_need_a_terminal_and_consent() {
        let choose = |terminal, no_color, term| {
            let style = Style::choose(terminal, no_color, term);
            (style.colour, style.live)
        };
        assert_eq!(choose(true, None, Some("xterm")), (true, true));
        assert_eq!(choose(true, Some(""), None), (true, true));
        assert_eq!(choose(true, Some("1"), Some("xterm")), (false, true));
        assert_eq!(choose(true, None, Some("dumb")), (false, false));
        assert_eq!(choose(false, None, Some("xterm")), (false, false));
    }
}
