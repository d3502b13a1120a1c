//! Turns parameters by wire name into a request: the contract knows where each travels.

use iotdm_spec::model::{Encoding, Operation, Place};
use serde_json::{Map, Value};

use crate::case::template::text_of;
use crate::wire::http::{Request, encode};

/// A request of an operation without the two authentication headers.
///
/// # Errors
/// If a parameter of the path is missing, which no request can leave out.
pub fn assemble(op: &Operation, base_url: &str, parameters: &Map<String, Value>) -> Result<Request, String> {
    let mut url = format!("{base_url}{}", path(op, parameters)?);
    let mut mark = '?';
    for (name, value) in of_place(op, Place::Query, parameters) {
        url.push(mark);
        url.push_str(&format!("{}={}", encode(name), encode(&text_of(value))));
        mark = '&';
    }
    let mut request = Request { method: op.method.to_string(), url, ..Request::default() };
    if op.params.iter().any(|p| p.place == Place::Body) {
        let members = of_place(op, Place::Body, parameters);
        let (content_type, body) = body(op.encoding, members);
        request.headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        request.body = Some(body);
    }
    Ok(request)
}

fn path(op: &Operation, parameters: &Map<String, Value>) -> Result<String, String> {
    let mut path = op.path.to_owned();
    for param in op.params.iter().filter(|p| p.place == Place::Path) {
        let name = param.field.name;
        let value = parameters.get(name).ok_or_else(|| format!("`{name}` stands in the path and has no value"))?;
        path = path.replace(&format!("{{{name}}}"), &encode(&text_of(value)));
    }
    Ok(path)
}

fn of_place<'a>(
    op: &'a Operation,
    place: Place,
    parameters: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'static str, &'a Value)> {
    let in_place = op.params.iter().filter(move |p| p.place == place).map(|p| p.field.name);
    in_place.filter_map(|name| Some((name, parameters.get(name)?)))
}

fn body<'a>(encoding: Encoding, members: impl Iterator<Item = (&'static str, &'a Value)>) -> (&'static str, String) {
    match encoding {
        Encoding::Json => {
            let object: Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            ("application/json", Value::Object(object).to_string())
        }
        Encoding::Form => {
            let items: Vec<String> = members.map(|(n, v)| format!("{n}={}", encode(&text_of(v)))).collect();
            ("application/x-www-form-urlencoded", items.join("&"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iotdm_spec::catalogue::Op;
    use serde_json::json;

    #[test]
    fn parameters_travel_where_the_contract_says() {
        let parameters = json!({"deviceId": "a/b", "cascade": false, "appId": "x y"});
        let request = assemble(Op::DeleteDevice.table(), "https://h", parameters.as_object().unwrap()).unwrap();
        assert!(request.url.ends_with("/devices/a%2Fb?appId=x%20y&cascade=false"), "{}", request.url);
        assert_eq!(request.body, None);
        let parameters = json!({"appId": "a&b", "secret": "s"});
        let request = assemble(Op::Login.table(), "https://h", parameters.as_object().unwrap()).unwrap();
        assert_eq!(request.body.as_deref(), Some("appId=a%26b&secret=s"));
        assert!(assemble(Op::DeleteDevice.table(), "https://h", &Map::new()).is_err());
    }
}
