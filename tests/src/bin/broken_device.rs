//! A device that breaks the reference: `iotdm check device -- broken_device` fails on
//! `2.1/rule/data-topic-id`, `2.3/rule/service-data-by-model`, `2.4/rule/mid-echo`,
//! `2.5/rule/mid-echo` and `2.5/req/errcode`; with the argument `deaf` it fails on
//! `2.1/rule/subscribe-before-receiving` and `2.4/rule/subscribe-before-receiving` alone; with the
//! argument `dies` its program ends on the first command.

mod device;

use device::Faults;

fn main() {
    let asked = |name: &str| std::env::args().any(|argument| argument == name);
    let (deaf, dies) = (asked("deaf"), asked("dies"));
    let faults = if deaf || dies {
        Faults { deaf, dies, ..Faults::default() }
    } else {
        Faults { foreign_topic: true, own_mid: true, text_errcode: true, text_value: true, ..Faults::default() }
    };
    device::run(&faults);
}
