//! 2.2: the CONNECT packets of a device.

use iotdm_spec::check;
use iotdm_spec::mqtt::connect::MESSAGE;
use iotdm_spec::requirement::parameter_id;
use serde_json::{Map, Value};

use super::scene::{Scene, Story};
use crate::observe::feed::{Connect, Observation};
use crate::observe::grades::{Flaw, Grades};
use crate::steps::scope::parse_utc;

/// 1.5.2: a device gets in by its id and its password.
pub(super) const ACCESS: &str = "1.5.2/rule/access-with-id-and-password";

const PARTS: &str = "2.2/rule/client-id-parts";
const COMPLETE: &str = "2.2/rule/client-id-complete";
const FIRST_PART: &str = "2.2/rule/client-id-device-id";
const AUTH_TYPE: &str = "2.2/rule/auth-type";
const SIGN_TYPE: &str = "2.2/rule/sign-type";
const TIMESTAMP: &str = "2.2/rule/timestamp-format";
const TIMESTAMP_THERE: &str = "2.2/rule/timestamp-always-present";
const USERNAME: &str = "2.2/rule/username";
const HMAC: &str = "2.2/rule/password-hmac";
const SECRET: &str = "2.2/rule/password-secret";
const CERTIFICATE: &str = "2.2/rule/tls-certificate";

/// The platform takes a timestamp that is off by so many hours.
const HOURS_OFF: i64 = 1;
const DIGITS: &str = "64 lower-case hexadecimal digits: HMAC-SHA256 with the client id's timestamp as the key and the \
                      device's secret as the message";
const FOUR_PARTS: &str = "{device id or node id}_{0 or 2}_{0 or 1}_{YYYYMMDDHH}";

/// Grades every CONNECT.
pub(super) fn grade(scene: &Scene<'_>, grades: &mut Grades) {
    let reason = "the platform's side of a connection does not show whether the device checks the certificate";
    grades.aside(CERTIFICATE, reason);
    for (by, connect) in &scene.connects {
        table(by, connect, grades);
        client_id(scene.story, by, connect, grades);
        password(by, connect, grades);
        if connect.accepted {
            grades.keeps(ACCESS);
        }
    }
}

/// The three rows of the table.
fn table(by: &Observation, connect: &Connect, grades: &mut Grades) {
    let mut object = Map::from_iter([("clientId".to_owned(), Value::from(connect.client_id.as_str()))]);
    if let Some(username) = &connect.username {
        object.insert("Username".to_owned(), Value::from(username.as_str()));
    }
    if connect.password != "absent" {
        // The journal does not hold the password; how long it is does not matter if it is right.
        object.insert("Password".to_owned(), Value::from("*"));
    }
    let (_, findings) = check::object(MESSAGE.fields, &object);
    for field in MESSAGE.fields {
        let finding = findings.iter().find(|finding| finding.path == field.name);
        let flaw = finding.map(|finding| {
            Flaw::new(
                by,
                format!("`{}` of a CONNECT {}", field.name, finding.problem),
                "as the table says",
                line(connect),
            )
        });
        grades.judge(&parameter_id(MESSAGE.clause, field.name), flaw);
    }
}

fn line(connect: &Connect) -> String {
    let user = connect.username.as_deref().unwrap_or("(none)");
    let reason = connect.reason.as_deref().map(|why| format!("\nthe platform says: {why}")).unwrap_or_default();
    format!("client id {}, user name {user}, password {}{reason}", connect.client_id, connect.password)
}

