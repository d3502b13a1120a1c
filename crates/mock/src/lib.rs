//! A stateful mock of Huawei's IoT Device Management platform (the OceanConnect V3 generation):
//! REST over HTTPS, devices over MQTTS, pushes to callbacks, all in this process.
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! use iotdm_mock::Platform;
//! use iotdm_spec::{Op, security::login::error};
//!
//! let platform = Platform::builder().seed(7).start().await.unwrap();
//! // Point the code under test at these:
//! let (url, devices, ca) = (platform.base_url(), platform.mqtts(), platform.ca_pem());
//! assert!(url.starts_with("https://127.0.0.1:") && devices.port() != 0 && ca.contains("CERTIFICATE"));
//!
//! // The next login is refused as if the application were frozen…
//! platform.force_next(Op::Login, error::APPLICATION_FROZEN.row());
//! // …time moves when told to…
//! platform.advance(std::time::Duration::from_secs(3600));
//! // …and the journal knows what came over the wire.
//! assert!(platform.journal().calls("login").is_empty());
//! platform.stop().await;
//! # });
//! ```

mod application;
mod batch_task;
mod batch_tasks;
mod builder;
mod clock;
mod codec;
mod command;
mod commands;
mod conduct;
mod control;
mod core;
mod data;
mod deviation;
mod device;
mod devices;
mod faults;
mod gate;
mod group;
mod groups;
mod host;
mod http;
mod journal;
mod lora;
mod lora_network;
mod mint;
mod mqtt;
mod notifications;
mod outbox;
mod owner;
mod package;
mod plan;
mod platform;
mod product;
mod profile;
mod pusher;
mod receivers;
mod registration;
mod routes;
mod security;
mod shadow;
mod simulated;
mod state;
mod subscription;
mod subscriptions;
mod timers;
mod tls;
mod upgrade;
mod upgrades;
mod world;

pub use application::Access;
pub use builder::{Builder, StartError, fresh_token};
pub use clock::Moment;
pub use control::control_document;
pub use deviation::{Deviation, DeviationKind};
pub use faults::{ForceOrder, Operations, RestFault, RestFaultOrder, Standing};
pub use journal::{
    Call, Captured, Connect, Dropped, Entry, Event, EventKind, Headers, Journal, JournalFilter, JournalLimits, NotSeen,
    Note, Packet, PacketFilter, Pushed, hex_dump,
};
pub use mqtt::door::{ConnackCode, PacketKind};
pub use mqtt::faults::{BadCertificate, DeviceFault, FaultOrder, OrderedFault, Times};
pub use owner::{
    ApplicationChange, ApplicationState, Arrived, ClockChange, DevicePage, DeviceState, InboxEntry, LoraServerChange,
    LoraServerState, NotPlayed, OwnerError, PackageFit, ProductSource, RuleFiring, VersionPackage,
};
pub use plan::{Plan, PlanError};
pub use platform::{Credentials, Lora, Platform};
pub use profile::ProfileError;
pub use receivers::{PushLimits, PushReceiver, PushRetries, PushState};
pub use simulated::autopilot::{
    Autopilot, CommandAnswer, CommandHabit, Reporting, ShadowAnswer, ShadowHabit, UpgradeEnd, UpgradeHabit,
};
pub use simulated::inbox::DeviceAct;
pub use state::{StateError, world_schema};
pub use tls::{CertificateError, check_authorities};
pub use upgrade::Progress;
