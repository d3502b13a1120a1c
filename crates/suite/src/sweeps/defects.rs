//! The static defects: one parameter that breaks its row, or a body that is none.

use iotdm_spec::model::{Encoding, Format, Kind, Place, Presence};
use iotdm_spec::sample;
use serde_json::{Value, json};

use super::{Defect, Draft, Parameter, Sweep, refused};
use crate::case::{Call, Refusal};

/// The ruling behind the lower bounds that the reference does not print.
const UNPRINTED_MINIMUM: &str = "A-27";

pub(super) fn drafts(sweep: &Sweep<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for parameter in sweep.parameters() {
        drafts.extend(absence(sweep, &parameter));
        match parameter.field.kind {
            Kind::String => drafts.extend(strings(sweep, &parameter)),
            Kind::Integer => drafts.extend(integers(sweep, &parameter)),
            Kind::Boolean | Kind::Number => {
                drafts.push(spoilt(sweep, &parameter, "refuses-text-for-{}", Defect::WrongType, json!("maybe")));
            }
            Kind::Object => {
                drafts.push(spoilt(sweep, &parameter, "refuses-text-for-{}", Defect::WrongType, json!("text")));
            }
            Kind::Array(_) => {
                drafts.push(spoilt(sweep, &parameter, "refuses-text-for-{}", Defect::WrongType, json!("text")));
            }
            Kind::Any => {}
        }
    }
    drafts.extend(bodies(sweep));
    drafts
}

/// A request with one bad value; `{}` in the name stands for the path.
fn spoilt(sweep: &Sweep<'_>, parameter: &Parameter, name: &str, defect: Defect, value: Value) -> Draft {
    let call = sweep.changed(&parameter.path, Some(value));
    bad(sweep, parameter, name, defect, call)
}

fn bad(sweep: &Sweep<'_>, parameter: &Parameter, name: &str, defect: Defect, call: Call) -> Draft {
    let refusal = Refusal::input(sweep.table, parameter.field.refused_by);
    let name = name.replace("{}", &parameter.path);
    let mut draft = sweep.draft(name, &parameter.path, defect, refused(call, refusal));
    draft.verifies.push(sweep.parameter_id(&parameter.id));
    let row = parameter.field.refused_by.unwrap_or(match defect {
        Defect::Missing | Defect::Empty => sweep.table.input.missing,
        Defect::BelowMinimum | Defect::AboveMaximum => sweep.table.input.out_of_range,
        _ => sweep.table.input.invalid,
    });
    draft.verifies.extend(sweep.listed(&Refusal::rows("input", vec![row])));
    draft
}

fn absence(sweep: &Sweep<'_>, parameter: &Parameter) -> Vec<Draft> {
    let field = parameter.field;
    let path = &parameter.path;
    if sweep.value(path).is_none() {
        return Vec::new();
    }
    match field.presence {
        Presence::Required => {
            let mut drafts =
                vec![bad(sweep, parameter, "refuses-without-{}", Defect::Missing, sweep.changed(path, None))];
            if field.kind == Kind::String && field.min_len != Some(0) {
                drafts.push(spoilt(sweep, parameter, "refuses-an-empty-{}", Defect::Empty, json!("")));
            }
            drafts
        }
        // Only both may not be missing: one case for the pair.
        Presence::RequiredUnless(sibling) if field.name < sibling => {
            let mut call = sweep.changed(path, None);
            call.with.shift_remove(sibling);
            let name = format!("refuses-without-{{}}-and-{sibling}");
            vec![bad(sweep, parameter, &name, Defect::Missing, call)]
        }
        _ => Vec::new(),
    }
}

fn strings(sweep: &Sweep<'_>, parameter: &Parameter) -> Vec<Draft> {
    let field = parameter.field;
    let mut drafts = Vec::new();
    let spoil = |name: &str, defect, value: String| spoilt(sweep, parameter, name, defect, Value::from(value));
    if !field.values.is_empty() {
        drafts.push(spoil("refuses-an-unlisted-{}", Defect::NotListed, "not-in-the-list".to_owned()));
        return drafts;
    }
    if let Some(max) = field.max_len
        && let Some(text) = text_of_length(field.format, max as usize + 1)
    {
        drafts.push(spoil(&format!("refuses-{{}}-longer-than-{max}"), Defect::TooLong, text));
    }
    // One character less than one is the empty string, which `absence` tests where it matters.
    if let Some(min) = field.min_len.filter(|min| *min > 1)
        && let Some(text) = text_of_length(field.format, min as usize - 1)
    {
        drafts.push(spoil(&format!("refuses-{{}}-shorter-than-{min}"), Defect::TooShort, text));
    }
    for (name, value) in malformed(parameter) {
        drafts.push(spoil(name, Defect::BadFormat, value));
    }
    drafts
}

