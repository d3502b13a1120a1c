use proptest::prelude::*;
use serde_json::json;

use super::layout::{Constant, Endianness, Field, Form};
use super::*;
use crate::product::{Command, DataType, Para, Property, Service};
use crate::profile::{At, File};

fn services() -> Vec<Service> {
    let property = |name: &str| Property {
        name: name.to_owned(),
        required: false,
        data_type: DataType::integer(0, 100),
        method: "R".to_owned(),
    };
    let para = Para { name: "seconds".to_owned(), required: true, data_type: DataType::integer(0, 100) };
    let commands = vec![Command { name: "SET".to_owned(), paras: vec![para], responses: Vec::new() }];
    let service = |id: &str, properties, commands| Service {
        id: id.to_owned(),
        service_type: id.to_owned(),
        option: None,
        description: None,
        properties,
        commands,
    };
    vec![
        service("Meter", vec![property("flow"), property("serial")], commands),
        service("Battery", vec![property("level")], Vec::new()),
    ]
}

fn declared(content: Value) -> Result<Codec, String> {
    let file = File { name: "codec".to_owned(), content };
    read(&At::root("test", &file), &services()).map_err(|e| e.to_string())
}

fn codec() -> Codec {
    declared(json!({ "messages": [
        { "msgType": "deviceReq", "constants": [{ "offset": 0, "hex": "01" }], "fields": [
            { "offset": 1, "type": "uint16", "service": "Meter", "property": "flow" },
            { "offset": 3, "type": "int8", "service": "Battery", "property": "level" },
            { "offset": 4, "type": "string", "service": "Meter", "property": "serial" } ] },
        { "msgType": "deviceRsp", "constants": [{ "offset": 0, "hex": "02" }], "fields": [
            { "offset": 1, "type": "uint16", "endianness": "little", "member": "mid" },
            { "offset": 3, "type": "uint8", "member": "errcode" },
            { "offset": 4, "type": "bytes", "length": 2, "para": "result" } ] },
        { "msgType": "cloudReq", "service": "Meter", "cmd": "SET", "constants": [{ "offset": 0, "hex": "81" }], "fields": [
            { "offset": 1, "type": "uint16", "member": "mid" },
            { "offset": 3, "type": "uint8", "para": "seconds" } ] },
    ]}))
    .unwrap()
}

