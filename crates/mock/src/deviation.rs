//! Where a call, a push's answer, a packet or a report deviates from the contract, and which
//! requirement says so. Everything that the mock tolerates is one, and so is what it refuses.

use std::fmt;

use iotdm_spec::check::{Finding, Problem};
use iotdm_spec::model::Field;
use iotdm_spec::{nearest, requirement};
use serde::Serialize;

macro_rules! rules {
    ($($name:ident = $id:literal;)*) => {
        /// The requirements that are cited without regard to a clause.
        pub(crate) mod rule {
            $(pub(crate) const $name: &str = $id;)*

            /// All of them, so that a test can look each up.
            #[cfg(test)]
            pub(crate) const ALL: &[&str] = &[$($name),*];
        }
    };
}

rules! {
    PATH = "1.2.1/rule/resource-path-from-uri-row";
    SEPARATORS = "1.2.1/rule/query-separators";
    QUERY = "1.2.1/rule/query-string-optional";
    CONTENT_TYPE_LOGIN = "1.2.1/rule/content-type-login";
    CONTENT_TYPE_OTHERS = "1.2.1/rule/content-type-others";
    BODY = "1.2.1/rule/body-matches-content-type";
    LOGIN_BODY = "1.2.1/rule/login-body-form";
    NO_BODY = "1.2.1/rule/no-body-for-get-delete";
    APP_KEY = "1.2.1/rule/app-key-header";
    AUTHORIZATION = "1.2.1/rule/authorization-header";
    TOKEN_EXPIRES = "1.2.1/rule/token-expires";
    NO_CONCURRENT_LOGIN = "1.4.1/rule/no-concurrent-login";
    SOFTWARE_SCOPE = "1.3/rule/software-upgrade-scope";
    FIRMWARE_SCOPE = "1.3/rule/firmware-upgrade-scope";
    CHANNEL_OTHER = "1.7.6/rule/channel-other";
    STANDARD_HEADERS = "2.1/rule/standard-headers";
    OWN_TOPIC = "2.1/rule/subscribe-own-topic";
    DATA_TOPIC = "2.1/rule/publish-to-platform-topic";
    DATA_CODEC = "2.1/rule/data-codec-mode";
    REPORT_JSON = "2.1/rule/report-payload-json";
    PAYLOAD = "2.1/rule/payload-by-agreement";
    CLIENT_ID = "2.2/req/clientId";
    CLIENT_ID_PARTS = "2.2/rule/client-id-parts";
    CLIENT_ID_COMPLETE = "2.2/rule/client-id-complete";
    CLIENT_ID_DEVICE = "2.2/rule/client-id-device-id";
    AUTH_TYPE = "2.2/rule/auth-type";
    SIGN_TYPE = "2.2/rule/sign-type";
    TIMESTAMP = "2.2/rule/timestamp-format";
    USERNAME = "2.2/rule/username";
    PASSWORD = "2.2/rule/password-hmac";
    MQTT_CONNECT = "1.5.2/rule/mqtt-connect-true";
    MSG_TYPE = "2.3/req/msgType";
    DATA = "2.3/req/data";
    REPORT_MODEL = "2.3/rule/service-data-by-model";
    MID = "2.5/rule/mid-echo";
    ANSWER_MODEL = "2.5/rule/body-by-model";
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// The kinds of deviation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum DeviationKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)*
        }

        impl DeviationKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name on the control plane, such as `unknown_member`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    /// A member or query parameter that the table does not have.
    UnknownMember = "unknown_member",
    /// A number or boolean that travels as a string.
    StringlyNumber = "stringly_number",
    /// A member under another name.
    Alias = "alias",
    /// A value in another spelling than the table's.
    OldSpelling = "old_spelling",
    /// A null in the place of nothing.
    ExplicitNull = "explicit_null",
    /// Longer than the table allows, and no longer than a ruling does.
    BeyondTable = "beyond_table",
    /// The Content-Type is not the one of the operation.
    WrongContentType = "wrong_content_type",
    /// A body without a Content-Type.
    MissingContentType = "missing_content_type",
    /// `Bearer` in another case, or with more blanks.
    BearerSpacing = "bearer_spacing",
    /// A slash at the end of the path.
    TrailingSlash = "trailing_slash",
    /// An item of the query without a name or a value.
    EmptyQueryItem = "empty_query_item",
    /// A form field in another case.
    FormFieldCase = "form_field_case",
    /// A body where the operation has none.
    UnexpectedBody = "unexpected_body",
    /// A body or a payload that cannot be read.
    UnreadableBody = "unreadable_body",
    /// An obligatory member is not there.
    Missing = "missing",
    /// A member of another type.
    WrongType = "wrong_type",
    /// A member of another length.
    WrongLength = "wrong_length",
    /// A number out of its range.
    OutOfRange = "out_of_range",
    /// A value that is none of the list.
    NotListed = "not_listed",
    /// A value of another form.
    WrongForm = "wrong_form",
    /// No operation has the path.
    UnknownPath = "unknown_path",
    /// The path does not know the method.
    WrongMethod = "wrong_method",
    /// An obligatory header is not there.
    MissingHeader = "missing_header",
    /// The Authorization header is none.
    MalformedHeader = "malformed_header",
    /// A token that has expired, or was superseded, or never given out.
    StaleToken = "stale_token",
    /// A call that the reference forbids, or that it does not mean for this device.
    ForbiddenCall = "forbidden_call",
    /// A value beside the product's model.
    BesideModel = "beside_model",
    /// A CONNECT, a topic or a message that its clause does not allow a device.
    ForbiddenPacket = "forbidden_packet",
    /// A push that the receiver does not answer with a success.
    Unanswered = "unanswered",
    /// Bytes that are not a packet, or not there and then.
    BadPacket = "bad_packet",
}

