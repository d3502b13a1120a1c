//! What a device has to be told before it can connect.

use std::path::PathBuf;

use iotdm_spec::model::Packet;
use iotdm_spec::mqtt::{receive_command, report_data};
use iotdm_spec::wire::CodecMode;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::password::password;

/// `YYYYMMDDHH`, the timestamp of a CONNECT.
const HOUR: &str = "%Y%m%d%H";

/// What a device has to be told before it can connect. It holds the device's secret.
#[derive(Clone)]
pub struct DeviceBriefing {
    /// The platform's host.
    pub host: String,
    /// The port of its MQTTS interface.
    pub port: String,
    /// The file with the certificate to trust; none if the usual roots hold.
    pub ca: Option<PathBuf>,
    /// The device's id.
    pub device_id: String,
    /// Its node id.
    pub node_id: String,
    /// Its secret.
    pub secret: String,
    /// The product that it is of, if the target names one.
    pub product_id: Option<String>,
    /// The topic to report on.
    pub data_topic: String,
    /// The topic to subscribe to.
    pub command_topic: String,
    /// A client id that is right at this hour.
    pub client_id: String,
    /// The user name that goes with it.
    pub username: String,
    /// The password that goes with it.
    pub password: String,
}

impl std::fmt::Debug for DeviceBriefing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceBriefing {{ device_id: {:?}, secret: *** }}", self.device_id)
    }
}

/// A topic of the device with this id (2.1), for a product without a codec of its own.
pub(super) fn topic(packet: &Packet, id: &str) -> String {
    let pattern = packet.topic.map_or("", |topic| topic.pattern);
    pattern.replace("{deviceId}", id).replace("{codecMode}", CodecMode::Json.as_str())
}

impl DeviceBriefing {
    /// What the device with this id is told; `address` is host:port.
    pub(super) fn new(address: &str, device_id: &str, node_id: &str, secret: &str) -> Self {
        let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let hour = Timestamp::now().to_zoned(TimeZone::UTC).strftime(HOUR).to_string();
        Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: port.to_owned(),
            ca: None,
            device_id: device_id.to_owned(),
            node_id: node_id.to_owned(),
            secret: secret.to_owned(),
            product_id: None,
            data_topic: topic(&report_data::MESSAGE, device_id),
            command_topic: topic(&receive_command::MESSAGE, device_id),
            client_id: format!("{device_id}_0_0_{hour}"),
            username: device_id.to_owned(),
            password: password(&hour, secret),
        }
    }

    /// The values by the names of their placeholders.
    fn values(&self) -> [(&'static str, String); 7] {
        let ca = self.ca.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        [
            ("host", self.host.clone()),
            ("port", self.port.clone()),
            ("ca", ca),
            ("device_id", self.device_id.clone()),
            ("node_id", self.node_id.clone()),
            ("secret", self.secret.clone()),
            ("product_id", self.product_id.clone().unwrap_or_default()),
        ]
    }

    /// A command line with its placeholders replaced.
    pub(super) fn fill(&self, command: &[String]) -> Vec<String> {
        let values = self.values();
        let fill = |word: &String| {
            values.iter().fold(word.clone(), |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
        };
        command.iter().map(fill).collect()
    }

    /// The environment variables of a firmware that is started.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let names = [
            "IOTDM_HOST",
            "IOTDM_PORT",
            "IOTDM_CA",
            "IOTDM_DEVICE_ID",
            "IOTDM_NODE_ID",
            "IOTDM_SECRET",
            "IOTDM_PRODUCT_ID",
        ];
        names.into_iter().zip(self.values()).map(|(name, (_, value))| (name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_variables_hold_the_same() {
        let briefing = DeviceBriefing::new("127.0.0.1:8883", "d-1", "n-1", "s3cret");
        let words = ["fw", "--at={host}:{port}", "{device_id}/{node_id}", "{other}"].map(str::to_owned);
        assert_eq!(briefing.fill(&words), ["fw", "--at=127.0.0.1:8883", "d-1/n-1", "{other}"]);
        assert!(briefing.environment().contains(&("IOTDM_SECRET", "s3cret".to_owned())));
        assert_eq!(briefing.data_topic, "/huawei/v1/devices/d-1/data/json");
        assert!(briefing.client_id.starts_with("d-1_0_0_20") && briefing.client_id.len() == 18);
        assert!(!format!("{briefing:?}").contains("s3cret"));
    }
}
