//! PING, GOAWAY, WINDOW_UPDATE, CONTINUATION (RFC 7540, 6.7 to 6.10).

use super::client::{Expect, Step};
use super::frames::*;
use super::{Case, send};

const MOST: u32 = (1 << 31) - 1;

/// Headers whose end is to come.
fn begun(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM, stream, &get(&[]))
}

fn more() -> Vec<u8> {
    literal("x-test", "y")
}

pub const CASES: &[Case] = &[
    ("http2/6.7/1 PING", || send(vec![ping(b"h2spec\0\0")]), Expect::Pong(b"h2spec\0\0")),
    (
        "http2/6.7/2 PING that acknowledges is not answered",
        || send(vec![frame(PING, ACK, 0, b"invalid\0"), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    (
        "http2/6.7/3 PING on a stream",
        || send(vec![frame(PING, 0, 1, b"h2spec\0\0")]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    ("http2/6.7/4 PING of 6 bytes", || send(vec![frame(PING, 0, 0, &[0; 6])]), Expect::Connection(&[FRAME_SIZE_ERROR])),
    ("http2/6.8/1 GOAWAY on a stream", || send(vec![goaway(1, 0)]), Expect::Connection(&[PROTOCOL_ERROR])),
    ("http2/6.9/1 WINDOW_UPDATE by 0", || send(vec![window_update(0, 0)]), Expect::Connection(&[PROTOCOL_ERROR])),
    (
        "http2/6.9/2 WINDOW_UPDATE by 0 on a stream",
        || send(vec![open(1), window_update(1, 0)]),
        Expect::Stream(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.9/3 WINDOW_UPDATE of 3 bytes",
        || send(vec![frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1])]),
        Expect::Connection(&[FRAME_SIZE_ERROR]),
    ),
    (
        "http2/6.9.1/1 no more than the window is sent",
        || send(vec![settings(&[(INITIAL_WINDOW_SIZE, 1)]), request(1)]),
        Expect::Data(1),
    ),
    (
        "http2/6.9.1/2 a window of the connection above the most",
        || send(vec![window_update(0, MOST), window_update(0, MOST)]),
        Expect::Connection(&[FLOW_CONTROL_ERROR]),
    ),
    (
        "http2/6.9.1/3 a window of a stream above the most",
        || send(vec![open(1), window_update(1, MOST), window_update(1, MOST)]),
        Expect::Stream(&[FLOW_CONTROL_ERROR]),
    ),
    (
        "http2/6.9.2/1 a changed initial window holds for open streams",
        || send(vec![settings(&[(INITIAL_WINDOW_SIZE, 0)]), request(1), settings(&[(INITIAL_WINDOW_SIZE, 1)])]),
        Expect::Data(1),
    ),
    (
        "http2/6.9.2/2 a window may be negative",
        || {
            vec![
                Step::Send([settings(&[(INITIAL_WINDOW_SIZE, 3)]), request(1)].concat()),
                Step::Wait(Expect::Data(3)),
                Step::Send([settings(&[(INITIAL_WINDOW_SIZE, 2)]), window_update(1, 2)].concat()),
            ]
        },
        Expect::Data(1),
    ),
    (
        "http2/6.9.2/3 an initial window above the most",
        || send(vec![settings(&[(INITIAL_WINDOW_SIZE, 1 << 31)])]),
        Expect::Connection(&[FLOW_CONTROL_ERROR]),
    ),
    (
        "http2/6.10/1 several CONTINUATIONs",
        || send(vec![begun(1), continuation(0, 1, &more()), continuation(END_HEADERS, 1, &more())]),
        Expect::Answer(1),
    ),
    (
        "http2/6.10/2 another frame among CONTINUATIONs",
        || send(vec![begun(1), continuation(0, 1, &more()), data(END_STREAM, 1, b"test")]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.10/3 CONTINUATION on stream 0",
        || send(vec![begun(1), continuation(END_HEADERS, 0, &more())]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.10/4 CONTINUATION after the end of HEADERS",
        || send(vec![request(1), continuation(END_HEADERS, 1, &more())]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.10/5 CONTINUATION after the last one",
        || send(vec![begun(1), continuation(END_HEADERS, 1, &more()), continuation(END_HEADERS, 1, &more())]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.10/6 CONTINUATION after DATA",
        || send(vec![open(1), data(0, 1, b"test"), continuation(END_HEADERS, 1, &more())]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
];
