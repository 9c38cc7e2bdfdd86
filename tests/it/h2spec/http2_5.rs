//! Streams (RFC 7540, 5).

use super::client::{Expect, Step};
use super::frames::*;
use super::{Case, send};

/// What follows a request that has been answered.
fn after_answer(bytes: Vec<u8>) -> Vec<Step> {
    vec![Step::Send(request(1)), Step::Answered(1), Step::Send(bytes)]
}

pub const CASES: &[Case] = &[
    ("http2/5.1/1 idle: DATA", || send(vec![data(END_STREAM, 1, b"test")]), Expect::Connection(&[PROTOCOL_ERROR])),
    ("http2/5.1/2 idle: RST_STREAM", || send(vec![reset(1, CANCEL)]), Expect::Connection(&[PROTOCOL_ERROR])),
    ("http2/5.1/3 idle: WINDOW_UPDATE", || send(vec![window_update(1, 100)]), Expect::Connection(&[PROTOCOL_ERROR])),
    (
        "http2/5.1/4 idle: CONTINUATION",
        || send(vec![continuation(END_HEADERS, 1, &get(&[]))]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/5.1/5 half closed: DATA",
        || send(vec![request(1), data(END_STREAM, 1, b"test")]),
        Expect::Stream(&[STREAM_CLOSED]),
    ),
    ("http2/5.1/6 half closed: HEADERS", || send(vec![request(1), request(1)]), Expect::Stream(&[STREAM_CLOSED])),
    (
        "http2/5.1/7 half closed: CONTINUATION",
        || send(vec![request(1), continuation(END_HEADERS, 1, &get(&[]))]),
        Expect::Stream(&[STREAM_CLOSED, PROTOCOL_ERROR]),
    ),
    (
        "http2/5.1/8 reset: DATA",
        || send(vec![open(1), reset(1, CANCEL), data(END_STREAM, 1, b"test")]),
        Expect::Stream(&[STREAM_CLOSED]),
    ),
    (
        "http2/5.1/9 reset: HEADERS",
        || send(vec![open(1), reset(1, CANCEL), request(1)]),
        Expect::Stream(&[STREAM_CLOSED]),
    ),
    (
        "http2/5.1/10 reset: CONTINUATION",
        || send(vec![open(1), reset(1, CANCEL), continuation(END_HEADERS, 1, &get(&[]))]),
        Expect::Stream(&[STREAM_CLOSED, PROTOCOL_ERROR]),
    ),
    ("http2/5.1/11 closed: DATA", || after_answer(data(END_STREAM, 1, b"test")), Expect::Stream(&[STREAM_CLOSED])),
    ("http2/5.1/12 closed: HEADERS", || after_answer(request(1)), Expect::Connection(&[STREAM_CLOSED])),
    (
        "http2/5.1/13 closed: CONTINUATION",
        || after_answer(continuation(END_HEADERS, 1, &get(&[]))),
        Expect::Connection(&[STREAM_CLOSED, PROTOCOL_ERROR]),
    ),
    ("http2/5.1.1/1 an even stream", || send(vec![request(2)]), Expect::Connection(&[PROTOCOL_ERROR])),
    ("http2/5.1.1/2 a lower stream", || send(vec![request(5), request(3)]), Expect::Connection(&[PROTOCOL_ERROR])),
    (
        "http2/5.1.2/1 more streams than allowed",
        || vec![Step::TooManyStreams],
        Expect::Stream(&[PROTOCOL_ERROR, REFUSED_STREAM]),
    ),
    (
        "http2/5.3.1/1 HEADERS that depend on themselves",
        || send(vec![frame(HEADERS, WHOLE | WITH_PRIORITY, 1, &[&[0, 0, 0, 1, 255][..], &get(&[])].concat())]),
        Expect::Stream(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/5.3.1/2 PRIORITY that depends on itself",
        || send(vec![priority(2, 2, 255)]),
        Expect::Stream(&[PROTOCOL_ERROR]),
    ),
    ("http2/5.4.1/1 a fault closes the connection", || send(vec![frame(PING, 0, 3, b"h2spec\0\0")]), Expect::Close),
    (
        "http2/5.4.1/2 a fault is named in GOAWAY",
        || send(vec![frame(PING, 0, 3, b"h2spec\0\0")]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/5.5/1 an unknown frame",
        || send(vec![frame(0xff, 0, 0, &[0; 8]), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    (
        "http2/5.5/2 an unknown frame in the middle of a block",
        || {
            send(vec![
                frame(HEADERS, END_STREAM, 1, &get(&[])),
                frame(0xff, 1, 0, &[0; 8]),
                continuation(END_HEADERS, 1, &[]),
            ])
        },
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
];
