//! From the model to a profile as one JSON object: what was imported, in the form that it can be
//! imported in again.

use serde_json::{Map, Value, json};

use crate::product::{Command, DataType, Para, Product, Property, Service};

/// A product in the form that [`super::of_json`] reads.
pub(crate) fn write(product: &Product) -> Map<String, Value> {
    let listed = product.services.iter().map(
        |service| json!({ "serviceId": service.id, "serviceType": service.service_type, "option": service.option }),
    );
    let device = json!({ "devices": [{
        "manufacturerId": product.manufacturer_id,
        "manufacturerName": product.manufacturer_name,
        "model": product.model,
        "protocolType": product.protocol,
        "deviceType": product.device_type,
        "serviceTypeCapabilities": listed.collect::<Vec<_>>(),
    }] });
    let mut types: Vec<&Service> = Vec::new();
    for service in &product.services {
        // Two services of one type share its file.
        if !types.iter().any(|earlier| earlier.service_type == service.service_type) {
            types.push(service);
        }
    }
    let mut profile = Map::new();
    profile.insert("device".to_owned(), device);
    profile.insert("services".to_owned(), types.into_iter().map(|s| json!({ "services": [service(s)] })).collect());
    if let Some(codec) = &product.codec {
        profile.insert("codec".to_owned(), codec.source().clone());
    }
    profile
}

fn service(service: &Service) -> Value {
    json!({
        "serviceType": service.service_type,
        "description": service.description,
        "commands": service.commands.iter().map(command).collect::<Vec<_>>(),
        "properties": service.properties.iter().map(property).collect::<Vec<_>>(),
    })
}

fn command(command: &Command) -> Value {
    let responses = command.responses.iter().map(|r| json!({ "responseName": r.name, "paras": paras(&r.paras) }));
    json!({
        "commandName": command.name,
        "paras": paras(&command.paras),
        "responses": responses.collect::<Vec<_>>(),
    })
}

fn paras(paras: &[Para]) -> Vec<Value> {
    paras.iter().map(|para| typed("paraName", &para.name, para.required, &para.data_type).into()).collect()
}

fn property(property: &Property) -> Value {
    let mut written = typed("propertyName", &property.name, property.required, &property.data_type);
    written.insert("method".to_owned(), property.method.as_str().into());
    written.into()
}

fn typed(key: &str, name: &str, required: bool, data_type: &DataType) -> Map<String, Value> {
    let members = [
        (key, name.into()),
        ("dataType", data_type.spelling.as_str().into()),
        ("required", required.into()),
        ("min", data_type.min.as_deref().into()),
        ("max", data_type.max.as_deref().into()),
        ("step", data_type.step.into()),
        ("maxLength", data_type.max_length.into()),
        ("unit", data_type.unit.as_deref().into()),
        ("enumList", data_type.enum_list.clone().into()),
    ];
    members.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)).collect()
}
