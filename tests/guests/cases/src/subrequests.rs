//! Requests that the worker sends.

use std::time::Duration;

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::time::timeout;
use glowplug_sdk::{Body, Context, OrError, Request, Response, Result, fetch, join_all};

use crate::{number, text};

pub async fn one(request: &Request) -> Result<Response> {
    let mut answer = fetch(text(request, "url")?).await?;
    let status = answer.status().as_u16();
    Ok(Response::from_text(format!("{status}\n{}", answer.text().await?)))
}

pub async fn parallel(request: &Request) -> Result<Response> {
    let urls = request.query_pairs().filter_map(|(name, value)| (name == "url").then(|| value.into_owned()));
    let answers = join_all(urls.map(fetch)).await;
    let mut lines = String::new();
    for answer in answers {
        match answer {
            Ok(answer) => lines.push_str(answer.status().as_str()),
            Err(error) => lines.push_str(error.code().unwrap_or("invalid")),
        }
        lines.push('\n');
    }
    Ok(Response::from_text(lines))
}

pub async fn upload(request: &Request, ctx: &Context) -> Result<Response> {
    const LINE: &str = "0123456789abcde\n";
    let lines = number(request, "bytes")? / LINE.len() as u64;
    let (mut writer, body) = Body::pipe();
    ctx.wait_until(async move {
        for _ in 0..lines {
            writer.write(LINE).await?;
        }
        writer.finish().await
    });
    Ok(fetch(Request::post(text(request, "url")?, body)?).await?)
}

pub async fn forward(request: Request) -> Result<Response> {
    let url = text(&request, "url")?;
    Ok(fetch(request.with_url(url)?).await?)
}

pub async fn given_up(request: &Request) -> Result<Response> {
    let wait = Duration::from_millis(number(request, "ms")?);
    let answer =
        timeout(wait, fetch(text(request, "url")?)).await.or_error(StatusCode::GATEWAY_TIMEOUT, "gave up")??;
    Ok(Response::new(()).with_status(answer.status()))
}
