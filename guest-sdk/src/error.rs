//! Errors that become responses.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

use crate::body::BodyError;
use crate::fetch::FetchError;
use crate::kv::KvError;
use crate::response::{IntoResponse, Response};
use crate::time::Elapsed;

/// An error that a handler may return: a status, a message for the client, and a cause for the log.
///
/// Any [`std::error::Error`] becomes one through `?`. Errors of this crate keep the status that fits: a
/// request body that is not JSON is a 400, an origin that cannot be reached a 502. Everything else is a
/// 500 whose cause the client does not see; it goes to the log.
///
/// ```
/// use glowplug_sdk::{Error, OrError, Request, Response, Result};
/// use glowplug_sdk::http::StatusCode;
///
/// async fn handle(request: Request) -> Result<Response> {
///     let id = request.query("id").or_error(StatusCode::BAD_REQUEST, "give an `id`")?;
///     let id: u32 = id.parse().or_error(StatusCode::BAD_REQUEST, "`id` must be a number")?;
///     if id > 100 {
///         return Err(Error::new(StatusCode::NOT_FOUND, "no such entry"));
///     }
///     Ok(Response::from_text(format!("entry {id}")))
/// }
/// ```
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    /// For the client; without it the status' own words are sent.
    message: Option<String>,
    cause: Option<Box<dyn StdError>>,
}

impl Error {
    /// An error with a message meant for the client.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: Some(message.into()), cause: None }
    }

    /// A 500 whose message goes to the log only.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: None, cause: Some(message.into().into()) }
    }

    /// The status of the response this error becomes.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl<E: StdError + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let status = status_of(&error);
        // What is wrong with the request is the client's business; what is wrong inside is not.
        let message = status.is_client_error().then(|| error.to_string());
        Self { status, message, cause: Some(Box::new(error)) }
    }
}

fn status_of(error: &(dyn StdError + 'static)) -> StatusCode {
    if let Some(error) = error.downcast_ref::<BodyError>() {
        error.status()
    } else if let Some(error) = error.downcast_ref::<FetchError>() {
        error.status()
    } else if let Some(error) = error.downcast_ref::<KvError>() {
        error.status()
    } else if error.is::<Elapsed>() {
        StatusCode::GATEWAY_TIMEOUT
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

/// For the log: the message and every cause.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.message.clone().unwrap_or_default();
        let mut cause = self.cause.as_deref().map(|cause| cause as &dyn StdError);
        while let Some(error) = cause {
            let next = error.to_string();
            // Many errors repeat their source's text.
            if !text.contains(&next) {
                if !text.is_empty() {
                    text.push_str(": ");
                }
                text.push_str(&next);
            }
            cause = error.source();
        }
        formatter.write_str(&text)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            crate::log!("error {}: {self}", self.status.as_u16());
        }
        let words = self.status.canonical_reason().unwrap_or("error");
        let message = self.message.as_deref().unwrap_or(words);
        Response::from_text(format!("{message}\n")).with_status(self.status)
    }
}

/// Turn a failure or an absence into an [`Error`] with a status and a message for the client.
pub trait OrError<T> {
    /// The value, or an error response.
    fn or_error(self, status: StatusCode, message: impl Into<String>) -> Result<T, Error>;
}

impl<T> OrError<T> for Option<T> {
    fn or_error(self, status: StatusCode, message: impl Into<String>) -> Result<T, Error> {
        self.ok_or_else(|| Error::new(status, message))
    }
}

impl<T, E: Into<Error>> OrError<T> for Result<T, E> {
    fn or_error(self, status: StatusCode, message: impl Into<String>) -> Result<T, Error> {
        self.map_err(|error| Error { status, message: Some(message.into()), ..error.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error: Error) -> (u16, String) {
        let mut response = error.into_response();
        let status = response.status().as_u16();
        let body = crate::executor::run_for(async move { response.text().await });
        (status, body.expect("text"))
    }

    #[test]
    fn an_unknown_error_is_a_500_that_tells_the_client_nothing() {
        let error = Error::from(std::io::Error::other("password is hunter2"));
        assert!(error.to_string().contains("hunter2"));
        assert_eq!(answer(error), (500, "Internal Server Error\n".to_owned()));
    }

    #[test]
    fn a_message_for_the_client_reaches_it_and_the_cause_does_not() {
        let parsed: Result<u32, _> = "x".parse::<u32>();
        let error = parsed.or_error(StatusCode::BAD_REQUEST, "`id` must be a number").expect_err("not a number");
        assert_eq!(error.to_string(), "`id` must be a number: invalid digit found in string");
        assert_eq!(answer(error), (400, "`id` must be a number\n".to_owned()));
    }

    #[test]
    fn the_crate_s_own_errors_keep_their_status() {
        let error = Error::from(BodyError::used());
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let json = serde_json::from_str::<u8>("x").expect_err("not JSON");
        let error = Error::from(BodyError::json(crate::body::Side::Client, json));
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    }
}
