//! `glowplug build --portable`: the same answers from a host that knows nothing of glowplug.

use crate::client::{Case, get, post, request};
use crate::compare::{Runtime, compare};
use crate::hono;
use crate::origin::Origin;
use crate::project::example;
use crate::support::{Server, run};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::path::Path;
use tokio::net::TcpListener;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

#[tokio::test(flavor = "multi_thread")]
async fn a_portable_hello_answers_the_same_anywhere() {
    let cases = [
        get("/"),
        get("/?name=Ada"),
        get("/?name=%F0%9F%A6%89+%26"),
        request("HEAD", "/"),
        post("/?name=post").body("ignored"),
    ];
    portable_answers_the_same("hello", "worker.js", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portable_hono_app_answers_the_same_anywhere() {
    portable_answers_the_same("hono", "", &hono::cases()).await;
}

/// Serves `path` of an example by `glowplug dev` and, built, by a plain host, and compares.
async fn portable_answers_the_same(name: &str, path: &str, cases: &[Case]) {
    let (here, there) = (Origin::start().await, Origin::start().await);
    let (mine, theirs) = (example(name, &here.base).await, example(name, &there.base).await);
    let output = theirs.path().join("portable.wasm");
    let (source, target) = (theirs.path().join(path), output.to_str().expect("the path is text"));
    let built = run(&["build", "--portable", source.to_str().expect("the path is text"), "-o", target]).await;
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let plain = serve(&output).await.expect("a plain host takes the component");
    let glowplug = Server::start(&mine.path().join(path)).await;
    compare(
        cases,
        &Runtime { name: "glowplug", base: &glowplug.base, origin: &here },
        &Runtime { name: "wasmtime-wasi-http", base: &plain, origin: &there },
    )
    .await;
}

/// Serves a component with nothing but WASI, and gives the address.
async fn serve(component: &Path) -> Result<String> {
    let engine = Engine::default();
    let component = Component::from_file(&engine, component)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    add_only_http_to_linker_async(&mut linker)?;
    let pre = ProxyPre::new(linker.instantiate_pre(&component)?)?;
    let client = Client::builder(TokioExecutor::new()).build_http();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (pre, client) = (pre.clone(), client.clone());
            let service = hyper::service::service_fn(move |request| handle(pre.clone(), client.clone(), request));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
        }
    });
    Ok(base)
}

async fn handle(
    pre: ProxyPre<Host>,
    client: Client<HttpConnector, WasiBody>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<HyperOutgoingBody>> {
    let host = Host {
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().build(),
        http: WasiHttpCtx::new(),
        hooks: Hooks { client },
    };
    let mut store = Store::new(pre.engine(), host);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
    let response = store.data_mut().http().new_response_outparam(sender)?;
    // Goes on after the response's head: the body, and what `waitUntil` was given.
    let running = tokio::spawn(async move {
        let proxy = pre.instantiate_async(&mut store).await?;
        proxy.wasi_http_incoming_handler().call_handle(&mut store, request, response).await
    });
    match receiver.await {
        Ok(response) => Ok(response?),
        Err(_) => {
            running.await??;
            wasmtime::bail!("the component gave no response")
        }
    }
}

/// One request's state.
struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// Sends subrequests; the crate's own way to is a feature that the program does without.
struct Hooks {
    client: Client<HttpConnector, WasiBody>,
}

type Sent = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let sending = self.client.request(request);
        Box::new(async move {
            let response = sending.await.map_err(|_| Error::ConnectionRefused)?;
            let sent: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((response.map(|body| body.map_err(Error::from).boxed_unsync()), sent))
        })
    }
}