#[test]
fn payloads_become_messages_and_commands_become_payloads() {
    let report = codec().decode(b"\x01\x01\x02\xffabc").unwrap();
    let data = json!([
        { "serviceId": "Meter", "serviceData": { "flow": 258, "serial": "abc" } },
        { "serviceId": "Battery", "serviceData": { "level": -1 } }
    ]);
    assert_eq!(Value::Object(report), json!({ "msgType": "deviceReq", "data": data }));
    let answer = codec().decode(b"\x02\x07\x00\x01\xab\xcd").unwrap();
    let wanted = json!({ "mid": 7, "errcode": 1, "msgType": "deviceRsp", "body": { "result": "abcd" } });
    assert_eq!(Value::Object(answer), wanted);
    let paras = |value: Value| value.as_object().cloned().unwrap();
    assert_eq!(codec().encode("Meter", "SET", 258, &paras(json!({ "seconds": 9 }))), Some(Ok(vec![0x81, 1, 2, 9])));
    assert_eq!(codec().encode("Meter", "GET", 1, &paras(json!({}))), None);
    for bad in [json!({}), json!({ "seconds": 256 }), json!({ "seconds": "9" })] {
        assert!(codec().encode("Meter", "SET", 1, &paras(bad.clone())).is_some_and(|r| r.is_err()), "{bad}");
    }
    for bad in
        [b"".as_slice(), b"\x01\x01", b"\x03\x00\x00\x00", b"\x02\x07\x00\x01\xab\xcd\xef", b"\x01\x01\x02\xff\xff"]
    {
        assert!(codec().decode(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_declaration_is_judged_by_its_product() {
    let field = |field: Value| json!({ "messages": [{ "msgType": "deviceReq", "fields": [field] }] });
    for (declaration, wanted) in [
        (json!({}), "test: codec: $: expected the member \"messages\""),
        (json!({ "messages": [{ "msgType": "x" }] }), "$.messages[0].msgType: expected one of"),
        (field(json!({ "offset": 0, "type": "uint9" })), "fields[0].type: expected one of uint8"),
        (field(json!({ "offset": -1, "type": "uint8" })), "fields[0].offset: expected a whole number from 0 to 65535"),
        (field(json!({ "type": "uint8" })), "fields[0]: expected the member \"offset\""),
        (field(json!({ "offset": 0, "type": "uint8", "service": "X", "property": "y" })), "has no service \"X\""),
        (field(json!({ "offset": 0, "type": "uint8", "service": "Meter", "property": "y" })), "has no property \"y\""),
        (json!({ "messages": [{ "msgType": "deviceRsp" }] }), "expected a field with the member \"mid\""),
        (
            json!({ "messages": [{ "msgType": "deviceReq", "constants": [{ "offset": 1, "hex": "0102" }], "fields": [
                { "offset": 2, "type": "uint8", "service": "Meter", "property": "flow" }] }] }),
            "the parts at the offsets 1 and 2 overlap",
        ),
    ] {
        let error = declared(declaration).unwrap_err();
        assert!(error.contains(wanted), "{error}\nis not {wanted}");
    }
}

fn form() -> impl Strategy<Value = Form> {
    let width = prop::sample::select(vec![1_usize, 2, 4, 8]);
    let length = prop::option::of(1_usize..12);
    prop_oneof![
        width.clone().prop_map(Form::Unsigned),
        width.prop_map(Form::Signed),
        Just(Form::Float32),
        Just(Form::Float64),
        length.clone().prop_map(Form::Text),
        length.prop_map(Form::Bytes),
    ]
}

/// A value that a form can hold.
fn value(form: Form) -> BoxedStrategy<Value> {
    match form {
        Form::Unsigned(width) => any::<u64>().prop_map(move |n| json!(n >> (64 - 8 * width))).boxed(),
        Form::Signed(width) => any::<i64>().prop_map(move |n| json!(n >> (64 - 8 * width))).boxed(),
        Form::Float32 => {
            any::<f32>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| json!(f64::from(n))).boxed()
        }
        Form::Float64 => any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| json!(n)).boxed(),
        Form::Text(Some(most)) => {
            "[^\\x00]{0,11}".prop_filter("fits", move |text| text.len() <= most).prop_map(|t| json!(t)).boxed()
        }
        Form::Text(None) => any::<String>().prop_map(|t| json!(t)).boxed(),
        Form::Bytes(length) => {
            let bytes = length.map_or(0..40, |length| length..length + 1);
            prop::collection::vec(any::<u8>(), bytes)
                .prop_map(|b| json!(b.iter().map(|b| format!("{b:02x}")).collect::<String>()))
                .boxed()
        }
    }
}

/// Fields one after the other, with gaps; only the last may take the rest.
fn layout() -> impl Strategy<Value = Layout> {
    let part = (form(), any::<bool>(), 0_usize..3);
    (prop::collection::vec(part, 0..8), prop::collection::vec(any::<u8>(), 1..3)).prop_map(|(parts, bytes)| {
        let mut offset = bytes.len();
        let count = parts.len();
        let mut fields = Vec::new();
        for (index, (form, little, gap)) in parts.into_iter().enumerate() {
            let form = match form {
                Form::Text(None) if index + 1 < count => Form::Text(Some(5)),
                Form::Bytes(None) if index + 1 < count => Form::Bytes(Some(5)),
                form => form,
            };
            offset += gap;
            let endianness = if little { Endianness::Little } else { Endianness::Big };
            fields.push(Field { offset, form, endianness });
            offset += form.width().unwrap_or_default();
        }
        Layout { constants: vec![Constant { offset: 0, bytes }], fields }
    })
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded_to_the_same(
        (layout, values) in layout().prop_flat_map(|layout| {
            let values: Vec<_> = layout.fields.iter().map(|field| value(field.form).prop_map(Some)).collect();
            (Just(layout), values)
        })
    ) {
        let names = vec![""; values.len()];
        let payload = layout.encode(&names, &values).unwrap();
        let expected: Vec<Value> = values.into_iter().flatten().collect();
        prop_assert_eq!(layout.decode(&payload), Ok(expected));
    }

    #[test]
    fn no_bytes_make_it_panic(layout in layout(), payload in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(values) = layout.decode(&payload) {
            let names = vec![""; values.len()];
            let values: Vec<Option<Value>> = values.into_iter().map(Some).collect();
            // Gaps are not kept, the rest is.
            prop_assert!(layout.encode(&names, &values).is_ok());
        }
        let _ = codec().decode(&payload);
    }

    #[test]
    fn no_declaration_makes_it_panic(offset in any::<i64>(), length in any::<i64>(), kind in "[a-z0-9]{0,7}") {
        let field = json!({ "offset": offset, "length": length, "type": kind, "service": "Meter", "property": "flow" });
        let _ = declared(json!({ "messages": [{ "msgType": "deviceReq", "fields": [field] }] }));
    }
}
