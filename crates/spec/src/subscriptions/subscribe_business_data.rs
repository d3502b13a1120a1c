//! 1.7.1 Subscribe to the platform's business data. Lines 2605 to 2678.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Format, InputRefusals, Method, Operation, body, header, query, string};
use crate::universal;
use crate::wire::{NotifyType, OwnerFlag};

clause!(SubscribeBusinessData);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.7.1",
    name: "subscribe_business_data",
    title: "Subscribe to the platform's business data",
    chapter: Chapter::Subscriptions,
    lines: (2605, 2678),
    method: Method::Post,
    path: "/iocm/app/sub/v1.2.0/subscriptions",
    uri_line: 2614,
    success_status: 201,
    success_line: 2647,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2620).required()),
        header(string("Authorization", "String", 2621).required()),
        query(string("ownerFlag", "String(256)", 2622).max_len(256).one_of(OwnerFlag::VALUES)),
        body(string("appId", "String(256)", 2623).max_len(256)),
        body(string("notifyType", "String", 2626).required().one_of(&[
            NotifyType::DeviceAdded.as_str(),
            NotifyType::BindDevice.as_str(),
            NotifyType::DeviceInfoChanged.as_str(),
            NotifyType::DeviceDataChanged.as_str(),
            NotifyType::DeviceDatasChanged.as_str(),
            NotifyType::DeviceCapabilitiesChanged.as_str(),
            NotifyType::DeviceCapabilitiesAdded.as_str(),
            NotifyType::DeviceCapabilitiesDeleted.as_str(),
            NotifyType::DeviceDeleted.as_str(),
            NotifyType::MessageConfirm.as_str(),
            NotifyType::CommandRsp.as_str(),
            NotifyType::RuleEvent.as_str(),
            NotifyType::DeviceDesiredPropertiesModifyStatusChanged.as_str(),
        ])),
        body(
            string("callbackUrl", "String(1024)", 2642)
                .required()
                .max_len(1024)
                .format(Format::CallbackUrl)
                .refused_by(error::CALLBACK_URL_ILLEGAL.row()),
        ),
    ],
    response: &[
        string("subscriptionId", "String", 2650),
        string("notifyType", "String", 2651),
        string("callbackUrl", "String", 2652),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { SubscribeBusinessData:
    CALLBACK_URL_ILLEGAL = 400, "100222", "The request callbackurl is illegal.", 2670;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2671;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2672;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2673;
    RESOURCE_CONFLICTED = 409, "100227", "The resource is conflicted.", 2674;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `ownerFlag`, line 2622.
    pub owner_flag: Option<OwnerFlag>,
    /// `appId`, line 2623.
    pub app_id: Option<String>,
    /// `notifyType`, line 2626.
    pub notify_type: NotifyType,
    /// `callbackUrl`, line 2642.
    pub callback_url: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `subscriptionId`, line 2650.
    pub subscription_id: String,
    /// `notifyType`, line 2651.
    pub notify_type: String,
    /// `callbackUrl`, line 2652.
    pub callback_url: String,
}

rules! {
    "push-on-change" = Platform Must 2603: "When subscribed device information changes, the platform pushes the change to the application.";
    "used-with-notifications" = Application Must 2603: "The subscription operations have to be used together with the push notifications (1.8).";
    "notify-on-business-change" = Platform Must 2609: "Once subscribed, the platform notifies the application when the business information of a device changes, such as by its registration, a data report or a change of status.";
    "owner-flag-meaning" = Platform Must 2622: "With ownerFlag false the callbackUrl is owned by the authorising application, with true by the authorised application.";
    "app-id-when-authorised" = Application Must 2623: "appId is given in the body only when the subscription is created for an application that has authorised the caller.";
    "type-selects-notification" = Platform Must 2626: "On a subscription the platform pushes the notification that bears the subscribed notifyType.";
    "message-confirm-mqtt-only" = Platform Must 2636: "messageConfirm applies only to devices that are connected by MQTT.";
    "command-rsp-mqtt-only" = Platform Must 2637: "commandRsp applies only to devices that are connected by MQTT.";
    "callback-receives-type" = Platform Must 2642: "The platform sends the notifications of the subscribed type to the subscription's callbackUrl.";
    "callback-scheme" = Application May 2643: "callbackUrl may be an HTTPS or an HTTP address.";
    "callback-https-preferred" = Application Should 2643: "callbackUrl should be an HTTPS address.";
    "callback-host" = Application May 2643: "callbackUrl may name its host by IP address or by domain name.";
    "callback-port" = Application Must 2643: "callbackUrl has to state the port explicitly.";
    "subscription-id-unique" = Platform Must 2650: "The platform assigns each subscription at its creation a subscriptionId that identifies this subscription alone.";
    "conflict-when-subscribed" = Platform Must 2674: "The platform refuses a subscription to a notification type that is already subscribed to, as a conflict with 409 and 100227.";
}

errata! {
    2622: "ownerflag (twice in the description)" => "ownerFlag", "The name column has ownerFlag", "";
    2633: "a character of the word for service is printed twice (also line 2634)" => "device service capabilities added, deleted", "Doubled at the line break", "";
    2654: "the heading of the request sample with nothing below it" => "the sample is missing", "Lost in the text", "";
    2670: "callbackurl (English error text)" => "kept as printed; the parameter is callbackUrl", "Lower case in the error text only", "";
    2674: "the notification type is already subscribed to" => "the same application, notifyType and callbackUrl are already subscribed", "1.7.4 and 1.7.6 speak of all the subscriptions of one type, so there can be several", "A-132";
}
