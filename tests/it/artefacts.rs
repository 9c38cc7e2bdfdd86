//! `glowplug build` and `glowplug inspect`, and components that are not what they should be.

use crate::support::{Server, project, run};
use std::path::{Path, PathBuf};

const HELLO: &str = "console.log('starting up');\nexport default { fetch: () => new Response('built') };\n";

/// A folder with a script and the component built from it.
async fn built(flags: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let dir = project(&[("worker.js", HELLO)]);
    let out = dir.path().join("out.wasm");
    let source = dir.path().join("worker.js");
    let arguments = [&["build", source.to_str().unwrap(), "-o", out.to_str().unwrap()], flags].concat();
    let output = run(&arguments).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("started up"), "{stderr}");
    // The portable engine writes to WASI's stderr, and there is no WASI at start-up.
    assert_eq!(stderr.contains("starting up"), flags.is_empty(), "{stderr}");
    (dir, out)
}

async fn inspected(file: &Path) -> serde_json::Value {
    let output = run(&["inspect", "--json", file.to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_built_worker_is_small_imports_its_engine_and_serves() {
    let (_dir, out) = built(&[]).await;
    let facts = inspected(&out).await;
    assert!(facts["imports"].as_array().unwrap().iter().any(|import| import == "engine (core module)"), "{facts}");
    assert_eq!(facts["trigger"], "wasi:http/incoming-handler@0.2");
    assert_eq!(facts["handlers"], serde_json::json!(["fetch"]));
    assert!(facts["start_up_fuel"].as_u64().unwrap() > 0);
    assert!(facts["code_bytes"].as_u64().unwrap() < 10_000, "a worker holds trampolines and no code: {facts}");
    assert_eq!(Server::start(&out).await.get("/").await.text(), "built");
}

#[tokio::test]
async fn the_same_source_gives_the_same_component() {
    let ((_a, first), (_b, second)) = (built(&[]).await, built(&[]).await);
    let version = |facts: serde_json::Value| facts["start_up_fuel"].clone();
    assert_eq!(version(inspected(&first).await), version(inspected(&second).await));
}

#[tokio::test]
async fn a_portable_worker_imports_wasi_alone() {
    let (_dir, out) = built(&["--portable"]).await;
    let facts = inspected(&out).await;
    let imports = facts["imports"].as_array().unwrap();
    assert!(
        !imports.is_empty() && imports.iter().all(|import| import.as_str().unwrap().starts_with("wasi:")),
        "{facts}"
    );
    assert_eq!(Server::start(&out).await.get("/").await.text(), "built");
}

#[tokio::test]
async fn a_worker_of_another_engine_is_refused_with_the_way_out() {
    let (dir, out) = built(&[]).await;
    let facts = inspected(&out).await;
    let engine = facts["engine"].as_str().unwrap().as_bytes().to_owned();
    let mut wasm = std::fs::read(&out).unwrap();
    let at = wasm.windows(engine.len()).position(|window| window == engine).unwrap();
    wasm[at..at + 6].copy_from_slice(b"000000");
    let other = dir.path().join("other.wasm");
    std::fs::write(&other, wasm).unwrap();
    let page = Server::start(&other).await.get("/").await;
    assert_eq!(page.header("x-glowplug-error"), Some("1105"));
    assert!(page.text().contains("another version of the JavaScript engine") && page.text().contains("glowplug build"));
}

#[tokio::test]
async fn a_truncated_component_is_refused() {
    let (dir, out) = built(&[]).await;
    let wasm = std::fs::read(&out).unwrap();
    for length in [wasm.len() / 3, wasm.len() - 1] {
        let cut = dir.path().join("cut.wasm");
        std::fs::write(&cut, &wasm[..length]).unwrap();
        let output = run(&["inspect", cut.to_str().unwrap()]).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains("damaged or truncated"), "{length}: {stderr}");
    }
}

#[test]
fn checked_in_pages_were_made_from_these_sources() {
    let stale = xtask::web::stale(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the sources can be read");
    assert_eq!(stale, None, "run `cargo xtask web`");
}

#[test]
fn checked_in_webassembly_was_made_from_these_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for group in xtask::artefact::Group::ALL {
        for artefact in group.artefacts() {
            let stale = artefact.stale(root).expect("the sources can be read");
            assert_eq!(stale, None, "run `cargo xtask {}`", group.name());
        }
    }
}
