//! 2.4 and 2.5 in time: which answer belongs to which command, and what a device survives.

use super::messages::{Answer, answers};
use super::scene::{Command, Scene};
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
    for answer in &answers {
        echo(&commands, answer, grades);
    }
    answered(scene, &commands, &answers, grades);
    survived(scene, &answers, grades);
    came_back(scene, grades);
}

/// An answer carries the mid of a command that came before it.
fn echo(commands: &[Command<'_>], answer: &Answer<'_>, grades: &mut Grades) {
    let before: Vec<&Command<'_>> = commands.iter().filter(|c| c.by.seq < answer.by.seq).collect();
    let meant = before.iter().find(|command| answer.mid() == Some(command.mid));
    let flaw = || {
        let mids: Vec<String> = before.iter().map(|c| format!("{} ({})", c.mid, c.cmd)).collect();
        let expected = if mids.is_empty() { "no answer: there was no command".to_owned() } else { mids.join(" or ") };
        let actual = answer.object.get("mid").map_or_else(|| "no mid".to_owned(), ToString::to_string);
        Flaw::new(answer.by, "an answer does not carry the mid of a command", expected, actual)
            .with(before.iter().map(|c| c.by.seq))
    };
    for id in [COMMAND_MID, ANSWER_MID] {
        grades.judge(id, meant.is_none().then(flaw));
    }
}

/// What the device said of the command that it knows.
fn answered(scene: &Scene<'_>, commands: &[Command<'_>], answers: &[Answer<'_>], grades: &mut Grades) {
    let unknown = scene.story.unknown.map(|(mid, _)| mid);
    let Some(command) = commands.iter().find(|c| unknown != Some(c.mid)) else { return };
    let end = commands.iter().find(|c| unknown == Some(c.mid)).map_or(u64::MAX, |c| c.by.seq);
    let of_it = |a: &&Answer<'_>| {
        a.mid() == Some(command.mid) || (a.by.seq > command.by.seq && a.by.seq < end && a.mid() != unknown)
    };
    let Some(answer) = answers.iter().find(of_it) else {
        let expected = format!("a deviceRsp with the mid {}", command.mid);
        grades.doubts(ANSWERS, Flaw::new(command.by, "a command is not answered", expected, "nothing in time"));
        return;
    };
    grades.keeps(ANSWERS);
    if matches!(answer.errcode(), Some(0 | 1)) {
        grades.keeps(MEANING);
    }
}

/// What the device did with a command that its product does not know.
fn survived(scene: &Scene<'_>, answers: &[Answer<'_>], grades: &mut Grades) {
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
    let Some(cut) = scene.story.cut else {
        grades.unseen(COMES_BACK, "its connection was not cut");
        return;
    };
    let Some(last) = scene.packets.iter().map(|(by, _, _)| *by).rfind(|by| by.seq <= cut) else { return };
    let back = scene.sessions().iter().any(|(by, _)| by.seq > cut);
    let flaw = || {
        let expected = "a CONNECT after the connection was lost";
        Flaw::new(last, "the device does not come back after its connection was lost", expected, "nothing in time")
    };
    if back { grades.keeps(COMES_BACK) } else { grades.doubts(COMES_BACK, flaw()) }
}
