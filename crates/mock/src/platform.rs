//! A whole platform in this process: build it, start it, use it, drop it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use iotdm_spec::wire::FileType;
use rustls::ServerConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::application::Access;
use crate::builder::{Builder, StartError};
use crate::control::guard::Guard;
use crate::core::Core;
use crate::host::Behind;
use crate::http::Lines;
use crate::journal::Journal;
use crate::mqtt::door::{Door, DoorConfig, RouterPool};
use crate::mqtt::faults::Faults;
use crate::owner::{PackageFit, VersionPackage};
use crate::product::Product;
use crate::pusher::{PushPolicy, Pusher};
use crate::state::beginning::Beginning;
use crate::tls;
use crate::world::World;
use crate::{control, http};

/// An application's id and secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Credentials {
    /// The application's id: `appId` at the login, `app_key` afterwards.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials {{ id: {:?}, secret: *** }}", self.id)
    }
}

/// What a started platform says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) base_url: String,
    pub(crate) mqtts: String,
    pub(crate) product: String,
    pub(crate) application: String,
}

/// A running platform. It stops when it is dropped; [`Platform::stop`] also waits for the end.
pub struct Platform {
    pub(crate) core: Arc<Core>,
    facts: Arc<Facts>,
    door: Option<Door>,
    servers: Vec<Handle<SocketAddr>>,
    timekeeper: JoinHandle<()>,
    ca_pem: String,
    addresses: Addresses,
    control_wants_token: bool,
    resumed: bool,
    application: Credentials,
    authorized: Credentials,
    stranger: Credentials,
    product: String,
    lwm2m_product: String,
    software_package: String,
    firmware_package: String,
    autopilot_product: String,
    lora: Lora,
}

/// What LoRa gateways and nodes are registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lora {
    /// The id of a LoRa server that is online.
    pub server: String,
    /// The id of a product of LoRa gateways.
    pub gateway_product: String,
    /// The id of a product of LoRa nodes: the light of [`Platform::product_id`].
    pub node_product: String,
}

#[derive(Debug, Clone, Copy)]
struct Addresses {
    https: SocketAddr,
    mqtts: SocketAddr,
    control: SocketAddr,
    http: Option<SocketAddr>,
    mqtt: Option<SocketAddr>,
}

impl Platform {
    /// A builder with every default.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) async fn start(builder: Builder) -> Result<Self, StartError> {
        let token = builder.sound_token()?;
        let control_wants_token = token.is_some();
        let guard = Guard::new(token, builder.control_name.clone());
        let mut identity = match &builder.certificate {
            Some((chain, key)) => tls::read(chain, key)?,
            None => tls::generate(&[builder.https.ip().to_string(), builder.mqtts.ip().to_string()])?,
        };
        if let Some(pem) = &builder.callbacks.ca_pem {
            tls::check_authorities(pem)?;
        }
        let mqtts_tls = match &builder.device_ca {
            Some(pem) => identity.asking(pem)?,
            None => Arc::clone(&identity.server),
        };
        // Whoever gave a file that is none should not learn it from the first push that fails.
        builder.callbacks.trusted()?;
        let https = listen("HTTPS", builder.https)?;
        let mqtts = listen("MQTTS", builder.mqtts)?;
        let control = listen("control plane", builder.control)?;
        let http = builder.http.map(|address| listen("HTTP", address)).transpose()?;
        let mqtt = builder.mqtt.map(|address| listen("MQTT", address)).transpose()?;
        let addresses = Addresses {
            https: https.1,
            mqtts: mqtts.1,
            control: control.1,
            http: http.as_ref().map(|l| l.1),
            mqtt: mqtt.as_ref().map(|l| l.1),
        };

        let Beginning { world, furnished, start, store, clock, resumed } = Beginning::of(&builder)?;
        let journal = Arc::new(Journal::new(builder.journal));
        let runtime = tokio::runtime::Handle::current();
        let faults = Faults::new(identity.authority);
        let core = Arc::new_cyclic(|core| {
            let callbacks = PushPolicy { control: Some(addresses.control), ..builder.callbacks };
            let pusher = Pusher::new(callbacks, Weak::clone(core), runtime);
            Core::new(world, start, store, clock, journal, pusher, faults)
        });
        let facts = Arc::new(Facts {
            base_url: format!("https://{}", addresses.https),
            mqtts: addresses.mqtts.to_string(),
            product: furnished.product.clone(),
            application: furnished.application.id.clone(),
        });

