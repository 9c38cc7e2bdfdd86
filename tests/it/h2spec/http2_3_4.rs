//! Starting HTTP/2 and frames (RFC 7540, 3 and 4).

use super::client::{Expect, PREFACE, Step};
use super::frames::*;
use super::{Case, send};

pub const CASES: &[Case] = &[
    ("http2/3.5/1 a preface", || vec![Step::Raw, Step::Send([PREFACE, &settings(&[])].concat())], Expect::Settings),
    (
        "http2/3.5/2 a wrong preface",
        || vec![Step::Raw, Step::Send(b"INVALID CONNECTION PREFACE\r\n\r\n".to_vec())],
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/4.1/1 an unknown type",
        || send(vec![frame(0xff, 0, 0, b""), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    ("http2/4.1/2 an undefined flag", || send(vec![frame(PING, 0x16, 0, b"h2spec\0\0")]), Expect::Pong(b"h2spec\0\0")),
    (
        "http2/4.1/3 the reserved bit",
        || send(vec![frame(PING, 0, 1 << 31, b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    (
        "http2/4.2/1 DATA of 16,384 bytes",
        || send(vec![open(1), data(END_STREAM, 1, &[b'x'; 16_384])]),
        Expect::Answer(1),
    ),
    (
        "http2/4.2/2 DATA larger than allowed",
        || send(vec![open(1), data(END_STREAM, 1, &[b'x'; 16_385])]),
        Expect::Stream(&[FRAME_SIZE_ERROR]),
    ),
    (
        "http2/4.2/3 HEADERS larger than allowed",
        || {
            let mut block = get(&[]);
            while block.len() <= 16_384 {
                block.extend(literal("x-test", &"x".repeat(100)));
            }
            send(vec![with(&block)])
        },
        Expect::Connection(&[FRAME_SIZE_ERROR]),
    ),
    (
        "http2/4.3/1 a block that is none",
        || send(vec![with(&[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]),
        Expect::Connection(&[COMPRESSION_ERROR]),
    ),
    (
        "http2/4.3/2 PRIORITY in the middle of a block",
        || send(vec![frame(HEADERS, END_STREAM, 1, &get(&[])), priority(1, 0, 255), continuation(END_HEADERS, 1, &[])]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
    (
        "http2/4.3/3 HEADERS of another stream in the middle of a block",
        || send(vec![frame(HEADERS, END_STREAM, 1, &get(&[])), request(3), continuation(END_HEADERS, 1, &[])]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
];
