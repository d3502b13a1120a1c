//! The suite's own application: what a check needs from the platform for itself.

use iotdm_spec::catalogue::Op;
use iotdm_spec::model::Operation;
use serde_json::{Map, Value};

use crate::steps::request;
use crate::target::Target;
use crate::wire::http::{Answer, Http, Request};
use crate::wire::transcript::{Secrets, Transcript};

/// The suite's own application, logged in.
pub(super) struct Caller<'a> {
    target: &'a Target,
    http: Http,
    token: String,
    record: Transcript,
}

/// A device as it was registered.
#[derive(Clone)]
pub(super) struct Registered {
    /// The id that the platform gave it.
    pub(super) device_id: String,
    /// The secret of its password.
    pub(super) secret: String,
}

impl<'a> Caller<'a> {
    /// Logs in as the target's application.
    pub(super) async fn log_in(target: &'a Target, secrets: &Secrets) -> Result<Self, String> {
        let http = Http::new(target.ca_pem.as_deref(), target.tolerance.answer)?;
        let record = Transcript::new(secrets.clone());
        let mut caller = Self { target, http, token: String::new(), record };
        let parameters = Map::from_iter([
            ("appId".to_owned(), Value::from(target.application.id.as_str())),
            ("secret".to_owned(), Value::from(target.application.secret.as_str())),
        ]);
        let answer = caller.call(Op::Login, parameters).await?;
        caller.token = text(&answer, "accessToken")?;
        Ok(caller)
    }

    /// Registers a device of the target's product (1.5.2).
    pub(super) async fn register(&self, node_id: &str) -> Result<Registered, String> {
        let mut parameters = Map::from_iter([
            ("deviceInfo".to_owned(), serde_json::json!({ "nodeId": node_id })),
            ("mqttConnect".to_owned(), Value::from(true)),
        ]);
        if let Some(product) = &self.target.product {
            parameters.insert("productId".to_owned(), Value::from(product.id.as_str()));
        }
        let answer = self.call(Op::RegisterByPassword, parameters).await?;
        Ok(Registered { device_id: text(&answer, "deviceId")?, secret: text(&answer, "secret")? })
    }

    /// Deletes a device (1.5.5).
    pub(super) async fn delete(&self, device_id: &str) -> Result<(), String> {
        let parameters = Map::from_iter([("deviceId".to_owned(), Value::from(device_id))]);
        self.call(Op::DeleteDevice, parameters).await.map(|_| ())
    }

    /// Sends a device a command of the target's product (1.9.7); there must be one.
    pub(super) async fn send_command(&self, device_id: &str) -> Result<(), String> {
        let product = self.target.product.as_ref().ok_or("the target has no `product`")?;
        let command = product.command.as_ref().ok_or("the target's product has no `command`")?;
        let parameters = Map::from_iter([
            ("deviceId".to_owned(), Value::from(device_id)),
            ("serviceId".to_owned(), Value::from(product.service.as_str())),
            ("header".to_owned(), serde_json::json!({ "mode": "ACK", "method": command.name })),
            ("body".to_owned(), serde_json::json!({ command.para.as_str(): command.value })),
        ]);
        self.call(Op::SendCommand, parameters).await.map(|_| ())
    }

    /// Uses the control plane.
    pub(super) async fn control(&self, path: &str, body: &Value) -> Result<Value, String> {
        let base = self.target.control.as_deref().ok_or("the target has no `control`")?;
        let base = base.strip_suffix("/_mock").unwrap_or(base);
        let request = Request {
            method: "POST".to_owned(),
            url: format!("{base}/_mock{path}"),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(body.to_string()),
        };
        let answer = self.send(&request).await?;
        if answer.status != 200 {
            return Err(format!("the control plane refuses {path}: {}", answer.text()));
        }
        Ok(answer.json.unwrap_or_default())
    }

    async fn call(&self, op: Op, parameters: Map<String, Value>) -> Result<Value, String> {
        let table = op.table();
        let mut request = request::assemble(table, &self.target.base_url, &parameters)?;
        if table.is_protected() {
            request.headers.push(("app_key".to_owned(), self.target.application.id.clone()));
            request.headers.push(("Authorization".to_owned(), format!("Bearer {}", self.token)));
        }
        let answer = self.send(&request).await?;
        if answer.status != table.success_status || has_error(&answer) {
            return Err(refused(table, &answer));
        }
        if let Some(json) = &answer.json {
            self.record.secrets().learn_from(json);
        }
        Ok(answer.json.unwrap_or_default())
    }

    async fn send(&self, request: &Request) -> Result<Answer, String> {
        let answer = self.http.send(request, &self.record).await;
        answer.map_err(|unanswered| format!("no answer from {}: {}", request.url, unanswered.why))
    }
}

/// Some refusals travel with the status of a success.
fn has_error(answer: &Answer) -> bool {
    answer.json.as_ref().is_some_and(|json| json.get("error_code").is_some())
}

fn refused(table: &Operation, answer: &Answer) -> String {
    format!("the platform refuses the suite's own call of {} {}: {}", table.clause, table.name, answer.text())
}

fn text(answer: &Value, name: &str) -> Result<String, String> {
    let value = answer.get(name).and_then(Value::as_str);
    value.map(str::to_owned).ok_or_else(|| format!("the platform's answer has no `{name}`"))
}
