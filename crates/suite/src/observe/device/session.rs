//! 2.4 and 2.5 in time: which answer belongs to which command, and what a device survives.

use super::messages::{Answer, answers};
use super::scene::{Command, End, Scene};
use crate::observe::feed::Observation;
use crate::observe::grades::{Flaw, Grades};

/// A case of our own: no rule says that a device answers at all.
pub(super) const ANSWERS: &str = "2.5/session/answers-a-command";
/// A case of our own.
pub(super) const SURVIVES: &str = "2.4/session/survives-a-command-that-it-cannot-know";
/// A case of our own.
pub(super) const COMES_BACK: &str = "2.2/session/comes-back-after-a-lost-connection";

const COMMAND_MID: &str = "2.4/rule/mid-echo";
const ANSWER_MID: &str = "2.5/rule/mid-echo";
const MEANING: &str = "2.5/rule/errcode-meaning";

/// Grades the answers by the commands, and the session as a whole.
pub(super) fn grade(scene: &Scene<'_>, grades: &mut Grades) {
    let commands = scene.commands();
    let answers = answers(scene);
    if commands.is_empty() {
        for id in [COMMAND_MID, ANSWER_MID, MEANING, ANSWERS] {
            grades.unseen(id, "no command reached the device");
        }
    } else {
        for id in [COMMAND_MID, ANSWER_MID, MEANING] {
            grades.unseen(id, "the device answered no command");
        }
    }
    echoes(&commands, &answers, grades);
    answered(scene, &commands, &answers, grades);
    survived(scene, &answers, grades);
    came_back(scene, grades);
}

