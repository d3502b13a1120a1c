//! The command that runs a check again, as a shell reads it.

use std::fmt;
use std::path::Path;

/// The variable that stands for a secret in a command line.
const SECRET: &str = "SECRET";

/// The command that runs a check again. Printed, each word is quoted where a shell would change it.
#[derive(Debug, Clone)]
pub struct Again {
    words: Vec<String>,
    secret: bool,
}

impl Again {
    /// A check of a party: `platform`, `device`, `app`.
    #[must_use]
    pub fn of(party: &str) -> Self {
        Self { words: ["iotdm", "check", party].map(str::to_owned).to_vec(), secret: false }
    }

    /// A switch.
    pub fn switch(&mut self, name: &str) {
        self.words.push(name.to_owned());
    }

    /// An option with its value.
    pub fn option(&mut self, name: &str, value: &str) {
        // A value that looks like an option is only taken for one that is glued to its name.
        if value.starts_with('-') {
            self.words.push(quoted(&format!("{name}={value}")));
        } else {
            self.words.extend([name.to_owned(), quoted(value)]);
        }
    }

    /// An option whose value is a file, if there is one.
    pub fn file(&mut self, name: &str, file: Option<&Path>) {
        if let Some(file) = file {
            self.option(name, &file.display().to_string());
        }
    }

    /// An option whose value is a secret: a variable stands for it.
    pub fn secret(&mut self, name: &str) {
        self.words.push(format!("{name}=\"${SECRET}\""));
        self.secret = true;
    }

    /// The command of the program under test, if there is one.
    pub fn command(&mut self, command: &[String]) {
        if !command.is_empty() {
            self.words.push("--".to_owned());
            self.words.extend(command.iter().map(|word| quoted(word)));
        }
    }
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))?;
        if self.secret {
            write!(f, "  # with {SECRET} set to the secret")?;
        }
        Ok(())
    }
}

/// A word as a POSIX shell has to see it to take it as it is.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_advice_can_be_typed() {
        assert_eq!(
            quoted("1.5.2/derived/refuses-without-deviceInfo.nodeId"),
            "1.5.2/derived/refuses-without-deviceInfo.nodeId"
        );
        assert_eq!(quoted("my files/t.yaml"), "'my files/t.yaml'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a[0]"), "'a[0]'");
    }

    #[test]
    fn a_shell_reads_the_words_that_were_meant() {
        let words =
            ["plain", "two words", "it's", "$HOME", "a;b|c", "", "{host}:{port}", "\\", "line\nbreak", "*", "~"];
        let mut again = Again::of("device");
        again.option("--node-id", "-x y");
        again.secret("--secret");
        again.command(&words.map(str::to_owned));
        let script = format!("set -- {again}\nfor word; do printf '%s\\0' \"$word\"; done");
        let output = std::process::Command::new("sh").args(["-c", &script]).env("SECRET", "s 1").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let read: Vec<&str> = text.strip_suffix('\0').unwrap().split('\0').collect();
        let before = ["iotdm", "check", "device", "--node-id=-x y", "--secret=s 1", "--"];
        assert_eq!(read, [&before[..], &words[..]].concat());
    }
}
