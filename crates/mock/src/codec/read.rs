//! Reads the declaration of a codec, and makes sure that it speaks of what its product has.

use iotdm_spec::wire::MsgType;

use super::layout::{Constant, Endianness, Field, Form, Layout, unhex};
use super::{Codec, ERRCODE, MID, Message, Role, Target};
use crate::product::Service;
use crate::profile::{At, ProfileError};

type Read<T> = Result<T, ProfileError>;

/// The largest offset and length: no payload of the door is longer.
const LARGEST: u32 = u16::MAX as u32;
/// The most messages, and the most parts of one.
const MOST: usize = 1_000;

/// The field types but `string` and `bytes`.
const FORMS: &[(&str, Form)] = &[
    ("uint8", Form::Unsigned(1)),
    ("uint16", Form::Unsigned(2)),
    ("uint32", Form::Unsigned(4)),
    ("uint64", Form::Unsigned(8)),
    ("int8", Form::Signed(1)),
    ("int16", Form::Signed(2)),
    ("int32", Form::Signed(4)),
    ("int64", Form::Signed(8)),
    ("float32", Form::Float32),
    ("float64", Form::Float64),
];

/// Reads a codec.
pub(crate) fn read(root: &At<'_>, services: &[Service]) -> Read<Codec> {
    let messages = root.need("messages")?;
    let items = messages.items()?;
    if items.len() > MOST {
        return Err(messages.fault(format!("expected at most {MOST} messages")));
    }
    let messages = items.iter().map(|at| message(at, services)).collect::<Read<_>>()?;
    Ok(Codec { messages, source: root.value().clone() })
}

fn message(at: &At<'_>, services: &[Service]) -> Read<Message> {
    let kind = at.need("msgType")?;
    let kind_of = kind.text()?.to_owned();
    let role = match MsgType::ALL.iter().find(|known| known.as_str() == kind_of) {
        Some(MsgType::DeviceReq) => Role::Report,
        Some(MsgType::DeviceRsp) => Role::Answer,
        Some(MsgType::CloudReq) => command(at, services)?,
        None => {
            let known: Vec<&str> = MsgType::ALL.iter().map(|known| known.as_str()).collect();
            return Err(kind.fault(format!("expected one of {}, found {kind_of:?}", known.join(", "))));
        }
    };
    let constants = at.list("constants")?;
    let places = at.list("fields")?;
    if constants.len() + places.len() > MOST {
        return Err(at.fault(format!("expected at most {MOST} constants and fields")));
    }
    let constants = constants.iter().map(constant).collect::<Read<Vec<_>>>()?;
    let mut fields = Vec::new();
    let mut targets = Vec::new();
    for place in &places {
        let field = field(place)?;
        let target = target(place, &role, services)?;
        let is_small_integer = matches!(field.form, Form::Unsigned(1..=4) | Form::Signed(1..=4));
        if matches!(target, Target::Mid | Target::Errcode) && !is_small_integer {
            return Err(place.fault("expected a type of whole numbers of at most 32 bits"));
        }
        fields.push(field);
        if targets.contains(&target) {
            return Err(place.fault("another field has this value already"));
        }
        targets.push(target);
    }
    let layout = Layout { constants, fields };
    apart(at, &layout)?;
    let name = at.text_of("name")?.unwrap_or(kind_of);
    let message = Message { name, role, layout, targets };
    complete(at, &message)?;
    Ok(message)
}

/// An answer that names no command, or that does not say how it went, would be of no use.
fn complete(at: &At<'_>, message: &Message) -> Read<()> {
    if message.role != Role::Answer {
        return Ok(());
    }
    let missing = [Target::Mid, Target::Errcode].into_iter().find(|target| !message.targets.contains(target));
    missing.map_or(Ok(()), |target| Err(at.fault(format!("expected a field with the member {:?}", target.name()))))
}

fn command(at: &At<'_>, services: &[Service]) -> Read<Role> {
    let (service, cmd) = (at.need_text("service")?, at.need_text("cmd")?);
    let found = services.iter().find(|known| known.id == service);
    let Some(found) = found else {
        return Err(at.need("service")?.fault(format!("the profile has no service {service:?}")));
    };
    if found.command(&cmd).is_none() {
        return Err(at.need("cmd")?.fault(format!("the service {service:?} has no command {cmd:?}")));
    }
    Ok(Role::Command { service, cmd })
}

