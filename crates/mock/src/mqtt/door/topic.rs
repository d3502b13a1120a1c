//! Topic names and filters, by section 4.7 of the standard.

/// Says what is wrong with a topic name.
pub(super) fn check_name(topic: &str) -> Result<(), &'static str> {
    if topic.is_empty() {
        return Err("empty topic name");
    }
    if topic.len() > usize::from(u16::MAX) {
        return Err("topic name longer than 65535 bytes");
    }
    if topic.contains(['+', '#']) {
        return Err("wildcard in a topic name");
    }
    check_characters(topic)
}

/// Says what is wrong with a topic filter.
pub(super) fn check_filter(filter: &str) -> Result<(), &'static str> {
    if filter.is_empty() {
        return Err("empty topic filter");
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level.contains('#') && (level != "#" || levels.peek().is_some()) {
            return Err("misplaced # in a topic filter");
        }
        if level.contains('+') && level != "+" {
            return Err("misplaced + in a topic filter");
        }
    }
    check_characters(filter)
}

/// Says what no string of the protocol may have. Surrogates are no UTF-8 to Rust, so they're out already.
pub(super) fn check_characters(text: &str) -> Result<(), &'static str> {
    if text.contains('\0') { Err("U+0000 in a string") } else { Ok(()) }
}

/// Whether a valid filter matches a valid topic name.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut names = topic.split('/');
    for level in filter.split('/') {
        if level == "#" {
            return true;
        }
        match names.next() {
            Some(name) if level == "+" || level == name => {}
            _ => return false,
        }
    }
    names.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_the_standard_says() {
        for (filter, topic, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/#", "a", true),
            ("a/#", "a/b/c", true),
            ("#", "/x", true),
            ("+", "/x", false),
            ("/+", "/x", true),
            ("+/+", "/x", true),
            ("a/+", "a", false),
            ("a/+/c", "a//c", true),
            ("#", "$SYS/x", false),
            ("+/x", "$SYS/x", false),
            ("$SYS/#", "$SYS/x", true),
            ("ü/+", "ü/x", true),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} on {topic}");
        }
    }

    #[test]
    fn knows_valid_filters_and_names() {
        for filter in ["#", "+", "/", "a/#", "+/a/+", "$share/x", "a//b"] {
            assert_eq!(check_filter(filter), Ok(()), "{filter}");
        }
        for filter in ["", "a#", "#/a", "a/#/b", "a+", "++", "a/+b", "a\0"] {
            assert!(check_filter(filter).is_err(), "{filter:?}");
        }
        assert_eq!(check_name("$oc/ü"), Ok(()));
        for name in ["", "a/+", "#", "\0"] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
