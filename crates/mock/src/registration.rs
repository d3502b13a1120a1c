//! What the registrations of 1.5.1 and 1.5.2 and the new key of 1.5.3 have in common.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::wire::{BindResult, Protocol, Switch};

use crate::command;
use crate::device::{Attributes, Device};
use crate::notifications::bind_device::bind_device;
use crate::outbox::Effect;
use crate::product::{Product, Series};
use crate::timers::Timer;
use crate::world::{Caller, World};

/// How many hexadecimal digits a generated verification code has.
const CODE_LENGTH: usize = 16;

/// What a registration says of the device; the last five are the series that can stand for a product id.
#[derive(Debug, Default)]
pub(crate) struct Description {
    pub(crate) name: Option<String>,
    pub(crate) manufacturer_id: Option<String>,
    pub(crate) manufacturer_name: Option<String>,
    pub(crate) device_type: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) protocol_type: Option<Protocol>,
}

impl Description {
    /// The product that the series names, if it names one. Only the whole of it does: the
    /// manufacturer's id and name, the device type and the model; the protocol, too, where it is given.
    pub(crate) fn product<'w>(&self, world: &'w World, caller: &Caller) -> Option<&'w Product> {
        let series = Series {
            model: self.model.as_deref()?,
            manufacturer_id: Some(self.manufacturer_id.as_deref()?),
            manufacturer_name: Some(self.manufacturer_name.as_deref()?),
            device_type: Some(self.device_type.as_deref()?),
            protocol: self.protocol_type.map(Protocol::as_str),
        };
        world.products.of_series(&caller.owner, &series)
    }

    /// The device's attributes: what the call says, else what its product says.
    pub(crate) fn attributes(self, product: Option<&Product>) -> (Option<Arc<str>>, Attributes) {
        let or = |given: Option<String>, of: fn(&Product) -> &String| {
            given.or_else(|| product.map(|product| of(product).clone()))
        };
        let attributes = Attributes {
            name: self.name,
            manufacturer_id: or(self.manufacturer_id, |p| &p.manufacturer_id),
            manufacturer_name: or(self.manufacturer_name, |p| &p.manufacturer_name),
            device_type: or(self.device_type, |p| &p.device_type),
            model: or(self.model, |p| &p.model),
            protocol_type: or(self.protocol_type.map(|protocol| protocol.as_str().to_owned()), |p| &p.protocol),
            ..Attributes::default()
        };
        (product.map(|product| Arc::clone(&product.id)), attributes)
    }
}

/// Why an application may not register another device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quota {
    /// The platform has no licence for its devices.
    Licence,
    /// Its licences are used up.
    Licences,
    /// It has as many devices as it may have.
    Devices,
}

/// What keeps an application from registering another device, if anything does.
pub(crate) fn exceeded(world: &World, caller: &Caller) -> Option<Quota> {
    let application = world.applications.find(&caller.owner)?;
    if !application.licensed {
        return Some(Quota::Licence);
    }
    let devices = world.devices.count_of(&caller.owner);
    if application.licences.is_some_and(|limit| devices >= limit) {
        return Some(Quota::Licences);
    }
    application.device_limit.is_some_and(|limit| devices >= limit).then_some(Quota::Devices)
}

/// Whether an application has as many devices that are not secure as it may have.
pub(crate) fn non_secure_full(world: &World, owner: &str) -> bool {
    let limit = world.applications.find(owner).and_then(|application| application.non_secure_limit);
    limit.is_some_and(|limit| world.devices.newest_of(owner).filter(|device| !device.secure).count() >= limit)
}

/// Whether an application has as many frozen devices as it may have.
pub(crate) fn frozen_full(world: &World, owner: &str) -> bool {
    let limit = world.applications.find(owner).and_then(|application| application.frozen_device_limit);
    let frozen = |device: &&Device| device.mute == Switch::True;
    limit.is_some_and(|limit| world.devices.newest_of(owner).filter(frozen).count() >= limit)
}

/// A verification code that no device has.
pub(crate) fn verify_code(world: &mut World) -> String {
    world.mint.hex(CODE_LENGTH)
}

/// From now on the device has so many seconds to connect, whatever an earlier call gave it; 0 means
/// any time.
pub(crate) fn expire_after(world: &mut World, id: &str, seconds: i64) {
    let Some(device) = world.devices.find_mut(id) else { return };
    device.registrations += 1;
    let (id, registration) = (Arc::clone(&device.id), device.registrations);
    if let Some(seconds) = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0) {
        let due = world.now.plus(Duration::from_secs(seconds));
        world.timers.set(due, Timer::RegistrationExpires(id, registration));
    }
}

/// The time of a registration is over: a device that hasn't come by then is deleted, and its
/// subscribers hear that it expired, not that it was deleted.
pub(crate) fn expired(world: &mut World, id: &str, registration: u64) {
    let Some(device) = world.devices.find(id) else { return };
    if device.activated || device.registrations != registration {
        return;
    }
    //= 1.5.1/rule/timeout-deletes-registration
    //= 1.5.3/rule/timeout-deletes-registration
    bind_device(world, id, BindResult::Expired);
    // Only its own registration ends: what hung on it stays.
    for sub_device in world.devices.behind(id) {
        world.devices.make_direct(&sub_device);
    }
    world.remove_device(id, "the time of its registration is over");
}

/// Ends the session of a device that must authenticate itself anew; it is not offline by that.
pub(crate) fn end_session(world: &mut World, id: &str, why: &'static str) {
    let Some(device) = world.devices.find_mut(id) else { return };
    let Some(session) = device.session.take() else { return };
    let device = Arc::clone(&device.id);
    world.sessions.remove(&session.id);
    command::link_lost(world, id);
    world.outbox.push_back(Effect::CloseSession { device, why });
}
