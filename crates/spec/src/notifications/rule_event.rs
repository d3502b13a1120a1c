//! 1.8.13 Rule event notification. Lines 3808 to 3890.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Field, Format, Kind, Notification, array, object, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.13",
    name: "rule_event",
    title: "Rule event notification",
    lines: (3808, 3890),
    notify_type: Some(NotifyType::RuleEvent),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3827).required().one_of(&[NotifyType::RuleEvent.as_str()]),
        string("author", "String", 3828).required().max_len(256),
        string("ruleId", "String", 3829).required(),
        string("ruleName", "String", 3830).required(),
        string("logic", "String", 3831),
        array("reasons", &Kind::Object, "List<Reason>", 3832).required().members(REASON),
        string("triggerTime", "String", 3833).required().format(Format::UtcTime),
        array("actionsResults", &Kind::Object, "List<ActionResult>", 3834).required().members(ACTION_RESULT),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `reasons` (List<Reason>).
pub(crate) const REASON: &[Field] = &[
    string("satisfactionTime", "String", 3839).required().format(Format::UtcTime),
    string("type", "String", 3841).required(),
    string("id", "String", 3842),
    object("info", "Json", 3843),
    object("transInfo", "Json", 3844),
];

/// Members of `actionsResults` (List<ActionResult>).
pub(crate) const ACTION_RESULT: &[Field] = &[
    string("type", "String", 3849).required(),
    string("id", "String", 3850),
    string("exception", "String", 3851).conditional("when result is not given; one of the two"),
    object("result", "Json", 3852).conditional("when exception is not given; one of the two"),
    object("info", "Json", 3853),
    object("transInfo", "Json", 3854),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3827.
    pub notify_type: NotifyType,
    /// `author`, line 3828.
    pub author: String,
    /// `ruleId`, line 3829.
    pub rule_id: String,
    /// `ruleName`, line 3830.
    pub rule_name: String,
    /// `logic`, line 3831.
    pub logic: Option<String>,
    /// `reasons`, line 3832.
    pub reasons: Vec<Reason>,
    /// `triggerTime`, line 3833.
    pub trigger_time: String,
    /// `actionsResults`, line 3834.
    pub actions_results: Vec<ActionResult>,
}

/// `reasons`: List<Reason>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Reason {
    /// `satisfactionTime`, line 3839.
    pub satisfaction_time: String,
    /// `type`, line 3841.
    #[serde(rename = "type")]
    pub kind: String,
    /// `id`, line 3842.
    pub id: Option<String>,
    /// `info`, line 3843.
    pub info: Option<Object>,
    /// `transInfo`, line 3844.
    pub trans_info: Option<Object>,
}

/// `actionsResults`: List<ActionResult>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ActionResult {
    /// `type`, line 3849.
    #[serde(rename = "type")]
    pub kind: String,
    /// `id`, line 3850.
    pub id: Option<String>,
    /// `exception`, line 3851.
    pub exception: Option<String>,
    /// `result`, line 3852.
    pub result: Option<Object>,
    /// `info`, line 3853.
    pub info: Option<Object>,
    /// `transInfo`, line 3854.
    pub trans_info: Option<Object>,
}

rules! {
    "push-trigger" = Platform Must 3812: "The platform pushes this notification to an application that has subscribed to ruleEvent when a rule configured on the platform is triggered.";
    "answer-push" = Application Must 3816: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "reasons-match-conditions" = Platform Must 3832: "The entries of reasons are the causes of the trigger and correspond to the rule's conditions.";
    "trigger-time-utc" = Platform Must 3833: "triggerTime is the UTC time at which the rule was triggered.";
    "satisfaction-time-utc" = Platform Must 3839: "satisfactionTime is the UTC time at which the condition was met.";
    "reason-info-by-type" = Platform Must 3843: "The info of a reason carries what belongs to the type of its condition.";
    "reason-trans-info" = Platform Must 3844: "The transInfo of a reason gives back the transInfo of the rule's condition.";
    "exception-content" = Platform Must 3851: "exception carries the error that the rule engine met while it built the request of the action.";
    "exception-or-result" = Platform Must 3851: "The result of an action carries either exception or result, one of the two.";
    "result-content" = Platform Must 3852: "For actions of the types DEVICE_CMD, SMS and EMAIL result consists of statusCode and body.";
    "action-info-by-type" = Platform Must 3853: "The info of an action's result carries what belongs to the type of the action.";
    "action-trans-info" = Platform Must 3854: "The transInfo of an action's result gives back the transInfo of the rule's action.";
}

errata! {
    3812: "a rule configured on the platform is triggered" => "a console action; no operation of the reference provokes it", "Rules are configured on the console only", "A-161";
    3821: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3832: "the type of reasons is printed as a markup tag, List <reaso n></reaso" => "List<Reason>", "The type parameter was taken for markup", "";
    3834: "the type of actionsResults is printed as a markup tag, List <actio nResult></actio" => "List<ActionResult>", "The type parameter was taken for markup", "";
    3834: "actionsResults, a plural beside the structure ActionResult" => "actionsResults, as tabled", "Names of members and structures differ", "A-170";
    3876: "\"satisfactionTime\": \"yyyyMMddTHHmmssZ\"" => "a time in that pattern", "The sample shows the pattern in place of a value", "A-22";
    3880: "\"triggerTime\": \"yyyyMMddTHHmmssZ\"" => "a time in that pattern", "The sample shows the pattern in place of a value", "A-22";
}
