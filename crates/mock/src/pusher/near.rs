//! Where pushes may go: to loopback and to private networks, unless the platform's owner opens it.
//!
//! An address is judged before it is connected to, and a name by what it leads to: the resolver below
//! is the client's only one, and hands out no address that is not allowed. So a name that leads
//! elsewhere the next time doesn't slip through.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::PushPolicy;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Why nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotAllowed(String);

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAllowed {}

/// Reads a callback URL and judges what can be told without looking its name up.
pub(super) fn allowed(text: &str, policy: &PushPolicy) -> Result<Url, NotAllowed> {
    let url: Url = text.parse().map_err(|e| NotAllowed(format!("the URL is not usable: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(NotAllowed(format!("{} is not a scheme for callbacks", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // They would become a header that no push has, and hide the host from a reader.
        return Err(NotAllowed("the URL holds a user name or password".to_owned()));
    }
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    if address.is_some_and(|address| !policy.anywhere && !is_near(address)) {
        return Err(far(host));
    }
    if policy.control.is_some_and(|control| leads_to(control, address, url.port_or_known_default())) {
        return Err(NotAllowed("the control plane is no callback".to_owned()));
    }
    Ok(url)
}

/// Whether a host, known by its address or by a name only, may be where somebody listens.
fn leads_to(listener: SocketAddr, address: Option<IpAddr>, port: Option<u16>) -> bool {
    let own = listener.ip().to_canonical();
    // What a name leads to is known too late; nobody else has the same port on this machine.
    let is_own = |address: IpAddr| own.is_unspecified() || address.to_canonical() == own;
    port == Some(listener.port()) && address.is_none_or(is_own)
}

fn far(host: &str) -> NotAllowed {
    NotAllowed(format!("{host} is neither on loopback nor in a private network"))
}

/// Loopback or a private network. Link-local addresses are not: clouds keep their secrets there.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// Looks names up, and keeps only the addresses that are allowed.
pub(super) struct NearNames {
    pub(super) anywhere: bool,
}

impl Resolve for NearNames {
    fn resolve(&self, name: Name) -> Resolving {
        let anywhere = self.anywhere;
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let kept = keep(host, found, anywhere)?;
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a name that may be connected to; at least one.
fn keep(host: &str, mut found: Vec<SocketAddr>, anywhere: bool) -> Result<Vec<SocketAddr>, NotAllowed> {
    found.retain(|address| anywhere || is_near(address.ip()));
    if found.is_empty() { Err(far(host)) } else { Ok(found) }
}

/// Whether an error comes from here, however deep it lies.
pub(super) fn not_allowed<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a NotAllowed> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<NotAllowed>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

impl NearNames {
    pub(super) fn new(anywhere: bool) -> Arc<Self> {
        Arc::new(Self { anywhere })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_stay_near_home() {
        let near = [
            "http://127.0.0.1:1/x",
            "http://127.9.9.9:1/x",
            "https://[::1]:2/",
            "http://[::ffff:127.0.0.1]:2/",
            "http://[fd00::1]:2/",
            "http://192.168.1.9:4/",
            "http://10.0.0.1:4/",
            "http://2130706433:80/",
        ];
        for url in near {
            assert!(allowed(url, &PushPolicy::default()).is_ok(), "{url}");
        }
        let far = [
            "http://8.8.8.8:80/",
            "http://134744072:80/",
            "http://0x08.8.8.8:80/",
            "http://[::ffff:8.8.8.8]:80/",
            "http://[2001:4860:4860::8888]:80/",
            "http://169.254.169.254:80/latest",
            "http://[fe80::1]:80/",
            "http://0.0.0.0:80/",
            "http://127.0.0.1:80@8.8.8.8:80/",
            "http://8.8.8.8:80\\@127.0.0.1:80/",
        ];
        for url in far {
            assert!(allowed(url, &PushPolicy::default()).is_err(), "{url}");
        }
        let anywhere = PushPolicy { anywhere: true, ..PushPolicy::default() };
        assert!(allowed("http://8.8.8.8:80/", &anywhere).is_ok());
        // Whoever else may be pushed to, a URL never brings credentials along, nor another scheme.
        for url in ["http://me:secret@127.0.0.1:80/", "ftp://127.0.0.1:21/", "not a URL"] {
            assert!(allowed(url, &anywhere).is_err(), "{url}");
        }
    }

    #[test]
    fn a_name_is_judged_by_every_address_that_it_leads_to() {
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
        let both = vec![address("8.8.8.8"), address("10.1.2.3"), address("::ffff:1.1.1.1")];
        assert_eq!(keep("receiver.test", both.clone(), false), Ok(vec![address("10.1.2.3")]));
        assert_eq!(keep("receiver.test", both.clone(), true), Ok(both));
        let refused = keep("receiver.test", vec![address("8.8.8.8")], false).unwrap_err();
        assert!(refused.to_string().starts_with("receiver.test is neither"), "{refused}");
    }

    #[tokio::test]
    async fn localhost_is_a_name_that_leads_home() {
        let found = NearNames::new(false).resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.into_iter().all(|address| address.ip().is_loopback()));
    }

    /// Applications must not do what only the platform's owner can.
    #[test]
    fn the_control_plane_is_no_callback() {
        let policy = PushPolicy { control: Some(([127, 0, 0, 1], 8744).into()), ..PushPolicy::default() };
        for url in ["http://127.0.0.1:8744/_mock/reset", "http://localhost:8744/", "http://[::ffff:127.0.0.1]:8744/"] {
            assert!(allowed(url, &policy).is_err(), "{url}");
        }
        for url in ["http://127.0.0.1:8745/_mock/reset", "http://localhost:9/", "http://127.0.0.2:8744/"] {
            assert!(allowed(url, &policy).is_ok(), "{url}");
        }
        let open = PushPolicy { control: Some(([0, 0, 0, 0], 8744).into()), anywhere: true, ..PushPolicy::default() };
        assert!(allowed("http://192.168.1.9:8744/", &open).is_err());
    }
}
