//! Why a request came to nothing, in words for whoever gave the command.

use super::types::{ErrorBody, Problem};
use super::{ServerUrl, TokenSource};
use http::StatusCode;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// Characters of an answer in plain text that a message shows.
const LONGEST_TEXT: usize = 1_000;

/// Why a request came to nothing.
#[derive(Debug)]
pub enum ClientError {
    /// The server answered, and said no.
    Refused(Box<Refusal>),
    /// No connection could be made.
    Unreachable { server: ServerUrl, why: Unreachable },
    /// The connection broke before the answer was complete.
    Broken { server: ServerUrl, cause: String },
    /// There was no answer in time.
    TimedOut { server: ServerUrl, after: Duration },
    /// The answer is not what the API gives.
    NotUnderstood { server: ServerUrl, what: String },
    /// What is given as a token cannot be one.
    NotAToken { source: TokenSource },
}

/// Why no connection could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreachable {
    ConnectionRefused,
    /// The name leads to no address.
    NoAddress,
    TimedOut,
    /// The other end speaks no TLS, or its certificate is not to be trusted.
    Tls(String),
    Other(String),
}

/// What the server said no to, and why.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    server: ServerUrl,
    source: TokenSource,
    token: Option<String>,
    message: Option<String>,
    hint: Option<String>,
    problems: Vec<String>,
}

impl ClientError {
    /// Whether the server itself refused, with this status.
    pub fn is_status(&self, status: StatusCode) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == status)
    }

    /// Whether the same request may go better later, without anybody's doing.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(refusal) => match refusal.status {
                StatusCode::INSUFFICIENT_STORAGE => false,
                status => status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
            },
            Self::Unreachable { .. } | Self::Broken { .. } | Self::TimedOut { .. } => true,
            Self::NotUnderstood { .. } | Self::NotAToken { .. } => false,
        }
    }

    pub(super) fn unreachable(server: &ServerUrl, error: &hyper_util::client::legacy::Error) -> Self {
        if !error.is_connect() {
            return Self::broken(server, error);
        }
        let why = match Unreachable::of(error) {
            // What fails after the connection is there is its encryption.
            Unreachable::Other(why) if server.is_secure() => Unreachable::Tls(why),
            why => why,
        };
        Self::Unreachable { server: server.clone(), why }
    }

    pub(super) fn broken(server: &ServerUrl, error: &(dyn Error + 'static)) -> Self {
        Self::Broken { server: server.clone(), cause: innermost(error).to_string() }
    }
}

impl Unreachable {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(this) = cause {
            if let Some(system) = this.downcast_ref::<io::Error>() {
                match system.kind() {
                    io::ErrorKind::ConnectionRefused => return Self::ConnectionRefused,
                    io::ErrorKind::TimedOut => return Self::TimedOut,
                    io::ErrorKind::InvalidData => return Self::Tls(innermost(this).to_string()),
                    _ => {}
                }
            }
            // The resolver's failure has no type of its own to ask for.
            if this.to_string().contains("dns error") {
                return Self::NoAddress;
            }
            cause = this.source();
        }
        Self::Other(innermost(error).to_string())
    }
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost
}

impl Refusal {
    pub(super) fn new(
        server: &ServerUrl,
        source: &TokenSource,
        token: Option<String>,
        status: StatusCode,
        body: &[u8],
    ) -> Self {
        let (message, hint, problems) = match serde_json::from_slice::<ErrorBody>(body) {
            Ok(ErrorBody { error: Problem { message, hint, problems } }) => (Some(message), hint, problems),
            Err(_) => (plain(body), None, Vec::new()),
        };
        Self { status, server: server.clone(), source: source.clone(), token, message, hint, problems }
    }

    /// What the server said, without its hint.
    pub fn message(&self) -> String {
        match &self.message {
            Some(message) => message.clone(),
            None => format!("the server `{}` answered {} without saying why", self.server, self.status),
        }
    }
}