        core.journal.belongs_to(&facts.base_url);
        let door = open_door(&core, mqtts, mqtt, mqtts_tls)?;
        let mut servers = vec![serve_tls(https, http::router(Arc::clone(&core)), &identity.server)?];
        if let Some(http) = http {
            servers.push(serve_plain("HTTP", http, http::router(Arc::clone(&core)))?);
        }
        let plane = control::router(Arc::clone(&core), Arc::clone(&facts), guard);
        servers.push(serve_plain("control plane", control, plane)?);
        let timekeeper = tokio::spawn(Arc::clone(&core).keep_time());
        Ok(Self {
            core,
            facts,
            door: Some(door),
            servers,
            timekeeper,
            ca_pem: identity.ca_pem,
            addresses,
            control_wants_token,
            resumed,
            application: furnished.application,
            authorized: furnished.authorized,
            stranger: furnished.stranger,
            product: furnished.product,
            lwm2m_product: furnished.lwm2m_product,
            software_package: furnished.software_package,
            firmware_package: furnished.firmware_package,
            autopilot_product: furnished.autopilot_product,
            lora: furnished.lora,
        })
    }

    /// The base URL of the REST interface, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.facts.base_url
    }

    /// Where MQTTS listens.
    #[must_use]
    pub const fn mqtts(&self) -> SocketAddr {
        self.addresses.mqtts
    }

    /// Where REST without TLS listens, if that was asked for.
    #[must_use]
    pub const fn plain_http(&self) -> Option<SocketAddr> {
        self.addresses.http
    }

    /// Where MQTT without TLS listens, if that was asked for.
    #[must_use]
    pub const fn plain_mqtt(&self) -> Option<SocketAddr> {
        self.addresses.mqtt
    }

    /// The base URL of the control plane, without a slash at its end; on loopback if it listens on every
    /// address of this machine.
    #[must_use]
    pub fn control_url(&self) -> String {
        let mut address = self.addresses.control;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
        }
        format!("http://{address}")
    }

    /// Whether the control plane wants a token.
    #[must_use]
    pub const fn control_wants_token(&self) -> bool {
        self.control_wants_token
    }

    /// Whether it goes on with a world that was there before: one that was kept, or loaded.
    #[must_use]
    pub const fn resumed(&self) -> bool {
        self.resumed
    }

    /// The certificate (PEM) that clients and devices need to trust the platform.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The application that everything starts with.
    #[must_use]
    pub const fn application(&self) -> &Credentials {
        &self.application
    }

    /// A second application, which has authorised the first to act on its devices.
    #[must_use]
    pub const fn authorized(&self) -> &Credentials {
        &self.authorized
    }

    /// A third application, with no grant in either direction.
    #[must_use]
    pub const fn stranger(&self) -> &Credentials {
        &self.stranger
    }

    /// The id of the built-in product: service `Light` (`brightness` and `colour` writable, `power`
    /// read-only, command `SET_LEVEL` with `value`) and service `Battery` (`batteryLevel`).
    #[must_use]
    pub fn product_id(&self) -> &str {
        &self.product
    }

    /// The id of the same product over LWM2M, whose devices are simulated and driven by hand.
    #[must_use]
    pub fn lwm2m_product_id(&self) -> &str {
        &self.lwm2m_product
    }

    /// The file id of the software package for the devices of [`Platform::lwm2m_product_id`].
    #[must_use]
    pub fn software_package_id(&self) -> &str {
        &self.software_package
    }

    /// The file id of the firmware package for the devices of [`Platform::lwm2m_product_id`].
    #[must_use]
    pub fn firmware_package_id(&self) -> &str {
        &self.firmware_package
    }

    /// The id of the same product over LWM2M once more, whose devices are on autopilot
    /// ([`crate::Autopilot::obliging`]).
    #[must_use]
    pub fn autopilot_product_id(&self) -> &str {
        &self.autopilot_product
    }

    /// The LoRa server that everything starts with, and the products of its gateways and nodes.
    #[must_use]
    pub const fn lora(&self) -> &Lora {
        &self.lora
    }

    /// The journal of everything that went over the wire.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.core.journal
    }

    /// Stops the platform and waits until its sessions and connections are closed. Pushes that are in
    /// flight or may go get half a second. Gives how many were left: what was cached or had no answer
    /// is lost.
    pub async fn stop(mut self) -> usize {
        for server in &self.servers {
            server.graceful_shutdown(Some(Duration::from_millis(200)));
        }
        if let Some(door) = self.door.take() {
            door.stop().await;
        }
        self.core.pusher.settle(GRACE).await;
        self.core.enter(|world| world.receivers.waiting())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.timekeeper.abort();
        for server in &self.servers {
            server.shutdown();
        }
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("base_url", &self.facts.base_url).finish_non_exhaustive()
    }
}

/// How long pushes may go on when the platform stops.
const GRACE: Duration = Duration::from_millis(500);

type Listener = (TcpListener, SocketAddr);

