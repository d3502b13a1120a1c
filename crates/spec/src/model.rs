//! The vocabulary of the contract: what a clause of the API reference is made of.
//!
//! Everything here is plain `'static` data that the compiler checks and that costs nothing at
//! start-up. The clause files fill it in; routing, validation, error answers, derived cases,
//! coverage and the exports read it.

use std::fmt;

use crate::wire::NotifyType;

/// An HTTP method that the reference uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Queries.
    Get,
    /// Creates a resource or starts an action.
    Post,
    /// Changes a resource.
    Put,
    /// Deletes a resource.
    Delete,
}

impl Method {
    /// The method's token on the request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// The method whose token is `token`, if the reference uses it. Methods are case-sensitive.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Delete].into_iter().find(|m| m.as_str() == token)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The eleven chapters that the product is divided by, everywhere under the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Chapter {
    /// 1.1 and 1.2: what holds for every request and every answer.
    General,
    /// 1.4
    Security,
    /// 1.5.1 to 1.5.9
    Devices,
    /// 1.5.10 to 1.5.15
    Lora,
    /// 1.6
    Data,
    /// 1.7
    Subscriptions,
    /// 1.8
    Notifications,
    /// 1.9
    Commands,
    /// 1.10
    BatchTasks,
    /// 1.11
    Groups,
    /// 1.12
    Upgrades,
    /// 2
    Mqtt,
}

impl Chapter {
    /// Every chapter, in the order of the reference.
    pub const ALL: [Self; 12] = [
        Self::General,
        Self::Security,
        Self::Devices,
        Self::Lora,
        Self::Data,
        Self::Subscriptions,
        Self::Notifications,
        Self::Commands,
        Self::BatchTasks,
        Self::Groups,
        Self::Upgrades,
        Self::Mqtt,
    ];

    /// The name of the chapter's folder in the contract, the mock and the cases.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Security => "security",
            Self::Devices => "devices",
            Self::Lora => "lora",
            Self::Data => "data",
            Self::Subscriptions => "subscriptions",
            Self::Notifications => "notifications",
            Self::Commands => "commands",
            Self::BatchTasks => "batch_tasks",
            Self::Groups => "groups",
            Self::Upgrades => "upgrades",
            Self::Mqtt => "mqtt",
        }
    }
}

/// Where a request parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A request header.
    Header,
    /// A segment of the path.
    Path,
    /// An item of the query string.
    Query,
    /// A member of the body (of the form, for the login).
    Body,
}

impl Place {
    /// The place's name in the reference's tables and in our exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Path => "path",
            Self::Query => "query",
            Self::Body => "body",
        }
    }
}

/// The JSON type of a value. The reference's `Long` is an integer, its `Enum` a string with a
/// closed list, its `ObjectNode`, `JsonObject` and structures are objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON string.
    String,
    /// A JSON number without a fraction.
    Integer,
    /// Any JSON number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A JSON object; without members in the table, any members may stand in it.
    Object,
    /// A JSON array whose items are of the given kind.
    Array(&'static Kind),
    /// Any JSON value: the reference leaves the type to the product.
    Any,
}

impl Kind {
    /// The JSON Schema name of the type; `None` where any type will do.
    #[must_use]
    pub const fn json_type(self) -> Option<&'static str> {
        match self {
            Self::String => Some("string"),
            Self::Integer => Some("integer"),
            Self::Number => Some("number"),
            Self::Boolean => Some("boolean"),
            Self::Object => Some("object"),
            Self::Array(_) => Some("array"),
            Self::Any => None,
        }
    }
}

