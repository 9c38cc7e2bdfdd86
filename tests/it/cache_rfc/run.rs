//! Runs cases against a cache in front of the origin.

use super::case::{Case, Expected, Step};
use super::origin::{CASE, Origin, STEP, with_date};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeMap;
use std::time::Duration;

/// Cases under way at a time.
const TOGETHER: usize = 48;
const PATIENCE: Duration = Duration::from_secs(30);

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// What came of each case: nothing, or what was wrong.
pub type Results = BTreeMap<String, Result<(), String>>;

/// Runs all cases against the cache at `base`, a URL without a path.
pub async fn run(base: &str, origin: &Origin, cases: &[Case]) -> Results {
    let client: HttpClient = Client::builder(TokioExecutor::new()).build_http();
    for case in cases {
        origin.add(case);
    }
    let running = cases.iter().map(|case| {
        let client = client.clone();
        async move { (case.id.clone(), one(&client, base, origin, case).await) }
    });
    futures_util::stream::iter(running).buffer_unordered(TOGETHER).collect().await
}

async fn one(client: &HttpClient, base: &str, origin: &Origin, case: &Case) -> Result<(), String> {
    for (index, step) in case.steps.iter().enumerate() {
        let at = |error: String| format!("step {}: {error}", index + 1);
        let request = request(base, case, index, step);
        let response = tokio::time::timeout(PATIENCE, client.request(request)).await;
        let response = match response.map_err(|_| at("no answer".into()))? {
            Ok(response) => response,
            // It broke off before its head was sent.
            Err(_) if step.breaks => continue,
            Err(error) => return Err(at(format!("{error:?}"))),
        };
        let (head, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect()).await.map_err(|_| at("no end".into()))?;
        match (body, step.breaks) {
            (Ok(body), false) => {
                let got = Got { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() };
                check(origin, case, index, step, &got).map_err(at)?;
            }
            (Err(_), true) => {}
            (Ok(_), true) => return Err(at("the response is whole, and should not be".into())),
            (Err(error), false) => return Err(at(format!("the response broke off: {error}"))),
        }
        tokio::time::sleep(step.wait).await;
    }
    Ok(())
}

fn request(base: &str, case: &Case, index: usize, step: &Step) -> Request<Full<Bytes>> {
    let uri = format!("{base}/{}{}", case.id, step.suffix);
    let mut request = Request::builder()
        .method(Method::from_bytes(step.method.as_bytes()).unwrap())
        .uri(uri)
        .header(CASE, &case.id)
        .header(STEP, index);
    for (name, value) in &step.headers {
        let value: Vec<u8> = with_date(value).chars().map(|character| character as u8).collect();
        request = request.header(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(&value).unwrap());
    }
    request.body(step.request_body.clone().map_or_else(Full::default, Full::from)).unwrap()
}

struct Got {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

fn check(origin: &Origin, case: &Case, index: usize, step: &Step, got: &Got) -> Result<(), String> {
    let seen = origin.seen(&case.id, index);
    let last = seen.last();
    match step.expected {
        Expected::Hit if !seen.is_empty() => return Err("the origin was asked".into()),
        Expected::Forwarded if last.is_none_or(|seen| seen.status == 304 && step.answer.status != 304) => {
            return Err("the origin was not asked for a response".into());
        }
        Expected::Validated if !seen.iter().any(|seen| seen.status == 304) => {
            return Err(format!(
                "the origin was not asked to validate: {:?}",
                seen.iter().map(|it| it.status).collect::<Vec<_>>()
            ));
        }
        _ => {}
    }
    let wanted = step.status.unwrap_or(match step.expected {
        Expected::Forwarded => step.answer.status,
        _ => got.status,
    });
    if got.status != wanted {
        return Err(format!("the status is {}, not {wanted}", got.status));
    }
    let text = String::from_utf8_lossy(&got.body);
    let own = step.answer.body.clone().unwrap_or_else(|| format!("{}/{index}", case.id));
    let bodiless = step.method == "HEAD" || matches!(got.status, 204 | 304);
    match (&step.body, step.expected) {
        (Some(body), _) if *body != text => return Err(format!("the body is {text:?}, not {body:?}")),
        (None, Expected::Forwarded) if !bodiless && own != text => {
            return Err(format!("the body is {text:?}, not {own:?}"));
        }
        (None, Expected::Hit | Expected::Validated) if !bodiless && own == text && step.answer.body.is_none() => {
            return Err("the body is a new one".into());
        }
        _ => {}
    }
    for (name, value) in &step.has {
        let lines: Vec<String> = got
            .headers
            .get_all(name)
            .iter()
            .map(|it| it.as_bytes().iter().map(|byte| char::from(*byte)).collect())
            .collect();
        if !lines.contains(value) && !lines.join(", ").contains(value.as_str()) {
            return Err(format!("`{name}` is {lines:?}, not {value:?}"));
        }
    }
    if let Some(name) = step.lacks.iter().find(|name| got.headers.contains_key(name.as_str())) {
        return Err(format!("there is a `{name}`"));
    }
    if let Some((least, most)) = step.age {
        let age = got.headers.get("age").and_then(|age| age.to_str().ok()?.parse::<u64>().ok());
        if age.is_none_or(|age| age < least || age > most) {
            return Err(format!("the age is {age:?}, not {least} to {most}"));
        }
    }
    for (name, value) in &step.origin_has {
        let sent = last.and_then(|seen| seen.header(name));
        if sent != Some(value.as_str()) {
            return Err(format!("the origin got `{name}` as {sent:?}, not {value:?}"));
        }
    }
    match step.origin_lacks.iter().find(|name| last.is_some_and(|seen| seen.header(name).is_some())) {
        Some(name) => Err(format!("the origin got a `{name}`")),
        None => Ok(()),
    }
}