/// One deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deviation {
    /// The id of the requirement, such as `1.5.2/req/deviceInfo.nodeId`.
    pub requirement: &'static str,
    /// What kind of deviation it is.
    pub kind: DeviationKind,
    /// The member, header or part that it is about, if it is about one.
    pub path: Option<String>,
    /// What is the matter, in words.
    pub text: String,
    /// Whether the platform did what was asked for all the same.
    pub tolerated: bool,
}

impl Deviation {
    /// What was not tolerated; see [`Deviation::tolerated`].
    pub(crate) fn new(requirement: &'static str, kind: DeviationKind, text: impl Into<String>) -> Self {
        Self { requirement, kind, path: None, text: text.into(), tolerated: false }
    }

    /// The same, tolerated.
    pub(crate) const fn tolerated(mut self) -> Self {
        self.tolerated = true;
        self
    }

    /// The same, about this member, header or part.
    pub(crate) fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// What the table of a clause says of one member. What no row of the table is about is laid to the
    /// nearest one's charge, or else to that of `otherwise`.
    pub(crate) fn of_finding(
        clause: &str,
        finding: &Finding,
        fields: &[Field],
        prefix: &str,
        otherwise: &'static str,
    ) -> Self {
        let path: String = format!("{prefix}{}", finding.path).chars().take(LONGEST_PATH).collect();
        let requirement = member(clause, &path)
            .or_else(|| member(clause, &format!("{prefix}{}", near(&path[prefix.len()..], fields)?)))
            .or_else(|| member(clause, path.rsplit_once('.')?.0))
            .unwrap_or(otherwise);
        let mut deviation = Self::new(requirement, kind(&finding.problem), format!("`{path}` {}", finding.problem));
        deviation.tolerated = !finding.problem.breaks();
        deviation.at(path)
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.requirement, self.text)
    }
}

/// Adds deviations, as many as are worth reading: a body may have a hundred thousand.
pub(crate) fn add(list: &mut Vec<Deviation>, more: impl IntoIterator<Item = Deviation>) {
    list.extend(more.into_iter().take(MOST.saturating_sub(list.len())));
}

/// The most deviations of one call or message.
const MOST: usize = 50;
/// The longest path of a member that is told; nobody who means well has one.
const LONGEST_PATH: usize = 256;

