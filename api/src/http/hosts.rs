//! Under which names the server answers.
//!
//! Without keys only loopback addresses are served, and what keeps the pages of a browser out is
//! where they come from. Invariant: a request that names another host than this machine is refused, because
//! the name was pointed here (DNS rebinding); so is one that would change something and comes from a page of
//! another host. A request that names no host, as HTTP/1.0 allows, comes from no browser.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, StatusCode, header},
};

use super::Problem;

/// Why a request may not be answered, where there are no keys.
pub fn refused(request: &Request) -> Option<Problem> {
    let named = request.uri().authority().is_none_or(|authority| is_local(authority.as_str()));
    if !named || !all(request.headers(), header::HOST, is_local) {
        let detail = "This server answers as localhost or a loopback address alone. Ask it as localhost, 127.0.0.1 or [::1], with its port; a proxy before it has to set the Host header to that.";
        return Some(Problem::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", detail));
    }
    if !request.method().is_safe() && !all(request.headers(), header::ORIGIN, is_local_origin) {
        let detail = "A page of another site may not send documents here. Send them from a page of localhost, or without a browser.";
        return Some(Problem::new(StatusCode::FORBIDDEN, "cross_origin", detail));
    }
    None
}

/// Whether every value of a header passes; one that is no text does not.
fn all(headers: &HeaderMap, name: HeaderName, passes: fn(&str) -> bool) -> bool {
    headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(passes))
}

/// `scheme://host:port`; the origin `null` of a file or a frame without rights is nobody's.
fn is_local_origin(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, authority)| is_local(authority))
}

/// `localhost` or the literal of a loopback address, with any port or none.
fn is_local(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or("none"))),
            None => return false,
        },
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let address = host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    port && (address || host.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        let local =
            ["localhost", "LocalHost:8000", "127.0.0.1", "127.8.0.1:1", "[::1]", "[::1]:80"];
        for authority in local {
            assert!(is_local(authority), "{authority}");
            assert!(is_local_origin(&format!("http://{authority}")), "{authority}");
        }
        for foreign in [
            "",
            "example.org",
            "localhost.example.org",
            "127.0.0.1.example.org:8000",
            "localhost@example.org",
            "example.org@localhost",
            "localhost:80:80",
            "localhost:80/x",
            "localhost,example.org",
            "10.0.0.1",
            "0.0.0.0:8000",
            "[::]",
            "[::1",
            "[::1]x",
            "[::1]:x",
            "::1]",
        ] {
            assert!(!is_local(foreign), "{foreign}");
        }
        assert!(!is_local_origin("null") && !is_local_origin("localhost"));
    }
}
