//! 1.12.1 Query the version packages.

use iotdm_spec::upgrades::query_packages::{CategoryInfo, QueryPackages, Request, Response};

use crate::package::Package;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_packages(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryPackages> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(10);
    let same = |wanted: &Option<String>, has: &String| wanted.as_ref().is_none_or(|wanted| wanted == has);
    let wanted = |package: &&Package| {
        call.file_type.is_none_or(|kind| kind == package.kind)
            && same(&call.device_type, &package.series.device_type)
            && same(&call.model, &package.series.model)
            && same(&call.manufacturer_name, &package.series.manufacturer_name)
            && same(&call.version, &package.version)
    };
    let matches: Vec<&Package> = world.upgrades.packages.newest_of(&caller.owner).filter(wanted).collect();
    //= 1.12.1/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        //= 1.12.1/rule/total-count-all
        total_count: i64::try_from(matches.len()).unwrap_or(i64::MAX),
        page_no,
        page_size,
        data: matches.into_iter().skip(skip).take(take).map(row).collect(),
    })
}

fn row(package: &Package) -> CategoryInfo {
    CategoryInfo {
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
    }
}