/// The id of a rule of a clause, if it has one with this slug.
pub(crate) fn rule_of(clause: &str, slug: &str) -> Option<&'static str> {
    requirement::find(&requirement::rule_id(clause, slug)).map(|requirement| requirement.id.as_str())
}

/// A value beside the product's model, which is taken all the same.
pub(crate) fn beside_model(clause: &str, slug: &str, why: String) -> Option<Deviation> {
    Some(Deviation::new(rule_of(clause, slug)?, DeviationKind::BesideModel, why).tolerated())
}

/// The id of a member's row. An item that is wrong as a whole is its array's fault.
fn member(clause: &str, path: &str) -> Option<&'static str> {
    let path = path.strip_suffix("[]").unwrap_or(path);
    requirement::find(&requirement::parameter_id(clause, path)).map(|requirement| requirement.id.as_str())
}

/// The member that an unknown one may have meant: one of its siblings.
fn near(path: &str, fields: &[Field]) -> Option<String> {
    let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
    let name = path.rsplit_once('.').map_or(path, |(_, name)| name);
    let mut siblings = Vec::new();
    requirement::visit(fields, "", &mut |_, of, field| siblings.extend((of == parent).then_some(field.name)));
    let near = nearest::of(name, siblings)?;
    Some(if parent.is_empty() { near.to_owned() } else { format!("{parent}.{near}") })
}

const fn kind(problem: &Problem) -> DeviationKind {
    match problem {
        Problem::Missing => DeviationKind::Missing,
        Problem::WrongType { .. } => DeviationKind::WrongType,
        Problem::TooShort { .. } | Problem::TooLong { .. } => DeviationKind::WrongLength,
        Problem::BelowMinimum { .. } | Problem::AboveMaximum { .. } => DeviationKind::OutOfRange,
        Problem::NotListed { .. } => DeviationKind::NotListed,
        Problem::BadFormat { .. } => DeviationKind::WrongForm,
        Problem::Unknown => DeviationKind::UnknownMember,
        Problem::Stringly => DeviationKind::StringlyNumber,
        Problem::Alias { .. } => DeviationKind::Alias,
        Problem::OtherSpelling { .. } => DeviationKind::OldSpelling,
        Problem::BeyondTable { .. } => DeviationKind::BeyondTable,
        Problem::Null => DeviationKind::ExplicitNull,
    }
}

#[cfg(test)]
mod tests {
    use iotdm_spec::Op;

    use super::*;

    #[test]
    fn every_rule_that_is_cited_exists() {
        for id in rule::ALL {
            assert!(requirement::find(id).is_some(), "the contract has no {id}");
        }
    }

    /// An unknown member is laid to the charge of the nearest, of its parent, or of a rule.
    #[test]
    fn what_no_row_is_about_has_a_requirement_too() {
        let table = Op::RegisterByPassword.table();
        let fields: Vec<Field> = table.params.iter().map(|param| param.field).collect();
        let of = |path: &str| {
            let finding = Finding { path: path.to_owned(), problem: Problem::Unknown, refused_by: None };
            Deviation::of_finding(table.clause, &finding, &fields, "", rule::BODY).requirement
        };
        assert_eq!(of("deviceInfo.nodeId"), "1.5.2/req/deviceInfo.nodeId");
        assert_eq!(of("productid"), "1.5.2/req/productId");
        assert_eq!(of("deviceInfo.quiteAnotherThingAltogether"), "1.5.2/req/deviceInfo");
        assert_eq!(of("zzz"), rule::BODY);
    }

    #[test]
    fn a_deviation_is_told_as_the_control_plane_tells_it() {
        let deviation =
            Deviation::new(rule::PATH, DeviationKind::TrailingSlash, "it ends with a slash").tolerated().at("path");
        let told = serde_json::to_value(&deviation).unwrap();
        let wanted = serde_json::json!({"requirement": "1.2.1/rule/resource-path-from-uri-row",
            "kind": "trailing_slash", "path": "path", "text": "it ends with a slash", "tolerated": true});
        assert_eq!(told, wanted);
        assert!(DeviationKind::ALL.iter().all(|kind| serde_json::to_value(kind).unwrap() == kind.as_str()));
    }
}
