//! What only the platform knows of a device's messages: whether they fit the product's model. It notes
//! where they do not, and names the requirement.

use super::messages::{BODY_BY_MODEL, BY_MODEL};
use super::scene::Scene;
use crate::observe::grades::{Flaw, Grades};

/// The requirements on which its word is taken; all others we judge ourselves, from the packets.
const ITS_OWN: [&str; 2] = [BY_MODEL, BODY_BY_MODEL];

/// Grades what the platform notes. What it took all the same only warns.
pub(super) fn grade(scene: &Scene<'_>, grades: &mut Grades) {
    for (by, note) in scene.notes() {
        for deviation in &note.deviations {
            let Some(id) = ITS_OWN.iter().find(|id| **id == deviation.requirement) else { continue };
            let expected = "what the product's model says";
            let headline = "a message leaves the product's model, as the platform knows it";
            let flaw = Flaw::new(by, headline, expected, deviation.text.clone());
            if deviation.tolerated { grades.doubts(id, flaw) } else { grades.breaks(id, flaw) }
        }
    }
}
