//! `{matches: …}`: the small part of regular expressions that cases need.
//!
//! A shape describes the whole text. It knows literal characters, `.`, `[classes]` with ranges and
//! `^`, `\d` and `\`-escapes, each of which `?`, `*`, `+`, `{n}` or `{n,m}` may follow; a leading `^`
//! and a trailing `$` are allowed and mean nothing. Everything else is an error of the case file.

/// A compiled shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    class: Class,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Class {
    Any,
    One(char),
    Set { ranges: Vec<(char, char)>, negated: bool },
}

impl Class {
    fn has(&self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => *one == c,
            Self::Set { ranges, negated } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated,
        }
    }
}

impl Shape {
    /// Reads a shape.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(source: &str) -> Result<Self, String> {
        let inner = source.strip_prefix('^').unwrap_or(source);
        let inner = inner.strip_suffix('$').unwrap_or(inner);
        let mut rest: &[char] = &inner.chars().collect::<Vec<_>>();
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (class, after) = class(rest)?;
            let (least, most, after) = repetition(after)?;
            parts.push(Part { class, least, most });
            rest = after;
        }
        Ok(Self { source: source.to_owned(), parts })
    }

    /// Whether the whole text has this shape.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        fits(&self.parts, &text)
    }

    /// The shape as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

fn fits(parts: &[Part], text: &[char]) -> bool {
    let Some((part, parts)) = parts.split_first() else {
        return text.is_empty();
    };
    let run = text.iter().take(part.most).take_while(|c| part.class.has(**c)).count();
    (part.least..=run).rev().any(|taken| text.get(taken..).is_some_and(|rest| fits(parts, rest)))
}

fn class(rest: &[char]) -> Result<(Class, &[char]), String> {
    match rest {
        ['.', after @ ..] => Ok((Class::Any, after)),
        ['\\', 'd', after @ ..] => Ok((Class::Set { ranges: vec![('0', '9')], negated: false }, after)),
        ['\\', escaped, after @ ..] if !escaped.is_ascii_alphanumeric() => Ok((Class::One(*escaped), after)),
        ['[', after @ ..] => set(after),
        [c @ ('\\' | '(' | ')' | '|' | '*' | '+' | '?' | '{' | '}' | ']' | '^' | '$'), ..] => {
            Err(format!("`{c}` is not understood here (write `\\{c}` for the character itself)"))
        }
        [c, after @ ..] => Ok((Class::One(*c), after)),
        [] => Err("the shape is empty".to_owned()),
    }
}

fn set(rest: &[char]) -> Result<(Class, &[char]), String> {
    let end = rest.iter().position(|c| *c == ']').ok_or("`[` is not closed")?;
    let (inner, after) = (&rest[..end], &rest[end + 1..]);
    let (negated, mut inner) = match inner {
        ['^', inner @ ..] => (true, inner),
        inner => (false, inner),
    };
    let mut ranges = Vec::new();
    while let [first, more @ ..] = inner {
        match more {
            ['-', last, more @ ..] => {
                ranges.push((*first, *last));
                inner = more;
            }
            more => {
                ranges.push((*first, *first));
                inner = more;
            }
        }
    }
    Ok((Class::Set { ranges, negated }, after))
}

fn repetition(rest: &[char]) -> Result<(usize, usize, &[char]), String> {
    match rest {
        ['?', after @ ..] => Ok((0, 1, after)),
        ['*', after @ ..] => Ok((0, usize::MAX, after)),
        ['+', after @ ..] => Ok((1, usize::MAX, after)),
        ['{', after @ ..] => {
            let end = after.iter().position(|c| *c == '}').ok_or("`{` is not closed")?;
            let inner: String = after[..end].iter().collect();
            let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
            let number = |text: &str| text.trim().parse().map_err(|_| format!("`{{{inner}}}` is no repetition"));
            Ok((number(least)?, number(most)?, &after[end + 1..]))
        }
        after => Ok((1, 1, after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(shape: &str, text: &str) -> bool {
        Shape::parse(shape).unwrap().fits(text)
    }

    #[test]
    fn describes_whole_texts() {
        let uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
        assert!(fits(uuid, "0b9ad6cb-43f1-4f4c-bb1c-8b3f7a1f9d55"));
        assert!(!fits(uuid, "0b9ad6cb-43f1-4f4c-bb1c-8b3f7a1f9d5"));
        assert!(fits(r"\d{8}T\d{6}Z", "20200214T080000Z"));
        assert!(fits(".+", "x") && !fits(".+", "") && fits("a?b*c", "bbc") && !fits("a?b*c", "aac"));
        assert!(fits("[^x]{1,3}", "ab") && !fits("[^x]{1,3}", "axb") && fits(r"a\.b", "a.b"));
    }

    #[test]
    fn what_it_does_not_know_is_an_error() {
        for shape in ["(a|b)", "a**", r"\w", "[a", "a{x}"] {
            assert!(Shape::parse(shape).is_err(), "{shape}");
        }
    }
}
