//! The cache: purging it.

use super::App;
use super::body;
use super::error::ApiError;
use crate::cache::Purge;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What one request may purge.
const MOST: usize = 1_000;
/// Bytes of a URL, a prefix or a tag.
const LONGEST: usize = crate::limits::URL.maximum as usize;

/// What is to be purged.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wanted {
    everything: bool,
    urls: Vec<String>,
    prefixes: Vec<String>,
    tags: Vec<String>,
}

/// What was done.
#[derive(Serialize)]
pub(super) struct Done {
    purged: usize,
}

/// `POST /v1/cache/purge`
pub(super) async fn purge(
    State(app): State<Arc<App>>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Done>, ApiError> {
    let Wanted { everything, urls, prefixes, tags } = wanted;
    let mut problems = Vec::new();
    for (what, texts) in [("url", &urls), ("prefix", &prefixes), ("tag", &tags)] {
        if texts.iter().any(|text| text.trim().is_empty()) {
            problems.push(format!("a {what} is empty\nhint: leave it out; `everything` purges all there is"));
        }
        if texts.iter().any(|text| text.len() > LONGEST) {
            problems.push(format!("a {what} has more than {LONGEST} bytes"));
        }
    }
    let everything = everything.then_some(Purge::Everything);
    let purges: Vec<Purge> = everything
        .into_iter()
        .chain(urls.into_iter().map(Purge::Url))
        .chain(prefixes.into_iter().map(Purge::Prefix))
        .chain(tags.into_iter().map(Purge::Tag))
        .collect();
    match purges.len() {
        0 => problems
            .push("nothing is to be purged\nhint: name `urls`, `prefixes` or `tags`, or set `everything`".into()),
        count if count > MOST => problems.push(format!("{count} purges are more than the {MOST} of one request")),
        _ => {}
    }
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let purged = purges.len();
    app.cache.purge(purges).await.map_err(|error| ApiError::internal(format!("{error:#}")))?;
    Ok(Json(Done { purged }))
}
