//! 1.6.5 Query the service capabilities of devices.

use iotdm_spec::data::query_capabilities::{
    DeviceCapability, QueryCapabilities, Request, Response, ServiceCapability, ServiceCommand, ServiceCommandPara,
    ServiceProperty,
};

use crate::device::Device;
use crate::product::{Command, DataType, Para, Product, Property, Service};
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_capabilities(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryCapabilities> {
    // Without an id every device is meant, and an unknown id leads to none.
    let meant = |device: &&Device| {
        call.device_id.as_ref().is_none_or(|wanted| **wanted == *device.id)
            //= 1.6.5/rule/gateway-id-relation
            && call.gateway_id.as_ref().is_none_or(|wanted| **wanted == *device.gateway)
    };
    // One device is looked up; only a list goes through all of them.
    let found: Vec<&Device> = match &call.device_id {
        Some(id) => world.devices.find(id).filter(|device| device.application == caller.owner).into_iter().collect(),
        None => world.devices.newest_of(&caller.owner).collect(),
    };
    let found = found.into_iter().filter(meant);
    Ok(Response {
        device_capabilities: found
            .map(|device| DeviceCapability {
                device_id: device.id.to_string(),
                //= 1.6.5/rule/capabilities-from-profile
                service_capabilities: world.product_of(&device.id).map(services).unwrap_or_default(),
            })
            .collect(),
    })
}

fn services(product: &Product) -> Vec<ServiceCapability> {
    product.services.iter().map(service).collect()
}

fn service(service: &Service) -> ServiceCapability {
    ServiceCapability {
        service_id: service.id.clone(),
        service_type: Some(service.service_type.clone()),
        option: None,
        description: None,
        commands: service.commands.iter().map(command).collect(),
        properties: service.properties.iter().map(property).collect(),
    }
}

fn command(command: &Command) -> ServiceCommand {
    ServiceCommand {
        command_name: Some(command.name.clone()),
        paras: command.paras.iter().map(para).collect(),
        responses: Vec::new(),
    }
}

fn para(para: &Para) -> ServiceCommandPara {
    let form = Form::of(para.data_type);
    ServiceCommandPara {
        para_name: Some(para.name.clone()),
        data_type: Some(form.name.to_owned()),
        // The platform insists on none: what is missing or leaves the model is passed on (1.9.7).
        required: Some(false),
        min: form.min,
        max: form.max,
        step: None,
        max_length: form.max_length,
        unit: None,
        enum_list: Vec::new(),
    }
}

fn property(property: &Property) -> ServiceProperty {
    let form = Form::of(property.data_type);
    ServiceProperty {
        property_name: Some(property.name.clone()),
        data_type: Some(form.name.to_owned()),
        required: Some(false),
        min: form.min,
        max: form.max,
        step: None,
        max_length: form.max_length,
        //= 1.6.5/rule/property-method
        method: Some(property.method.clone()),
        unit: None,
        enum_list: Vec::new(),
    }
}

/// A data type as the answer spells it: bounds are strings.
struct Form {
    name: &'static str,
    min: Option<String>,
    max: Option<String>,
    max_length: Option<i64>,
}

impl Form {
    fn of(data_type: DataType) -> Self {
        match data_type {
            DataType::Integer { min, max } => {
                Self { name: "int", min: Some(min.to_string()), max: Some(max.to_string()), max_length: None }
            }
            DataType::Text { max_len } => {
                Self { name: "string", min: None, max: None, max_length: Some(i64::from(max_len)) }
            }
        }
    }
}
