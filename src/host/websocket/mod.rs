//! `glowplug:worker/websocket`: a guest's ends of connections.
//!
//! [`crate::websocket`] has the protocol. Here is what an invocation may do with it: accept its request's connection,
//! pass it on to another place, or connect to one.

mod connect;
mod offer;

pub use self::connect::Connecting;
pub use self::offer::{Far, Held, Offer, Open};

use super::HostCtx;
use super::bindings::websocket::{self as wit, AcceptError, CloseError, Event, Message};
use super::tape::Tape;
use crate::limits;
use crate::meter::Operation;
use crate::websocket::{self as protocol, Closing, End, LONGEST_REASON, NO_CODE, Readable, Writable};
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

/// A guest's end of a connection.
pub struct Socket {
    end: End,
    /// Each message that comes grants the invocation its whole fuel anew.
    refills: bool,
}

#[async_trait]
impl Pollable for Readable {
    async fn ready(&mut self) {
        Readable::ready(self).await;
    }
}

#[async_trait]
impl Pollable for Writable {
    async fn ready(&mut self) {
        Writable::ready(self).await;
    }
}

impl HostCtx {
    fn socket(&mut self, socket: &Resource<Socket>) -> Result<&mut Socket> {
        self.run();
        Ok(self.table.get_mut(socket)?)
    }
}

impl wit::Host for HostCtx {
    fn accept(&mut self) -> Result<std::result::Result<Resource<Socket>, AcceptError>> {
        let Some(offer) = &self.websocket else { return Ok(Err(AcceptError::NoWebsocketRequest)) };
        let Some(end) = offer.accept() else { return Ok(Err(AcceptError::AlreadyAccepted)) };
        let refills = offer.refills();
        Ok(Ok(self.table.push(Socket { end, refills })?))
    }

    fn forward(&mut self, socket: Resource<Socket>) -> Result<std::result::Result<(), AcceptError>> {
        let Socket { end, .. } = self.table.delete(socket)?;
        let Some(offer) = &self.websocket else { return Ok(Err(AcceptError::NoWebsocketRequest)) };
        Ok(if offer.forward(end) { Ok(()) } else { Err(AcceptError::AlreadyAccepted) })
    }

    fn connect(
        &mut self,
        request: Resource<HostOutgoingRequest>,
    ) -> Result<std::result::Result<Resource<Connecting>, ErrorCode>> {
        let request = self.table.delete(request)?;
        let refuse = |why: &str| Ok(Err(ErrorCode::InternalError(Some(why.to_owned()))));
        match &mut self.subrequests.tape {
            Tape::Off => {}
            Tape::Record(recorder) => recorder.give_up("the worker connected a WebSocket, and frames are not recorded"),
            Tape::Play(_) => return refuse("a recording that is played has no WebSockets"),
        }
        match self.subrequests.connect(request) {
            Ok(connecting) => Ok(Ok(self.table.push(connecting)?)),
            Err(code) => Ok(Err(code)),
        }
    }
}

impl wit::HostWebsocket for HostCtx {
    fn receive(&mut self, socket: Resource<Socket>) -> Result<Option<Event>> {
        let this = self.socket(&socket)?;
        let refills = this.refills;
        let event = this.end.receive();
        Ok(match event {
            None => None,
            Some(protocol::Event::Message(message)) => {
                self.charge(Operation::WebsocketReceive, message.len() as u64);
                if refills {
                    self.subrequests.meter.refill();
                }
                Some(Event::Message(match message {
                    protocol::Message::Text(text) => Message::Text(text),
                    protocol::Message::Binary(bytes) => Message::Binary(bytes.into()),
                }))
            }
            Some(protocol::Event::Closed(closing)) => {
                if closing.clean {
                    // The other end may be another guest's, which waits for an answer.
                    self.table.get(&socket)?.end.close(closing.clone());
                }
                let Closing { code, reason, clean } = closing;
                Some(Event::Closed(wit::Closing { code, reason, clean }))
            }
        })
    }

