//! Plan files: what is to go wrong from the start, written down by a person in YAML or JSON.

use std::fmt;
use std::marker::PhantomData;

use iotdm_spec::Object;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{Location, Spanned};

use crate::faults::{ForceOrder, RestFaultOrder, Wrong, did_you_mean};
use crate::world::World;

/// What is to go wrong from the start, and again after every reset.
///
/// ```
/// let plan = iotdm_mock::Plan::parse("plan.yaml", "
/// force:
///   - {operation: query_device, http_status: 500, code: '50252', times: 2}
/// faults:
///   - {operation: '*', fault: latency, ms: 20, times: always}
///   - {operation: send_command, fault: connection_reset}
/// ").unwrap();
/// let builder = iotdm_mock::Platform::builder().plan(plan);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Plan {
    force: Vec<ForceOrder>,
    faults: Vec<RestFaultOrder>,
}

/// The lists that a plan file has.
const LISTS: [&str; 2] = ["force", "faults"];

impl Plan {
    /// Reads the text of a plan file; `file` is its name in errors.
    ///
    /// # Errors
    /// [`PlanError`], with line and caret.
    pub fn parse(file: &str, text: &str) -> Result<Self, PlanError> {
        let source = Source { file, text };
        // A list with nothing under it, and a file with nothing in it, order nothing.
        let lists: Option<Entries<Option<Orders>>> = serde_saphyr::from_str(text)
            .map_err(|e| source.error(e.location(), in_words(e.without_snippet()), None))?;
        let mut plan = Self::default();
        for (list, orders) in lists.map(|lists| lists.0).unwrap_or_default() {
            let orders = orders.value.unwrap_or_default();
            match list.value.as_str() {
                "force" => plan.force = source.orders(orders, ForceOrder::read)?,
                "faults" => plan.faults = source.orders(orders, RestFaultOrder::read)?,
                name => {
                    let hint = Some(did_you_mean(name, &LISTS));
                    return Err(source.error(Some(list.referenced), format!("unknown list `{name}`"), hint));
                }
            }
        }
        Ok(plan)
    }

    /// Orders everything.
    pub(crate) fn carry_into(&self, world: &mut World) {
        for order in &self.force {
            // A plan of more orders than a platform takes is cut off there.
            let _ = world.force(order.clone());
        }
        for order in &self.faults {
            let _ = world.order_rest_fault(order.clone());
        }
    }
}

/// What is wrong in a plan file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    file: String,
    place: Option<Place>,
    message: String,
    hint: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
    width: usize,
    source: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            None => write!(f, "{}: {}", self.file, self.message)?,
            Some(Place { line, column, width, source }) => {
                let margin = " ".repeat(line.to_string().len());
                let before = source.chars().take(column.saturating_sub(1));
                let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
                let carets = "^".repeat(*width);
                writeln!(f, "{}\n{margin}--> {}:{line}:{column}", self.message, self.file)?;
                write!(f, "{line} | {source}\n{margin} | {indent}{carets}")?;
            }
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n  = {hint}"))
    }
}

impl std::error::Error for PlanError {}

const TOO_LARGE: &str = "the file is larger, or nested deeper, than such a file may be";

/// What is wrong, in the words of somebody who writes such a file; the reader speaks to those who program with it.
fn in_words(error: &serde_saphyr::Error) -> String {
    match error {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => format!("`{key}` stands here twice"),
        serde_saphyr::Error::DuplicateMappingKey { key: None, .. } => "this key stands here twice".to_owned(),
        serde_saphyr::Error::Budget { .. } => TOO_LARGE.to_owned(),
        other => match other.to_string() {
            text if text.starts_with("recursion limit") => TOO_LARGE.to_owned(),
            text => text.lines().next().unwrap_or_default().to_owned(),
        },
    }
}

/// The orders of a list.
type Orders = Vec<Spanned<Entries<Value>>>;

struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn orders<T>(&self, orders: Orders, read: fn(&Object) -> Result<T, Wrong>) -> Result<Vec<T>, PlanError> {
        orders.into_iter().map(|order| self.order(order, read)).collect()
    }

    fn order<T>(&self, order: Spanned<Entries<Value>>, read: fn(&Object) -> Result<T, Wrong>) -> Result<T, PlanError> {
        let entries = &order.value.0;
        let object = entries.iter().map(|(name, value)| (name.value.clone(), value.value.clone())).collect();
        read(&object).map_err(|wrong| {
            let blamed = entries.iter().find(|(name, _)| wrong.member.as_ref() == Some(&name.value));
            let at = match blamed {
                Some((name, _)) if wrong.name => name.referenced,
                Some((_, value)) => value.referenced,
                None => order.referenced,
            };
            self.error(Some(at), wrong.message, wrong.hint)
        })
    }

    fn error(&self, at: Option<Location>, message: String, hint: Option<String>) -> PlanError {
        let place = at.map(|at| {
            let narrow = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).max(1);
            let (line, column) = (narrow(at.line()), narrow(at.column()));
            let source = self.text.lines().nth(line - 1).unwrap_or_default().to_owned();
            let room = source.chars().count().saturating_sub(column - 1);
            Place { line, column, width: narrow(at.span().len()).min(room).max(1), source }
        });
        PlanError { file: self.file.to_owned(), place, message, hint }
    }
}

/// A mapping whose keys and values know where they stand.
#[derive(Debug, Clone)]
struct Entries<T>(Vec<(Spanned<String>, Spanned<T>)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Plan::parse("plan.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_plan_reads_the_same_from_yaml_and_json() {
        let yaml = "force:\n  - {operation: login, http_status: 400, code: 102202, times: 2}\nfaults:\n  - fault: latency\n    ms: 5\n";
        let json = r#"{"force": [{"operation": "login", "http_status": 400, "code": "102202", "times": 2}],
                       "faults": [{"fault": "latency", "ms": 5}]}"#;
        let (yaml, json) = (Plan::parse("plan.yaml", yaml).unwrap(), Plan::parse("plan.json", json).unwrap());
        assert_eq!((yaml.force.len(), yaml.faults.len()), (1, 1));
        assert_eq!((yaml.force, yaml.faults), (json.force, json.faults));
    }

    #[test]
    fn nothing_under_a_list_orders_nothing() {
        for text in ["force:\nfaults:\n", "faults:\n", "force: []\n", "# later\n", ""] {
            let plan = Plan::parse("plan.yaml", text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
            assert!(plan.force.is_empty() && plan.faults.is_empty());
        }
    }

    #[test]
    fn an_error_has_line_and_caret() {
        assert_eq!(
            refused("faults:\n  - {fault: latncy, ms: 5}\n"),
            "unknown fault `latncy`\n --> plan.yaml:2:13\n2 |   - {fault: latncy, ms: 5}\n  |             ^^^^^^\n  = did you mean `latency`?"
        );
        assert_eq!(
            refused("faults:\n  - fault: latency\n    ms: 5\n    tims: 3\n"),
            "unknown member `tims`\n --> plan.yaml:4:5\n4 |     tims: 3\n  |     ^^^^\n  = did you mean `times`?"
        );
        assert_eq!(
            refused("forced: []\n"),
            "unknown list `forced`\n --> plan.yaml:1:1\n1 | forced: []\n  | ^^^^^^\n  = did you mean `force`?"
        );
        let row = refused("force:\n  - {operation: login, http_status: 400, code: '1'}\n");
        assert!(row.contains("has no error row 400/1; it has 400/") && row.contains("plan.yaml:2:48"), "{row}");
        assert!(refused("faults: []\nfaults: []\n").starts_with("`faults` stands here twice\n"));
        for text in ["[".repeat(100_000), format!("[{}]", "{},".repeat(300_000))] {
            let told = refused(&format!("faults: {text}\n"));
            assert!(told.starts_with(TOO_LARGE), "{}", told.lines().next().unwrap_or_default());
        }
        let syntax = refused("faults: [\n");
        assert!(syntax.contains("--> plan.yaml:"), "{syntax}");
        let kind = refused("faults: latency\n");
        assert!(kind.contains("--> plan.yaml:1"), "{kind}");
    }
}