/// The parts of the client id, read from the right since an id may hold underscores.
fn client_id(story: &Story, by: &Observation, connect: &Connect, grades: &mut Grades) {
    let mut parts = connect.client_id.rsplitn(4, '_');
    let (Some(timestamp), Some(sign), Some(auth), Some(id)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        let flaw = || Flaw::new(by, "a client id has not four parts", FOUR_PARTS, line(connect));
        grades.breaks(PARTS, flaw());
        grades.breaks(COMPLETE, flaw());
        return;
    };
    grades.keeps(PARTS);
    let flaw = |headline: &str, expected: String| Flaw::new(by, headline, expected, line(connect));
    let empty = [id, auth, sign, timestamp].contains(&"");
    grades.judge(COMPLETE, empty.then(|| flaw("a part of the client id is empty", FOUR_PARTS.to_owned())));
    let known = |part: &str, values: [&str; 2]| values.contains(&part);
    let auth_flaw = || flaw("the authentication type is neither 0 nor 2", "0 by device id, 2 by node id".to_owned());
    grades.judge(AUTH_TYPE, (!known(auth, ["0", "2"])).then(auth_flaw));
    let sign_flaw = || flaw("the signature type is neither 0 nor 1", "0 or 1".to_owned());
    grades.judge(SIGN_TYPE, (!known(sign, ["0", "1"])).then(sign_flaw));
    let wanted = match auth {
        "0" => vec![story.device_id.as_str()],
        "2" => vec![story.node_id.as_str()],
        _ => vec![story.device_id.as_str(), story.node_id.as_str()],
    };
    let expected = format!("{} (authentication type {auth})", wanted.join(" or "));
    let first_flaw = || flaw("the client id does not start with the device's id", expected.clone());
    grades.judge(FIRST_PART, (!wanted.contains(&id)).then(first_flaw));
    let fits = connect.username.as_deref().is_some_and(|user| wanted.contains(&user));
    grades.judge(USERNAME, (!fits).then(|| flaw("the user name is not the device's id", expected.clone())));
    time(by, connect, sign, timestamp, grades);
}

/// The timestamp. Without a check of it (signature type 0) real devices send what they like: at
/// most a warning.
fn time(by: &Observation, connect: &Connect, sign: &str, timestamp: &str, grades: &mut Grades) {
    let flaw = |headline: &str, expected: &str| Flaw::new(by, headline, expected, line(connect));
    let ten_digits = "ten digits YYYYMMDDHH, the hour in UTC";
    if sign == "0" {
        grades.judge(TIMESTAMP_THERE, timestamp.is_empty().then(|| flaw("the timestamp is missing", ten_digits)));
    }
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let ten = digits && timestamp.len() == 10;
    if sign == "0" {
        let found = || flaw("the timestamp is not ten digits YYYYMMDDHH", ten_digits);
        match (ten, digits) {
            (true, _) => grades.keeps(TIMESTAMP),
            (false, true) => grades.doubts(TIMESTAMP, found()),
            (false, false) => grades.breaks(TIMESTAMP, found()),
        }
        return;
    }
    let hour = timestamp.split_at_checked(8).filter(|_| ten);
    let Some(hour) = hour.and_then(|(day, hour)| parse_utc(&format!("{day}T{hour}0000Z"))) else {
        grades.breaks(TIMESTAMP, flaw("the timestamp is not ten digits YYYYMMDDHH", ten_digits));
        return;
    };
    let off = parse_utc(&by.at).map_or(0, |now| (now.div_euclid(3600) - hour.div_euclid(3600)).abs());
    let expected = format!("the platform's hour; its time is {}", by.at);
    let late = || flaw("the timestamp is not the hour of the CONNECT", &expected);
    grades.judge(TIMESTAMP, (off > HOURS_OFF).then(late));
}

fn password(by: &Observation, connect: &Connect, grades: &mut Grades) {
    match connect.password.as_str() {
        "right" => {
            // Another spelling than the lower-case digits is taken all the same.
            match connect.deviations.iter().find(|d| d.tolerated && d.requirement == HMAC) {
                Some(found) => {
                    let flaw = Flaw::new(by, "the password is right, in another spelling", DIGITS, found.text.clone());
                    grades.doubts(HMAC, flaw);
                }
                None => grades.keeps(HMAC),
            }
            grades.keeps(SECRET);
        }
        "wrong" => {
            grades.breaks(HMAC, Flaw::new(by, "the password is not the one of this device", DIGITS, line(connect)));
            grades.unseen(SECRET, "a password that is wrong does not show what it was made of");
        }
        _ => grades.unseen(HMAC, "no password was seen that could be judged"),
    }
}
