//! Sample values made from a table: the fullest object that a table admits.

use serde_json::{Map, Value};

use crate::model::{Field, Format, Kind};

/// An object with every member of the table, each admissible by its row.
#[must_use]
pub fn fullest<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Map<String, Value> {
    fields.into_iter().map(|field| (field.name.to_owned(), value(field))).collect()
}

/// An admissible value for one row.
#[must_use]
pub fn value(field: &Field) -> Value {
    of_kind(field, field.kind)
}

fn of_kind(field: &Field, kind: Kind) -> Value {
    match kind {
        Kind::String => Value::from(text(field)),
        Kind::Integer => Value::from(field.min.unwrap_or(1).max(1).min(field.max.unwrap_or(i64::MAX))),
        Kind::Number => Value::from(1.5),
        Kind::Boolean => Value::from(true),
        Kind::Object => Value::Object(fullest(field.members)),
        Kind::Array(items) => Value::Array(vec![of_kind(field, *items)]),
        Kind::Any => Value::from("any"),
    }
}

/// An admissible string: the first of a closed list, or letters of an admissible length.
#[must_use]
pub fn text(field: &Field) -> String {
    if let Some(first) = field.values.first() {
        return (*first).to_owned();
    }
    let fits = |len: u32| len.clamp(field.min_len.unwrap_or(0), field.max_len.unwrap_or(u32::MAX)) as usize;
    match field.format {
        Some(Format::UtcTime) => "20200214T080000Z".to_owned(),
        Some(Format::Date) => "2020-02-14".to_owned(),
        Some(Format::CallbackUrl) => "https://127.0.0.1:9443/callback".to_owned(),
        Some(Format::Hex) => "0123456789abcdef".repeat(2).chars().take(fits(16)).collect(),
        Some(Format::Alphanumeric) | None => "sample".chars().cycle().take(fits(6)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Op, types};
    use crate::{check, route};

    /// Every member of a table must exist in the Rust type and the other way round: the fullest
    /// sample deserialises with unknown fields denied, and nothing is lost on the way back.
    #[test]
    fn tables_and_types_agree() {
        for op in Op::ALL {
            let table = op.table();
            let params = table.params.iter().filter(|p| p.place != crate::model::Place::Header).map(|p| &p.field);
            let request = Value::Object(fullest(params));
            let response = if table.response.is_empty() { Value::Null } else { Value::Object(fullest(table.response)) };
            let (request_back, response_back) = types::round_trip(*op, request.clone(), response.clone())
                .unwrap_or_else(|e| panic!("{} {}: {e}", table.clause, table.name));
            assert_eq!(request_back, request, "{} request", table.clause);
            assert_eq!(response_back, response, "{} answer", table.clause);
        }
    }

    /// The same for pushes and device messages, to the letter.
    #[test]
    fn messages_and_types_agree() {
        macro_rules! agree {
            ($($table:path, $message:ty;)*) => {$(
                let sample = Value::Object(fullest($table.fields));
                let message: $message = serde_json::from_value(sample.clone())
                    .unwrap_or_else(|e| panic!("{} {}: {e}", $table.clause, $table.name));
                // As text, since real receivers match on that: compact, the table's members in its order.
                assert_eq!(serde_json::to_string(&message).unwrap(), sample.to_string(), "{}", $table.clause);
            )*};
        }
        macro_rules! pushes {
            ($($module:ident)*) => {
                let listed = [$(stringify!($module)),*];
                let known: Vec<&str> = catalogue::NOTIFICATIONS.iter().map(|push| push.name).collect();
                assert_eq!(listed.as_slice(), known.as_slice(), "a push is not compared with its type");
                agree! { $(crate::notifications::$module::NOTIFICATION, crate::notifications::$module::Message;)* }
                $({
                    // What has no value is null and not left out, as recorded pushes show.
                    let table = &crate::notifications::$module::NOTIFICATION;
                    let message: crate::notifications::$module::Message =
                        serde_json::from_value(Value::Object(scantiest(table.fields))).unwrap();
                    assert_same_members(table.clause, table.fields, &serde_json::to_value(message).unwrap());
                })*
            };
        }
        pushes! {
            device_added bind_device device_info_changed device_data_changed device_datas_changed
            device_capabilities_changed device_capabilities_added device_capabilities_deleted device_deleted
            message_confirm command_rsp command_status_changed rule_event desired_properties_modify_status_changed
            sw_upgrade_state_change_notify sw_upgrade_result_notify fw_upgrade_state_change_notify
            fw_upgrade_result_notify
        }
        agree! {
            crate::mqtt::connect::MESSAGE, crate::mqtt::connect::Message;
            crate::mqtt::report_data::MESSAGE, crate::mqtt::report_data::Message;
            crate::mqtt::receive_command::MESSAGE, crate::mqtt::receive_command::Message;
            crate::mqtt::respond_command::MESSAGE, crate::mqtt::respond_command::Message;
        }
    }

    /// An object with the required members of the table only.
    fn scantiest(fields: &[Field]) -> Map<String, Value> {
        let required = fields.iter().filter(|field| field.is_required());
        let value = |field: &Field| match field.kind {
            Kind::Object => Value::Object(scantiest(field.members)),
            Kind::Array(Kind::Object) => Value::Array(vec![Value::Object(scantiest(field.members))]),
            _ => value(field),
        };
        required.map(|field| (field.name.to_owned(), value(field))).collect()
    }

    fn assert_same_members(clause: &str, fields: &[Field], written: &Value) {
        let Value::Object(written) = written else { return };
        if fields.is_empty() {
            return;
        }
        let expected: Vec<&str> = fields.iter().map(|field| field.name).collect();
        assert_eq!(written.keys().collect::<Vec<_>>(), expected, "{clause}");
        for field in fields {
            match &written[field.name] {
                Value::Array(items) => items.iter().for_each(|item| assert_same_members(clause, field.members, item)),
                value => assert_same_members(clause, field.members, value),
            }
        }
    }

    /// The fullest sample of every table is itself admissible.
    #[test]
    fn samples_are_admissible() {
        for op in Op::ALL {
            let table = op.table();
            let body: Vec<Field> = table.params.iter().map(|p| p.field).collect();
            let (_, findings) = check::object(&body, &fullest(&body));
            assert!(findings.is_empty(), "{}: {findings:?}", table.clause);
            let (_, findings) = check::object(table.response, &fullest(table.response));
            assert!(findings.is_empty(), "{}: {findings:?}", table.clause);
        }
        for push in catalogue::NOTIFICATIONS {
            let (_, findings) = check::object(push.fields, &fullest(push.fields));
            assert!(findings.is_empty(), "{}: {findings:?}", push.clause);
        }
    }

    #[test]
    fn every_path_leads_to_its_operation() {
        for op in Op::ALL {
            let table = op.table();
            let path = table.path.replace(['{', '}'], "");
            match route::find(table.method.as_str(), &path) {
                route::Route::Found { op: found, .. } => assert_eq!(found, *op),
                other => panic!("{}: {other:?}", table.clause),
            }
        }
    }
}
