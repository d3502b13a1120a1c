//! `iotdm mock`: a platform for whoever needs one, until Ctrl-C.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use iotdm::embedded;
use iotdm_mock::{Builder, OwnerError, Plan, Platform, PushRetries, StartError, fresh_token};
use iotdm_spec::catalogue::Op;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::contract;
use crate::exit::{self, Failed};

/// The limit that a platform has unless told otherwise.
const THROTTLE: u32 = 100;

/// Start a mock platform: REST over HTTPS, devices over MQTTS, pushes to callbacks.
#[derive(Debug, Args)]
pub struct MockArgs {
    /// Address to listen on (the control plane stays on loopback, see --control-host)
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    host: IpAddr,
    /// Port of REST over HTTPS; 0 takes a free one
    #[arg(long, default_value_t = 8743, value_name = "PORT")]
    port: u16,
    /// Port of MQTT over TLS; 0 takes a free one
    #[arg(long, default_value_t = 8883, value_name = "PORT")]
    mqtt_port: u16,
    /// Address of the control plane, which has no TLS; off loopback it wants a token
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    control_host: IpAddr,
    /// File with the control plane's token; it is made with a new token if it is not there. Off loopback
    /// it is by default a new file in a folder for temporary files
    #[arg(long, value_name = "FILE")]
    control_token: Option<PathBuf>,
    /// Host name by which the control plane is reached, beside localhost and addresses
    #[arg(long, value_name = "NAME")]
    control_name: Option<String>,
    /// Port of the control plane; 0 takes a free one
    #[arg(long, default_value_t = 8744, value_name = "PORT")]
    control_port: u16,
    /// Also offer REST without TLS on this port
    #[arg(long, value_name = "PORT")]
    plain_http_port: Option<u16>,
    /// Also offer MQTT without TLS on this port
    #[arg(long, value_name = "PORT")]
    plain_mqtt_port: Option<u16>,
    /// Server certificate chain (PEM); by default a CA and a certificate are made at start
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Private key (PEM) of --cert
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// CA certificate (PEM) of devices: who presents a certificate must have it from there
    #[arg(long, value_name = "FILE")]
    device_ca: Option<PathBuf>,
    /// Where to write the CA certificate; by default into a new folder for temporary files
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Write a target file for `iotdm check platform --target`
    #[arg(long, value_name = "FILE")]
    target_file: Option<PathBuf>,
    /// Make ids, tokens and secrets repeat from run to run
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Start with the clock standing at this time (yyyyMMddTHHmmssZ)
    #[arg(long, value_name = "TIME")]
    frozen_at: Option<String>,
    /// Protected calls that an application may make in 60 s; 0 means no limit. By default 100, or as a
    /// kept or loaded world has it
    #[arg(long, value_name = "CALLS")]
    throttle: Option<u32>,
    /// CA certificate (PEM) of HTTPS callback receivers
    #[arg(long, value_name = "FILE")]
    callback_ca: Option<PathBuf>,
    /// Import a product profile, a zip or the unpacked folder; can be given several times. If a kept or
    /// loaded world has its product already, that gets the new profile and keeps its id
    #[arg(long = "product", value_name = "PATH")]
    products: Vec<PathBuf>,
    /// Start with the world of this file, as `curl CONTROL/_mock/state` gave it: its applications, ids and time
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    load: Option<PathBuf>,
    /// Keep the world in this directory, over restarts and crashes (secrets are in it)
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Push to any host, not only to loopback and private networks
    #[arg(long)]
    callbacks_anywhere: bool,
    /// What goes wrong from the start: a file with the lists `force` and `faults`
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Answer token and throttle errors as the gateway of some deployments does
    #[arg(long)]
    gateway_errors: bool,
    /// Whether failed pushes are tried again: none, or faq (10 minutes, as the vendor's FAQ has it). By
    /// default none, or as a kept or loaded world has it
    #[arg(long, value_name = "PROFILE")]
    push_retries: Option<PushRetries>,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// One line and an exit code: a port is taken, a certificate or file is not usable.
pub async fn run(args: MockArgs) -> Result<(), Failed> {
    let began = Instant::now();
    let folder = Folder::if_needed(&args)?;
    let token = control_token(&args, &folder)?;
    let mut builder = build(&args)?;
    if let Some((_, token)) = &token {
        builder = builder.control_token(token);
    }
    let platform = builder.start().await.map_err(start_failed)?;
    let products = import(&args, &platform)?;
    let took = began.elapsed();
    let ca = write_files(&args, &platform, &folder)?;
    let token = token.map(|(file, _)| file);
    // Before anybody can know that it runs, it must know how to stop.
    let stop = StopSignals::listen()?;
    contract::print(&greeting(&args, &platform, &products, (&ca, token.as_deref()), took.as_millis()), None)?;
    stop.arrived().await;
    let lost = platform.stop().await;
    if lost > 0 {
        contract::print(&format!("{lost} pushes were not delivered\n"), None)?;
    }
    Ok(())
}

/// A product that was imported: its id, and where it came from.
type Imported = (String, PathBuf);

fn import(args: &MockArgs, platform: &Platform) -> Result<Vec<Imported>, Failed> {
    let mut imported: Vec<Imported> = Vec::new();
    for path in &args.products {
        let id = match platform.import_product(&platform.application().id, path.clone()) {
            // It was imported when the world began, and has been kept since: its devices know its id.
            Err(OwnerError::SeriesInUse { product, .. })
                if platform.resumed() && imported.iter().all(|(id, _)| *id != product) =>
            {
                platform.replace_product(&product, path.clone()).map(|()| product)
            }
            other => other,
        };
        imported.push((id.map_err(|e| Failed::bad_input(format!("--product: {e}")))?, path.clone()));
    }
    Ok(imported)
}

/// Ctrl-C, and the system's wish to end the process.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> Result<Self, Failed> {
        let of = |kind| signal(kind).map_err(Failed::environment);
        Ok(Self { interrupt: of(SignalKind::interrupt())?, terminate: of(SignalKind::terminate())? })
    }

    async fn arrived(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn build(args: &MockArgs) -> Result<Builder, Failed> {
    let at = |port| SocketAddr::new(args.host, port);
    let control = SocketAddr::new(args.control_host, args.control_port);
    let mut builder = Platform::builder().https(at(args.port)).mqtts(at(args.mqtt_port)).control(control);
    if let Some(name) = &args.control_name {
        builder = builder.control_name(name);
    }
    if let Some(retries) = args.push_retries {
        builder = builder.push_retries(retries);
    }
    builder = match args.throttle {
        None => builder.throttle_when_fresh(THROTTLE),
        Some(0) => builder.no_throttle(),
        Some(calls) => builder.throttle(calls),
    };
    if let Some(port) = args.plain_http_port {
        builder = builder.plain_http(at(port));
    }
    if let Some(port) = args.plain_mqtt_port {
        builder = builder.plain_mqtt(at(port));
    }
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        builder = builder.certificate(cert, key);
    }
    if let Some(seed) = args.seed {
        builder = builder.seed(seed);
    }
    if let Some(file) = &args.load {
        builder = builder.state_file(file);
    }
    if let Some(directory) = &args.state {
        builder = builder.state_dir(directory);
    }
    if let Some(file) = &args.device_ca {
        builder = builder.device_ca(exit::authorities(file)?);
    }
    if let Some(file) = &args.callback_ca {
        builder = builder.callback_ca(exit::authorities(file)?);
    }
    if args.callbacks_anywhere {
        builder = builder.callbacks_anywhere();
    }
    if let Some(file) = &args.plan {
        let plan = Plan::parse(&file.display().to_string(), &exit::read(file)?);
        builder = builder.plan(plan.map_err(Failed::bad_input)?);
    }
    if args.gateway_errors {
        builder = builder.gateway_errors();
    }
    match &args.frozen_at {
        Some(time) => builder.frozen_at(time).map_err(|e| Failed::bad_input(format!("--frozen-at: {e}"))),
        None => Ok(builder),
    }
}