/// Whether a member must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The table says that it is obligatory (inside its parent, if the parent is there).
    Required,
    /// The table says that it may be left out.
    Optional,
    /// It is obligatory depending on another parameter; the condition in words.
    Conditional(&'static str),
    /// The table says that it is obligatory, an error row that only both may not be missing: it is
    /// obligatory unless the named sibling is there (A-118).
    RequiredUnless(&'static str),
}

/// The form of a string beyond its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `yyyyMMdd'T'HHmmss'Z'`, UTC, whole seconds.
    UtcTime,
    /// `yyyy-MM-dd`.
    Date,
    /// Hexadecimal digits of either case.
    Hex,
    /// An absolute http or https URL of an IP address or a domain name, with an explicit port.
    CallbackUrl,
    /// Letters and digits only.
    Alphanumeric,
}

impl Format {
    /// The format's name in the exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UtcTime => "utc-time",
            Self::Date => "date",
            Self::Hex => "hex",
            Self::CallbackUrl => "callback-url",
            Self::Alphanumeric => "alphanumeric",
        }
    }

    /// The regular expression (ECMA 262, anchored) that describes the format.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::UtcTime => "^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])([0-5][0-9]){2}Z$",
            Self::Date => "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            Self::Hex => "^[0-9A-Fa-f]*$",
            // Which addresses there are no expression of a bearable length says; that one of four numbers has
            // none above 255 is left to [`crate::check`].
            Self::CallbackUrl => concat!(
                "^[Hh][Tt][Tt][Pp][Ss]?://",
                r"(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\\\s\x00-\x1f\x7f-\x9f]+)",
                ":0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])",
                r"([/?#][^\s\x00-\x1f\x7f-\x9f]*)?$"
            ),
            Self::Alphanumeric => "^[0-9A-Za-z]*$",
        }
    }

    /// The format in words, where its regular expression does not say all of it, or cannot be read.
    #[must_use]
    pub const fn in_words(self) -> Option<&'static str> {
        match self {
            Self::CallbackUrl => Some(
                "http or https, an IP address or a domain name, a port from 1 to 65535; no user name or password, no \
                 blanks",
            ),
            Self::UtcTime => Some("yyyyMMddTHHmmssZ, of a day and a time that there are"),
            Self::Date => Some("yyyy-MM-dd, of a day that there is"),
            Self::Hex | Self::Alphanumeric => None,
        }
    }
}

/// The value that the platform assumes where a parameter is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// A string.
    Text(&'static str),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Flag(bool),
}

/// One row of a table of parameters, response fields or message members.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The wire name.
    pub name: &'static str,
    /// Another name under which it is accepted, and noted as a deviation: a sample or real clients use
    /// it, the table does not (A-237).
    pub alias: Option<&'static str>,
    /// The JSON type.
    pub kind: Kind,
    /// The type cell as the reference prints it, stray blanks removed.
    pub printed: &'static str,
    /// Whether it must be there. Response tables have no such column: there it is `Optional`.
    pub presence: Presence,
    /// The smallest allowed number.
    pub min: Option<i64>,
    /// The largest allowed number.
    pub max: Option<i64>,
    /// A smallest number that the table does not print: a ruling supplies it (A-27). The platform
    /// refuses what is below; it is not exported as the reference's.
    pub ruled_min: Option<i64>,
    /// A larger length that a ruling allows where tables contradict each other (A-145); not exported.
    pub ruled_max_len: Option<u32>,
    /// Values that a ruling accepts beside the closed list (A-104); not exported.
    pub tolerated: &'static [&'static str],
    /// Whether a ruling lets an obligatory member be null where it must not be left out (A-169); not
    /// exported.
    pub nullable: bool,
    /// The smallest length: characters of a string, items of an array.
    pub min_len: Option<u32>,
    /// The largest length: characters of a string, items of an array.
    pub max_len: Option<u32>,
    /// The value assumed when it is left out.
    pub default: Option<Fallback>,
    /// The closed list of values; empty where the value is free.
    pub values: &'static [&'static str],
    /// The form of the string.
    pub format: Option<Format>,
    /// The members of the object, or of each item of the array.
    pub members: &'static [Field],
    /// The error row that answers an inadmissible value, where it is not the operation's general one.
    pub refused_by: Option<ErrorRow>,
    /// The error row that answers too many items of an array, where that is not the row above.
    pub overfull: Option<ErrorRow>,
    /// The line of the reference on which the row starts.
    pub line: u32,
}