    fn subscribe_readable(&mut self, socket: Resource<Socket>) -> Result<Resource<DynPollable>> {
        let readable = self.socket(&socket)?.end.readable();
        let readable = self.table.push(readable)?;
        subscribe(&mut self.table, readable)
    }

    fn send(&mut self, socket: Resource<Socket>, message: Message) -> Result<std::result::Result<(), wit::SendError>> {
        let end = &self.socket(&socket)?.end;
        let message = match message {
            Message::Text(text) => protocol::Message::Text(text),
            Message::Binary(bytes) => protocol::Message::Binary(bytes.into()),
        };
        let length = message.len() as u64;
        if length > limits::WEBSOCKET_MESSAGE.default {
            return Ok(Err(wit::SendError::TooLarge));
        }
        Ok(match end.send(message) {
            Ok(()) => {
                self.charge(Operation::WebsocketSend, length);
                Ok(())
            }
            Err(protocol::SendError::Full) => Err(wit::SendError::WouldBlock),
            Err(protocol::SendError::Closed) => Err(wit::SendError::Closed),
        })
    }

    fn subscribe_writable(&mut self, socket: Resource<Socket>) -> Result<Resource<DynPollable>> {
        let writable = self.socket(&socket)?.end.writable();
        let writable = self.table.push(writable)?;
        subscribe(&mut self.table, writable)
    }

    fn buffered(&mut self, socket: Resource<Socket>) -> Result<u64> {
        Ok(self.socket(&socket)?.end.buffered() as u64)
    }

    fn close(
        &mut self,
        socket: Resource<Socket>,
        code: u16,
        reason: String,
    ) -> Result<std::result::Result<(), CloseError>> {
        if code != NO_CODE && !protocol::is_close_code(code) {
            return Ok(Err(CloseError::InvalidCode));
        }
        if reason.len() > LONGEST_REASON {
            return Ok(Err(CloseError::ReasonTooLong));
        }
        self.charge(Operation::WebsocketSend, reason.len() as u64);
        self.socket(&socket)?.end.close(Closing::frame(code, reason));
        Ok(Ok(()))
    }

    fn extensions(&mut self, socket: Resource<Socket>) -> Result<String> {
        Ok(self.socket(&socket)?.end.extensions.to_owned())
    }

    fn drop(&mut self, socket: Resource<Socket>) -> Result<()> {
        self.run().table.delete(socket)?;
        Ok(())
    }
}

impl wit::HostConnecting for HostCtx {
    fn subscribe(&mut self, connecting: Resource<Connecting>) -> Result<Resource<DynPollable>> {
        subscribe(&mut self.run().table, connecting)
    }

    fn get(
        &mut self,
        connecting: Resource<Connecting>,
    ) -> Result<Option<std::result::Result<(Resource<HostIncomingResponse>, Option<Resource<Socket>>), ErrorCode>>>
    {
        let Some(connected) = self.table.get_mut(&connecting)?.take() else { return Ok(None) };
        let (response, end) = match connected {
            Ok(connected) => {
                let (response, end) = connected.into_parts();
                (Ok((response, spawn(async {}))), end)
            }
            Err(error) => (Err(error), None),
        };
        // A guest is given headers, bodies and errors as by `wasi:http`'s own future, which is made for this.
        let future = self.table.push(HostFutureIncomingResponse::Ready(response))?;
        let rep = future.rep();
        let answer = types::HostFutureIncomingResponse::get(&mut self.http(), Resource::new_borrow(rep))?;
        self.table.delete(future)?;
        let response = match answer {
            Some(Ok(Ok(response))) => response,
            Some(Ok(Err(code))) => return Ok(Some(Err(code))),
            None | Some(Err(())) => return Ok(None),
        };
        let socket = end.map(|end| self.table.push(Socket { end, refills: false })).transpose()?;
        Ok(Some(Ok((response, socket))))
    }

    fn drop(&mut self, connecting: Resource<Connecting>) -> Result<()> {
        self.run().table.delete(connecting)?;
        Ok(())
    }
}

/// What of the world's WebSockets an invocation has.
pub(super) type Offered = Option<Arc<Offer>>;
