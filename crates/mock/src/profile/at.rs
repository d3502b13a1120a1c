//! A place in a JSON file: reads what stands there, or says where and what was expected.

use iotdm_spec::check::type_name;
use serde_json::Value;

use super::{File, ProfileError};

/// A value, and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct At<'a> {
    archive: &'a str,
    file: &'a str,
    path: String,
    value: &'a Value,
}

type Read<T> = Result<T, ProfileError>;

impl<'a> At<'a> {
    pub(crate) fn root(archive: &'a str, file: &'a File) -> Self {
        Self { archive, file: &file.name, path: "$".to_owned(), value: &file.content }
    }

    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn fault(&self, what: impl std::fmt::Display) -> ProfileError {
        ProfileError { place: Some(self.path.clone()), ..ProfileError::of_member(self.archive, self.file, what) }
    }

    fn expected(&self, wanted: &str) -> ProfileError {
        let found = match self.value {
            Value::String(text) => format!("the string {text:?}"),
            Value::Number(number) => format!("the number {number}"),
            Value::Null => "nothing".to_owned(),
            other => type_name(other).to_owned(),
        };
        self.fault(format!("expected {wanted}, found {found}"))
    }

    /// A member; one that is null is not there.
    pub(crate) fn member(&self, name: &str) -> Read<Option<Self>> {
        let Value::Object(object) = self.value else { return Err(self.expected("an object")) };
        Ok(object
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| self.step(format!("{}.{name}", self.path), value)))
    }

    fn step(&self, path: String, value: &'a Value) -> Self {
        Self { archive: self.archive, file: self.file, path, value }
    }

    pub(crate) fn need(&self, name: &str) -> Read<Self> {
        self.member(name)?.ok_or_else(|| self.fault(format!("expected the member {name:?}")))
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> Read<Vec<Self>> {
        let Value::Array(items) = self.value else { return Err(self.expected("a list")) };
        Ok(items.iter().enumerate().map(|(n, item)| self.step(format!("{}[{n}]", self.path), item)).collect())
    }

    /// The items of a member; none if it is absent or null.
    pub(crate) fn list(&self, name: &str) -> Read<Vec<Self>> {
        self.member(name)?.map_or_else(|| Ok(Vec::new()), |list| list.items())
    }

    pub(crate) fn text(&self) -> Read<&'a str> {
        self.value.as_str().ok_or_else(|| self.expected("a string"))
    }

    /// A member that is a string with something in it.
    pub(crate) fn need_text(&self, name: &str) -> Read<String> {
        let member = self.need(name)?;
        match member.text()?.trim() {
            "" => Err(member.fault("expected a string that is not empty")),
            text => Ok(text.to_owned()),
        }
    }

    /// A member that may be absent, null or empty.
    pub(crate) fn text_of(&self, name: &str) -> Read<Option<String>> {
        let text = self.member(name)?.map(|member| member.text()).transpose()?;
        Ok(text.filter(|text| !text.is_empty()).map(str::to_owned))
    }

    /// A number, or a string that spells one; an empty string is nothing. Gives the spelling.
    pub(crate) fn spelled_number(&self, name: &str) -> Read<Option<String>> {
        let Some(member) = self.member(name)? else { return Ok(None) };
        let spelling = match member.value {
            Value::Number(number) => number.to_string(),
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            Value::String(text) => text.trim().to_owned(),
            _ => return Err(member.expected("a number, or a string that spells one")),
        };
        if !spelling.parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(member.expected("a number, or a string that spells one"));
        }
        Ok(Some(spelling))
    }

    /// A whole number from 0 to `most`, or a string that spells one.
    pub(crate) fn count(&self, name: &str, most: u32) -> Read<Option<u32>> {
        let Some(spelling) = self.spelled_number(name)? else { return Ok(None) };
        let number = spelling.parse::<u32>().ok().filter(|number| *number <= most);
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(self.need(name)?.expected(&format!("a whole number from 0 to {most}"))),
        }
    }

    /// A boolean, or a string that spells one; absent means no.
    pub(crate) fn flag(&self, name: &str) -> Read<bool> {
        let Some(member) = self.member(name)? else { return Ok(false) };
        match member.value {
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Value::String(text) if text.is_empty() || text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(member.expected("true or false")),
        }
    }
}
