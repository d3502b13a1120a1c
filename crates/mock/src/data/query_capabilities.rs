//! 1.6.5 Query the service capabilities of devices.

use iotdm_spec::data::query_capabilities::{
    DeviceCapability, QueryCapabilities, Request, Response, ServiceCapability, ServiceCommand, ServiceCommandPara,
    ServiceCommandResponse, ServiceProperty,
};

use crate::device::Device;
use crate::product::{Command, CommandResponse, Para, Product, Property, Service};
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
        option: service.option.clone(),
        description: service.description.clone(),
        commands: service.commands.iter().map(command).collect(),
        properties: service.properties.iter().map(property).collect(),
    }
}

fn command(command: &Command) -> ServiceCommand {
    ServiceCommand {
        command_name: Some(command.name.clone()),
        paras: command.paras.iter().map(para).collect(),
        responses: command.responses.iter().map(response).collect(),
    }
}

fn response(response: &CommandResponse) -> ServiceCommandResponse {
    ServiceCommandResponse {
        response_name: Some(response.name.clone()),
        paras: response.paras.iter().map(para).collect(),
    }
}

// Bounds are strings, the step is a number, and each is what the profile says.

fn para(para: &Para) -> ServiceCommandPara {
    let data_type = para.data_type.clone();
    ServiceCommandPara {
        para_name: Some(para.name.clone()),
        data_type: Some(data_type.spelling),
        required: Some(para.required),
        min: data_type.min,
        max: data_type.max,
        step: data_type.step,
        max_length: data_type.max_length,
        unit: data_type.unit,
        enum_list: data_type.enum_list,
    }
}

fn property(property: &Property) -> ServiceProperty {
    let data_type = property.data_type.clone();
    ServiceProperty {
        property_name: Some(property.name.clone()),
        data_type: Some(data_type.spelling),
        required: Some(property.required),
        min: data_type.min,
        max: data_type.max,
        step: data_type.step,
        max_length: data_type.max_length,
        //= 1.6.5/rule/property-method
        method: Some(property.method.clone()),
        unit: data_type.unit,
        enum_list: data_type.enum_list,
    }
}
