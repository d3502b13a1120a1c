//! The door, tried from outside: rumqttc where a well-behaved device will do, raw sockets elsewhere.

mod admission;
mod downlink;
mod ending;
mod fuzz;
mod hostile;
mod properties;
mod rig;
mod soak;
mod threads;
mod tls;
mod uplink;
