//! A device that breaks the reference: `iotdm check device -- broken_device` fails on
//! `2.1/rule/data-topic-id`, `2.3/rule/service-data-by-model`, `2.4/rule/mid-echo`,
//! `2.5/rule/mid-echo` and `2.5/req/errcode`; with the argument `deaf` it fails on
//! `2.1/rule/subscribe-before-receiving` and `2.4/rule/subscribe-before-receiving` alone.

mod device;

use device::Faults;

fn main() {
    let deaf = std::env::args().any(|argument| argument == "deaf");
    let faults = if deaf {
        Faults { deaf, ..Faults::default() }
    } else {
        Faults { foreign_topic: true, own_mid: true, text_errcode: true, text_value: true, ..Faults::default() }
    };
    device::run(&faults);
}
