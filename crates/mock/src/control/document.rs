//! The control plane described for programs: OpenAPI 3.1, a loop over its routes.

use serde_json::{Map, Value, json};

use super::route::{Told, Wanted};
use super::schema::{need, object, text};

/// The document's name of the token.
const SCHEME: &str = "token";

/// The document.
pub(super) fn document(routes: &[Told]) -> Value {
    let mut paths = Map::new();
    for told in routes {
        let entry = paths.entry(told.path).or_insert_with(|| json!({}));
        entry[told.verb.name().to_lowercase()] = operation(told);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "iotdm mock: control plane",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What only a platform's owner can do. Plain HTTP, on loopback unless it was told otherwise; \
                then with a token. Every refusal is `{\"error\": \"in words\"}`: 400 for what can't be understood or \
                can't be, 401 without the token, 403 for other sites' pages and names, 404 for what is not there, 409 \
                for what can't be now.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:8744", "description": "`iotdm mock` without options" }],
        // Without a token on loopback, with one elsewhere.
        "security": [{}, { SCHEME: [] }],
        "tags": tags(routes),
        "paths": paths,
        "components": {
            "schemas": { "Refusal": object([need("error", text())]) },
            "securitySchemes": { SCHEME: { "type": "http", "scheme": "bearer" } },
        },
    })
}

/// The subject of a path: its first part after `/_mock/`.
fn tag(path: &str) -> &str {
    match path.split('/').nth(2).unwrap_or_default() {
        "" => "about",
        part => part.split('.').next().unwrap_or(part),
    }
}

fn tags(routes: &[Told]) -> Vec<Value> {
    let mut names: Vec<&str> = routes.iter().map(|told| tag(told.path)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn operation(told: &Told) -> Value {
    let says = told.says;
    let summary = says.split_once(['.', ':', ';', ',']).map_or(says, |(head, _)| head);
    let mut operation = json!({
        "operationId": name(told),
        "tags": [tag(told.path)],
        "summary": summary,
        "description": says,
        "responses": responses(told),
        "x-codeSamples": [{ "lang": "Shell", "label": "curl", "source": curl(told) }],
    });
    let parameters = parameters(told);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(wanted) = &told.wanted {
        operation["requestBody"] = body(wanted);
    }
    operation
}

/// Such as `get_devices_id_faults`.
fn name(told: &Told) -> String {
    let parts = told.path.split(['/', '.', '-', '{', '}']).filter(|part| !part.is_empty() && *part != "_mock");
    let verb = told.verb.name().to_lowercase();
    std::iter::once(verb.as_str()).chain(parts).collect::<Vec<_>>().join("_")
}

/// The names of a path's variable parts, each with the part before it.
pub(super) fn placeholders(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = path.split('/').zip(path.split('/').skip(1));
    parts.filter_map(|(before, part)| Some((part.strip_prefix('{')?.strip_suffix('}')?, before)))
}

fn parameters(told: &Told) -> Vec<Value> {
    let in_path = placeholders(told.path).map(|(name, before)| {
        let of = match before {
            "devices" => "A device's id.",
            "products" => "A product's id.",
            "applications" => "An application's id.",
            "packages" => "A version package's file id.",
            "lora-servers" => "A LoRa server's id.",
            "inbox" => "An entry's number, the id of its command or operation, its service, or its kind.",
            _ => "The number of an order.",
        };
        json!({ "name": name, "in": "path", "required": true, "description": of, "schema": text() })
    });
    let in_query = told.query.iter().map(|(name, schema, what)| {
        json!({ "name": name, "in": "query", "required": false, "description": what, "schema": schema })
    });
    in_path.chain(in_query).collect()
}

fn body(wanted: &Wanted) -> Value {
    let sample: Value = serde_json::from_str(wanted.sample).unwrap_or_default();
    // An empty body is read as `{}`, which will do where nothing is required.
    let required = wanted.schema.get("required").is_some() || wanted.schema.get("anyOf").is_some();
    let mut content = json!({ "application/json": { "schema": wanted.schema, "example": sample } });
    if let Some(other) = wanted.or {
        content[other] = json!({});
    }
    json!({ "required": required, "content": content })
}

fn responses(told: &Told) -> Value {
    let mut content = Map::new();
    if !told.answer.is_null() {
        content.insert("application/json".to_owned(), json!({ "schema": told.answer }));
    }
    let mut says = "Done.".to_owned();
    if let Some(other) = &told.other {
        content.insert(other.media_type.to_owned(), json!({ "schema": text() }));
        says = other.says.to_owned();
    }
    let refusal = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } } });
    json!({
        "200": { "description": says, "content": content },
        "default": { "description": "Refused, in words.", "content": refusal },
    })
}

/// A call to copy, with `$C` for the control plane's URL and a name in capitals for each variable part.
fn curl(told: &Told) -> String {
    use super::route::Verb;
    let mut path = told.path.to_owned();
    for (name, before) in placeholders(told.path) {
        let of = if name == "id" { before.trim_end_matches('s') } else { name };
        path = path.replacen(&format!("{{{name}}}"), &format!("${}", of.replace('-', "_").to_uppercase()), 1);
    }
    let url = format!("\"$C{path}{}\"", told.query_sample);
    match (&told.wanted, told.verb) {
        (Some(wanted), Verb::Post) => format!("curl -d '{}' {url}", wanted.sample),
        (Some(wanted), verb) => format!("curl -X {} -d '{}' {url}", verb.name(), wanted.sample),
        (None, Verb::Get) => format!("curl {url}"),
        (None, verb) => format!("curl -X {} {url}", verb.name()),
    }
}
