//! `/__scheduled` and `/cdn-cgi/handler/scheduled` of `dev`: cron triggers at the developer's word, as with wrangler.

use super::cron::{self, TriggerError};
use crate::edge::{Mode, Site};
use http::request::Parts;
use http::{Response, StatusCode};
use jiff::Timestamp;
use std::sync::Arc;

const PATHS: [&str; 2] = ["/__scheduled", "/cdn-cgi/handler/scheduled"];

/// Runs the primary worker's trigger if that is what the request is for, and says what came of it.
pub async fn scheduled(site: &Arc<Site>, parts: &Parts) -> Option<Response<String>> {
    if site.mode != Mode::Dev || !PATHS.contains(&parts.uri.path()) {
        return None;
    }
    let worker = site.primary()?;
    let (mut cron, mut time) = (None, None);
    for (name, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "cron" => cron = Some(value.into_owned()),
            "time" => match value.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
                Some(at) => time = Some(at),
                None => {
                    let text = format!("`time` is `{value}`, but must be milliseconds since the epoch\n");
                    return Some(answer(StatusCode::BAD_REQUEST, text));
                }
            },
            _ => {}
        }
    }
    Some(match cron::trigger(site, &worker, cron, time).await {
        Ok(run) if run.outcome.as_deref() == Some("ok") => answer(StatusCode::OK, "Ran scheduled event\n".into()),
        Ok(run) => {
            let why = run.error.or(run.outcome).unwrap_or_default();
            answer(StatusCode::INTERNAL_SERVER_ERROR, format!("the scheduled event failed: {why}\n"))
        }
        Err(TriggerError::NotFound(why) | TriggerError::Failed(why)) => {
            answer(StatusCode::INTERNAL_SERVER_ERROR, format!("the scheduled event was not run: {why}\n"))
        }
    })
}

fn answer(status: StatusCode, text: String) -> Response<String> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response
}
