//! What a worker does with messages: text, JSON, headers, streams.

use std::collections::BTreeMap;
use std::time::Duration;

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::{Body, Bytes, Context, Error, OrError, Request, Response, Result};
use serde::{Deserialize, Serialize};

use crate::number;

#[derive(Serialize)]
struct Seen<'a> {
    method: &'a str,
    url: String,
    path: &'a str,
    query: Vec<(String, String)>,
    headers: BTreeMap<&'a str, String>,
}

pub fn request(request: &Request) -> Result<Response> {
    let query = request.query_pairs();
    let headers = request.headers().iter();
    Response::from_json(&Seen {
        method: request.method().as_str(),
        url: request.url().to_string(),
        path: request.path(),
        query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        headers: headers
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into()))
            .collect(),
    })
}

pub fn echo(mut request: Request) -> Response {
    Response::new(request.take_body())
}

pub fn echo_chunks(mut request: Request, ctx: &Context) -> Response {
    let (mut writer, body) = Body::pipe();
    ctx.wait_until(async move {
        while let Some(chunk) = request.read().await? {
            writer.write(chunk).await?;
        }
        writer.finish().await
    });
    Response::new(body)
}

pub async fn upper(mut request: Request) -> Result<Response> {
    Ok(Response::from_text(request.text().await?.to_uppercase()))
}

#[derive(Deserialize)]
struct Numbers {
    numbers: Vec<f64>,
}

#[derive(Serialize)]
struct Sum {
    count: usize,
    sum: f64,
}

pub async fn json(mut request: Request) -> Result<Response> {
    let Numbers { numbers } = request.json().await?;
    Response::from_json(&Sum { count: numbers.len(), sum: numbers.iter().sum() })
}

pub fn status(request: &Request) -> Result<Response> {
    let code = u16::try_from(number(request, "code")?).unwrap_or(u16::MAX);
    let status = StatusCode::from_u16(code).or_error(StatusCode::BAD_REQUEST, "no such status")?;
    Ok(Response::new(()).with_status(status))
}

pub fn headers(request: &Request) -> Result<Response> {
    let mut response = Response::from_text("many headers");
    for index in 0..number(request, "count")? {
        response = response.with_header(format!("x-header-{index}"), format!("value {index}"))?;
    }
    Ok(response)
}

pub fn stream(request: &Request, ctx: &Context) -> Result<Response> {
    let mut left = number(request, "bytes")?;
    let length = number(request, "chunk")?.clamp(1, 1 << 20);
    let chunk = Bytes::from(vec![b'x'; usize::try_from(length)?]);
    let (mut writer, body) = Body::pipe();
    ctx.wait_until(async move {
        while left > 0 {
            let part = left.min(length);
            writer.write(chunk.slice(..usize::try_from(part)?)).await?;
            left -= part;
        }
        writer.finish().await
    });
    Ok(Response::new(body))
}

pub fn stream_error(ctx: &Context) -> Response {
    let (mut writer, body) = Body::pipe();
    ctx.wait_until(async move {
        writer.write("the first chunk\n").await?;
        // The host may drop what it has not sent yet.
        glowplug_sdk::sleep(Duration::from_millis(20)).await;
        writer.abort(Error::internal("asked to break off")).await;
        Ok::<(), Error>(())
    });
    Response::new(body)
}
