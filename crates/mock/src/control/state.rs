//! `/_mock/state`: the whole world as one JSON document.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::route::{Routes, get, put};
use super::schema::{count, map, need, object, time};
use super::{Plane, Refused, bad_request, body, reply};
use crate::state::{StateError, schema};
use crate::world::World;

/// The largest document.
const DOCUMENT_LIMIT: usize = 1 << 30;

pub(super) fn routes() -> Routes {
    Routes::new()
        .on(
            get(
                "/_mock/state",
                "The world as JSON of the schema `iotdm-world/1`: every entity, the timers and the time. Secrets are in it.",
            )
            .answers(world()),
            dump,
        )
        .on(
            put(
                "/_mock/state",
                "Puts a dumped world in the place of this one. The clock is set to its time, and runs or stands as \
                 before. Sessions end; nobody is told of anything. A document that is not sound changes nothing.",
            )
            .wants(world(), r#"{"schema": "iotdm-world/1", "now": 1581667200000, "settings": {}}"#)
            .answers(object([need("devices", count()), need("now", time())])),
            load,
        )
}

/// A whole world, whose schema is a document of its own.
fn world() -> Value {
    let mut schema = map();
    schema["description"] = json!(format!(
        "A world as the JSON Schema `{}` has it, which `iotdm export world-schema` prints. Members that it does not \
         know are refused.",
        schema::ID
    ));
    schema
}

impl From<StateError> for Refused {
    fn from(error: StateError) -> Self {
        bad_request(error.to_string())
    }
}

async fn dump(State(plane): State<Plane>) -> Response<Body> {
    match plane.core.enter(|world| world.dump()) {
        Ok(document) => {
            let mut response = Response::new(Body::from(document));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => reply(Err(Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))),
    }
}

async fn load(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    let body = body(request, DOCUMENT_LIMIT).await;
    let loaded = body.and_then(|body| Ok(World::load(&body)?)).map(|next| {
        plane.core.load(next);
        json!({ "devices": plane.core.enter(|world| world.devices.len()), "now": plane.core.now().to_string() })
    });
    reply(loaded)
}