impl Field {
    /// A row with a name, a type and its line; optional and unbounded until told otherwise.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, printed: &'static str, line: u32) -> Self {
        Self {
            name,
            alias: None,
            kind,
            printed,
            presence: Presence::Optional,
            min: None,
            max: None,
            ruled_min: None,
            ruled_max_len: None,
            tolerated: &[],
            nullable: false,
            min_len: None,
            max_len: None,
            default: None,
            values: &[],
            format: None,
            members: &[],
            refused_by: None,
            overfull: None,
            line,
        }
    }

    /// The table says that it is obligatory.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// Obligatory under the condition that `phrase` states.
    #[must_use]
    pub const fn conditional(mut self, phrase: &'static str) -> Self {
        self.presence = Presence::Conditional(phrase);
        self
    }

    /// Called obligatory, but only together with `sibling` may it not be missing (A-118).
    #[must_use]
    pub const fn required_unless(mut self, sibling: &'static str) -> Self {
        self.presence = Presence::RequiredUnless(sibling);
        self
    }

    /// Lengths, both inclusive.
    #[must_use]
    pub const fn len(mut self, min: u32, max: u32) -> Self {
        self.min_len = Some(min);
        self.max_len = Some(max);
        self
    }

    /// The smallest length, inclusive.
    #[must_use]
    pub const fn min_len(mut self, min: u32) -> Self {
        self.min_len = Some(min);
        self
    }

    /// The largest length, inclusive.
    #[must_use]
    pub const fn max_len(mut self, max: u32) -> Self {
        self.max_len = Some(max);
        self
    }

    /// The smallest value, inclusive.
    #[must_use]
    pub const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// A smallest value, inclusive, that only a ruling supplies.
    #[must_use]
    pub const fn ruled_min(mut self, min: i64) -> Self {
        self.ruled_min = Some(min);
        self
    }

    /// The largest value, inclusive.
    #[must_use]
    pub const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    /// The value that the platform assumes when it is left out.
    #[must_use]
    pub const fn default(mut self, value: Fallback) -> Self {
        self.default = Some(value);
        self
    }

    /// The closed list of values.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// The form of the string.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// A larger length that only a ruling allows.
    #[must_use]
    pub const fn ruled_max_len(mut self, max: u32) -> Self {
        self.ruled_max_len = Some(max);
        self
    }

    /// Values that only a ruling accepts.
    #[must_use]
    pub const fn tolerating(mut self, values: &'static [&'static str]) -> Self {
        self.tolerated = values;
        self
    }

    /// It must be there, but may be null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Another name under which it is accepted.
    #[must_use]
    pub const fn alias(mut self, name: &'static str) -> Self {
        self.alias = Some(name);
        self
    }

    /// The members of the object, or of each item of the array.
    #[must_use]
    pub const fn members(mut self, members: &'static [Field]) -> Self {
        self.members = members;
        self
    }

    /// The row that answers an inadmissible value of this parameter.
    #[must_use]
    pub const fn refused_by(mut self, row: ErrorRow) -> Self {
        self.refused_by = Some(row);
        self
    }

    /// The row that answers too many items of this array.
    #[must_use]
    pub const fn overfull(mut self, row: ErrorRow) -> Self {
        self.overfull = Some(row);
        self
    }

    /// Whether the table calls it obligatory.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Required | Presence::RequiredUnless(_))
    }
}

/// A request parameter: a row and the place where it travels.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Where it travels.
    pub place: Place,
    /// The row.
    pub field: Field,
}

/// A header parameter.
#[must_use]
pub const fn header(field: Field) -> Param {
    Param { place: Place::Header, field }
}

/// A path parameter.
#[must_use]
pub const fn path(field: Field) -> Param {
    Param { place: Place::Path, field }
}

