//! The data types of properties and parameters, and what is wrong with a value.

use std::time::Duration;

use iotdm_spec::Object;
use iotdm_spec::check::type_name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::clock::Moment;

/// What kind of value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataKind")]
pub(crate) enum Kind {
    /// A whole number.
    Integer,
    /// Any number.
    Decimal,
    /// A string.
    Text,
    /// A string of the form `yyyyMMddTHHmmssZ`.
    DateTime,
    /// A JSON object.
    JsonObject,
    /// A JSON boolean.
    Boolean,
    /// A list of strings.
    TextList,
}

/// The spellings that profiles use, case aside; the first of a kind is the usual one.
const SPELLINGS: &[(&str, Kind)] = &[
    ("int", Kind::Integer),
    ("integer", Kind::Integer),
    ("long", Kind::Integer),
    ("decimal", Kind::Decimal),
    ("double", Kind::Decimal),
    ("float", Kind::Decimal),
    ("string", Kind::Text),
    ("enum", Kind::Text),
    ("DateTime", Kind::DateTime),
    ("jsonObject", Kind::JsonObject),
    ("boolean", Kind::Boolean),
    ("bool", Kind::Boolean),
    ("string list", Kind::TextList),
];

impl Kind {
    /// The kind that a profile's `dataType` means.
    pub(crate) fn spelled(text: &str) -> Option<Self> {
        SPELLINGS.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(text.trim())).map(|(_, kind)| *kind)
    }

    /// All spellings, for a message.
    pub(crate) fn spellings() -> String {
        SPELLINGS.iter().map(|(spelling, _)| *spelling).collect::<Vec<_>>().join(", ")
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Integer => "a whole number",
            Self::Decimal => "a number",
            Self::Text => "a string",
            Self::DateTime => "a time of the form yyyyMMddTHHmmssZ",
            Self::JsonObject => "a JSON object",
            Self::Boolean => "a boolean",
            Self::TextList => "a list of strings",
        }
    }
}

/// The data type of a property or parameter, as its profile says it: what the numbers mean is judged
/// when a value comes, so that 1.6.5 shows what was imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DataType {
    /// What kind of value it is.
    pub(crate) kind: Kind,
    /// The profile's own word for it.
    pub(crate) spelling: String,
    /// The least value, as text.
    pub(crate) min: Option<String>,
    /// The largest value, as text.
    pub(crate) max: Option<String>,
    /// How far two values are apart.
    pub(crate) step: Option<f64>,
    /// How many characters it may have.
    pub(crate) max_length: Option<i64>,
    /// The unit, in words.
    pub(crate) unit: Option<String>,
    /// The only values that it may have, if there are any.
    pub(crate) enum_list: Vec<String>,
}

impl DataType {
    /// A whole number within bounds.
    pub(crate) fn integer(min: i64, max: i64) -> Self {
        Self { min: Some(min.to_string()), max: Some(max.to_string()), ..Self::plain(Kind::Integer, "int") }
    }

    /// A string of at most so many characters.
    pub(crate) fn text(max_length: i64) -> Self {
        Self { max_length: Some(max_length), ..Self::plain(Kind::Text, "string") }
    }

    /// A type without any restriction.
    pub(crate) fn plain(kind: Kind, spelling: &str) -> Self {
        Self {
            kind,
            spelling: spelling.to_owned(),
            min: None,
            max: None,
            step: None,
            max_length: None,
            unit: None,
            enum_list: Vec::new(),
        }
    }

    /// The largest value. Profiles write 0 beside a larger `min` where they mean no limit.
    fn limit(&self) -> Option<&str> {
        let max = self.max.as_deref()?;
        let number = |text: &str| text.parse::<f64>().ok();
        let unlimited = number(max) == Some(0.0) && self.min.as_deref().and_then(number).is_some_and(|min| min > 0.0);
        (!unlimited).then_some(max)
    }

