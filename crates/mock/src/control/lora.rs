//! `/_mock/lora-servers`: the servers that LoRa gateways and nodes are registered with.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use axum::routing::{get, patch};
use serde_json::json;

use super::{Plane, Refused, act, reply};
use crate::owner::{LoraServerChange, OwnerError};

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/lora-servers", get(list).post(add))
        .route("/_mock/lora-servers/{id}", patch(change).delete(remove))
}

/// `curl {control}/_mock/lora-servers`
///
/// All LoRa servers: `{"servers": [{"id", "online", "fails"}]}`.
async fn list(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(json!({ "servers": plane.core.enter(|world| world.lora_servers()) })))
}

/// `curl -X POST {control}/_mock/lora-servers`
///
/// Attaches a LoRa server and answers its `id`. It is online and works, unless the body says
/// otherwise: `{"online": false}`, `{"fails": "why"}`.
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

/// `curl -X PATCH -d '{"online": false}' {control}/_mock/lora-servers/{id}`
///
/// Takes a LoRa server online or offline. `{"fails": "why"}` lets it refuse every registration with
/// this reason, `{"fails": null}` lets it work again.
async fn change(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |change: LoraServerChange| {
        plane.core.enter(|world| world.change_lora_server(&id, &change)).map(|()| json!({}))
    })
    .await
}

/// `curl -X DELETE {control}/_mock/lora-servers/{id}`
///
/// Detaches a LoRa server; what was registered with it stays.
async fn remove(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = plane.core.enter(|world| world.remove_lora_server(&id)).map_err(Refused::from);
    reply(removed.map(|()| json!({})))
}
