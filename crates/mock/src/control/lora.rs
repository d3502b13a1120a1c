//! `/_mock/lora-servers`: the servers that LoRa gateways and nodes are registered with.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use serde_json::json;

use super::route::{Routes, delete, get, patch, post};
use super::schema::{and, done, flag, list, may, need, object, or_null, text};
use super::{Plane, Refused, act, reply};
use crate::owner::{LoraServerChange, OwnerError};

pub(super) fn routes() -> Routes {
    let change = || object([may("online", flag()), may("fails", or_null(text()))]);
    Routes::new()
        .on(
            get("/_mock/lora-servers", "All LoRa servers.")
                .answers(object([need("servers", list(and(object([need("id", text())]), &change())))])),
            list_all,
        )
        .on(
            post(
                "/_mock/lora-servers",
                "Attaches a LoRa server and answers its `id`. It is online and works, unless the body says otherwise.",
            )
            .wants(change(), r#"{"online": false}"#)
            .answers(object([need("id", text())])),
            add,
        )
        .on(
            patch(
                "/_mock/lora-servers/{id}",
                "Takes a LoRa server online or offline. `{\"fails\": \"why\"}` lets it refuse every registration with this \
                 reason, `{\"fails\": null}` lets it work again.",
            )
            .wants(change(), r#"{"fails": "no room"}"#)
            .answers(done()),
            change_server,
        )
        .on(
            delete("/_mock/lora-servers/{id}", "Detaches a LoRa server; what was registered with it stays.")
                .answers(done()),
            remove,
        )
}

async fn list_all(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(json!({ "servers": plane.core.enter(|world| world.lora_servers()) })))
}

async fn add(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |change: LoraServerChange| {
        plane.core.enter(|world| {
            let id = world.add_lora_server();
            world.change_lora_server(&id, &change)?;
            Ok::<_, OwnerError>(json!({ "id": &*id }))
        })
    })
    .await
}

async fn change_server(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |change: LoraServerChange| {
        plane.core.enter(|world| world.change_lora_server(&id, &change)).map(|()| json!({}))
    })
    .await
}

async fn remove(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = plane.core.enter(|world| world.remove_lora_server(&id)).map_err(Refused::from);
    reply(removed.map(|()| json!({})))
}