/// What was given and cannot be is bad input, everything else lies in the environment.
fn start_failed(error: StartError) -> Failed {
    match &error {
        StartError::State(state) if state.in_use => Failed::environment(error),
        // A file that is no world or no certificate, or a token that can't be one.
        StartError::ControlToken(_) | StartError::State(_) => Failed::bad_input(error),
        StartError::Certificate(certificate) if certificate.file.is_some() => Failed::bad_input(error),
        _ => Failed::environment(error),
    }
}

/// A folder of ours for temporary files, if one is needed; it goes when this goes.
struct Folder(Option<PathBuf>);

impl Folder {
    fn if_needed(args: &MockArgs) -> Result<Self, Failed> {
        if args.ca_file.is_some() && !makes_token(args) {
            return Ok(Self(None));
        }
        let folder = std::env::temp_dir().join(format!("iotdm-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| Failed::environment(exit::in_file(&folder, &e)))?;
        Ok(Self(Some(folder)))
    }

    /// A file in it.
    fn file(&self, name: &str) -> PathBuf {
        self.0.clone().unwrap_or_default().join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // It is a folder for temporary files: should this fail, the system clears it some day.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Writes what clients need; says where the CA certificate is.
fn write_files(args: &MockArgs, platform: &Platform, folder: &Folder) -> Result<PathBuf, Failed> {
    let ca = args.ca_file.clone().unwrap_or_else(|| folder.file("ca.pem"));
    write(&ca, platform.ca_pem())?;
    if let Some(file) = &args.target_file {
        // Whoever reads the file takes what is relative from where the file stands.
        let from_anywhere = std::path::absolute(&ca).map_err(|e| Failed::environment(exit::in_file(&ca, &e)))?;
        write_private(file, &embedded::target_file(&embedded::target(platform), &from_anywhere))?;
    }
    Ok(ca)
}

/// Whether a token is wanted and no file for it was named.
fn makes_token(args: &MockArgs) -> bool {
    args.control_token.is_none() && !args.control_host.is_loopback()
}

/// The control plane's token and the file that holds it, if it wants one.
fn control_token(args: &MockArgs, folder: &Folder) -> Result<Option<(PathBuf, String)>, Failed> {
    let file = match &args.control_token {
        Some(file) => file.clone(),
        None if makes_token(args) => folder.file("control-token"),
        None => return Ok(None),
    };
    match std::fs::read_to_string(&file) {
        Ok(token) => return Ok(Some((file, token.trim().to_owned()))),
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Failed::bad_input(exit::in_file(&file, &e))),
        Err(_) => {}
    }
    let token = fresh_token();
    // Nobody else may read it, at no moment.
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    made.and_then(|mut made| writeln!(made, "{token}")).map_err(|e| Failed::environment(exit::in_file(&file, &e)))?;
    Ok(Some((file, token)))
}

/// Writes what only its owner may read: there are secrets in it.
fn write_private(file: &Path, text: &str) -> Result<(), Failed> {
    let write = || {
        let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
        // It may have been there before.
        out.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        out.write_all(text.as_bytes())
    };
    write().map_err(|e: std::io::Error| Failed::environment(exit::in_file(file, &e)))
}

fn write(file: &Path, text: &str) -> Result<(), Failed> {
    std::fs::write(file, text).map_err(|e| Failed::environment(exit::in_file(file, &e)))
}

/// The block that a person copies from.
fn greeting(
    args: &MockArgs,
    platform: &Platform,
    products: &[Imported],
    (ca, token): (&Path, Option<&Path>),
    took: u128,
) -> String {
    let app = platform.application();
    let login = Op::Login.table();
    let [id, secret] = [0, 1].map(|n| login.params.get(n).map_or("", |param| param.field.name));
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<10} {value}");
    };
    line("REST", platform.base_url());
    line("MQTTS", &platform.mqtts().to_string());
    if let Some(address) = platform.plain_http() {
        line("plain HTTP", &format!("http://{address}"));
    }
    if let Some(address) = platform.plain_mqtt() {
        line("plain MQTT", &address.to_string());
    }
    line("control", &format!("{}/_mock/ (in a browser: a page that shows everything)", platform.control_url()));
    if let Some(token) = token {
        line("token", &format!("in {} (for the control plane, as Authorization: Bearer)", token.display()));
    }
    line("CA file", &ca.display().to_string());
    line(id, &app.id);
    line(secret, &app.secret);
    line("productId", platform.product_id());
    line("", "(MQTT; service Light: brightness, colour, command SET_LEVEL with value; service Battery)");
    line("LWM2M", platform.lwm2m_product_id());
    line("", "(the same over LWM2M: POST /_mock/devices/ID/online, /report, /inbox/command… drive its devices)");
    line("autopilot", platform.autopilot_product_id());
    line("", "(the same over LWM2M: its devices come online, report, and answer by themselves)");
    for (id, path) in products {
        line("productId", &format!("{id} ({})", path.display()));
    }
    let throttle = platform.list_applications().iter().find(|one| one.id == app.id).and_then(|one| one.throttle);
    let throttle = throttle.map_or_else(
        || "none".to_owned(),
        |calls| format!("{calls} calls in 60 s an application (--throttle 0: none)"),
    );
    line("throttle", &throttle);
    if platform.pushes().retries == PushRetries::Faq {
        line("pushes", "failed ones are tried again for 10 minutes (--push-retries none: never)");
    }
    if args.seed.is_some() && platform.resumed() {
        line("seed", "not used: the kept world goes on with its own ids");
    }
    if let Some(directory) = &args.state {
        line("state", &format!("{} (kept over restarts)", directory.display()));
    }
    format!(
        "mock platform, ready in {took} ms\n\n{text}\nLog in:\n\n  curl --cacert {} -d '{id}={}&{secret}={}' {}{}\n\nCtrl-C stops it.\n",
        ca.display(),
        app.id,
        app.secret,
        platform.base_url(),
        login.path,
    )
}
