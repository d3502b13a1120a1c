//! `/_mock/packages`: version packages, which no call of the platform uploads (A-251).

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use iotdm_spec::wire::{FileType, Protocol};
use serde::Deserialize;
use serde_json::{Value, json};

use super::route::{Routes, delete, get, post};
use super::schema::{and, done, list, may, need, object, or_null, text, time, word};
use super::{Plane, Refused, act, bad_request, reply};
use crate::owner::{PackageFit, VersionPackage};
use crate::package::Package;

pub(super) fn routes() -> Routes {
    let own = || {
        object([
            may("application", text()),
            need("fileType", word(FileType::VALUES)),
            need("name", text()),
            need("version", text()),
            may("deviceType", or_null(text())),
            may("model", or_null(text())),
            may("manufacturerName", or_null(text())),
            may("protocolType", or_null(word(Protocol::VALUES))),
            may("description", or_null(text())),
            may("date", or_null(text())),
        ])
    };
    Routes::new()
        .on(
            get("/_mock/packages", "All version packages.").answers(object([need(
                "packages",
                list(and(own(), &object([need("fileId", text()), need("uploadTime", time())]))),
            )])),
            list_all,
        )
        .on(
            post(
                "/_mock/packages",
                "Adds a version package and answers its `fileId`. It is for the devices of a `product`, or for those of a \
                 `deviceType`, `model` and `manufacturerName`; its application is by default the one that everything \
                 starts with.",
            )
            .wants(
                and(own(), &object([may("product", text())])),
                r#"{"fileType": "firmwarePackage", "name": "light", "version": "V2.2", "product": "$LWM2M"}"#,
            )
            .answers(object([need("fileId", text())])),
            add,
        )
        .on(delete("/_mock/packages/{file_id}", "Removes a version package.").answers(done()), remove)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewPackage {
    application: Option<String>,
    file_type: FileType,
    name: String,
    version: String,
    /// The id of the product that it is for; otherwise the series is spelt out.
    product: Option<String>,
    device_type: Option<String>,
    model: Option<String>,
    manufacturer_name: Option<String>,
    protocol_type: Option<Protocol>,
    description: Option<String>,
    date: Option<String>,
}

impl NewPackage {
    fn read(self) -> Result<VersionPackage, Refused> {
        let fits = match (self.product, self.device_type, self.model, self.manufacturer_name) {
            (Some(product), None, None, None) if self.protocol_type.is_none() => PackageFit::Product(product),
            (None, Some(device_type), Some(model), Some(manufacturer_name)) => PackageFit::Series {
                device_type,
                model,
                manufacturer_name,
                protocol_type: self.protocol_type.unwrap_or(Protocol::Lwm2m),
            },
            _ => {
                let wanted = "a package is for a product, or for a deviceType, a model and a manufacturerName";
                return Err(bad_request(wanted.to_owned()));
            }
        };
        Ok(VersionPackage {
            application: self.application,
            file_type: self.file_type,
            name: self.name,
            version: self.version,
            fits,
            description: self.description,
            date: self.date,
        })
    }
}

async fn add(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |new: NewPackage| {
        let new = new.read()?;
        let application = new.application.clone().unwrap_or_else(|| plane.facts.application.clone());
        let added = plane.core.enter(|world| world.add_package(&application, new));
        Ok::<_, Refused>(json!({ "fileId": &*added.map_err(Refused::from)? }))
    })
    .await
}

async fn list_all(State(plane): State<Plane>) -> Response<Body> {
    let packages = plane.core.enter(|world| world.list_packages());
    let packages: Vec<Value> = packages.iter().map(shown).collect();
    reply(Ok(json!({ "packages": packages })))
}

fn shown(package: &Package) -> Value {
    json!({
        "fileId": &*package.file_id,
        "application": &*package.application,
        "fileType": package.kind,
        "name": package.name,
        "version": package.version,
        "deviceType": package.series.device_type,
        "model": package.series.model,
        "manufacturerName": package.series.manufacturer_name,
        "protocolType": package.protocol,
        "description": package.description,
        "date": package.date,
        "uploadTime": package.uploaded.to_string(),
    })
}

async fn remove(State(plane): State<Plane>, Path(file_id): Path<String>) -> Response<Body> {
    let removed = plane.core.enter(|world| world.remove_package(&file_id)).map_err(Refused::from);
    reply(removed.map(|()| json!({})))
}
