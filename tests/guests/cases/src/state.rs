//! Time, log, environment, memory: what a worker has beside the request.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use glowplug_sdk::{Context, Error, Request, Response, Result, fetch, random, time};

use crate::{number, text};

pub async fn sleep(request: &Request) -> Result<Response> {
    let duration = Duration::from_millis(number(request, "ms")?);
    time::sleep(duration).await;
    Ok(Response::from_text(format!("slept {duration:?}")))
}

pub fn wait_until(request: &Request, ctx: &Context) -> Result<Response> {
    let duration = Duration::from_millis(number(request, "ms")?);
    let url = text(request, "url")?;
    ctx.wait_until(async move {
        time::sleep(duration).await;
        let answer = fetch(url).await?;
        glowplug_sdk::log!("after the response: {}", answer.status());
        Ok::<(), Error>(())
    });
    Ok(Response::from_text("answered first"))
}

pub fn log(request: &Request) -> Result<Response> {
    for line in 0..number(request, "lines")? {
        glowplug_sdk::log!("line {line}");
    }
    Ok(Response::from_text("logged"))
}

pub fn clock() -> Result<Response> {
    let before = milliseconds()?;
    black_box((0..1_000_000_u32).fold(0, |sum, number| black_box(sum ^ number)));
    let after = milliseconds()?;
    Response::from_json(&BTreeMap::from([("before", before), ("after", after)]))
}

fn milliseconds() -> Result<u64> {
    let since = time::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(u64::try_from(since.as_millis())?)
}

pub fn random() -> Response {
    let bytes = random::bytes(16);
    Response::from_text(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

pub fn env() -> Result<Response> {
    let variables: BTreeMap<_, _> = glowplug_sdk::env::vars().into_iter().collect();
    Response::from_json(&variables)
}

pub fn counter() -> Response {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let asked = ASKED.fetch_add(1, Ordering::Relaxed) + 1;
    Response::from_text(asked.to_string())
}