/// An answer carries the mid of a command that came before it and that no other has answered: a
/// number that never changes is right once, too.
fn echoes(commands: &[Command<'_>], answers: &[Answer<'_>], grades: &mut Grades) {
    let mut open: Vec<(&Command<'_>, bool)> = commands.iter().map(|command| (command, true)).collect();
    for (index, answer) in answers.iter().enumerate() {
        if answers[..index].iter().any(|earlier| is_sent_again(earlier, answer)) {
            continue;
        }
        let meant = open
            .iter_mut()
            .find(|(command, open)| *open && command.by.seq < answer.by.seq && answer.mid() == Some(command.mid));
        let flaw = match meant {
            Some((_, open)) => {
                *open = false;
                None
            }
            None => Some(stray(&open, answer)),
        };
        for id in [COMMAND_MID, ANSWER_MID] {
            grades.judge(id, flaw.clone());
        }
    }
}

/// Whether an answer is an earlier one once more, since its receipt had not come.
fn is_sent_again(earlier: &Answer<'_>, answer: &Answer<'_>) -> bool {
    earlier.object == answer.object && (answer.dup || answer.session != earlier.session)
}

/// An answer to nothing; `open` tells which commands are not answered yet.
fn stray(open: &[(&Command<'_>, bool)], answer: &Answer<'_>) -> Flaw {
    let before: Vec<_> = open.iter().filter(|(command, _)| command.by.seq < answer.by.seq).collect();
    let waiting: Vec<String> =
        before.iter().filter(|(_, open)| *open).map(|(c, _)| format!("{} ({})", c.mid, c.cmd)).collect();
    let again = before.iter().any(|(command, open)| !open && answer.mid() == Some(command.mid));
    let headline = if again {
        "an answer carries the mid of a command that is answered already"
    } else {
        "an answer does not carry the mid of a command"
    };
    let expected = match (before.is_empty(), waiting.is_empty()) {
        (true, _) => "no answer: there was no command".to_owned(),
        (false, true) => "no answer: every command is answered".to_owned(),
        (false, false) => waiting.join(" or "),
    };
    let actual = answer.object.get("mid").map_or_else(|| "no mid".to_owned(), ToString::to_string);
    Flaw::new(answer.by, headline, expected, actual).with(before.iter().map(|(c, _)| c.by.seq))
}

/// What the device said of the commands that it knows.
fn answered(scene: &Scene<'_>, commands: &[Command<'_>], answers: &[Answer<'_>], grades: &mut Grades) {
    let unknown = scene.story.unknown.map(|(mid, _)| mid);
    let known = commands.iter().enumerate().filter(|(_, command)| unknown != Some(command.mid));
    // A command that came twice need not be answered twice.
    let is_repeated =
        |index: usize, c: &Command<'_>| commands[..index].iter().any(|e| (e.mid, &e.cmd) == (c.mid, &c.cmd));
    for (index, command) in known.filter(|(index, command)| !is_repeated(*index, command)) {
        let end = commands.get(index + 1).map_or(u64::MAX, |next| next.by.seq);
        let of_it = |a: &&Answer<'_>| {
            a.by.seq > command.by.seq && (a.mid() == Some(command.mid) || (a.by.seq < end && a.mid() != unknown))
        };
        let Some(answer) = answers.iter().find(of_it) else {
            let expected = format!("a deviceRsp with the mid {}", command.mid);
            grades.doubts(ANSWERS, Flaw::new(command.by, "a command is not answered", expected, "nothing in time"));
            continue;
        };
        grades.keeps(ANSWERS);
        if matches!(answer.errcode(), Some(0 | 1)) {
            grades.keeps(MEANING);
        }
    }
}

/// The end of the device's program, if that was before we cut its connection. What ends then is no
/// longer there to be cut off; what ends after it may be started anew by whoever looks after it.
fn early_end<'a>(scene: &Scene<'a>) -> Option<(&'a Observation, &'a End)> {
    let end = scene.story.end.as_ref()?;
    // A program that has started the device and left is not the device.
    let back = scene.story.cut.is_some_and(|cut| scene.sessions().iter().any(|(by, _)| by.seq > cut));
    if end.after_cut || back {
        return None;
    }
    let last = scene.packets.iter().map(|(by, _, _)| *by).rfind(|by| by.seq <= end.seq)?;
    Some((last, end))
}

/// What the device did with a command that its product does not know.
fn survived(scene: &Scene<'_>, answers: &[Answer<'_>], grades: &mut Grades) {
    let commands = scene.commands();
    if let Some((last, end)) = early_end(scene)
        && let Some(command) = commands.iter().rfind(|command| command.by.seq <= end.seq)
    {
        let headline = format!("the device's program ends after the command {}", command.cmd);
        let flaw = Flaw::new(last, headline, "it goes on, whatever the command", end.told());
        let flaw = flaw.with([command.by.seq]);
        if end.well { grades.doubts(SURVIVES, flaw) } else { grades.breaks(SURVIVES, flaw) }
    }
    let Some((mid, before)) = scene.story.unknown else {
        grades.unseen(SURVIVES, "no such command was sent");
        return;
    };
    let until = scene.story.cut.unwrap_or(u64::MAX);
    let within = |o: &Observation| o.seq > before && o.seq <= until;
    let left = scene.packets.iter().find(|(by, p, _)| within(by) && p.packet == "DISCONNECT").map(|(by, _, _)| *by);
    let again = scene.connects.iter().find(|(by, _)| within(by)).map(|(by, _)| *by);
    let last = scene.seen.iter().rfind(|o| within(o)).filter(|_| scene.story.gone);
    let lost = left.or(again).or(last);
    let flaw = |by: &Observation| {
        let expected = "the connection stays, whether the command is answered or not";
        Flaw::new(by, "a command that the device cannot know ends its connection", expected, "the connection ended")
    };
    match lost {
        Some(by) => grades.doubts(SURVIVES, flaw(by)),
        None => grades.keeps(SURVIVES),
    }
    let answer = answers.iter().find(|a| a.by.seq > before && a.mid() == Some(mid));
    match answer.map(|answer| (answer, answer.errcode())) {
        Some((answer, Some(0))) => {
            let headline = "a command that the device cannot know is answered as if it had been carried out";
            grades.doubts(MEANING, Flaw::new(answer.by, headline, "errcode 1", "errcode 0"));
        }
        Some((_, Some(_))) => grades.keeps(MEANING),
        _ => {}
    }
}

fn came_back(scene: &Scene<'_>, grades: &mut Grades) {
    if let Some((last, end)) = early_end(scene) {
        let headline = "the device's program ends before its connection could be cut";
        let flaw = Flaw::new(last, headline, "it goes on until the check ends it", end.told());
        // One that has nothing to wait for may be done.
        if end.well && !scene.story.takes_commands {
            grades.unseen(COMES_BACK, &format!("its program was over: {}", end.words));
        } else if !end.well && scene.commands().is_empty() {
            grades.breaks(COMES_BACK, flaw);
        } else {
            grades.doubts(COMES_BACK, flaw);
        }
        return;
    }
    let Some(cut) = scene.story.cut else {
        grades.unseen(COMES_BACK, "its connection was not cut");
        return;
    };
    let Some(last) = scene.packets.iter().map(|(by, _, _)| *by).rfind(|by| by.seq <= cut) else { return };
    let back = scene.sessions().iter().any(|(by, _)| by.seq > cut);
    let flaw = || {
        let expected = "a CONNECT after the connection was lost";
        let mut actual = "nothing in time".to_owned();
        if let Some(end) = &scene.story.end {
            actual.push_str(&format!("; its program: {}", end.told()));
        }
        Flaw::new(last, "the device does not come back after its connection was lost", expected, actual)
    };
    if back { grades.keeps(COMES_BACK) } else { grades.doubts(COMES_BACK, flaw()) }
}
