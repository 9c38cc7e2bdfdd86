//! Other workers, assets, secrets, variables, the version.

use std::collections::BTreeMap;
use std::time::Duration;

use glowplug_sdk::http::{Method, StatusCode};
use glowplug_sdk::{Caching, FetchError, OrError, Request, Response, Result, Service, env, fetch};
use serde_json::{Value, json};

use crate::{binding, failed, number, parameter, text};

pub async fn service(mut request: Request) -> Result<Response> {
    let service = match env::service(&binding(&request, "OTHER")) {
        Ok(service) => service,
        Err(error) => return failed(error, None),
    };
    let method = match parameter(&request, "method") {
        Some(name) => Method::from_bytes(name.as_bytes()).or_error(StatusCode::BAD_REQUEST, "no such `method`")?,
        None => request.method().clone(),
    };
    let body = request.take_body();
    let call = Request::new(method, text(&request, "url")?).or_error(StatusCode::BAD_REQUEST, "no such `url`")?;
    show(&service, call.with_body(body)).await
}

pub async fn forward(request: Request) -> Result<Response> {
    Ok(env::service(&binding(&request, "OTHER"))?.fetch(request).await?)
}

pub async fn assets(request: &Request) -> Result<Response> {
    let assets = match env::assets(&binding(request, "ASSETS")) {
        Ok(assets) => assets,
        Err(error) => return failed(error, None),
    };
    show(&assets, Request::get(format!("https://assets.example{}", text(request, "path")?))?).await
}

async fn show(service: &Service, request: Request) -> Result<Response> {
    answer(service.fetch(request).await).await
}

async fn answer(outcome: Result<Response, FetchError>) -> Result<Response> {
    let mut response = match outcome {
        Ok(response) => response,
        Err(error) => return failed(error, None),
    };
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        headers.insert(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let status = response.status().as_u16();
    Response::from_json(&json!({ "status": status, "headers": headers, "body": response.text().await? }))
}

pub fn secret(request: &Request) -> Result<Response> {
    Response::from_json(&json!({ "value": env::secret(&text(request, "name")?) }))
}

pub fn var(request: &Request) -> Result<Response> {
    let name = text(request, "name")?;
    let json = match env::json_var::<Value>(&name) {
        Ok(json) => json!({ "json": json }),
        Err(error) => json!({ "error": error.to_string() }),
    };
    Response::from_json(&json!({ "value": env::var(&name), "parsed": json }))
}

pub fn version() -> Result<Response> {
    let version = env::version();
    Response::from_json(&json!({ "id": version.id, "tag": version.tag, "timestamp": version.timestamp }))
}

pub async fn cached(request: &Request) -> Result<Response> {
    let caching = match number(request, "ttl")? {
        Some(seconds) => Caching::ttl(Duration::from_secs(seconds)),
        None => Caching::as_stated(),
    };
    let caching = parameter(request, "tag").into_iter().fold(caching, Caching::tag);
    Ok(fetch(Request::get(text(request, "url")?)?.with_caching(&caching)?).await?)
}

pub async fn escape(request: &Request) -> Result<Response> {
    answer(fetch(text(request, "url")?).await).await
}