fn listen(what: &'static str, address: SocketAddr) -> Result<Listener, StartError> {
    let failed = |error| StartError::Listen { what, address, error };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn open_door(
    core: &Arc<Core>,
    mqtts: Listener,
    mqtt: Option<Listener>,
    tls: Arc<ServerConfig>,
) -> Result<Door, StartError> {
    let host = Arc::new(Behind { core: Arc::downgrade(core) });
    let failed = |what, address| move |error| StartError::Listen { what, address, error };
    let config = DoorConfig::new(RouterPool::lease(), Arc::clone(&core.faults));
    let door = Door::start(mqtts.0, Some(tls), host, config).map_err(failed("MQTTS", mqtts.1))?;
    if let Some((listener, address)) = mqtt {
        door.add_listener(listener, None).map_err(failed("MQTT", address))?;
    }
    // The core was made a moment ago, so nobody else has set its door.
    let _ = core.door.set(door.handle());
    Ok(door)
}

fn serve_tls(listener: Listener, router: Router, tls: &Arc<ServerConfig>) -> Result<Handle<SocketAddr>, StartError> {
    let handle = Handle::new();
    let config = RustlsConfig::from_config(Arc::clone(tls));
    let server = axum_server::from_tcp_rustls(listener.0, config)
        .map_err(|error| StartError::Listen { what: "HTTPS", address: listener.1, error })?
        .map(Lines)
        .http1_only()
        .handle(handle.clone());
    tokio::spawn(server.serve(router.into_make_service()));
    Ok(handle)
}

fn serve_plain(what: &'static str, listener: Listener, router: Router) -> Result<Handle<SocketAddr>, StartError> {
    let handle = Handle::new();
    let server = axum_server::from_tcp(listener.0)
        .map_err(|error| StartError::Listen { what, address: listener.1, error })?
        .map(Lines)
        .http1_only()
        .handle(handle.clone());
    tokio::spawn(server.serve(router.into_make_service()));
    Ok(handle)
}

/// What every platform starts with, by name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Furnished {
    /// The application that the platform hands out.
    pub(crate) application: Credentials,
    /// An application to which that one gave a grant.
    pub(crate) authorized: Credentials,
    /// An application without any grant.
    pub(crate) stranger: Credentials,
    /// The id of the product of MQTT devices.
    pub(crate) product: String,
    /// The id of the product of simulated devices that are driven by hand.
    pub(crate) lwm2m_product: String,
    /// The id of a package of software.
    pub(crate) software_package: String,
    /// The id of a package of firmware.
    pub(crate) firmware_package: String,
    /// The id of the product of simulated devices on autopilot.
    pub(crate) autopilot_product: String,
    /// What LoRa gateways and nodes are registered with.
    pub(crate) lora: Lora,
}

/// What every platform starts with: three applications, one grant, five products, one LoRa server, four
/// version packages.
pub(crate) fn furnish(world: &mut World) -> Furnished {
    let application = world.create_application();
    let authorized = world.create_application();
    let stranger = world.create_application();
    // Both were added just now, so the grant cannot fail.
    let _ = world.grant(&authorized.id, &application.id, Access::Edit);
    let mut product = |built_in: fn(Arc<str>, Arc<str>) -> Product| {
        let id: Arc<str> = world.mint.hex(24).into();
        world.products.add(built_in(Arc::clone(&id), application.id.as_str().into()));
        id.to_string()
    };
    let (mqtt, lwm2m) = (product(Product::built_in), product(Product::built_in_lwm2m));
    let autopilot_product = product(Product::built_in_autopilot);
    let gateway_product = product(Product::built_in_lora_gateway);
    let node_product = product(Product::built_in_lora_node);
    let lora = Lora { server: world.add_lora_server().to_string(), gateway_product, node_product };
    let mut package = |file_type, name: &str, version: &str, product: &str| {
        let package = VersionPackage {
            application: None,
            file_type,
            name: name.to_owned(),
            version: version.to_owned(),
            fits: PackageFit::Product(product.to_owned()),
            description: None,
            date: None,
        };
        // Application and product were added just now, so it can't be refused.
        world.add_package(&application.id, package).map(|id| id.to_string()).unwrap_or_default()
    };
    let [software_package, firmware_package] =
        [(FileType::SoftwarePackage, "light-software", "V2.0"), (FileType::FirmwarePackage, "light-firmware", "V2.1")]
            .map(|(file_type, name, version)| {
                // Devices on autopilot walk through upgrades too.
                package(file_type, name, version, &autopilot_product);
                package(file_type, name, version, &lwm2m)
            });
    Furnished {
        application,
        authorized,
        stranger,
        product: mqtt,
        lwm2m_product: lwm2m,
        autopilot_product,
        lora,
        software_package,
        firmware_package,
    }
}
