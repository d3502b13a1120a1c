//! From a profile's files to the model.

use iotdm_spec::wire::Protocol;

use super::{At, Files, Profile, ProfileError};
use crate::codec;
use crate::product::{Command, CommandResponse, DataType, Kind, Para, Property, Service};

type Read<T> = Result<T, ProfileError>;

/// The longest name or other short text: what 1.6.5 has room for (line 2449).
const LONGEST_NAME: usize = 256;
/// The longest description (1.6.5, line 2452).
const LONGEST_DESCRIPTION: usize = 10_240;

/// Understands a profile.
pub(crate) fn read(files: &Files) -> Read<Profile> {
    let root = At::root(&files.archive, &files.device);
    let devices = root.need("devices")?;
    let items = devices.items()?;
    let [device] = items.as_slice() else {
        return Err(devices.fault(format!("expected one device, found {}", items.len())));
    };
    let mut models = Vec::new();
    for file in &files.services {
        for service in At::root(&files.archive, file).need("services")?.items()? {
            models.push(model(&service)?);
        }
    }
    let mut remarks = Vec::new();
    let services = services(device, models, &mut remarks)?;
    let protocol = name(device, "protocolType")?;
    let known = Protocol::ALL.iter().map(|protocol| protocol.as_str());
    let mut profile = Profile {
        manufacturer_id: name(device, "manufacturerId")?,
        manufacturer_name: name(device, "manufacturerName")?,
        device_type: name(device, "deviceType")?,
        model: name(device, "model")?,
        // Profiles differ in case; registrations do not.
        protocol: known.into_iter().find(|p| p.eq_ignore_ascii_case(&protocol)).map_or(protocol, str::to_owned),
        services,
        codec: None,
        remarks,
    };
    if let Some(file) = &files.codec {
        profile.codec = Some(codec::read(&At::root(&files.archive, file), &profile.services)?);
    }
    Ok(profile)
}

/// The services that the device has, each with the model of its type. Without a list it has them all.
fn services(device: &At<'_>, models: Vec<Service>, remarks: &mut Vec<String>) -> Read<Vec<Service>> {
    let listed = device.list("serviceTypeCapabilities")?;
    if listed.is_empty() {
        return Ok(models);
    }
    let mut services: Vec<Service> = Vec::new();
    for capability in &listed {
        let service_type = name(capability, "serviceType")?;
        let id = capability.text_of("serviceId")?.unwrap_or_else(|| service_type.clone());
        let Some(model) = models.iter().find(|model| model.service_type == service_type) else {
            let wanted =
                format!("expected a servicetype-capability.json with the service type {service_type:?}, found none");
            return Err(capability.fault(wanted));
        };
        if services.iter().any(|service| service.id == id) {
            return Err(capability.fault(format!("the service id {id:?} is there twice")));
        }
        services.push(Service { id, option: capability.text_of("option")?, ..model.clone() });
    }
    let unused = models.iter().filter(|model| !services.iter().any(|s| s.service_type == model.service_type));
    remarks.extend(
        unused.map(|model| {
            format!("the device does not have the service type {:?}: it was left out", model.service_type)
        }),
    );
    Ok(services)
}

/// A short text that must be there.
fn name(at: &At<'_>, member: &str) -> Read<String> {
    let text = at.need_text(member)?;
    if text.chars().count() > LONGEST_NAME {
        return Err(at.need(member)?.fault(format!("expected at most {LONGEST_NAME} characters")));
    }
    Ok(text)
}

fn model(at: &At<'_>) -> Read<Service> {
    let service_type = name(at, "serviceType")?;
    let description = at.text_of("description")?;
    if description.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        return Err(at.need("description")?.fault(format!("expected at most {LONGEST_DESCRIPTION} characters")));
    }
    Ok(Service {
        id: service_type.clone(),
        service_type,
        option: None,
        description,
        properties: each(at, "properties", property, |property| &property.name)?,
        commands: each(at, "commands", command, |command| &command.name)?,
    })
}

/// The items of a list, whose names must differ.
fn each<T>(at: &At<'_>, list: &str, read: fn(&At<'_>) -> Read<T>, name: fn(&T) -> &String) -> Read<Vec<T>> {
    let mut items: Vec<T> = Vec::new();
    for place in at.list(list)? {
        let item = read(&place)?;
        if items.iter().any(|earlier| name(earlier) == name(&item)) {
            return Err(place.fault(format!("the name {:?} is there twice", name(&item))));
        }
        items.push(item);
    }
    Ok(items)
}

fn property(at: &At<'_>) -> Read<Property> {
    let method = at.text_of("method")?.unwrap_or_default().to_ascii_uppercase();
    if method.chars().any(|letter| !"RWE".contains(letter)) {
        return Err(at.need("method")?.fault(format!("expected any of R, W, E, found {method:?}")));
    }
    Ok(Property { name: name(at, "propertyName")?, required: at.flag("required")?, data_type: data_type(at)?, method })
}

fn command(at: &At<'_>) -> Read<Command> {
    let response = |at: &At<'_>| -> Read<CommandResponse> {
        Ok(CommandResponse { name: name(at, "responseName")?, paras: each(at, "paras", para, |para| &para.name)? })
    };
    Ok(Command {
        name: name(at, "commandName")?,
        paras: each(at, "paras", para, |para| &para.name)?,
        responses: at.list("responses")?.iter().map(response).collect::<Read<_>>()?,
    })
}

fn para(at: &At<'_>) -> Read<Para> {
    Ok(Para { name: name(at, "paraName")?, required: at.flag("required")?, data_type: data_type(at)? })
}

fn data_type(at: &At<'_>) -> Read<DataType> {
    let spelling = name(at, "dataType")?;
    let kind = Kind::spelled(&spelling).ok_or_else(|| {
        let wanted = format!("expected one of {}, found {spelling:?}", Kind::spellings());
        at.need("dataType").map_or_else(|fault| fault, |place| place.fault(wanted))
    })?;
    let (min, max) = (at.spelled_number("min")?, at.spelled_number("max")?);
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    if let (Some(least), Some(most)) = (number(&min), number(&max))
        && most < least
        && most != 0.0
    {
        return Err(at.need("max")?.fault(format!("expected no less than the min, {least}, found {most}")));
    }
    let step = at.spelled_number("step")?.and_then(|text| text.parse().ok());
    let items = at.list("enumList")?;
    let choice = |item: &At<'_>| match item.value() {
        serde_json::Value::Number(number) => Ok(number.to_string()),
        _ => item.text().map(str::to_owned),
    };
    Ok(DataType {
        kind,
        spelling,
        min,
        max,
        step,
        max_length: at.count("maxLength", u32::MAX)?.map(i64::from),
        unit: at.text_of("unit")?,
        enum_list: items.iter().map(choice).collect::<Read<_>>()?,
    })
}
