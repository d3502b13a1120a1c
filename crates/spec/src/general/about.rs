//! 1.1 Before you start. Lines 143 to 160.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "1.1",
    name: "about",
    title: "Before you start",
    chapter: Chapter::General,
    lines: (143, 160),
    recipe_of: None,
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "restful-https" = Platform Must 151: "The platform offers its functions as a RESTful API that is called by HTTPS requests.";
    "old-versions-usable" = Platform Must 157: "When an interface gets a new version, its older version stays usable.";
    "new-functions-in-new-version" = Platform Must 157: "Older versions of an interface get no more enhancements; new functions appear in the new version only.";
    "tolerate-new-members" = Application Must 158: "An application accepts or ignores members newly added to answers and pushed messages and does not fail because of them.";
    "ca-certificate" = Application Must 159: "An application that calls the API has the platform's CA certificate installed beforehand.";
}

errata! {}
