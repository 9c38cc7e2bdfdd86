//! Who asks, and whether they may.

use super::App;
use super::error::{ApiError, Code};
use super::failures;
use crate::connection::Connection;
use crate::registry::{AuthError, Scope, Token};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};
use jiff::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Who has a token with this scope.
    Scope(Scope),
}

/// Who asks: set in the extensions of every request that was let in with a token.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub Arc<Token>);

impl Caller {
    /// The author of what it does.
    pub fn name(&self) -> &str {
        &self.0.name
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ApiError::internal("a route that needs a token has let somebody in without one"))
    }
}

/// Where the request came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address(pub IpAddr);

impl Address {
    /// From the connection in the extensions, if the listener has put it there.
    pub fn of(extensions: &http::Extensions) -> Self {
        let client = extensions.get::<Arc<Connection>>().and_then(|connection| connection.client);
        Self(client.map_or(failures::UNKNOWN, |client| client.ip()))
    }
}

/// Why somebody is not let in.
pub(super) struct Refused {
    pub error: ApiError,
    /// Whose token it was, if it was a valid one.
    pub token: Option<Arc<Token>>,
    /// What the audit log says of it; none if it does not.
    pub detail: Option<String>,
}

/// Lets in who has a token with `scope`.
pub(super) async fn admit(
    app: &App,
    scope: Scope,
    headers: &HeaderMap,
    Address(address): Address,
) -> Result<Caller, Refused> {
    if let Some(wait) = app.failures.wait(address, Instant::now()) {
        let error = too_many().retry_after(wait);
        return Err(Refused { error, token: None, detail: None });
    }
    let token = match app.registry.authenticate(bearer(headers), Timestamp::now()).await {
        Ok(token) => Arc::new(token),
        Err(AuthError::Storage(error)) => return Err(Refused { error: error.into(), token: None, detail: None }),
        Err(AuthError::Damaged(what)) => {
            return Err(Refused { error: ApiError::internal(what), token: None, detail: None });
        }
        Err(error) => {
            return Err(match app.failures.count(address, Instant::now()) {
                Some(wait) => Refused { error: too_many().retry_after(wait), token: None, detail: None },
                None => {
                    let detail = error.to_string().lines().next().map(str::to_owned);
                    Refused { error: ApiError::new(Code::Unauthorized, error), token: None, detail }
                }
            });
        }
    };
    if !token.allows(scope) {
        let name = name_of(scope);
        let text = format!(
            "the token `{}` does not have the scope `{name}`\nhint: use one that has it; \
             `glowplug tokens create` makes one",
            token.name
        );
        let detail = Some(format!("the scope `{name}` is missing"));
        return Err(Refused { error: ApiError::new(Code::Forbidden, text), token: Some(token), detail });
    }
    Ok(Caller(token))
}

fn too_many() -> ApiError {
    let text = "too many requests from this address had no valid token\nhint: wait, then send a valid one";
    ApiError::new(Code::RateLimited, text)
}

/// The token in `Authorization`; empty if there is none.
fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or("?"));
    match value.and_then(|value| value.trim().split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        // Something that is no token is malformed rather than missing.
        _ => value.map_or("", |_| "?"),
    }
}

/// A scope as it is written.
pub(super) fn name_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Deploy => "deploy",
        Scope::Read => "read",
        Scope::Secrets => "secrets",
        Scope::Admin => "admin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_what_comes_after_bearer() {
        let of = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            bearer(&headers).to_owned()
        };
        assert_eq!(of("Bearer gp_1"), "gp_1");
        assert_eq!(of("bearer  gp_1 "), "gp_1");
        assert_eq!(of("Basic Zzo="), "?");
        assert_eq!(of("gp_1"), "?");
        assert_eq!(bearer(&HeaderMap::new()), "");
    }
}
