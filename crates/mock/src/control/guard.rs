//! Who may use the control plane: programs of this machine, or whoever has the token; never a page of
//! another site in somebody's browser.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use axum::middleware::Next;
use sha2::{Digest, Sha256};

use super::page::wants_page;
use super::{Refused, reply};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");

/// Whom the control plane listens to.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    /// The token's hash: hashes are compared, so that the time it takes tells nothing of the token.
    token: Option<[u8; 32]>,
    /// A name that it is reached by, beside loopback's names and addresses.
    name: Option<String>,
}

impl Guard {
    pub(crate) fn new(token: Option<&str>, name: Option<String>) -> Self {
        Self { token: token.map(hash), name }
    }

    fn judge(&self, request: &Request<Body>) -> Result<(), Refused> {
        // Whoever takes ids from the path would answer in a way of its own.
        if !is_text(request.uri().path()) {
            return Err(Refused(StatusCode::BAD_REQUEST, "the path is no UTF-8 behind its percent signs".to_owned()));
        }
        let host = self.judge_host(request)?;
        judge_site(request, &host)?;
        // The page holds nothing: it asks for the token, and then for the rest.
        if request.uri().path() == "/_mock/" && wants_page(request.headers()) {
            return Ok(());
        }
        self.judge_token(request.headers())
    }

    /// A page of another site can point a name of its own at this machine; then its browser sends that name.
    fn judge_host(&self, request: &Request<Body>) -> Result<Authority, Refused> {
        let mut given = request.headers().get_all(HOST).iter();
        let (first, second) = (given.next(), given.next());
        let host = first.and_then(|host| host.to_str().ok()).and_then(|host| host.parse::<Authority>().ok());
        let Some(host) = host.filter(|_| second.is_none()) else {
            return Err(Refused(StatusCode::BAD_REQUEST, "the request has no Host header, or no sound one".to_owned()));
        };
        // A request line may name a host of its own.
        let named = [Some(&host), request.uri().authority()];
        if let Some(foreign) = named.into_iter().flatten().find(|host| !self.is_ours(host.host())) {
            return Err(forbidden(format!(
                "the control plane is not called {:?}: use localhost, an address, or the name it was started with",
                foreign.host()
            )));
        }
        Ok(host)
    }

    fn is_ours(&self, host: &str) -> bool {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is = |name: &str| host.eq_ignore_ascii_case(name);
        bare.parse::<IpAddr>().is_ok() || is("localhost") || self.name.as_deref().is_some_and(is)
    }

    fn judge_token(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let Some(token) = self.token else { return Ok(()) };
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let bearer = given.and_then(|value| value.split_at_checked(7));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer ")).map(|(_, given)| given);
        let why = match bearer.map(|given| hash(given.trim_ascii()) == token) {
            Some(true) => return Ok(()),
            Some(false) => "this is not the control plane's token",
            None => "the control plane wants its token: send it as Authorization: Bearer",
        };
        Err(Refused(StatusCode::UNAUTHORIZED, why.to_owned()))
    }
}

/// Whether what a path encodes is text.
fn is_text(path: &str) -> bool {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (bytes, mut decoded, mut at) = (path.as_bytes(), Vec::with_capacity(path.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let escaped = if *byte == b'%' { hex(bytes.get(at + 1)).zip(hex(bytes.get(at + 2))) } else { None };
        match escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

fn hash(token: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn forbidden(reason: String) -> Refused {
    Refused(StatusCode::FORBIDDEN, reason)
}

/// What changes anything is refused to pages of other sites; a program that is no browser says nothing of
/// sites, and is let in.
fn judge_site(request: &Request<Body>, host: &Authority) -> Result<(), Refused> {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return Ok(());
    }
    let headers = request.headers();
    let refused = |whose: &str| Err(forbidden(format!("a page of {whose} may not change anything here")));
    if let Some(origin) = headers.get(ORIGIN) {
        let ours = format!("http://{host}");
        if !origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(&ours)) {
            return refused(&format!("the origin {origin:?}"));
        }
    }
    match headers.get(FETCH_SITE).map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => refused("another site"),
    }
}

/// Lets a request through, or refuses it in words.
pub(super) async fn guard(State(guard): State<Arc<Guard>>, request: Request<Body>, next: Next) -> Response<Body> {
    let mut answer = match guard.judge(&request) {
        Ok(()) => next.run(request).await,
        Err(refused) => reply(Err(refused)),
    };
    let unauthorized = answer.status() == StatusCode::UNAUTHORIZED;
    let headers = answer.headers_mut();
    if unauthorized {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    // Nobody else's page may show or run what comes from here.
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
