//! 1.7.5 Delete one subscription. Lines 2895 to 2945.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(DeleteSubscription);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.7.5",
    name: "delete_subscription",
    title: "Delete one subscription",
    chapter: Chapter::Subscriptions,
    lines: (2895, 2945),
    method: Method::Delete,
    path: "/iocm/app/sub/v1.2.0/subscriptions/{subscriptionId}",
    uri_line: 2905,
    success_status: 204,
    success_line: 2918,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2911).required()),
        header(string("Authorization", "String", 2912).required()),
        path(string("subscriptionId", "String(256)", 2913).required().max_len(256)),
        query(string("appId", "String(256)", 2914).max_len(256)),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteSubscription:
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2935;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2938;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2940;
    RESOURCE_NOT_FOUND = 404, "100225", "The resource is not found", 2941;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `subscriptionId`, line 2913.
    pub subscription_id: String,
    /// `appId`, line 2914.
    pub app_id: Option<String>,
}

rules! {
    "cancelled-pushes-stop" = Platform Must 2899: "After the deletion of a subscription the platform no longer pushes its notifications.";
}

errata! {}
