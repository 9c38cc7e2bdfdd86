//! Connecting to another place, be it a server or a worker that this one is bound to.

use super::super::http::{OriginClient, Subrequests, length_of_head, operation};
use super::Offer;
use crate::limits;
use crate::websocket::handshake::{self, Expected};
use crate::websocket::wire::{self, Wire};
use crate::websocket::{End, Role, pair};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty};
use std::time::Duration;
use tokio::sync::watch;
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Method, Scheme};
use wasmtime_wasi_http::p2::types::HostOutgoingRequest;
use wasmtime_wasi_http::{Error, WasiBody};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::Pollable;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request that asks for a WebSocket, and its answer.
pub enum Connecting {
    Waiting(AbortOnDropJoinHandle<Result<Connected, Error>>),
    There(Result<Connected, Error>),
    Taken,
}

/// The answer.
pub struct Connected {
    response: Response<WasiBody>,
    end: Option<End>,
}

impl Connecting {
    /// The answer, if it is there; once.
    pub fn take(&mut self) -> Option<Result<Connected, Error>> {
        match std::mem::replace(self, Self::Taken) {
            Self::There(connected) => Some(connected),
            waiting => {
                *self = waiting;
                None
            }
        }
    }
}

impl Connected {
    /// The response, and the connection.
    pub fn into_parts(self) -> (Response<WasiBody>, Option<End>) {
        (self.response, self.end)
    }
}

#[async_trait]
impl Pollable for Connecting {
    async fn ready(&mut self) {
        if let Self::Waiting(connecting) = self {
            *self = Self::There(connecting.await);
        }
    }
}

impl Subrequests {
    /// Sends `request` as one for a WebSocket.
    pub(in crate::host) fn connect(&mut self, request: HostOutgoingRequest) -> Result<Connecting, ErrorCode> {
        let mut request = plain(request)?;
        self.count.add_one().map_err(|why| ErrorCode::InternalError(Some(why)))?;
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(|_| ErrorCode::InternalError(Some("no random numbers".into())))?;
        let expected = handshake::ask(request.headers_mut(), key);
        let binding = self.reach.find(request.uri());
        self.meter.charge(operation(&request, binding.as_ref()), length_of_head(&request));
        let client = self.client.clone();
        let connecting = wasmtime_wasi::runtime::spawn(async move {
            let answer = async {
                match binding {
                    None => client.upgrade(request, &expected).await,
                    Some(binding) => {
                        let offer = Offer::new("");
                        request.extensions_mut().insert(offer.clone());
                        let mut response = binding.send(request).await?;
                        let end = offer.take().map(|far| far.end);
                        let end = end.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS);
                        response.extensions_mut().clear();
                        Ok(Connected { response, end })
                    }
                }
            };
            match tokio::time::timeout(PATIENCE, answer).await {
                Ok(connected) => connected,
                Err(_) => Err(Error::HttpResponseTimeout),
            }
        });
        Ok(Connecting::Waiting(connecting))
    }
}

fn plain(request: HostOutgoingRequest) -> Result<Request<WasiBody>, ErrorCode> {
    let HostOutgoingRequest { method, scheme, authority, path_with_query, headers, .. } = request;
    if !matches!(method, Method::Get) {
        return Err(ErrorCode::HttpRequestMethodInvalid);
    }
    let scheme = match scheme {
        Some(Scheme::Http) => "http",
        None | Some(Scheme::Https) => "https",
        Some(Scheme::Other(_)) => return Err(ErrorCode::HttpProtocolError),
    };
    let uri = Uri::builder()
        .scheme(scheme)
        .authority(authority.unwrap_or_default())
        .path_and_query(path_with_query.as_deref().unwrap_or("/"))
        .build()
        .map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let body = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
    let mut request = Request::new(body);
    *request.uri_mut() = uri;
    *request.headers_mut() = headers.into();
    Ok(request)
}

impl OriginClient {
    /// Asks a server for a WebSocket. HTTP/1.1 alone can be asked.
    async fn upgrade(self, mut request: Request<WasiBody>, expected: &Expected) -> Result<Connected, Error> {
        self.check_literal(request.uri())?;
        request.headers_mut().remove(header::HOST);
        let mut response = self.send_for_upgrade(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Connected {
                response: response.map(|body| body.map_err(Error::from).boxed_unsync()),
                end: None,
            });
        }
        let refuse = |why: String| Error::InternalError(Some(why));
        let compression = expected.check(response.headers()).map_err(refuse)?;
        let upgraded = hyper::upgrade::on(&mut response);
        let upgraded = upgraded.await.map_err(|error| refuse(format!("the connection was not upgraded: {error}")))?;
        let (mut near, far) = pair();
        near.extensions = if compression.is_some() { "permessage-deflate" } else { "" };
        let wire = Wire::new(Role::Client, compression, never_stops());
        tokio::spawn(wire::run(hyper_util::rt::TokioIo::new(upgraded), wire, far));
        let body = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
        Ok(Connected { response: response.map(|_| body), end: Some(near) })
    }
}

/// Such a connection ends with the invocation that made it.
fn never_stops() -> watch::Receiver<bool> {
    watch::channel(false).1
}

impl Wire {
    /// The limits of every connection.
    pub fn new(
        role: Role,
        compression: Option<crate::websocket::deflate::Params>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            role,
            compression,
            most: limits::WEBSOCKET_MESSAGE.default as usize,
            silence: Duration::from_millis(limits::WEBSOCKET_SILENCE.default),
            idle: Duration::from_millis(limits::WEBSOCKET_IDLE.default),
            stop,
        }
    }
}
