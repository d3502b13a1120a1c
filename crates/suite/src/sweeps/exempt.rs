//! What the rulings exempt from the derived cases, or soften to a warning.

use super::Defect;

/// How a derived case is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// As the table says.
    Judge,
    /// A broken expectation is a warning: only the ruling settles the point.
    Warn(&'static str),
    /// There is no such case.
    Skip,
}

/// Operation (`*`: every one), path, defect, treatment; the first that fits holds.
const TABLE: &[(&str, &str, Defect, Treatment)] = &[
    // too long an id or a secret is also a wrong one.
    ("login", "appId", Defect::TooLong, Treatment::Skip),
    ("login", "secret", Defect::TooLong, Treatment::Skip),
    ("refresh_token", "appId", Defect::TooLong, Treatment::Skip),
    ("refresh_token", "secret", Defect::TooLong, Treatment::Skip),
    // too long a refresh token is also an unknown one.
    ("refresh_token", "refreshToken", Defect::TooLong, Treatment::Skip),
    // too long an appId is also that of an unknown application.
    ("*", "appId", Defect::TooLong, Treatment::Skip),
    ("*", "ownerAppId", Defect::TooLong, Treatment::Skip),
    // A product of too long an id is also an unknown one.
    ("*", "productId", Defect::TooLong, Treatment::Skip),
    // A group of too long an id is also an unknown one.
    ("*", "devGroupId", Defect::TooLong, Treatment::Skip),
    // the type cell and the range of the text disagree about the largest page.
    ("query_group_members", "pageSize", Defect::AboveMaximum, Treatment::Skip),
    // no row, not asserted.
    ("delete_device", "cascade", Defect::WrongType, Treatment::Skip),
    // a channel of no meaning deletes nothing; whether that is a success is open.
    ("delete_subscriptions", "channel", Defect::None, Treatment::Skip),
    // A URL that nothing was subscribed with, however long, is one that is not found; A-145: 1024 may be.
    ("delete_subscriptions", "callbackUrl", Defect::None, Treatment::Skip),
    ("delete_subscriptions", "callbackUrl", Defect::TooLong, Treatment::Skip),
    ("query_devices", "select", Defect::NotListed, Treatment::Warn("A-105")),
    ("query_device", "select", Defect::NotListed, Treatment::Warn("A-105")),
    ("subscribe_business_data", "ownerFlag", Defect::NotListed, Treatment::Warn("A-136")),
    // obligatory, yet with a default: only another value is tested.
    ("send_command", "header.mode", Defect::Missing, Treatment::Skip),
    ("send_command", "header.mode", Defect::Empty, Treatment::Skip),
    // 0 sends at once, which a device that was never connected may refuse.
    ("create_command", "expireTime", Defect::None, Treatment::Skip),
];

/// How the case of this operation, path and defect is taken.
pub(super) fn treatment(operation: &str, path: &str, defect: Defect) -> Treatment {
    let fits = |(op, at, kind, _): &&(&str, &str, Defect, Treatment)| {
        (*op == "*" || *op == operation) && *at == path && *kind == defect
    };
    TABLE.iter().find(fits).map_or(Treatment::Judge, |(_, _, _, treatment)| *treatment)
}