    /// A value inside the type, another for the next number as far as there is another.
    pub(crate) fn sample(&self, number: u64) -> Value {
        if let Some(choice) = self.choice(number) {
            let spelled: Option<Number> = choice.parse().ok().filter(|_| self.kind != Kind::Text);
            return spelled.map_or_else(|| Value::from(choice), Value::Number);
        }
        match self.kind {
            Kind::Integer => Value::from(self.whole(number)),
            // Whole numbers are decimals too, where there is one between the bounds.
            Kind::Decimal => Value::from(self.decimal(number)),
            Kind::Text => {
                let most = self.max_length.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
                Value::from(format!("{number}-sample").chars().take(most.unwrap_or(usize::MAX)).collect::<String>())
            }
            Kind::DateTime => {
                Value::from(Moment(0).plus(Duration::from_secs(number % u64::from(u32::MAX))).to_string())
            }
            Kind::JsonObject => Value::Object(Object::new()),
            Kind::Boolean => Value::from(number % 2 == 1),
            Kind::TextList => Value::from(vec![format!("{number}-sample")]),
        }
    }

    fn choice(&self, number: u64) -> Option<&str> {
        let count = u64::try_from(self.enum_list.len()).ok().filter(|count| *count > 0)?;
        usize::try_from(number % count).ok().and_then(|index| self.enum_list.get(index)).map(String::as_str)
    }

    fn whole(&self, number: u64) -> i64 {
        let bound = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
        let exact = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
        let (least, most) = (self.min.as_deref(), self.limit());
        #[expect(clippy::cast_possible_truncation, reason = "it saturates, as a bound should")]
        let (min, max) = (
            exact(least).or_else(|| bound(least).map(|b| b.ceil() as i64)).unwrap_or_default(),
            exact(most).or_else(|| bound(most).map(|b| b.floor() as i64)).unwrap_or(i64::MAX),
        );
        #[expect(clippy::cast_possible_truncation, reason = "a whole step of that size has no second value")]
        let step = self.step.filter(|step| *step >= 1.0).map_or(1, |step| step as i64);
        let steps = (i128::from(max) - i128::from(min)).max(0) / i128::from(step) + 1;
        let value = i128::from(min) + i128::from(number) % steps * i128::from(step);
        i64::try_from(value).unwrap_or(min)
    }

    fn decimal(&self, number: u64) -> f64 {
        let bound = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
        let min = bound(self.min.as_deref()).unwrap_or_default();
        let step = self.step.filter(|step| *step > 0.0).unwrap_or(0.5);
        #[expect(clippy::cast_precision_loss, reason = "small numbers only")]
        let value = (number % 1_000) as f64 * step + min;
        if bound(self.limit()).is_some_and(|max| value > max) { min } else { value }
    }

    /// What is the matter with a value, in words.
    pub(crate) fn fault(&self, value: &Value) -> Option<String> {
        let fault = match (self.kind, value) {
            (Kind::Integer, Value::Number(number)) if number.as_f64().is_none_or(|n| n.fract() != 0.0) => {
                Some(format!("{number} is no whole number"))
            }
            (Kind::Integer | Kind::Decimal, Value::Number(number)) => self.fault_of_number(number),
            (Kind::Text, Value::String(text)) => self.fault_of_length(text),
            (Kind::DateTime, Value::String(text)) => text.parse::<Moment>().err(),
            (Kind::TextList, Value::Array(items)) if items.iter().all(Value::is_string) => None,
            (Kind::JsonObject, Value::Object(_)) | (Kind::Boolean, Value::Bool(_)) => None,
            (kind, other) => Some(format!("it is a {}, not {}", type_name(other), kind.in_words())),
        };
        fault.or_else(|| self.fault_of_choice(value))
    }

    fn fault_of_number(&self, number: &Number) -> Option<String> {
        if let Some(min) = self.min.as_deref().filter(|min| less(number, min)) {
            return Some(format!("{number} is less than {min}"));
        }
        if let Some(max) = self.limit().filter(|max| more(number, max)) {
            return Some(format!("{number} is more than {max}"));
        }
        let step = self.step.filter(|step| *step > 0.0)?;
        let from = self.min.as_deref().and_then(|min| min.parse::<f64>().ok()).unwrap_or_default();
        let steps = (number.as_f64()? - from) / step;
        // Decimal steps have no exact binary form.
        let on_step = (steps - steps.round()).abs() <= 1e-6 * steps.abs().max(1.0);
        (!on_step).then(|| format!("{number} is not {from} plus a multiple of the step {step}"))
    }

    fn fault_of_length(&self, text: &str) -> Option<String> {
        // A string that can hold nothing makes no sense: 0 means no limit here too.
        let most = self.max_length.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0)?;
        (text.chars().count() > most).then(|| format!("it has more than {most} characters"))
    }

    fn fault_of_choice(&self, value: &Value) -> Option<String> {
        let given = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let listed = self.enum_list.is_empty() || self.enum_list.contains(&given);
        (!listed).then(|| format!("{given:?} is none of {}", self.enum_list.join(", ")))
    }
}

