//! DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS (RFC 7540, 6.1 to 6.5).

use super::client::Expect;
use super::frames::*;
use super::{Case, send};

pub const CASES: &[Case] = &[
    (
        "http2/6.1/1 DATA on stream 0",
        || send(vec![data(END_STREAM, 0, b"test")]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.1/2 DATA on a stream that is not open",
        || send(vec![request(1), data(END_STREAM, 1, b"test")]),
        Expect::Stream(&[STREAM_CLOSED]),
    ),
    (
        "http2/6.1/3 DATA with more padding than payload",
        || send(vec![open(1), data(END_STREAM | PADDED, 1, b"\x06Test")]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.2/1 PRIORITY after HEADERS without their end",
        || send(vec![frame(HEADERS, END_STREAM, 1, &get(&[])), priority(1, 0, 255)]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.2/2 HEADERS of another stream before the first's end",
        || send(vec![frame(HEADERS, END_STREAM, 1, &get(&[])), request(3)]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    ("http2/6.2/3 HEADERS on stream 0", || send(vec![request(0)]), Expect::Connection(&[PROTOCOL_ERROR])),
    (
        "http2/6.2/4 HEADERS with more padding than payload",
        || {
            let block = get(&[]);
            let padding = block.len() as u8 + 1;
            send(vec![frame(HEADERS, WHOLE | PADDED, 1, &[&[padding][..], &block].concat())])
        },
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    ("http2/6.3/1 PRIORITY on stream 0", || send(vec![priority(0, 0, 255)]), Expect::Connection(&[PROTOCOL_ERROR])),
    (
        "http2/6.3/2 PRIORITY of 4 bytes",
        || send(vec![frame(PRIORITY, 0, 1, &[0x80, 0, 0, 1])]),
        Expect::Stream(&[FRAME_SIZE_ERROR]),
    ),
    ("http2/6.4/1 RST_STREAM on stream 0", || send(vec![reset(0, CANCEL)]), Expect::Connection(&[PROTOCOL_ERROR])),
    (
        "http2/6.4/2 RST_STREAM on an idle stream",
        || send(vec![reset(1, CANCEL)]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.4/3 RST_STREAM of 3 bytes",
        || send(vec![open(1), frame(RST_STREAM, 0, 1, &[0, 0, 0])]),
        Expect::Connection(&[FRAME_SIZE_ERROR]),
    ),
    (
        "http2/6.5/1 an acknowledgement with a payload",
        || send(vec![frame(SETTINGS, ACK, 0, &[0])]),
        Expect::Connection(&[FRAME_SIZE_ERROR]),
    ),
    (
        "http2/6.5/2 SETTINGS on a stream",
        || send(vec![frame(SETTINGS, 0, 1, &[0, 3, 0, 0, 0, 100])]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.5/3 SETTINGS of 3 bytes",
        || send(vec![frame(SETTINGS, 0, 0, &[0, 3, 0])]),
        Expect::Connection(&[FRAME_SIZE_ERROR]),
    ),
    (
        "http2/6.5.2/1 ENABLE_PUSH of 2",
        || send(vec![settings(&[(ENABLE_PUSH, 2)])]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.5.2/2 INITIAL_WINDOW_SIZE above the most",
        || send(vec![settings(&[(INITIAL_WINDOW_SIZE, 1 << 31)])]),
        Expect::Connection(&[FLOW_CONTROL_ERROR]),
    ),
    (
        "http2/6.5.2/3 MAX_FRAME_SIZE below the least",
        || send(vec![settings(&[(MAX_FRAME_SIZE, 16_383)])]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.5.2/4 MAX_FRAME_SIZE above the most",
        || send(vec![settings(&[(MAX_FRAME_SIZE, 1 << 24)])]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/6.5.2/5 an unknown setting",
        || send(vec![settings(&[(0xff, 1)]), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    (
        "http2/6.5.3/1 the last of two values holds",
        || send(vec![settings(&[(INITIAL_WINDOW_SIZE, 100), (INITIAL_WINDOW_SIZE, 1)]), request(1)]),
        Expect::Data(1),
    ),
    (
        "http2/6.5.3/2 SETTINGS are acknowledged",
        || send(vec![settings(&[(HEADER_TABLE_SIZE, 4096)])]),
        Expect::SettingsAck,
    ),
];
