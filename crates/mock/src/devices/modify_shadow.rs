//! 1.5.8 Modify a device shadow.
//!
//! Settings are stored for any device. Those of LWM2M devices, which the mock simulates, are sent to them
//! (see [`shadow_sync`]); those of others stay waiting.

use std::sync::Arc;

use iotdm_spec::Refusal;
use iotdm_spec::clause::Clause;
use iotdm_spec::devices::modify_shadow::{ModifyShadow, Request, ServiceDesired, error};

use crate::deviation::{self, beside_model};
use crate::product::Product;
use crate::routes::Answer;
use crate::simulated::shadow_sync;
use crate::world::{Caller, Lookup, World};

pub(crate) fn modify_shadow(world: &mut World, caller: &Caller, call: Request) -> Answer<ModifyShadow> {
    let id = match world.look_up(caller, &call.device_id) {
        Lookup::Own(device) => Arc::clone(&device.id),
        Lookup::Foreign => return Err(error::DEVICE_DATA_NOT_EXISTED),
        Lookup::Unknown => return Err(error::DEVICE_NOT_EXISTED),
    };
    if call.service_desireds.is_empty() {
        return Err(error::INPUT_INVALID);
    }
    let product = world.product_of(&id).ok_or(error::CAPABILITY_NOT_EXISTED)?;
    // One bad item, and nothing is stored.
    let mut faults = Vec::new();
    for item in &call.service_desireds {
        judge(product, item, &mut faults)?;
    }
    let beside = |why: String| beside_model(ModifyShadow::TABLE.clause, "desired-pairs", why);
    deviation::add(&mut world.deviations, faults.into_iter().filter_map(beside));
    let now = world.now;
    let named = call.service_desireds.iter().filter(|item| !item.desired.is_empty());
    let services = named.map(|item| item.service_id.clone()).collect();
    if let Some(device) = world.devices.find_mut(&id) {
        for item in call.service_desireds {
            device.shadow.want(item.service_id, item.desired, now);
        }
    }
    shadow_sync::wanted(world, &id, services);
    Ok(())
}

/// Whether the product lets an application set this, from coarse to fine. No row is about
/// values: those that leave the model are stored and noted.
fn judge(product: &Product, item: &ServiceDesired, faults: &mut Vec<String>) -> Result<(), Refusal<ModifyShadow>> {
    let service = product.service(&item.service_id).ok_or(error::SERVICE_NOT_EXISTED)?;
    if service.properties.is_empty() {
        return Err(error::PROPERTIES_EMPTY);
    }
    for (name, value) in &item.desired {
        let property =
            service.properties.iter().find(|property| &property.name == name).ok_or(error::PROPERTY_UNKNOWN)?;
        //= 1.5.8/rule/writable-only
        if !property.method.contains('W') {
            return Err(error::PROPERTY_NOT_WRITABLE);
        }
        faults.extend(property.data_type.fault(value).map(|why| format!("desired {name:?}: {why}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The row that a wish about the built-in product is refused with, if it is.
    fn refusal(service: &str, property: &str) -> Option<&'static str> {
        let mut product = Product::built_in("p".into(), "a".into());
        if let Some(battery) = product.services.last().cloned() {
            product.services.push(crate::product::Service { id: "Bare".to_owned(), properties: Vec::new(), ..battery });
        }
        let desired = json!({ property: 1 }).as_object().cloned().unwrap_or_default();
        let item = ServiceDesired { service_id: service.to_owned(), desired };
        judge(&product, &item, &mut Vec::new()).err().map(|refusal| refusal.row().name)
    }

    #[test]
    fn each_fault_has_its_own_row() {
        assert_eq!(refusal("Light", "brightness"), None);
        assert_eq!(refusal("Nothing", "brightness"), Some("SERVICE_NOT_EXISTED"));
        assert_eq!(refusal("Bare", "brightness"), Some("PROPERTIES_EMPTY"));
        assert_eq!(refusal("Light", "nothing"), Some("PROPERTY_UNKNOWN"));
        assert_eq!(refusal("Battery", "batteryLevel"), Some("PROPERTY_NOT_WRITABLE"));
    }
}