/// A query parameter.
#[must_use]
pub const fn query(field: Field) -> Param {
    Param { place: Place::Query, field }
}

/// A body parameter.
#[must_use]
pub const fn body(field: Field) -> Param {
    Param { place: Place::Body, field }
}

/// A string row.
#[must_use]
pub const fn string(name: &'static str, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::String, printed, line)
}

/// An integer row.
#[must_use]
pub const fn integer(name: &'static str, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::Integer, printed, line)
}

/// A number row.
#[must_use]
pub const fn number(name: &'static str, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::Number, printed, line)
}

/// A boolean row.
#[must_use]
pub const fn boolean(name: &'static str, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::Boolean, printed, line)
}

/// An object row.
#[must_use]
pub const fn object(name: &'static str, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::Object, printed, line)
}

/// A row whose value may be of any JSON type.
#[must_use]
pub const fn any(name: &'static str, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::Any, printed, line)
}

/// An array row whose items are of `items`.
#[must_use]
pub const fn array(name: &'static str, items: &'static Kind, printed: &'static str, line: u32) -> Field {
    Field::new(name, Kind::Array(items), printed, line)
}

/// One row of a table of error codes. Its key is the clause, the status and the code: some codes
/// stand at two or three statuses in one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// The condition, as the clause's constant is called: `NODE_ID_DUPLICATED`; where one code has
    /// several statuses in a table, with the status behind it.
    pub name: &'static str,
    /// The HTTP status, literally as listed (A-13: some errors travel with 200).
    pub http_status: u16,
    /// The wire value of `error_code`.
    pub code: &'static str,
    /// The wire value of `error_desc`.
    pub desc: &'static str,
    /// The line that carries the code; 0 for a row that a ruling supplies (see [`crate::universal`]).
    pub line: u32,
}

impl ErrorRow {
    /// The text up to its placeholder, if it ends in one: a reason of somebody else's follows (A-95).
    #[must_use]
    pub fn beginning(&self) -> Option<&'static str> {
        self.desc.strip_suffix('%')
    }
}

/// Who has to do what a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The IoT platform: the mock, or the endpoint under test.
    Platform,
    /// The device or gateway: firmware.
    Device,
    /// The application: the API's client and the receiver of pushes.
    Application,
}

impl Party {
    /// The party's name in reports and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Device => "device",
            Self::Application => "application",
        }
    }
}

/// How strongly a rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// Breaking it is a failure.
    Must,
    /// Breaking it is a warning.
    Should,
    /// A permission: never judged.
    May,
}

impl Strength {
    /// The strength's name in reports and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// A rule that the reference states in prose, in one English sentence of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The last part of the requirement's id, unique in the clause.
    pub slug: &'static str,
    /// Who has to do it.
    pub binds: Party,
    /// How strongly.
    pub strength: Strength,
    /// The line of the reference that says it.
    pub line: u32,
    /// The paraphrase.
    pub text: &'static str,
}

/// A place where what is printed cannot be meant literally, and how we read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erratum {
    /// The line of the reference.
    pub line: u32,
    /// What is printed there.
    pub printed: &'static str,
    /// How we read it.
    pub read: &'static str,
    /// Why.
    pub why: &'static str,
    /// The ruling that settles it, such as `A-53`; empty where the point needed none.
    pub ruling: &'static str,
}

/// A REST operation: one clause of chapters 1.4 to 1.12.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The clause, such as `1.5.2`.
    pub clause: &'static str,
    /// The `verb_object` name that the contract, the mock and the cases share.
    pub name: &'static str,
    /// The title in English.
    pub title: &'static str,
    /// The chapter.
    pub chapter: Chapter,
    /// First and last line in the reference.
    pub lines: (u32, u32),
    /// The HTTP method.
    pub method: Method,
    /// The path, with `{placeholders}`.
    pub path: &'static str,
    /// The line that states the path.
    pub uri_line: u32,
    /// The status of a success.
    pub success_status: u16,
    /// The line that states it.
    pub success_line: u32,
    /// How the request body is encoded.
    pub encoding: Encoding,
    /// The parameters, in the order of the tables.
    pub params: &'static [Param],
    /// The members of a success's body; empty where there is none.
    pub response: &'static [Field],
    /// The error table.
    pub errors: &'static [ErrorRow],
    /// The rows that answer the general defects of a request (A-17, A-18).
    pub input: InputRefusals,
    /// The prose rules.
    pub rules: &'static [Rule],
    /// What is printed and cannot be meant literally.
    pub errata: &'static [Erratum],
}

