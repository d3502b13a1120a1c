//! The application that a call names as the owner, under whichever name its clause has for it.

use iotdm_spec::model::{ErrorRow, Place};
use iotdm_spec::{sample, universal};

use super::*;

/// What a program does wrong that names this owner in one call, which the platform refuses with this row.
fn broken(op: Op, parameter: &str, row: Option<ErrorRow>) -> Vec<String> {
    let table = op.table();
    let mut target = table.path.replace("{deviceId}", "d-1");
    let members: Vec<_> = table.params.iter().filter(|p| p.place == Place::Body).map(|p| &p.field).collect();
    let mut body = sample::fullest(members);
    if body.contains_key(parameter) {
        body.insert(parameter.to_owned(), json!("other"));
    } else {
        target.push_str(&format!("?{parameter}=other"));
    }
    let request = if body.is_empty() { String::new() } else { Value::Object(body).to_string() };
    let call = json!({"method": table.method.as_str(), "target": target, "request": request,
        "status": row.map_or(table.success_status, |row| row.http_status), "errorCode": row.map(|row| row.code)});
    let grades = Journal::default().login("080000").call("080001", call).grade();
    grades.broken().into_iter().map(str::to_owned).collect()
}

#[test]
fn an_owner_that_may_not_be_named_is_the_programs_fault() {
    let clauses = [
        (Op::RegisterGateway, "ownerAppId", "1.5.10/rule/owner-app-id-when-authorised"),
        (Op::QueryGateway, "ownerAppId", "1.5.12/rule/owner-app-id-when-authorised"),
        (Op::QueryGroups, "accessAppId", "1.11.4/rule/app-id-of-an-authorizing-application"),
    ];
    for (op, parameter, rule) in clauses {
        for row in [universal::application_unknown(op.table()), universal::not_authorized(op.table())] {
            assert_eq!(broken(op, parameter, Some(row)), [rule], "{row:?}");
        }
        assert_eq!(broken(op, parameter, None), Vec::<String>::new());
    }
}

#[test]
fn the_callers_own_id_is_right_where_it_has_to_be_given() {
    let body = json!({"appId": "app", "taskName": "t", "taskType": "DeviceCmd", "timeout": 10, "param": {
        "type": "DeviceList", "deviceList": ["d-1"],
        "command": {"serviceId": "Light", "method": "SET", "paras": {}}}});
    let table = Op::CreateBatchTask.table();
    let call = json!({"method": table.method.as_str(), "target": table.path, "status": table.success_status,
        "request": body.to_string()});
    let grades = Journal::default().login("080000").call("080001", call).grade();
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
    assert!(grades.is_kept("1.10.1/req/appId"));
}

/// To look whether a deletion has worked is sound; to ask for what never was there is worth a word.
#[test]
fn who_asks_for_what_it_has_deleted_is_not_blamed() {
    let ask = |id: &str| {
        let (delete, query) = (Op::DeleteDevice.table(), Op::QueryDevice.table());
        let unknown = iotdm_spec::data::query_device::error::DEVICE_NOT_EXISTED.row();
        let deletion = json!({"method": delete.method.as_str(), "target": delete.path.replace("{deviceId}", "d-1"),
            "status": delete.success_status});
        let question = json!({"method": query.method.as_str(), "target": query.path.replace("{deviceId}", id),
            "status": unknown.http_status, "errorCode": unknown.code});
        let grades = Journal::default().login("080000").call("080001", deletion).call("080002", question).grade();
        grades.doubted().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask("d-1"), Vec::<String>::new());
    assert_eq!(ask("d-2"), ["1.6.1/rule/device-of-this-app"]);
}
