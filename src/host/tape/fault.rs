//! `wasi:http` errors on a recording.

use crate::recording::Fault;
use wasmtime_wasi_http::Error;

/// Errors that have nothing but their name.
const NAMED: [fn() -> Error; 21] = [
    || Error::DnsTimeout,
    || Error::DestinationNotFound,
    || Error::DestinationUnavailable,
    || Error::DestinationIpProhibited,
    || Error::DestinationIpUnroutable,
    || Error::ConnectionRefused,
    || Error::ConnectionTerminated,
    || Error::ConnectionTimeout,
    || Error::ConnectionReadTimeout,
    || Error::ConnectionWriteTimeout,
    || Error::ConnectionLimitReached,
    || Error::TlsProtocolError,
    || Error::TlsCertificateError,
    || Error::HttpRequestDenied,
    || Error::HttpRequestLengthRequired,
    || Error::HttpRequestMethodInvalid,
    || Error::HttpRequestUriInvalid,
    || Error::HttpRequestUriTooLong,
    || Error::HttpResponseIncomplete,
    || Error::HttpResponseTimeout,
    || Error::HttpProtocolError,
];

/// What a recording says of `error`.
pub fn to_fault(error: &Error) -> Fault {
    match error {
        Error::InternalError(text) => Fault { name: "InternalError".into(), text: text.clone() },
        Error::DnsError { rcode, .. } => Fault { name: "DnsError".into(), text: rcode.clone() },
        named => Fault { name: format!("{named:?}"), text: None },
    }
}

/// The error that a recording says `fault` of.
pub fn to_error(fault: &Fault) -> Error {
    match fault.name.as_str() {
        "InternalError" => Error::InternalError(fault.text.clone()),
        "DnsError" => Error::DnsError { rcode: fault.text.clone(), info_code: None },
        name => NAMED
            .iter()
            .map(|make| make())
            .find(|error| format!("{error:?}") == name)
            .unwrap_or_else(|| Error::InternalError(Some(name.to_owned()))),
    }
}

/// `error` in a form that a recording can hold, for the run that is recorded too, so that both see the same.
pub fn recordable(error: Error) -> Error {
    to_error(&to_fault(&match error {
        Error::Hyper(error) if error.is_incomplete_message() || error.is_closed() => Error::ConnectionTerminated,
        Error::Hyper(_) => Error::HttpProtocolError,
        other => other,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_back_as_it_was() {
        let dns = Error::DnsError { rcode: Some("not found".into()), info_code: None };
        let errors = NAMED.iter().map(|make| make()).chain([Error::InternalError(Some("why".into())), dns]);
        for error in errors {
            let back = to_error(&to_fault(&error));
            assert_eq!(format!("{back:?}"), format!("{error:?}"));
            assert_eq!(format!("{:?}", recordable(error)), format!("{back:?}"));
        }
    }
}
