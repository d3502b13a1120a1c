//! 1.7.4 Query subscriptions in a batch. Lines 2799 to 2893.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, InputRefusals, Kind, Method, Operation, array, header, integer, query, string,
};
use crate::universal;
use crate::wire::NotifyType;

clause!(QuerySubscriptions);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.7.4",
    name: "query_subscriptions",
    title: "Query subscriptions in a batch",
    chapter: Chapter::Subscriptions,
    lines: (2799, 2893),
    method: Method::Get,
    path: "/iocm/app/sub/v1.2.0/subscriptions",
    uri_line: 2808,
    success_status: 200,
    success_line: 2846,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2814).required()),
        header(string("Authorization", "String", 2817).required()),
        query(string("appId", "String(256)", 2818).max_len(256)),
        query(string("notifyType", "String(256)", 2821).max_len(256).one_of(NotifyType::VALUES)),
        query(integer("pageNo", "Integer", 2841).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer", 2842).min(1).default(Fallback::Integer(10))),
    ],
    response: &[
        integer("totalCount", "Long(>=0)", 2849).min(0),
        integer("pageNo", "Long(>=0)", 2850).min(0),
        integer("pageSize", "Long(>=0)", 2851).min(0),
        array("subscriptions", &Kind::Object, "List<QuerySubscriptionDTOCloud2NA>", 2852)
            .members(QUERY_SUBSCRIPTION_DTO_CLOUD),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `subscriptions` (List<QuerySubscriptionDTOCloud2NA>).
pub(crate) const QUERY_SUBSCRIPTION_DTO_CLOUD: &[Field] = &[
    string("subscriptionId", "String", 2857),
    string("notifyType", "String", 2858),
    string("callbackUrl", "String", 2859),
];

errors! { QuerySubscriptions:
    TOO_MANY_RESOURCES = 400, "100224", "The resource exceeds 1000, please refinement query conditions.", 2886;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2887;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2888;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2889;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 2818.
    pub app_id: Option<String>,
    /// `notifyType`, line 2821.
    pub notify_type: Option<NotifyType>,
    /// `pageNo`, line 2841.
    pub page_no: Option<i64>,
    /// `pageSize`, line 2842.
    pub page_size: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `totalCount`, line 2849.
    pub total_count: i64,
    /// `pageNo`, line 2850.
    pub page_no: i64,
    /// `pageSize`, line 2851.
    pub page_size: i64,
    /// `subscriptions`, line 2852.
    pub subscriptions: Vec<QuerySubscriptionDTOCloud>,
}

/// `subscriptions`: List<QuerySubscriptionDTOCloud2NA>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct QuerySubscriptionDTOCloud {
    /// `subscriptionId`, line 2857.
    pub subscription_id: String,
    /// `notifyType`, line 2858.
    pub notify_type: String,
    /// `callbackUrl`, line 2859.
    pub callback_url: String,
}

rules! {
    "several-subscriptions" = Application May 2803: "An application may create several subscriptions, for different types of device changes.";
    "all-or-one-type" = Platform Must 2803: "The platform returns all the subscriptions of the application, or with notifyType all those of that type.";
    "dispatch-by-type" = Application May 2821: "An application may handle messages separately by their notification type.";
    "first-page-zero" = Platform Must 2841: "pageNo 0 is the first page.";
    "total-count" = Platform Must 2849: "totalCount is the number of all subscriptions found, not only those of the page.";
    "at-most-1000" = Platform Must 2886: "The platform refuses a query that finds more than 1000 subscriptions with 400 and 100224, and the caller has to narrow its conditions.";
}

errata! {
    2829: "a character of the word for service is printed twice" => "device service capabilities deleted", "Doubled at the line break", "";
    2852: "the type of subscriptions is printed as a markup tag, List <querysubs criptionDTOCl oud2NA></querysubs" => "List<QuerySubscriptionDTOCloud2NA>", "The type parameter was taken for markup", "";
    2863: "the not sign followed by ifyType" => "&notifyType", "&not was taken for an HTML entity", "A-147";
    2881: "the list of subscriptions is not closed" => "} ] }", "The sample is not valid JSON", "";
    2886: "in the explanation the word for end stands where a particle belongs" => "the resources found exceed 1000", "Misprint", "";
}
