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
    let pattern = report_data::MESSAGE.topic.as_ref().map_or("", |topic| topic.pattern);
    // Every report asks this, so no topic is made to compare with.
    let (before, rest) = pattern.split_once("{deviceId}")?;
    let (between, after) = rest.split_once("{codecMode}")?;
    let codec = topic.strip_prefix(before)?.strip_prefix(id)?.strip_prefix(between)?.strip_suffix(after)?;
    CodecMode::ALL.iter().copied().find(|mode| mode.as_str() == codec)
}

/// Whether a filter is a command topic of the device behind `id`.
pub(crate) fn is_command(id: &str, filter: &str) -> bool {
    CodecMode::ALL.iter().copied().any(|codec| command(id, codec) == filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_topic_is_the_devices_own_and_whole() {
        for codec in CodecMode::ALL {
            let topic = fill(&report_data::MESSAGE, "d", *codec);
            assert_eq!(data_codec("d", &topic), Some(*codec));
            assert_eq!(data_codec("dd", &topic), None);
            assert_eq!(data_codec("d", &topic[1..]), None);
            assert_eq!(data_codec("d", &format!("{topic}/")), None);
        }
        assert_eq!(data_codec("d", &command("d", CodecMode::Json)), None);
    }
}
