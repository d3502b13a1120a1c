//! `/_mock/products`: product profiles, as the platform's console has them.

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{Request, Response};
use iotdm_spec::Object;
use serde_json::{Value, json};

use super::route::{Routes, delete, get, patch, post, put};
use super::schema::{and, done, list, map, may, need, object, or_null, text};
use super::{Plane, Refused, Reply, bad_request, in_words, reply};
use crate::owner::products::{read_json, shown};
use crate::owner::{OwnerError, ProductSource};
use crate::profile::{LARGEST_ARCHIVE, Profile};

/// A profile in JSON: the contents of its files.
fn profile_schema() -> Value {
    object([may("device", map()), may("services", list(map())), may("codec", or_null(map()))])
}

pub(super) fn routes() -> Routes {
    const SAMPLE: &str = r#"{"device": {"devices": [{"manufacturerId": "maker", "manufacturerName": "maker",
  "protocolType": "MQTT", "deviceType": "Bell", "model": "B1", "serviceTypeCapabilities": []}]}, "services": []}"#;
    const OTHER: &str = r#"{"device": {"devices": [{"manufacturerId": "maker", "manufacturerName": "maker",
  "protocolType": "MQTT", "deviceType": "Bell", "model": "B2", "serviceTypeCapabilities": []}]}, "services": []}"#;
    let shown = || and(object([need("productId", text()), need("application", text())]), &profile_schema());
    let whose = |which: &'static str| ("application", text(), which);
    Routes::new()
        .on(
            get("/_mock/products", "All products, or those of one application, each in the form in which it can be imported again.")
                .asks([whose("Only this application's.")], "?application=$APPLICATION")
                .answers(object([need("products", list(shown()))])),
            list_all,
        )
        .on(
            post(
                "/_mock/products",
                "Imports a product profile: a zip, or JSON with the contents of its files as members. Subscribers to \
                 `deviceCapabilitiesAdded` are told. A profile that cannot be read is refused with the file, the place in \
                 it, and what was expected there.",
            )
            .asks([whose("Whose product it becomes; by default the application that everything starts with.")], "")
            .wants(profile_schema(), SAMPLE)
            .or("application/zip")
            .answers(object([need("productId", text())])),
            import,
        )
        .on(get("/_mock/products/{id}", "A product, in the form in which it can be imported again.").answers(shown()), look)
        .on(
            patch(
                "/_mock/products/{id}",
                "Changes parts of a product: `device` and `codec` are replaced (`\"codec\": null` takes it away), each of \
                 `services` replaces the one of its type or joins the others. Subscribers to `deviceCapabilitiesChanged` \
                 are told if services changed.",
            )
            .wants(profile_schema(), r#"{"codec": null}"#)
            .answers(shown()),
            change,
        )
        .on(
            put(
                "/_mock/products/{id}",
                "Puts another profile, a zip or JSON, in the place of a product's. Subscribers to \
                 `deviceCapabilitiesChanged` are told if services changed.",
            )
            .wants(profile_schema(), OTHER)
            .or("application/zip")
            .answers(shown()),
            replace,
        )
        .on(
            delete(
                "/_mock/products/{id}",
                "Deletes a product; its devices stay, as devices without a profile. Subscribers to \
                 `deviceCapabilitiesDeleted` are told.",
            )
            .answers(done()),
            remove,
        )
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
    super::body(request, usize::try_from(LARGEST_ARCHIVE).unwrap_or(usize::MAX)).await
}

fn members(body: &[u8]) -> Result<Object, Refused> {
    serde_json::from_slice(body).map_err(|e| bad_request(format!("expected a zip, or a JSON object: {}", in_words(&e))))
}

/// A zip starts with these letters, and JSON does not.
fn profile(body: &[u8]) -> Result<Profile, Refused> {
    if body.starts_with(b"PK") {
        return Ok(ProductSource::Zip(body.to_vec()).read()?);
    }
    Ok(read_json(&members(body)?)?)
}

async fn import(State(plane): State<Plane>, RawQuery(query): RawQuery, request: Request<Body>) -> Response<Body> {
    reply(body(request).await.and_then(|body| {
        let application = application(query)?.unwrap_or_else(|| plane.facts.application.clone());
        let profile = profile(&body)?;
        let id = plane.core.enter(|world| world.add_product(&application, profile))?;
        Ok(json!({ "productId": &*id }))
    }))
}

async fn list_all(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
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
    reply(body(request).await.and_then(|body| members(&body)).and_then(|change| {
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
