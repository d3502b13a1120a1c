//! A program under test: started with what it needs to know, ended by its own handle.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::wire::transcript::{Secrets, body_text};

/// How many lines of a program's output a report shows.
const LINES: usize = 40;
/// The longest line that is kept whole.
const LONGEST_LINE: usize = 400;
/// How long the last lines of a program that has ended may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(200);

type Tail = Arc<Mutex<VecDeque<String>>>;

/// A program that runs; it is killed when it is dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    ended: Option<ExitStatus>,
    tail: Tail,
    readers: Vec<JoinHandle<()>>,
}

impl Program {
    /// Starts a program: its name, then its arguments.
    pub(super) fn start(command: &[String], environment: &[(&str, String)]) -> Result<Self, String> {
        let (name, arguments) = command.split_first().ok_or("there is no command to start")?;
        let mut child = Command::new(name)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("{name} cannot be started: {e}"))?;
        let tail = Tail::default();
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|output| tokio::spawn(read(output, tail.clone()))));
        readers.extend(child.stderr.take().map(|output| tokio::spawn(read(output, tail.clone()))));
        Ok(Self { child, ended: None, tail, readers })
    }

    /// Waits until the program ends by itself. It may be dropped at any time.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, String> {
        if let Some(status) = self.ended {
            return Ok(status);
        }
        let status = self.child.wait().await.map_err(|e| format!("the program cannot be waited for: {e}"))?;
        self.ended = Some(status);
        Ok(status)
    }

    /// Ends it if it still runs, and gives the end of what it wrote, without secrets.
    pub(super) async fn end(mut self, secrets: &Secrets) -> String {
        if self.ended.is_none() {
            // It may have ended a moment ago, which is all that is wanted.
            let _ = self.child.kill().await;
        }
        for reader in &mut self.readers {
            // A grandchild may hold the pipe open: what has not come by now is not waited for.
            if tokio::time::timeout(LAST_WORDS, &mut *reader).await.is_err() {
                reader.abort();
            }
        }
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<String> = tail.iter().map(|line| without_tokens(&secrets.hide(line))).collect();
        lines.join("\n")
    }
}

async fn read(output: impl AsyncRead + Unpin, tail: Tail) {
    let mut reader = BufReader::new(output);
    let mut bytes = Vec::new();
    while let Ok(1..) = reader.read_until(b'\n', &mut bytes).await {
        let line: String = String::from_utf8_lossy(&bytes).trim_end().chars().take(LONGEST_LINE).collect();
        bytes.clear();
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.len() == LINES {
            tail.pop_front();
        }
        tail.push_back(line);
    }
}

/// A line of a program's output without the tokens that it may have printed.
fn without_tokens(line: &str) -> String {
    let line = body_text(line, "");
    let mut words = Vec::new();
    let mut hide = false;
    for word in line.split(' ') {
        let starts = word.trim_matches('"').eq_ignore_ascii_case("bearer");
        words.push(if hide && !word.is_empty() { "***" } else { word });
        hide = starts || (hide && word.is_empty());
    }
    words.join(" ")
}

/// How a program has ended, in words.
pub(super) fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with exit code {code}"),
        None => format!("it was ended by a signal ({status})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    #[tokio::test]
    async fn a_program_gets_its_environment_and_its_output_is_kept() {
        let secrets = Secrets::default();
        secrets.learn("hunter2000");
        let script = "echo $IOTDM_X; echo Bearer 0123 >&2; exit 3";
        let mut program = Program::start(&shell(script), &[("IOTDM_X", "hunter2000".to_owned())]).unwrap();
        let status = program.ended().await.unwrap();
        assert_eq!(in_words(status), "it ended with exit code 3");
        let output = program.end(&secrets).await;
        let mut lines: Vec<&str> = output.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["***", "Bearer ***"]);
    }

    #[tokio::test]
    async fn a_program_that_goes_on_is_ended() {
        let program = Program::start(&shell("echo on; exec sleep 60"), &[]).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(program.end(&Secrets::default()).await, "on");
        assert!(Program::start(&["/nowhere/at/all".to_owned()], &[]).is_err());
    }
}