/// Whole numbers are compared as such: they may have more digits than a float can tell apart.
fn less(number: &Number, bound: &str) -> bool {
    match (number.as_i64(), bound.parse::<i64>()) {
        (Some(number), Ok(bound)) => number < bound,
        _ => number.as_f64().zip(bound.parse::<f64>().ok()).is_some_and(|(number, bound)| number < bound),
    }
}

fn more(number: &Number, bound: &str) -> bool {
    match (number.as_i64(), bound.parse::<i64>()) {
        (Some(number), Ok(bound)) => number > bound,
        _ => number.as_f64().zip(bound.parse::<f64>().ok()).is_some_and(|(number, bound)| number > bound),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decimal(min: &str, max: &str, step: Option<f64>) -> DataType {
        DataType {
            min: Some(min.to_owned()),
            max: Some(max.to_owned()),
            step,
            ..DataType::plain(Kind::Decimal, "decimal")
        }
    }

    #[test]
    fn values_are_judged_by_kind_bounds_step_length_and_choice() {
        let choice = DataType { enum_list: vec!["ON".to_owned(), "OFF".to_owned()], ..DataType::text(0) };
        let kind = |kind| DataType::plain(kind, "");
        for (data_type, good, bad) in [
            (DataType::integer(0, 100), json!(100), json!(101)),
            (DataType::integer(0, 100), json!(0), json!(0.5)),
            (DataType::integer(i64::MIN, i64::MAX - 1), json!(i64::MAX - 1), json!(i64::MAX)),
            (decimal("-1.5", "2.5", None), json!(2.5), json!(2.6)),
            (decimal("-1.5", "2.5", None), json!(-1.5), json!(-1.6)),
            (decimal("0", "1", Some(0.1)), json!(0.3), json!(0.35)),
            (decimal("5", "0", None), json!(1e9), json!(4)),
            (decimal("-5", "0", None), json!(-1), json!(1)),
            (DataType::text(3), json!("äöü"), json!("abcd")),
            (choice, json!("ON"), json!("on")),
            (kind(Kind::DateTime), json!("20200214T080000Z"), json!("2020-02-14")),
            (kind(Kind::JsonObject), json!({}), json!([])),
            (kind(Kind::Boolean), json!(true), json!(1)),
            (kind(Kind::TextList), json!(["a"]), json!([1])),
            (kind(Kind::Text), json!(""), json!(7)),
        ] {
            assert_eq!(data_type.fault(&good), None, "{data_type:?} {good}");
            assert!(data_type.fault(&bad).is_some(), "{data_type:?} {bad}");
        }
    }

    #[test]
    fn samples_are_inside_the_type() {
        let choice = |kind, list: &[&str]| DataType {
            enum_list: list.iter().map(ToString::to_string).collect(),
            ..DataType::plain(kind, "")
        };
        let stepped = DataType { step: Some(5.0), ..DataType::integer(0, 100) };
        let mut types = vec![
            DataType::integer(-3, 3),
            DataType::integer(i64::MIN, i64::MAX),
            stepped,
            decimal("-1.5", "2.5", None),
            decimal("2.0", "3.7", Some(0.01)),
            decimal("5", "0", None),
            DataType::text(3),
            choice(Kind::Text, &["1", "ON"]),
            choice(Kind::Integer, &["1", "2"]),
        ];
        let kinds = [Kind::Integer, Kind::Decimal, Kind::Text, Kind::DateTime];
        let others = [Kind::JsonObject, Kind::Boolean, Kind::TextList];
        types.extend(kinds.into_iter().chain(others).map(|kind| DataType::plain(kind, "")));
        for data_type in types {
            for number in [0, 1, 7, 1_000_003, u64::MAX] {
                let sample = data_type.sample(number);
                assert_eq!(data_type.fault(&sample), None, "{data_type:?} {number}: {sample}");
            }
        }
    }

    #[test]
    fn spellings_do_not_depend_on_case() {
        assert_eq!(Kind::spelled("datetime"), Some(Kind::DateTime));
        assert_eq!(Kind::spelled("strnig"), None);
    }
}
