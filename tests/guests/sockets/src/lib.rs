//! What any language's component can do with WebSockets and events. Blocking calls only.
//!
//! | path | behaviour |
//! |---|---|
//! | `/echo` | accepts, and gives each message back |
//! | `/forward?http://HOST/PATH` | connects the client with another server |
//! | any other | says whether it was asked for a WebSocket |

wit_bindgen::generate!({
    path: "../../../guest-sdk/wit",
    world: "glowplug:worker/js-worker",
    generate_all,
});

use exports::glowplug::worker::events::ScheduledEvent;
use glowplug::worker::log;
use glowplug::worker::websocket::{self, Event, SendError, Websocket};
use wasi::http::types::{Fields, IncomingRequest, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme};

struct Sockets;

export!(Sockets);

impl exports::wasi::http::incoming_handler::Guest for Sockets {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        match path.split_once('?').unwrap_or((&path, "")) {
            ("/echo", _) => match websocket::accept() {
                Ok(socket) => {
                    respond(out, 101);
                    echo(&socket);
                }
                Err(_) => respond(out, 426),
            },
            ("/forward", url) => respond(out, if forward(url) { 101 } else { 502 }),
            _ => respond(out, 200),
        }
    }
}

fn respond(out: ResponseOutparam, status: u16) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).expect("it is a status");
    ResponseOutparam::set(out, Ok(response));
}

fn echo(socket: &Websocket) {
    let readable = socket.subscribe_readable();
    loop {
        readable.block();
        while let Some(event) = socket.receive() {
            match event {
                Event::Message(message) => {
                    while socket.send(&message) == Err(SendError::WouldBlock) {
                        socket.subscribe_writable().block();
                    }
                }
                Event::Closed(closing) => {
                    let text = format!("closed {} {} {}", closing.code, closing.reason, closing.clean);
                    return log::write(log::Level::Log, &text);
                }
            }
        }
    }
}

fn forward(url: &str) -> bool {
    let Some((host, path)) = url.trim_start_matches("http://").split_once('/') else { return false };
    let request = OutgoingRequest::new(Fields::new());
    let set = request.set_scheme(Some(&Scheme::Http)).is_ok()
        && request.set_authority(Some(host)).is_ok()
        && request.set_path_with_query(Some(&format!("/{path}"))).is_ok();
    let Some(connecting) = websocket::connect(request).ok().filter(|_| set) else { return false };
    connecting.subscribe().block();
    match connecting.get() {
        Some(Ok((_, Some(socket)))) => websocket::forward(socket).is_ok(),
        _ => false,
    }
}

impl exports::glowplug::worker::events::Guest for Sockets {
    fn scheduled(event: ScheduledEvent) -> Result<(), String> {
        log::write(log::Level::Log, &format!("due by {} at {}", event.cron, event.scheduled_time));
        if event.cron == "1 1 1 1 *" { Err("not today".into()) } else { Ok(()) }
    }

    fn tail(items: String) -> Result<(), String> {
        log::write(log::Level::Log, &format!("{} bytes of traces", items.len()));
        Ok(())
    }
}
