//! The valid requests: the baseline itself, the longest strings, the bounds of numbers.

use iotdm_spec::model::{Kind, Place};
use iotdm_spec::requirement;
use serde_json::Value;

use super::{Defect, Draft, Parameter, Sweep};

/// Parameters whose values mean something beyond their form: a longest one is not to be had.
const MEANINGFUL: [&str; 12] = [
    "appId",
    "ownerAppId",
    "secret",
    "refreshToken",
    "deviceId",
    "gatewayId",
    "devGroupId",
    "subscriptionId",
    "productId",
    "serviceId",
    "method",
    "nodeId",
];

pub(super) fn drafts(sweep: &Sweep<'_>) -> Vec<Draft> {
    let mut drafts = vec![baseline(sweep)];
    for parameter in sweep.parameters() {
        drafts.extend(longest(sweep, &parameter));
        drafts.extend(bounds(sweep, &parameter));
    }
    drafts.extend(own_application(sweep));
    drafts
}

/// Without this one, every refusal of the sweep could have another cause.
fn baseline(sweep: &Sweep<'_>) -> Draft {
    let mut draft = sweep.draft("accepts-the-baseline".to_owned(), "", Defect::None, sweep.call());
    requirement::visit(sweep.table.response, "", &mut |path, _, _| {
        draft.verifies.push(requirement::response_id(sweep.table.clause, path));
    });
    if draft.verifies.is_empty() {
        let parameters = sweep.table.params.iter().map(|p| sweep.parameter_id(p.field.name));
        draft.verifies.extend(parameters);
    }
    draft
}

fn longest(sweep: &Sweep<'_>, parameter: &Parameter) -> Option<Draft> {
    let field = parameter.field;
    let max = field.max_len.filter(|_| field.kind == Kind::String)?;
    let free = field.values.is_empty() && field.format.is_none();
    // A path of more than one step is meaningful by its last name.
    if !free || MEANINGFUL.contains(&field.name) {
        return None;
    }
    let call = sweep.changed(&parameter.path, Some(Value::from(format!("${{fresh.text-{max}}}"))));
    let mut draft = sweep.draft(format!("accepts-the-longest-{}", parameter.path), &parameter.path, Defect::None, call);
    draft.verifies.push(sweep.parameter_id(&parameter.id));
    Some(draft)
}

fn bounds(sweep: &Sweep<'_>, parameter: &Parameter) -> Vec<Draft> {
    let field = parameter.field;
    if field.kind != Kind::Integer {
        return Vec::new();
    }
    let bounds = [("smallest", field.min), ("largest", field.max)];
    let of_bound = |(word, bound): (&str, Option<i64>)| {
        let call = sweep.changed(&parameter.path, Some(Value::from(bound?)));
        let name = format!("accepts-the-{word}-{}", parameter.path);
        let mut draft = sweep.draft(name, &parameter.path, Defect::None, call);
        draft.verifies.push(sweep.parameter_id(&parameter.id));
        Some(draft)
    };
    bounds.into_iter().filter_map(of_bound).collect()
}

/// The optional `appId` may also name the caller itself.
fn own_application(sweep: &Sweep<'_>) -> Option<Draft> {
    let has_it = sweep.table.params.iter().any(|p| p.field.name == "appId" && p.place != Place::Path);
    if !has_it || !sweep.table.is_protected() {
        return None;
    }
    let call = sweep.changed("appId", Some(Value::from("${application.id}")));
    let mut draft = sweep.draft("accepts-its-own-appId".to_owned(), "appId", Defect::None, call);
    draft.verifies.push(sweep.parameter_id("appId"));
    Some(draft)
}
