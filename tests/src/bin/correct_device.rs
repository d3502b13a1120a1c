//! A device that keeps the reference: `iotdm check device -- correct_device` passes.

mod device;

fn main() {
    device::run(&device::Faults::default());
}
