//! 1.7.6 Delete subscriptions in a batch. Lines 2947 to 3014.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Fallback, InputRefusals, Method, Operation, header, query, string};
use crate::universal;
use crate::wire::NotifyType;

clause!(DeleteSubscriptions);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.7.6",
    name: "delete_subscriptions",
    title: "Delete subscriptions in a batch",
    chapter: Chapter::Subscriptions,
    lines: (2947, 3014),
    method: Method::Delete,
    path: "/iocm/app/sub/v1.2.0/subscriptions",
    uri_line: 2956,
    success_status: 204,
    success_line: 2990,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2960).required()),
        header(string("Authorization", "String", 2961).required()),
        query(string("appId", "String(256)", 2964).max_len(256)),
        query(string("notifyType", "String(256)", 2967).max_len(256).one_of(NotifyType::VALUES)),
        query(string("callbackUrl", "String(256)", 2987).max_len(256).ruled_max_len(1024)),
        query(string("channel", "String(32)", 2988).max_len(32).default(Fallback::Text("HTTP"))),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteSubscriptions:
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 3005;
    THROTTLED = 403, "1010009", "app throttle exceed.", 3006;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 3009;
    RESOURCE_NOT_FOUND = 404, "100225", "The resource is not found", 3010;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 2964.
    pub app_id: Option<String>,
    /// `notifyType`, line 2967.
    pub notify_type: Option<NotifyType>,
    /// `callbackUrl`, line 2987.
    pub callback_url: Option<String>,
    /// `channel`, line 2988.
    pub channel: Option<String>,
}

rules! {
    "cancelled-pushes-stop" = Platform Must 2951: "After the deletion of subscriptions the platform no longer pushes their notifications.";
    "delete-all" = Platform Must 2951: "A call without notifyType and callbackUrl deletes all the subscriptions of the application, within the transport channel chosen.";
    "delete-by-type" = Platform Must 2951: "A call with notifyType deletes all the subscriptions of that type.";
    "delete-by-callback" = Platform Must 2951: "A call with callbackUrl deletes all the subscriptions with that callback address.";
    "dispatch-by-type" = Application May 2967: "An application may handle messages separately by their notification type.";
    "channel-empty" = Platform Must 2988: "With an empty channel the platform deletes the subscriptions whose transport channel is HTTP.";
    "channel-mqtts" = Platform Must 2988: "With channel MQTTS the platform deletes the subscriptions whose transport channel is MQTTS.";
    "channel-http" = Platform Must 2988: "With channel HTTP the platform deletes the subscriptions whose transport channel is HTTP.";
    "channel-other" = Platform Must 2988: "With any other channel the platform deletes no subscription.";
    "nothing-found" = Platform Must 3010: "The platform answers 404 with 100225 when there is no subscription of the given notification type.";
}

errata! {
    2951: "all subscriptions can be deleted" => "all those with the transport channel HTTP where no channel is given; filters add up", "Line 2988 lets an empty channel stand for HTTP", "A-146";
    2958: "no heading above the parameter table" => "request parameters", "The heading is lost", "";
    2974: "a character of the word for service is printed twice" => "device service capabilities added", "Doubled at the line break", "";
    2987: "String(256)" => "up to 1024 characters", "1.7.1 accepts callback addresses of 1024 characters, and what was created must be deletable", "A-145";
    2988: "another channel deletes nothing, beside 404/100225 when nothing is found (line 3010)" => "no match is 404/100225; another channel is 204 (404 is accepted) and nothing is deleted", "Prose and error row meet in one case", "A-144";
    2994: "the not sign followed by ifyType" => "&notifyType", "&not was taken for an HTML entity", "A-147";
}
