//! The dashboard's page. It is the same for everybody: whatever it shows it asks the API for, with its user's token.
//!
//! ## Why
//! The token stays in the page, for as long as the tab is open, and goes out in `Authorization` alone. There is no cookie, so a request that
//! another page causes carries nothing, and there is no session here that could be stolen or would have to end.

use crate::web::{self, File, Page};
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode};

/// Where the page is.
const PREFIX: &str = "/dashboard/";

/// The page and its files, outside of the API.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> axum::Router<S> {
    let to_page = || get(|| async { Redirect::temporary(PREFIX) });
    axum::Router::new()
        .route("/", to_page())
        .route("/dashboard", to_page())
        .route(PREFIX, get(|headers: HeaderMap| async move { file("dashboard.html", &headers) }))
        .route(
            "/dashboard/{file}",
            get(|Path(name): Path<String>, headers: HeaderMap| async move { file(&name, &headers) }),
        )
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    // The playground's files are of no use without it.
    match File::named(name).filter(|file| file.name.starts_with("dashboard.") || file.name == "icon.svg") {
        Some(file) => web::respond(Page::Dashboard, file, headers).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}
