//! 2.1 Topics: made from the patterns in the contract.

use iotdm_spec::model::Packet;
use iotdm_spec::mqtt::{receive_command, report_data};
use iotdm_spec::wire::CodecMode;

fn fill(packet: &Packet, id: &str, codec: CodecMode) -> String {
    let pattern = packet.topic.as_ref().map_or("", |topic| topic.pattern);
    pattern.replace("{deviceId}", id).replace("{codecMode}", codec.as_str())
}

/// The topic on which the device behind `id` gets commands.
pub(crate) fn command(id: &str, codec: CodecMode) -> String {
    fill(&receive_command::MESSAGE, id, codec)
}

/// The codec of a topic, if it is the one on which the device behind `id` reports.
pub(crate) fn data_codec(id: &str, topic: &str) -> Option<CodecMode> {
    CodecMode::ALL.iter().copied().find(|codec| fill(&report_data::MESSAGE, id, *codec) == topic)
}

/// Whether a filter is a command topic of the device behind `id`.
pub(crate) fn is_command(id: &str, filter: &str) -> bool {
    CodecMode::ALL.iter().copied().any(|codec| command(id, codec) == filter)
}