/// A short answer in plain text, such as a refusal by KV.
fn plain(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_message = !text.is_empty() && !text.starts_with(['<', '{']) && text.chars().count() <= LONGEST_TEXT;
    is_message.then(|| text.to_owned())
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, source, .. } = self;
        let token = self.token.as_deref().map(|id| format!(" `{id}`")).unwrap_or_default();
        let own_hint = match self.status {
            StatusCode::UNAUTHORIZED => {
                write!(f, "the server `{server}` does not accept the token{token} {source}: ")?;
                Some(format!(
                    "log in again with `glowplug login --server {server}`, or give another with `GLOWPLUG_TOKEN`"
                ))
            }
            StatusCode::FORBIDDEN => {
                write!(f, "the token{token} {source} is not enough: ")?;
                Some("use a token with that scope; `glowplug tokens create` makes one".to_owned())
            }
            _ if self.message.is_none() => {
                Some("is this the address of the admin API? `glowplug serve` prints it".into())
            }
            _ => None,
        };
        f.write_str(&self.message())?;
        for problem in &self.problems {
            write!(f, "\n{problem}")?;
        }
        for hint in self.hint.iter().chain(&own_hint).flat_map(|hint| hint.lines()) {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectionRefused => f.write_str("connection refused"),
            Self::NoAddress => f.write_str("its name leads to no address"),
            Self::TimedOut => f.write_str("no connection in time"),
            Self::Tls(why) => write!(f, "no TLS connection: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unreachable { server, why } => {
                write!(f, "failed to reach the server `{server}`: {why}\nhint: ")?;
                match why {
                    Unreachable::Tls(_) => {
                        f.write_str("check that its port speaks TLS, with a certificate that browsers accept")
                    }
                    _ if server.is_loopback() => {
                        f.write_str("start one with `glowplug serve --data DIR`, or name another with `--server URL`")
                    }
                    _ => {
                        f.write_str("check that it runs and is reached from here, or name another with `--server URL`")
                    }
                }
            }
            Self::Broken { server, cause } => {
                write!(f, "the connection to the server `{server}` broke: {cause}\nhint: try again")
            }
            Self::TimedOut { server, after } => {
                write!(f, "the server `{server}` gave no answer in {} seconds\nhint: try again", after.as_secs())
            }
            Self::NotUnderstood { server, what } => write!(
                f,
                "the answer of the server `{server}` cannot be understood: {what}\n\
                 hint: is it an admin API, and of the same version as this program ({})?",
                env!("CARGO_PKG_VERSION")
            ),
            Self::NotAToken { source } => write!(
                f,
                "the token {source} cannot be one: it is empty, or has characters that no token has\n\
                 hint: tokens look like `gp_ID_SECRET`"
            ),
        }
    }
}

impl Error for ClientError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> String {
        let server = "http://127.0.0.1:1".parse().unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        Refusal::new(&server, &TokenSource::Given, Some("0a".into()), status, body.as_bytes()).to_string()
    }

    #[test]
    fn refusals_say_what_the_server_said() {
        let body = r#"{"error": {"code": "not_found", "message": "there is no worker `x`", "hint": "deploy it"}}"#;
        assert_eq!(refusal(404, body), "there is no worker `x`\nhint: deploy it");
        let body =
            r#"{"error": {"code": "invalid", "message": "there are 2 problems", "problems": ["a\nhint: b", "c"]}}"#;
        assert_eq!(refusal(422, body), "there are 2 problems\na\nhint: b\nc");
        assert_eq!(refusal(400, "Invalid cursor."), "Invalid cursor.");
        for strange in ["<html>", "{}", "", "\u{0}{"] {
            let text = refusal(404, strange);
            assert!(text.starts_with("the server `http://127.0.0.1:1` answered 404") || strange == "\u{0}{", "{text}");
        }
    }

    #[test]
    fn a_token_that_is_not_enough_is_named() {
        let body = r#"{"error": {"code": "forbidden", "message": "this needs the scope `admin`"}}"#;
        let text = refusal(403, body);
        assert!(
            text.starts_with("the token `0a` from `--token` or `GLOWPLUG_TOKEN` is not enough: this needs"),
            "{text}"
        );
        let text = refusal(401, r#"{"error": {"code": "unauthorized", "message": "unknown token"}}"#);
        assert!(text.contains("does not accept the token `0a`") && text.contains("glowplug login"), "{text}");
    }
}
