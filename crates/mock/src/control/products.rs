//! `/_mock/products`: product profiles, as the platform's console has them.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{Request, Response};
use axum::routing::get;
use iotdm_spec::Object;
use serde_json::{Value, json};

use super::{Plane, Refused, Reply, bad_request, reply};
use crate::owner::products::{read_json, shown};
use crate::owner::{OwnerError, ProductSource};
use crate::profile::{LARGEST_ARCHIVE, Profile};

/// The routes of products. A profile is a zip, or JSON with the contents of its files as members:
/// `{"device": {"devices": […]}, "services": [{"services": […]}, …], "codec": {…}}`. The codec, for
/// devices on the binary topics, is described in `codec/mod.rs`; a zip has it in `codec.json`.
///
/// Import one; `application` is by default the one that everything starts with. Subscribers to
/// `deviceCapabilitiesAdded` are told. Answers `{"productId": "…"}`; a profile that cannot be read is
/// refused with the file, the place in it, and what was expected there:
///
/// ```sh
/// curl --data-binary @water_meter.zip "$CONTROL/_mock/products?application=$APP"
/// curl -d '{"device": {…}, "services": [{…}]}' "$CONTROL/_mock/products"
/// ```
///
/// List all, or those of one application; look at one, in the form in which it can be imported again:
///
/// ```sh
/// curl "$CONTROL/_mock/products?application=$APP"
/// curl "$CONTROL/_mock/products/$PRODUCT"
/// ```
///
/// Change parts of one: `device` and `codec` are replaced (`"codec": null` takes it away), each of
/// `services` replaces the one of its type or joins the others. Or put another profile in its place.
/// Subscribers to `deviceCapabilitiesChanged` are told if services changed:
///
/// ```sh
/// curl -X PATCH -d '{"services": [{…}]}' "$CONTROL/_mock/products/$PRODUCT"
/// curl -X PUT --data-binary @water_meter.zip "$CONTROL/_mock/products/$PRODUCT"
/// ```
///
/// Delete one; its devices stay, as devices without a profile. Subscribers to
/// `deviceCapabilitiesDeleted` are told:
///
/// ```sh
/// curl -X DELETE "$CONTROL/_mock/products/$PRODUCT"
/// ```
pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/products", get(list).post(import))
        .route("/_mock/products/{id}", get(look).patch(change).put(replace).delete(remove))
}

/// Whose products are meant: the query's one parameter.
fn application(query: Option<String>) -> Result<Option<String>, Refused> {
    let query = query.unwrap_or_default();
    let mut application = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "application" => application = Some(value.into_owned()),
            other => return Err(bad_request(format!("there is no parameter {other:?}, only application"))),
        }
    }
    Ok(application)
}

async fn body(request: Request<Body>) -> Result<Bytes, Refused> {
    let limit = usize::try_from(LARGEST_ARCHIVE).unwrap_or(usize::MAX);
    to_bytes(request.into_body(), limit).await.map_err(|e| bad_request(format!("the body was not read: {e}")))
}

fn object(body: &[u8]) -> Result<Object, Refused> {
    serde_json::from_slice(body).map_err(|e| bad_request(format!("expected a zip, or a JSON object: {e}")))
}

/// A zip starts with these letters, and JSON does not.
fn profile(body: &[u8]) -> Result<Profile, Refused> {
    if body.starts_with(b"PK") {
        return Ok(ProductSource::Zip(body.to_vec()).read()?);
    }
    Ok(read_json(&object(body)?)?)
}

async fn import(State(plane): State<Plane>, RawQuery(query): RawQuery, request: Request<Body>) -> Response<Body> {
    reply(body(request).await.and_then(|body| {
        let application = application(query)?.unwrap_or_else(|| plane.facts.application.clone());
        let profile = profile(&body)?;
        let id = plane.core.enter(|world| world.add_product(&application, profile))?;
        Ok(json!({ "productId": &*id }))
    }))
}

async fn list(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    reply(application(query).map(|application| {
        let products: Vec<Value> = plane.core.enter(|world| match &application {
            Some(application) => world.products.of_application(application).map(shown).collect(),
            None => world.products.all().map(shown).collect(),
        });
        json!({ "products": products })
    }))
}

fn one(plane: &Plane, id: &str) -> Reply {
    let found = plane.core.enter(|world| world.products.find(id).map(shown));
    Ok(found.ok_or_else(|| OwnerError::UnknownProduct(id.to_owned()))?)
}

async fn look(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    reply(one(&plane, &id))
}

async fn change(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    reply(body(request).await.and_then(|body| object(&body)).and_then(|change| {
        plane.core.enter(|world| world.change_product(&id, &change))?;
        one(&plane, &id)
    }))
}

async fn replace(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    reply(body(request).await.and_then(|body| profile(&body)).and_then(|profile| {
        plane.core.enter(|world| world.replace_product(&id, profile))?;
        one(&plane, &id)
    }))
}

async fn remove(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = plane.core.enter(|world| world.remove_product(&id)).map_err(Refused::from);
    reply(removed.map(|()| json!({})))
}
