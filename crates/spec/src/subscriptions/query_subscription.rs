//! 1.7.3 Query one subscription. Lines 2740 to 2797.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(QuerySubscription);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.7.3",
    name: "query_subscription",
    title: "Query one subscription",
    chapter: Chapter::Subscriptions,
    lines: (2740, 2797),
    method: Method::Get,
    path: "/iocm/app/sub/v1.2.0/subscriptions/{subscriptionId}",
    uri_line: 2749,
    success_status: 200,
    success_line: 2762,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2755).required()),
        header(string("Authorization", "String", 2756).required()),
        path(string("subscriptionId", "String(256)", 2757).required().max_len(256)),
        query(string("appId", "String(256)", 2758).max_len(256)),
    ],
    response: &[
        string("subscriptionId", "String", 2765),
        string("notifyType", "String", 2766),
        string("callbackUrl", "String", 2767),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { QuerySubscription:
    THROTTLED = 403, "1010009", "app throttle exceed.", 2792;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2793;
    => unlisted:
    RESOURCE_NOT_FOUND = crate::universal::RESOURCE_NOT_FOUND, "A-142";
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `subscriptionId`, line 2757.
    pub subscription_id: String,
    /// `appId`, line 2758.
    pub app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `subscriptionId`, line 2765.
    pub subscription_id: String,
    /// `notifyType`, line 2766.
    pub notify_type: String,
    /// `callbackUrl`, line 2767.
    pub callback_url: String,
}

rules! {
    "several-subscriptions" = Application May 2744: "An application may create several subscriptions, for different types of device changes.";
}

errata! {
    2771: "the request line is printed as a formula, $GET\\ https://\\{host\\}:\\{port\\}/...$" => "GET https://{host}:{port}/iocm/app/sub/v1.2.0/subscriptions/{subscriptionId}?appId={appId}", "The line was taken for mathematics", "";
    2791: "no row for an unknown subscriptionId" => "404/100225", "The sibling 1.7.5 has the row", "A-142";
}
