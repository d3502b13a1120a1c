//! `/_mock/devices/{id}/online`, `…/offline`, `…/report`, `…/inbox`, `…/autopilot`: simulated devices,
//! which the mock plays because the reference leaves out what LWM2M and CoAP devices say on the wire.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response, StatusCode};
use iotdm_spec::wire::StatusDetail;
use iotdm_spec::{Object, nearest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::route::{Routes, delete, get, post, put};
use super::schema::{any, count, done, flag, list, map, may, need, object, or_null, text, time, truth, word};
use super::{Plane, Refused, act, bad_request, read, reply};
use crate::owner::{Arrived, InboxEntry, NotPlayed};
use crate::simulated::autopilot::Autopilot;
use crate::simulated::inbox::DeviceAct;
use crate::upgrade::Progress;

/// What an autopilot does; what is left out is left to the device's driver.
fn autopilot() -> Value {
    let command = object([
        may("acknowledge_after", or_null(count())),
        may("answer", word(&["executed", "refused", "never"])),
        may("answer_after", count()),
        may("result", map()),
    ]);
    let shadow = object([may("answer", word(&["accepts", "refuses", "ignores"])), may("after", count())]);
    let upgrade =
        object([may("step", count()), may("end", word(&["succeeds", "fails", "stalls"])), may("reason", text())]);
    object([
        may("online_after", or_null(count())),
        may("report", or_null(object([may("every", count()), may("together", flag())]))),
        may("command", or_null(command)),
        may("shadow", or_null(shadow)),
        may("upgrade", or_null(upgrade)),
    ])
}

/// What a device can be told to do about an entry; exactly one of them.
fn acts() -> Value {
    any([
        object([need("acknowledge", truth())]),
        object([need("answer", object([need("executed", flag()), may("result", map())]))]),
        object([need("accept", truth())]),
        object([need("refuse", truth())]),
        object([need("ignore", truth())]),
        object([need("progress", word(&STEPS)), may("reason", text()), may("code", text())]),
    ])
}

fn entries() -> Value {
    list(object([
        need("entry", count()),
        need("arrived", time()),
        need("kind", word(&["command", "shadow", "upgrade"])),
        may("commandId", text()),
        may("serviceId", text()),
        may("method", text()),
        may("paras", map()),
        may("acknowledged", flag()),
        may("desired", map()),
        may("operationId", text()),
        may("progress", or_null(word(&STEPS))),
    ]))
}

pub(super) fn routes() -> Routes {
    driven().merge(autopilots())
}

/// Devices that are driven by hand.
fn driven() -> Routes {
    Routes::new()
        .on(
            post(
                "/_mock/devices/{id}/online",
                "A simulated device comes online: the first time it becomes active, later it tells that it is still there.",
            )
            .answers(done()),
            online,
        )
        .on(
            post(
                "/_mock/devices/{id}/offline",
                "A simulated device goes offline; a `statusDetail` may stand beside that. Until it comes back nothing \
                 reaches it, and its autopilot rests.",
            )
            .wants(
                object([may("statusDetail", word(StatusDetail::VALUES))]),
                r#"{"statusDetail": "COMMUNICATION_ERROR"}"#,
            )
            .answers(done()),
            offline,
        )
        .on(
            post(
                "/_mock/devices/{id}/report",
                "A simulated device reports, with the items of 2.3. What is said of them in `remarks` leaves the model, or \
                 was dropped.",
            )
            .wants(
                object([need("data", list(map()))]),
                r#"{"data": [{"serviceId": "Light", "serviceData": {"brightness": 40}}]}"#,
            )
            .answers(object([need("remarks", list(text()))])),
            report,
        )
        .on(
            get(
                "/_mock/devices/{id}/inbox",
                "What has arrived at a simulated device and waits for its driver, oldest first. At most 100 wait; \
                 `dropped` counts those that had to make room.",
            )
            .answers(object([need("entries", entries()), need("dropped", count())])),
            inbox,
        )
        .on(
            post(
                "/_mock/devices/{id}/inbox/{entry}",
                "A simulated device does something about an entry of its inbox. The last part of the path is the entry's \
                 number, or the id of its command or operation, or its service, or its kind: then the oldest of that kind.",
            )
            .wants(acts(), r#"{"answer": {"executed": true, "result": {"level": 40}}}"#)
            .answers(object([need("entry", count())])),
            device_acts,
        )
}

/// Devices that act by themselves.
fn autopilots() -> Routes {
    const SAMPLE: &str = r#"{"online_after": 1, "report": {"every": 10, "together": false},
  "command": {"acknowledge_after": 1, "answer": "executed", "answer_after": 1, "result": {}},
  "shadow": {"answer": "accepts", "after": 1}, "upgrade": {"step": 1, "end": "succeeds"}}"#;
    Routes::new()
        .on(
            put(
                "/_mock/devices/{id}/autopilot",
                "Gives a simulated device an autopilot of its own, instead of its product's. What is left out is left to \
                 its driver: `{}` is a device that does nothing by itself. What stands inside a part is by default what \
                 the sample says. Times are seconds.",
            )
            .wants(autopilot(), SAMPLE)
            .answers(autopilot()),
            fly_device,
        )
        .on(
            delete("/_mock/devices/{id}/autopilot", "Gives a device its product's autopilot again, if that has one.")
                .answers(done()),
            land_device,
        )
        .on(
            put(
                "/_mock/products/{id}/autopilot",
                "Puts all simulated devices of a product on autopilot, except those that have their own.",
            )
            .wants(autopilot(), SAMPLE)
            .answers(autopilot()),
            fly_product,
        )
        .on(
            delete(
                "/_mock/products/{id}/autopilot",
                "Leaves the simulated devices of a product to be driven by hand.",
            )
            .answers(done()),
            land_product,
        )
}

/// How the control plane answers when a simulated device does not do what it is told.
pub(super) const fn status(why: &NotPlayed) -> StatusCode {
    match why {
        NotPlayed::UnknownProduct(_) | NotPlayed::NothingWaits { .. } => StatusCode::NOT_FOUND,
        NotPlayed::NoOfflineDetail(_) | NotPlayed::BadAutopilot(_) => StatusCode::BAD_REQUEST,
        NotPlayed::SpeaksMqtt(_) | NotPlayed::NeverOnline(_) | NotPlayed::NotTaken(_) | NotPlayed::WrongAct { .. } => {
            StatusCode::CONFLICT
        }
    }
}

async fn online(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let done = plane.core.enter(|world| world.device_online(&id)).map_err(Refused::from);
    reply(done.map(|()| json!({})))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Offline {
    status_detail: Option<String>,
}

async fn offline(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    let wanted = match read_if_any::<Offline>(request).await {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    let detail = match wanted.status_detail.as_deref().map(detail) {
        None => StatusDetail::None,
        Some(Ok(detail)) => detail,
        Some(Err(refused)) => return reply(Err(refused)),
    };
    let done = plane.core.enter(|world| world.device_offline(&id, detail)).map_err(Refused::from);
    reply(done.map(|()| json!({})))
}

fn detail(text: &str) -> Result<StatusDetail, Refused> {
    StatusDetail::parse(text).ok_or_else(|| unknown("statusDetail", text, StatusDetail::VALUES))
}

/// A refusal of a word that is none of those that are wanted.
fn unknown(what: &str, text: &str, known: &[&'static str]) -> Refused {
    let near =
        nearest::of(text, known.iter().copied()).map_or(String::new(), |near| format!(": did you mean {near:?}?"));
    bad_request(format!("no {what} is called {text:?}{near}; there are {}", known.join(", ")))
}

async fn read_if_any<T: DeserializeOwned + Default>(request: Request<Body>) -> Result<T, Refused> {
    use axum::body::HttpBody;
    if request.body().size_hint().exact() == Some(0) { Ok(T::default()) } else { read(request).await }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    data: Vec<Value>,
}

async fn report(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |report: Report| {
        let taken = plane.core.enter(|world| world.device_report(&id, &report.data));
        taken.map(|remarks| json!({ "remarks": remarks }))
    })
    .await
}

async fn inbox(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let found = plane.core.enter(|world| world.device_inbox(&id)).map_err(Refused::from);
    reply(found.map(
        |(entries, dropped)| json!({ "entries": entries.iter().map(shown).collect::<Vec<_>>(), "dropped": dropped }),
    ))
}

fn shown(entry: &InboxEntry) -> Value {
    let (number, arrived) = (entry.entry, entry.arrived.to_string());
    match &entry.what {
        Arrived::Command { command_id, service_id, method, paras, acknowledged } => json!({
            "entry": number, "arrived": arrived, "kind": "command", "commandId": command_id,
            "serviceId": service_id, "method": method, "paras": paras, "acknowledged": acknowledged,
        }),
        Arrived::Shadow { service_id, desired } => json!({
            "entry": number, "arrived": arrived, "kind": "shadow", "serviceId": service_id, "desired": desired,
        }),
        Arrived::Upgrade { operation_id, progress } => json!({
            "entry": number, "arrived": arrived, "kind": "upgrade",
            "operationId": operation_id, "progress": progress.as_ref().map(step),
        }),
    }
}

/// The steps of an upgrade, as a driver names them.
const STEPS: [&str; 5] = ["downloading", "downloaded", "updating", "succeeded", "failed"];

const fn step(progress: &Progress) -> &'static str {
    match progress {
        Progress::Downloading => STEPS[0],
        Progress::Downloaded => STEPS[1],
        Progress::Updating => STEPS[2],
        Progress::Succeeded => STEPS[3],
        Progress::Failed(_) | Progress::FailedWith { .. } => STEPS[4],
    }
}

/// What the device is to do; exactly one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    acknowledge: Option<bool>,
    answer: Option<CommandAnswer>,
    accept: Option<bool>,
    refuse: Option<bool>,
    ignore: Option<bool>,
    progress: Option<String>,
    /// Beside `"progress": "failed"`.
    reason: Option<String>,
    /// The status error code that the device reports, beside `"progress": "failed"`.
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandAnswer {
    executed: bool,
    #[serde(default)]
    result: Object,
}

impl Act {
    fn read(self) -> Result<DeviceAct, Refused> {
        let said = |flag: Option<bool>, act: DeviceAct| flag.filter(|flag| *flag).map(|_| act);
        let progress =
            self.progress.as_deref().map(|text| progress(text, self.reason.clone(), self.code.clone())).transpose()?;
        let is_failure = matches!(progress, Some(Progress::Failed(_) | Progress::FailedWith { .. }));
        if (self.reason.is_some() || self.code.is_some()) && !is_failure {
            return Err(bad_request("a reason or a code goes with {\"progress\": \"failed\"} only".to_owned()));
        }
        let answer = self.answer.map(|a| DeviceAct::Answer { executed: a.executed, result: a.result });
        let given = [
            said(self.acknowledge, DeviceAct::Acknowledge),
            answer,
            said(self.accept, DeviceAct::Accept),
            said(self.refuse, DeviceAct::Refuse),
            said(self.ignore, DeviceAct::Ignore),
            progress.map(DeviceAct::Progress),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(act), None) => Ok(act),
            _ => Err(bad_request(WANTED_ACTS.to_owned())),
        }
    }
}

const WANTED_ACTS: &str = "exactly one of these is wanted: {\"acknowledge\": true}, \
    {\"answer\": {\"executed\": true, \"result\": {}}}, {\"accept\": true}, {\"refuse\": true}, \
    {\"ignore\": true}, {\"progress\": \"downloading\"}";

fn progress(text: &str, reason: Option<String>, code: Option<String>) -> Result<Progress, Refused> {
    let reason = reason.unwrap_or_else(|| "the device gave no reason".to_owned());
    match text {
        "downloading" => Ok(Progress::Downloading),
        "downloaded" => Ok(Progress::Downloaded),
        "updating" => Ok(Progress::Updating),
        "succeeded" => Ok(Progress::Succeeded),
        "failed" => Ok(match code {
            Some(code) => Progress::FailedWith { code, reason },
            None => Progress::Failed(reason),
        }),
        other => Err(unknown("progress", other, &STEPS)),
    }
}

async fn device_acts(
    State(plane): State<Plane>,
    Path((id, entry)): Path<(String, String)>,
    request: Request<Body>,
) -> Response<Body> {
    act(request, |wanted: Act| {
        let wanted = wanted.read()?;
        let number = plane.core.enter(|world| world.device_acts(&id, &entry, wanted)).map_err(Refused::from)?;
        Ok::<_, Refused>(json!({ "entry": number }))
    })
    .await
}

async fn fly_device(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |pilot: Autopilot| {
        let answer = json!(pilot);
        plane.core.enter(|world| world.set_device_autopilot(&id, Some(pilot))).map(|()| answer)
    })
    .await
}

async fn land_device(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let done = plane.core.enter(|world| world.set_device_autopilot(&id, None)).map_err(Refused::from);
    reply(done.map(|()| json!({})))
}

async fn fly_product(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |pilot: Autopilot| {
        let answer = json!(pilot);
        plane.core.enter(|world| world.set_product_autopilot(&id, Some(pilot))).map(|()| answer)
    })
    .await
}

async fn land_product(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let done = plane.core.enter(|world| world.set_product_autopilot(&id, None)).map_err(Refused::from);
    reply(done.map(|()| json!({})))
}
