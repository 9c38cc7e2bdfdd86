//! Where a subrequest goes, and what JavaScript is told when it does not get there.

use crate::bindings::wasi::http::types::{ErrorCode, OutgoingRequest, Scheme};

/// The URL of a subrequest, in the parts that the host wants.
pub struct Target<'a> {
    pub scheme: Scheme,
    pub authority: &'a str,
    /// Path and query; never empty.
    pub path: &'a str,
}

/// Who answers a subrequest.
pub enum Peer {
    /// A host of the network, by its authority.
    Host(String),
    /// What a binding's address leads to. JavaScript must not come to know the address.
    Binding { authority: String },
}

impl<'a> Target<'a> {
    /// The parts of an absolute URL; the error says why it cannot be fetched.
    pub fn parse(url: &'a str) -> Result<Target<'a>, String> {
        let (scheme, rest) =
            url.split_once("://").ok_or_else(|| format!("fetch failed: the host refused the URL `{url}`"))?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => return Err(format!("fetch failed: `{other}:` URLs cannot be fetched")),
        };
        let rest = rest.split_once('#').map_or(rest, |(target, _)| target);
        let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        Ok(Target { scheme, authority, path: if path.is_empty() { "/" } else { path } })
    }

    /// Tells the host where `request` goes; the error names the part that it refused.
    pub fn set(&self, request: &OutgoingRequest) -> Result<(), &'static str> {
        request.set_scheme(Some(&self.scheme)).map_err(|()| "scheme")?;
        request.set_authority(Some(self.authority)).map_err(|()| "host")?;
        request.set_path_with_query(Some(self.path)).map_err(|()| "path")
    }
}

impl Peer {
    /// What to tell JavaScript of a subrequest that `error` ended. Of a binding it is the reason alone: the prelude
    /// knows what the worker asked for.
    pub fn describe(&self, error: &ErrorCode) -> String {
        match self {
            Peer::Host(host) => describe(error, host),
            Peer::Binding { authority } => reason(error).replace(authority.as_str(), "the binding"),
        }
    }

    /// What to tell JavaScript of a request of which the host did not take `part`.
    pub fn refused(&self, part: &str) -> String {
        match self {
            Peer::Host(host) => format!("fetch failed: the host refused the {part} of this request: {host}"),
            Peer::Binding { .. } => format!("the host refused the {part} of this request"),
        }
    }
}

/// What to tell JavaScript of a subrequest to `host` that failed; an empty `host` is left out.
pub fn describe(error: &ErrorCode, host: &str) -> String {
    let reason = match reason(error) {
        lost if lost == CONNECTION_LOST => return lost,
        reason => reason,
    };
    match host {
        "" => format!("fetch failed: {reason}"),
        host => format!("fetch failed: {reason}: {host}"),
    }
}

const CONNECTION_LOST: &str = "Network connection lost.";

fn reason(error: &ErrorCode) -> String {
    let reason = match error {
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete | ErrorCode::HttpProtocolError => {
            CONNECTION_LOST
        }
        ErrorCode::DnsTimeout => "DNS lookup timed out",
        ErrorCode::DnsError(payload) => {
            let rcode = payload.rcode.as_deref().unwrap_or("no address found");
            return format!("DNS lookup failed ({rcode})");
        }
        ErrorCode::DestinationNotFound => "the host was not found",
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => "the host cannot be reached",
        ErrorCode::DestinationIpProhibited | ErrorCode::HttpRequestDenied => "requests to this address are not allowed",
        ErrorCode::ConnectionRefused => "connection refused",
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => "timed out",
        ErrorCode::ConnectionLimitReached => "too many subrequests or connections",
        ErrorCode::TlsProtocolError => "TLS handshake failed",
        ErrorCode::TlsCertificateError => "the TLS certificate is not valid",
        ErrorCode::LoopDetected => "the request came back to this worker",
        ErrorCode::InternalError(Some(text)) => text,
        other => return other.to_string(),
    };
    reason.to_owned()
}
