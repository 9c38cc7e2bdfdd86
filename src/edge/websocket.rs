//! Requests that ask for a WebSocket: from the handshake to the connection with what the worker chose.

use super::Site;
use crate::host::websocket::{Far, Offer};
use crate::websocket::Role;
use crate::websocket::handshake::{self, Asked};
use crate::websocket::wire::{self, Wire};
use http::header::{CONNECTION, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio::sync::watch;

/// A WebSocket that a client asks for.
pub struct Upgrade {
    asked: Asked,
    socket: OnUpgrade,
    offer: Arc<Offer>,
    /// What a response that accepts it has for a status.
    accepted: StatusCode,
}

impl Upgrade {
    /// What the request asks for, with an offer among its extensions for the worker to take up. None if it is a plain one;
    /// an error says what is wrong with the handshake.
    pub fn of(parts: &mut Parts) -> Result<Option<Self>, &'static str> {
        let (asked, accepted) = if is_extended_connect(parts) {
            let asked = handshake::asked_by_connect(&parts.headers)?;
            // Workers see what HTTP/1.1 would have said.
            parts.method = Method::GET;
            parts.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            parts.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            (asked, StatusCode::OK)
        } else if handshake::asks(&parts.method, &parts.headers) {
            (handshake::asked(&parts.headers)?, StatusCode::SWITCHING_PROTOCOLS)
        } else {
            return Ok(None);
        };
        let Some(socket) = parts.extensions.remove::<OnUpgrade>() else { return Ok(None) };
        let offer = Offer::new(asked.extensions());
        parts.extensions.insert(offer.clone());
        Ok(Some(Self { asked, socket, offer, accepted }))
    }

    /// Says whether a budget limits the fuel of the invocation.
    pub fn has_budget(&self, has: bool) {
        if !has {
            self.offer.set_refills();
        }
    }
}

fn is_extended_connect(parts: &Parts) -> bool {
    parts.method == Method::CONNECT
        && parts.extensions.get::<Protocol>().is_some_and(|protocol| protocol.as_str() == "websocket")
}

/// Connects the client with what the worker chose, if it accepts with `response`. The error is for the log: the worker
/// gave a status that it may not give.
pub fn connect<B>(site: &Site, upgrade: Option<Upgrade>, response: &mut Response<B>) -> Result<(), &'static str> {
    let accepts = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    match (upgrade, accepts) {
        (_, false) => Ok(()),
        (None, true) => Err("the worker answered 101 to a request that asks for no WebSocket"),
        (Some(upgrade), true) => match upgrade.offer.take() {
            Some(far) => {
                upgrade.asked.answer(response.headers_mut());
                *response.status_mut() = upgrade.accepted;
                tokio::spawn(upgrade.serve(site.stopping(), far));
                Ok(())
            }
            None => Err("the worker answered 101 without accepting the WebSocket"),
        },
    }
}

impl Upgrade {
    /// Passes messages until the connection is over.
    async fn serve(self, stop: watch::Receiver<bool>, far: Far) {
        let Far { end, held } = far;
        match self.socket.await {
            Ok(socket) => {
                let wire = Wire::new(Role::Server, self.asked.compression(), stop);
                wire::run(TokioIo::new(socket), wire, end).await;
            }
            Err(error) => tracing::debug!(%error, "a connection did not become a WebSocket"),
        }
        // The invocation goes on for as long as this is held.
        drop(held);
    }
}
