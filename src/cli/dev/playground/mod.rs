//! The playground: a page to write a worker in, run it on the engine that serves, and see what it cost and where.
//!
//! ```text
//! page    GET  /__glowplug/            the embedded files (crate::web)
//! api     POST /__glowplug/api/run     sources and a request -> answer, account, console, prices; or what is wrong, and where
//!         POST /__glowplug/api/profile the same -> where the fuel went
//!         POST /__glowplug/api/components   a component's bytes -> its digest, to be named in `run`
//!         GET  /__glowplug/api/project      the sources that `dev` serves
//! frame   GET  /__glowplug/preview/ID  a page that a worker answered with, in an origin of its own
//! ```
//!
//! ## Why
//! It has a listener of its own, on this machine's loopback, since what a worker answers on `dev`'s port must not be of the same
//! origin as a page that may build and run programs. `guard` keeps other pages out, `sources` keeps code that came by a link
//! to its own files, and subrequests reach public addresses alone.

mod answer;
mod api;
mod flame;
mod guard;
mod preview;
mod problem;
mod programs;
mod project;
mod sources;

use self::api::State;
use crate::cli::print;
use crate::edge::listener::{self, Bounds, Listening, Places, RequestBody};
use crate::engine::Wasi;
use crate::engine::code_cache::CodeCache;
use anyhow::Result;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Where everything of it lies.
pub(super) const PREFIX: &str = "/__glowplug/";
/// Where it listens when nobody says otherwise and the port is free.
const USUAL_PORT: u16 = 8789;
/// Connections at a time: a browser's few.
const CONNECTIONS: usize = 64;

/// What it works with.
pub(super) struct Options {
    pub cache: CodeCache,
    pub wasi: Wasi,
    /// The project that `dev` serves.
    pub project: PathBuf,
    pub environment: Option<String>,
}

/// A playground that has its address, and serves nothing yet.
pub(super) struct Playground {
    listener: TcpListener,
    address: SocketAddr,
}

impl Playground {
    /// Takes `port` on the loopback, 0 for any free one. Without one it is the usual port, or any if that is in use.
    pub fn bind(port: Option<u16>) -> Result<Self> {
        let at = |port| listener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port), "--playground-port");
        let listener = match port {
            Some(port) => at(port)?,
            None => at(USUAL_PORT).or_else(|_| at(0))?,
        };
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}{PREFIX}", self.address)
    }

    /// Serves until `stop` is ready.
    pub async fn serve(self, options: Options, stop: impl Future<Output = ()>) {
        let router = api::router(Arc::new(State::new(options, self.address.port())));
        let bounds = Bounds { drain: std::time::Duration::ZERO, ..Bounds::default() };
        let limits = listener::Options::new(bounds, Places::new(CONNECTIONS, usize::MAX));
        let handler = move |request: http::Request<RequestBody>| {
            use tower_service::Service;
            let answered = router.clone().call(request.map(axum::body::Body::new));
            async move { answered.await.unwrap_or_else(|never| match never {}) }
        };
        listener::serve(Listening::Tcp(self.listener), handler, stop, limits).await;
    }
}

/// Shows `url` in the author's browser.
pub(super) fn open(url: &str) {
    if let Err(error) = open::that_detached(url) {
        print::warning(&format!("no browser could be started: {error}\nhint: open {url} yourself"));
    }
}