/// How a request body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`: the login only.
    Form,
}

/// Which row answers which general defect of a request, where a parameter names none of its own.
#[derive(Debug, Clone, Copy)]
pub struct InputRefusals {
    /// The body is missing, is not JSON, or is not an object.
    pub malformed: ErrorRow,
    /// An obligatory parameter is missing or empty.
    pub missing: ErrorRow,
    /// A number is out of its range.
    pub out_of_range: ErrorRow,
    /// A parameter has the wrong type, length, form or value.
    pub invalid: ErrorRow,
}

impl InputRefusals {
    /// One row for every defect.
    #[must_use]
    pub const fn all(row: ErrorRow) -> Self {
        Self { malformed: row, missing: row, out_of_range: row, invalid: row }
    }
}

/// A push from the platform to an application: one clause of chapter 1.8.
#[derive(Debug, Clone, Copy)]
pub struct Notification {
    /// The clause, such as `1.8.1`.
    pub clause: &'static str,
    /// The name that contract, mock and cases share.
    pub name: &'static str,
    /// The title in English.
    pub title: &'static str,
    /// First and last line in the reference.
    pub lines: (u32, u32),
    /// The wire value of `notifyType`; none for 1.8.12, whose message carries no such member.
    pub notify_type: Option<NotifyType>,
    /// The status with which the receiver answers.
    pub success_status: u16,
    /// The members of the message, in wire order.
    pub fields: &'static [Field],
    /// The prose rules.
    pub rules: &'static [Rule],
    /// What is printed and cannot be meant literally.
    pub errata: &'static [Erratum],
}

/// Which way an MQTT message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the device to the platform.
    DeviceToPlatform,
    /// From the platform to the device.
    PlatformToDevice,
}

/// A topic of the device interface (2.1).
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// The topic, with `{placeholders}`.
    pub pattern: &'static str,
    /// Which way messages travel on it.
    pub direction: Direction,
    /// The line of the reference.
    pub line: u32,
}

/// A message or packet of the device interface: one clause of chapter 2.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    /// The clause, such as `2.3`.
    pub clause: &'static str,
    /// The name that contract, mock and cases share.
    pub name: &'static str,
    /// The title in English.
    pub title: &'static str,
    /// First and last line in the reference.
    pub lines: (u32, u32),
    /// The topic; none for the CONNECT packet.
    pub topic: Option<Topic>,
    /// Which way it travels.
    pub direction: Direction,
    /// The members of the payload (of the CONNECT payload for 2.2).
    pub fields: &'static [Field],
    /// The prose rules.
    pub rules: &'static [Rule],
    /// What is printed and cannot be meant literally.
    pub errata: &'static [Erratum],
}

/// A clause that holds rules only: 1.1, 1.2, 2.1 and the two recipes 1.5.6 and 1.9.4.
#[derive(Debug, Clone, Copy)]
pub struct Prose {
    /// The clause.
    pub clause: &'static str,
    /// The name that contract and cases share.
    pub name: &'static str,
    /// The title in English.
    pub title: &'static str,
    /// The chapter.
    pub chapter: Chapter,
    /// First and last line in the reference.
    pub lines: (u32, u32),
    /// For a recipe, the clause of the operation that it uses.
    pub recipe_of: Option<&'static str>,
    /// The prose rules.
    pub rules: &'static [Rule],
    /// What is printed and cannot be meant literally.
    pub errata: &'static [Erratum],
}
