//! 2.3 Device reports data. Lines 6780 to 6829.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Direction, Field, Format, Kind, Packet, Topic, array, object, string};
use crate::wire::MsgType;

/// The clause's table.
pub static MESSAGE: Packet = Packet {
    clause: "2.3",
    name: "report_data",
    title: "Device reports data",
    lines: (6780, 6829),
    topic: Some(Topic {
        pattern: "/huawei/v1/devices/{deviceId}/data/{codecMode}",
        direction: Direction::DeviceToPlatform,
        line: 6788,
    }),
    direction: Direction::DeviceToPlatform,
    fields: &[
        string("msgType", "String", 6795).required().one_of(&[MsgType::DeviceReq.as_str()]),
        array("data", &Kind::Object, "List<ServiceData>", 6796).required().members(SERVICE_DATA),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `data` (List<ServiceData>).
pub(crate) const SERVICE_DATA: &[Field] = &[
    string("serviceId", "String", 6801).required(),
    object("serviceData", "ObjectNode", 6802).required(),
    string("eventTime", "String", 6803).format(Format::UtcTime),
];

/// The payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `msgType`, line 6795.
    pub msg_type: MsgType,
    /// `data`, line 6796.
    pub data: Vec<ServiceData>,
}

/// `data`: List<ServiceData>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceData {
    /// `serviceId`, line 6801.
    pub service_id: String,
    /// `serviceData`, line 6802.
    pub service_data: Object,
    /// `eventTime`, line 6803.
    pub event_time: Option<String>,
}

rules! {
    "service-data-by-model" = Device Must 6802: "serviceData holds the property data of one service, with the members that the device's product model defines.";
    "event-time-utc" = Device Must 6803: "eventTime is the UTC time at which the device collected the data.";
    "event-time-fallback" = Platform Must 6803: "When a report has no eventTime or one of a wrong format, the platform takes its own time as the time of the report.";
}

errata! {
    6796: "the type of data is printed as a markup tag, List <servic edata=\"\"></servic>" => "List<ServiceData>", "The type parameter was taken for markup", "";
    6803: "yyyyMMddTHHmmssZ" => "yyyyMMdd'T'HHmmss'Z'", "The quotes around the literal letters are left out; the example 20161219T114920Z settles it", "A-22";
    6809: "the sample starts without a brace" => "{ before \"msgType\"", "The opening brace is lost", "A-290";
    6814: "\"meterId\":\"*****\"" => "\"meterId\":\"*****\",", "A comma is lost in the sample", "A-290";
    6819: "\"batteryVoltage\":\"3.5\"" => "\"batteryVoltage\":\"3.5\" },", "The closing brace of serviceData and a comma are lost; eventTime is a member of the item", "A-290";
    6828: "]" => "} ] }", "The closing braces of the second item and of the message are lost", "A-290";
}
