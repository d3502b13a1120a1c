//! Text of others made fit for a page: no control characters, no line wider than the page.

use std::fmt::Write as _;

/// Lines longer than this are cut: a body of a megabyte is no help to a reader. The JSON report
/// has every character.
const LONGEST_LINE: usize = 2000;

/// The text without anything that could move the cursor, recolour the screen or turn the direction
/// of writing: what a target sends must not be able to forge a report.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => shown.push(c),
            '\t' => shown.push_str("    "),
            c if c.is_control() || turns_direction(c) => {
                let _ = write!(shown, "{}", c.escape_unicode());
            }
            c => shown.push(c),
        }
    }
    shown
}

const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How many columns the text takes: East Asian wide characters take two.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(column_count).sum()
}

const fn column_count(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}' | '\u{200d}' | '\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// The text in lines of at most `width` columns, broken after a blank or a separator of JSON and
/// forms if there is one not too far back, anywhere otherwise.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    printable(text).lines().flat_map(|line| wrap_line(&cut(line), width)).collect()
}

fn cut(line: &str) -> String {
    let surplus = line.chars().count().saturating_sub(LONGEST_LINE);
    if surplus == 0 {
        return line.to_owned();
    }
    let kept: String = line.chars().take(LONGEST_LINE).collect();
    format!("{kept}… ({surplus} more characters)")
}

fn wrap_line(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = line;
    loop {
        let end = fitting(rest, width);
        if end == rest.len() {
            lines.push(rest.trim_end().to_owned());
            return lines;
        }
        let at = last_break(rest, end, width);
        let (head, tail) = rest.split_at(at);
        lines.push(head.trim_end().to_owned());
        rest = tail.trim_start_matches(' ');
    }
}

/// The length in bytes of the longest beginning that fits; at least one character.
fn fitting(text: &str, width: usize) -> usize {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += column_count(c);
        if taken > width && at > 0 {
            return at;
        }
    }
    text.len()
}

fn last_break(text: &str, end: usize, width: usize) -> usize {
    let head = &text[..end];
    if text[end..].starts_with(' ') {
        return end;
    }
    let after = |found: Option<(usize, &str)>| {
        found.map(|(at, sign)| at + sign.len()).filter(|at| columns(&text[..*at]) > width / 3)
    };
    after(head.rmatch_indices(' ').next())
        .or_else(|| after(head.rmatch_indices([',', '&', ';', '?']).next()))
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_at_blanks_then_at_separators_then_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one two", 3), ["one", "two"]);
        assert_eq!(wrap(r#"{"a":1,"b":2}"#, 9), [r#"{"a":1,"#, r#""b":2}"#]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(wrap("设备设备", 4), ["设备", "设备"]);
        assert_eq!(wrap("设", 1), ["设"]);
    }

    #[test]
    fn a_target_cannot_move_the_cursor() {
        assert_eq!(printable("a\u{1b}[2J\rb\u{202e}c\r\nd"), "a\\u{1b}[2J\\u{d}b\\u{202e}c\nd");
    }

    #[test]
    fn a_monstrous_line_is_cut() {
        let lines = wrap(&"x".repeat(5000), 100);
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[20], "… (3000 more characters)");
    }
}
