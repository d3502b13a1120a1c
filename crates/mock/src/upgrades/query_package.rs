//! 1.12.2 Query one version package.

use iotdm_spec::upgrades::query_package::{QueryPackage, Request, Response, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_package(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryPackage> {
    let package = world.upgrades.packages.find(&caller.owner, &call.file_id);
    let package = package.ok_or(error::DEVICE_OR_PACKAGE_NOT_FOUND)?;
    Ok(Response {
        file_id: Some(package.file_id.to_string()),
        name: Some(package.name.clone()),
        version: Some(package.version.clone()),
        file_type: Some(package.kind),
        device_type: Some(package.series.device_type.clone()),
        model: Some(package.series.model.clone()),
        manufacturer_name: Some(package.series.manufacturer_name.clone()),
        protocol_type: Some(package.protocol.as_str().to_owned()),
        description: package.description.clone(),
        date: Some(package.date.clone()),
        upload_time: Some(package.uploaded.to_string()),
    })
}