fn constant(at: &At<'_>) -> Read<Constant> {
    let hex = at.need("hex")?;
    let bytes = unhex(hex.text()?).filter(|bytes| !bytes.is_empty() && bytes.len() <= LARGEST as usize);
    let bytes = bytes.ok_or_else(|| hex.fault("expected pairs of hexadecimal digits"))?;
    Ok(Constant { offset: offset(at)?, bytes })
}

fn offset(at: &At<'_>) -> Read<usize> {
    let offset = at.count("offset", LARGEST)?.ok_or_else(|| at.fault("expected the member \"offset\""))?;
    Ok(offset as usize)
}

fn field(at: &At<'_>) -> Read<Field> {
    let kind = at.need("type")?;
    let length = at.count("length", LARGEST)?.map(|length| length as usize);
    let form = match kind.text()? {
        "string" => Form::Text(length),
        "bytes" => Form::Bytes(length),
        text => FORMS.iter().find(|(name, _)| *name == text).map(|(_, form)| *form).ok_or_else(|| {
            let known: Vec<&str> = FORMS.iter().map(|(name, _)| *name).chain(["string", "bytes"]).collect();
            kind.fault(format!("expected one of {}, found {text:?}", known.join(", ")))
        })?,
    };
    if form.width() == Some(0) || (length.is_some() && form.width() != length) {
        return Err(at.need("length")?.fault("expected the length of the type, or none"));
    }
    let endianness = match at.text_of("endianness")?.as_deref() {
        None | Some("big") => Endianness::Big,
        Some("little") => Endianness::Little,
        Some(other) => return Err(at.need("endianness")?.fault(format!("expected big or little, found {other:?}"))),
    };
    Ok(Field { offset: offset(at)?, form, endianness })
}

fn target(at: &At<'_>, role: &Role, services: &[Service]) -> Read<Target> {
    let (name, para) = (at.text_of("member")?, at.text_of("para")?);
    match (role, name.as_deref(), para) {
        (Role::Report, None, None) => property(at, services),
        (Role::Answer | Role::Command { .. }, Some(MID), None) => Ok(Target::Mid),
        (Role::Answer, Some(ERRCODE), None) => Ok(Target::Errcode),
        (Role::Answer, None, Some(para)) => Ok(Target::Para(para)),
        (Role::Command { service, cmd }, None, Some(para)) => {
            let command = services.iter().find(|known| &known.id == service).and_then(|service| service.command(cmd));
            if command.is_some_and(|command| command.paras.iter().any(|known| known.name == para)) {
                return Ok(Target::Para(para));
            }
            Err(at.need("para")?.fault(format!("the command {cmd:?} has no parameter {para:?}")))
        }
        (Role::Report, ..) => Err(at.fault("expected the members service and property")),
        (Role::Answer, ..) => Err(at.fault("expected the member para, or member with mid or errcode")),
        (Role::Command { .. }, ..) => Err(at.fault("expected the member para, or member with mid")),
    }
}

fn property(at: &At<'_>, services: &[Service]) -> Read<Target> {
    let (service, property) = (at.need_text("service")?, at.need_text("property")?);
    let Some(found) = services.iter().find(|known| known.id == service) else {
        return Err(at.need("service")?.fault(format!("the profile has no service {service:?}")));
    };
    if !found.properties.iter().any(|known| known.name == property) {
        return Err(at.need("property")?.fault(format!("the service {service:?} has no property {property:?}")));
    }
    Ok(Target::Property { service, property })
}

/// Parts of a message may not overlap, and nothing follows one that takes the rest.
fn apart(at: &At<'_>, layout: &Layout) -> Read<()> {
    let constants = layout.constants.iter().map(|c| (c.offset, Some(c.bytes.len())));
    let mut parts: Vec<_> = constants.chain(layout.fields.iter().map(|f| (f.offset, f.form.width()))).collect();
    parts.sort_by_key(|(offset, _)| *offset);
    for pair in parts.windows(2) {
        let [(offset, width), (next, _)] = pair else { continue };
        if width.is_none_or(|width| offset + width > *next) {
            return Err(at.fault(format!("the parts at the offsets {offset} and {next} overlap")));
        }
    }
    Ok(())
}
