//! Looking into the blobs that a version names, before it is made.

use super::super::App;
use super::super::blobs::missing_of;
use super::super::error::{ApiError, Code};
use crate::assets::Index;
use crate::build::package;
use crate::digest::Digest;
use crate::limits;
use crate::registry::version::{Artifact, Assets};
use bytes::Bytes;
use std::io;

/// Missing files of the assets that are named one by one.
const NAMED: usize = 10;

/// What there is to say of a component, if it can be run.
pub(super) async fn component(app: &App, digest: Option<Digest>) -> Result<Option<Artifact>, ApiError> {
    let Some(digest) = digest else { return Ok(None) };
    let wasm = blob(app, "component", digest).await?;
    if wasm.len() as u64 > limits::COMPONENT.maximum {
        let (size, most) = (wasm.len(), limits::COMPONENT.maximum);
        return Err(invalid(format!("the component has {size} bytes, more than the {most} allowed")));
    }
    let engine = engine(app, &wasm).await?;
    let place = app.checks.clone().acquire_owned().await.map_err(ApiError::internal)?;
    let components = app.components.clone();
    let checking = tokio::task::spawn_blocking(move || {
        let _place = place;
        if let Some((digest, engine)) = engine {
            components.add_engine(digest, &engine)?;
        }
        components.check(&wasm, digest)
    });
    let artifact = checking.await.map_err(ApiError::internal)?.map_err(|error| refused(&error))?;
    check_start_up(&artifact)?;
    Ok(Some(artifact))
}

/// The JavaScript engine that the component runs on, if it is not the server's own. Either is kept, so that the worker
/// runs on it for as long as it is deployed.
async fn engine(app: &App, component: &[u8]) -> Result<Option<(Digest, Bytes)>, ApiError> {
    let Some(digest) = package::engine_of(component) else { return Ok(None) };
    if digest.to_string() == app.components.engine() {
        app.registry.want([digest]).await;
        if !app.data.has_blob(digest).await? {
            app.data.put_blob(digest, package::own_engine()).await?;
        }
        return Ok(None);
    }
    match app.data.get_blob(digest).await? {
        Some(engine) => {
            app.registry.want([digest]).await;
            Ok(Some((digest, engine)))
        }
        None => Err(invalid(format!(
            "the component was made with a JavaScript engine that is not stored, {digest}\n\
             hint: upload it with `PUT /v1/blobs/{digest}`, as `glowplug deploy` does, or use the server's version of glowplug"
        ))),
    }
}

/// What there is to say of assets, if all of them are stored.
pub(super) async fn assets(app: &App, digest: Option<Digest>) -> Result<Option<Assets>, ApiError> {
    let Some(digest) = digest else { return Ok(None) };
    let json = blob(app, "index of the assets", digest).await?;
    // Some megabytes of JSON take longer than a task should go on without a break.
    let parsing = tokio::task::spawn_blocking(move || {
        let index = Index::parse(&json).map_err(|error| invalid(error.to_string()))?;
        Ok::<_, ApiError>((package::version_assets(digest, &index), index.digests()))
    });
    let (assets, files) = parsing.await.map_err(ApiError::internal)??;
    let missing = missing_of(app, files.into_iter().collect()).await?;
    if missing.is_empty() {
        return Ok(Some(assets));
    }
    let mut problems: Vec<_> =
        missing.iter().take(NAMED).map(|file| format!("file {file} of the assets is not stored")).collect();
    if missing.len() > NAMED {
        problems.push(format!("{} more files of the assets are not stored", missing.len() - NAMED));
    }
    problems[0].push_str("\nhint: upload it first; `POST /v1/blobs/missing` says what is missing");
    Err(ApiError::invalid(problems))
}

async fn blob(app: &App, what: &str, digest: Digest) -> Result<Bytes, ApiError> {
    let found = app.data.get_blob(digest).await?;
    found.ok_or_else(|| {
        invalid(format!("the {what} {digest} is not stored\nhint: upload it first, with `PUT /v1/blobs/{digest}`"))
    })
}

fn invalid(problem: String) -> ApiError {
    ApiError::invalid(vec![problem])
}

/// A component is refused for what it is, unless it was the machine that failed.
fn refused(error: &anyhow::Error) -> ApiError {
    match error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()) {
        Some(cause) if matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
            ApiError::new(Code::StorageFull, "there is no room left on the disk")
        }
        Some(_) => ApiError::internal(format!("{error:#}")),
        None => invalid(format!("{error:#}")),
    }
}

fn check_start_up(artifact: &Artifact) -> Result<(), ApiError> {
    let Some(javascript) = &artifact.javascript else { return Ok(()) };
    let (fuel, most) = (javascript.start_up_fuel, limits::fuel_of_cpu_ms(limits::STARTUP_CPU.maximum));
    if fuel <= most {
        return Ok(());
    }
    Err(invalid(format!(
        "start-up took {:.0} ms of CPU, more than the {} allowed\nhint: move work out of the top-level code, into a handler",
        limits::cpu_ms_of_fuel(fuel),
        limits::STARTUP_CPU.maximum
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::version::{JavaScript, Trigger};

    #[test]
    fn start_up_has_a_limit() {
        let most = limits::fuel_of_cpu_ms(limits::STARTUP_CPU.maximum);
        let of = |start_up_fuel| {
            let javascript = Some(JavaScript { engine: String::new(), handlers: Vec::new(), start_up_fuel });
            let digest = Digest::of(b"");
            check_start_up(&Artifact { digest, size: 0, trigger: Trigger::Http02, javascript })
        };
        assert_eq!(of(most), Ok(()));
        let error = format!("{:?}", of(most * 2).unwrap_err());
        assert!(error.contains("start-up took 2000 ms of CPU, more than the 1000 allowed"), "{error}");
    }

    #[test]
    fn the_machines_failures_are_not_the_components() {
        let code = |error: anyhow::Error| refused(&error).code;
        assert_eq!(code(anyhow::anyhow!("not a component")), Code::Invalid);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(code(anyhow::Error::new(full).context("failed to write")), Code::StorageFull);
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(code(anyhow::Error::new(denied).context("failed to write")), Code::Internal);
    }
}
