//! Bodies under a `Content-Encoding` are read and passed on as on workerd.

use crate::client::{Case, get, post, request};
use crate::compare::{Runtime, compare};
use crate::origin::Origin;
use crate::support::Server;
use crate::workerd::Workerd;
use tempfile::TempDir;

const WORKER: &str = include_str!("coding/index.js");

/// The worker, with the address of its origin.
fn project(origin: &Origin) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let manifest = format!(
        "name = \"coding\"\nmain = \"index.js\"\ncompatibility_date = \"2026-01-01\"\nvars = {{ ORIGIN = {:?} }}\n",
        origin.base
    );
    std::fs::write(dir.path().join("index.js"), WORKER).expect("the folder is ours");
    std::fs::write(dir.path().join("wrangler.toml"), manifest).expect("the folder is ours");
    dir
}

#[tokio::test(flavor = "multi_thread")]
async fn coded_bodies_are_handled_as_on_workerd() {
    // Each has an origin of its own, so that what it was asked for can be compared too.
    let (one, other) = (Origin::start().await, Origin::start().await);
    let (theirs, ours) = (project(&one), project(&other));
    let (workerd, glowplug) = (Workerd::start(theirs.path()).await, Server::start(ours.path()).await);
    let mut cases: Vec<Case> = Vec::new();
    for coding in ["gzip", "br", "gzip-cut", "not-gzip"] {
        for action in ["text", "bytes", "blob", "stream", "rewrapped", "cloned"] {
            cases.push(get(format!("/{action}/{coding}").leak()));
        }
    }
    for coding in ["gzip", "br"] {
        for action in ["pass", "rewrap", "look", "strip", "manual", "clone"] {
            cases.push(get(format!("/{action}/{coding}").leak()));
        }
        cases.push(request("HEAD", format!("/pass/{coding}").leak()));
        cases.push(request("HEAD", format!("/text/{coding}").leak()));
    }
    cases.push(post("/resend/echo"));
    cases.push(post("/forward/echo").header("content-encoding", "gzip").body("not decoded"));
    compare(
        &cases,
        &Runtime { name: "workerd", base: &workerd.base, origin: &one },
        &Runtime { name: "glowplug", base: &glowplug.base, origin: &other },
    )
    .await;
}