/// A text of exactly this length in the given form; none for forms of a fixed length.
fn text_of_length(format: Option<Format>, length: usize) -> Option<String> {
    match format {
        None | Some(Format::Alphanumeric) => Some("x".repeat(length)),
        Some(Format::Hex) => Some("a".repeat(length)),
        Some(Format::CallbackUrl) => {
            let start = "http://127.0.0.1:9/";
            Some(format!("{start}{}", "x".repeat(length.saturating_sub(start.len()))))
        }
        Some(Format::UtcTime | Format::Date) => None,
    }
}

fn malformed(parameter: &Parameter) -> Vec<(&'static str, String)> {
    match parameter.field.format {
        None => Vec::new(),
        Some(Format::UtcTime) => vec![("refuses-a-malformed-{}", "2020-02-14 08:00:00".to_owned())],
        Some(Format::Date) => vec![("refuses-a-malformed-{}", "20200214".to_owned())],
        Some(Format::Alphanumeric) => vec![("refuses-a-malformed-{}", "not alphanumeric!".to_owned())],
        Some(Format::Hex) => {
            let length = sample::text(parameter.field).len();
            vec![("refuses-a-malformed-{}", "g".repeat(length))]
        }
        Some(Format::CallbackUrl) => vec![
            ("refuses-{}-without-a-port", "http://127.0.0.1/callback".to_owned()),
            ("refuses-{}-of-another-scheme", "ftp://127.0.0.1:21/callback".to_owned()),
            ("refuses-{}-that-is-no-url", "callback".to_owned()),
        ],
    }
}

fn integers(sweep: &Sweep<'_>, parameter: &Parameter) -> Vec<Draft> {
    let field = parameter.field;
    let mut drafts = vec![spoilt(sweep, parameter, "refuses-text-for-{}", Defect::WrongType, json!("many"))];
    if let Some(min) = field.min.or(field.ruled_min) {
        let name = format!("refuses-{{}}-below-{min}");
        let mut draft = spoilt(sweep, parameter, &name, Defect::BelowMinimum, json!(min - 1));
        if field.min.is_none() {
            draft.soft = true;
            draft.because = Some(UNPRINTED_MINIMUM);
        }
        drafts.push(draft);
    }
    if let Some(max) = field.max {
        let name = format!("refuses-{{}}-above-{max}");
        drafts.push(spoilt(sweep, parameter, &name, Defect::AboveMaximum, json!(max + 1)));
    }
    drafts
}

/// A body that is no JSON, no object, or not there.
fn bodies(sweep: &Sweep<'_>) -> Vec<Draft> {
    let obligatory =
        sweep.table.params.iter().any(|p| p.place == Place::Body && p.field.presence == Presence::Required);
    if sweep.table.encoding != Encoding::Json || !obligatory {
        return Vec::new();
    }
    let raw = |text: &str| Call { raw_body: Some(text.to_owned()), ..sweep.call() };
    [
        ("refuses-a-body-that-is-no-json", raw("{\"deviceInfo\": ")),
        ("refuses-a-body-that-is-no-object", raw("[]")),
        ("refuses-a-missing-body", Call { no_body: true, ..sweep.call() }),
    ]
    .into_iter()
    .map(|(name, call)| {
        let refusal = Refusal::input(sweep.table, None);
        let mut draft = sweep.draft(name.to_owned(), "", Defect::Body, refused(call, refusal));
        draft.verifies.extend(sweep.listed(&Refusal::rows("input", vec![sweep.table.input.malformed])));
        if draft.verifies.is_empty() {
            let body = sweep.table.params.iter().filter(|p| p.place == Place::Body && p.field.is_required());
            draft.verifies.extend(body.map(|p| sweep.parameter_id(p.field.name)));
        }
        draft
    })
    .collect()
}
