//! 1.7.2 Subscribe to the platform's management data. Lines 2680 to 2738.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Format, InputRefusals, Method, Operation, body, header, string};
use crate::wire::NotifyType;

clause!(SubscribeManagementData);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.7.2",
    name: "subscribe_management_data",
    title: "Subscribe to the platform's management data",
    chapter: Chapter::Subscriptions,
    lines: (2680, 2738),
    method: Method::Post,
    path: "/iodm/app/sub/v1.1.0/subscribe",
    uri_line: 2689,
    success_status: 200,
    success_line: 2707,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2695).required()),
        header(string("Authorization", "String", 2696).required()),
        body(string("notifyType", "String", 2697).required().one_of(&[
            NotifyType::SwUpgradeStateChangeNotify.as_str(),
            NotifyType::SwUpgradeResultNotify.as_str(),
            NotifyType::FwUpgradeStateChangeNotify.as_str(),
            NotifyType::FwUpgradeResultNotify.as_str(),
        ])),
        body(
            string("callbackUrl", "String", 2702)
                .required()
                // What real applications send.
                .alias("callbackurl")
                .format(Format::CallbackUrl)
                .refused_by(error::CALLBACK_URL_ILLEGAL.row()),
        ),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(error::SUBSCRIPTION_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { SubscribeManagementData:
    CALLBACK_URL_ILLEGAL = 400, "100222", "Internal server error.", 2728;
    SUBSCRIPTION_INPUT_INVALID = 400, "100228", "The application input is invalid.", 2729;
    APPLICATION_NOT_EXISTED = 403, "100203", "The application is not existed.", 2730;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2731;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2732;
    APP_KEY_MISSING = 500, "100229", "Get AppKey from header failed.", 2733;
    ROUTE_REGISTRATION_FAILED = 500, "100244", "register out route fail.", 2734;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `notifyType`, line 2697.
    pub notify_type: NotifyType,
    /// `callbackUrl`, line 2702.
    pub callback_url: String,
}

rules! {
    "notify-on-management-change" = Platform Must 2684: "Once subscribed, the platform notifies the application of the state or the result of operations such as a version upgrade of a device.";
    "type-selects-notification" = Platform Must 2698: "On a subscription the platform pushes the notification that bears the subscribed notifyType: state change or result of a software or firmware upgrade.";
    "callback-receives-type" = Platform Must 2702: "The platform sends the notifications of the subscribed type to the subscription's callbackUrl.";
    "callback-scheme" = Application May 2703: "callbackUrl may be an HTTPS or an HTTP address.";
    "callback-https-preferred" = Application Should 2703: "callbackUrl should be an HTTPS address.";
    "callback-host" = Application May 2703: "callbackUrl may name its host by IP address or by domain name.";
    "callback-port" = Application Must 2703: "callbackUrl has to state the port explicitly.";
}

errata! {
    2701: "two characters of the word for result notification are printed twice" => "firmware upgrade result notification", "Doubled at the line break", "";
    2707: "only a status, no response parameters" => "200 with an empty body; the subscription shows with its id in 1.7.4", "Table and sample name nothing but the status", "A-139";
    2719: "http://******" => "a URL that states its port", "The masked sample shows no port, which line 2703 demands", "";
    2728: "Internal server error." => "The request callbackurl is illegal. (the text is not compared)", "The explanation says that the callback address is illegal, and 1.7.1 gives 100222 that text", "A-138";
    2730: "advice to check the appId in the header and in the URL path" => "the application id in the app_key header", "This operation has no appId parameter; the advice is copied", "";
    2733: "100229" => "100229, as tabled", "Other operations give 100220 the same text", "A-141";
}
