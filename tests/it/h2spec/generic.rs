//! What any client does.

use super::client::{Expect, PREFACE, Step};
use super::frames::*;
use super::{Case, send};

pub const CASES: &[Case] = &[
    ("generic/1/1 a preface", || vec![Step::Raw, Step::Send([PREFACE, &settings(&[])].concat())], Expect::Settings),
    ("generic/2/1 PRIORITY on an idle stream", || send(vec![priority(1, 0, 255), request(1)]), Expect::Answer(1)),
    (
        "generic/2/2 WINDOW_UPDATE on a stream closed at our end",
        || send(vec![request(1), window_update(1, 1)]),
        Expect::Answer(1),
    ),
    (
        "generic/2/3 PRIORITY on a stream closed at our end",
        || send(vec![request(1), priority(1, 0, 255)]),
        Expect::Answer(1),
    ),
    (
        "generic/2/4 RST_STREAM on a stream closed at our end",
        || send(vec![request(1), reset(1, CANCEL), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    (
        "generic/2/5 PRIORITY on a closed stream",
        || {
            vec![
                Step::Send(request(1)),
                Step::Answered(1),
                Step::Send([priority(1, 0, 255), ping(b"h2spec\0\0")].concat()),
            ]
        },
        Expect::Pong(b"h2spec\0\0"),
    ),
    ("generic/3.1/1 a DATA frame", || send(vec![open(1), data(END_STREAM, 1, b"test")]), Expect::Answer(1)),
    (
        "generic/3.1/2 several DATA frames",
        || send(vec![open(1), data(0, 1, b"test"), data(END_STREAM, 1, b"test")]),
        Expect::Answer(1),
    ),
    (
        "generic/3.1/3 a DATA frame with padding",
        || send(vec![open(1), data(END_STREAM | PADDED, 1, b"\x06test\0\0\0\0\0\0")]),
        Expect::Answer(1),
    ),
    ("generic/3.2/1 a HEADERS frame", || send(vec![request(1)]), Expect::Answer(1)),
    (
        "generic/3.2/2 a HEADERS frame with padding",
        || send(vec![frame(HEADERS, WHOLE | PADDED, 1, &[&[6][..], &get(&[]), &[0; 6]].concat())]),
        Expect::Answer(1),
    ),
    (
        "generic/3.2/3 a HEADERS frame with priority",
        || send(vec![frame(HEADERS, WHOLE | WITH_PRIORITY, 1, &[&[0, 0, 0, 0, 255][..], &get(&[])].concat())]),
        Expect::Answer(1),
    ),
    ("generic/3.3/1 PRIORITY with priority 1", || send(vec![priority(1, 0, 0), request(1)]), Expect::Answer(1)),
    ("generic/3.3/2 PRIORITY with priority 256", || send(vec![priority(1, 0, 255), request(1)]), Expect::Answer(1)),
    ("generic/3.3/3 PRIORITY with a dependency", || send(vec![priority(3, 1, 255), request(1)]), Expect::Answer(1)),
    (
        "generic/3.3/4 PRIORITY with an exclusive dependency",
        || send(vec![priority(3, 1 | 1 << 31, 255), request(1)]),
        Expect::Answer(1),
    ),
    (
        "generic/3.3/5 PRIORITY for an idle stream, then HEADERS on a lower one",
        || send(vec![priority(5, 3, 255), request(3)]),
        Expect::Answer(3),
    ),
    (
        "generic/3.4/1 RST_STREAM",
        || send(vec![open(1), reset(1, CANCEL), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    ("generic/3.5/1 SETTINGS", || send(vec![settings(&[(3, 100)])]), Expect::SettingsAck),
    ("generic/3.7/1 PING", || send(vec![ping(b"h2spec\0\0")]), Expect::Pong(b"h2spec\0\0")),
    ("generic/3.8/1 GOAWAY", || send(vec![goaway(0, 0), ping(b"h2spec\0\0")]), Expect::Close),
    (
        "generic/3.9/1 WINDOW_UPDATE of the connection",
        || send(vec![window_update(0, 1), request(1)]),
        Expect::Answer(1),
    ),
    (
        "generic/3.9/2 WINDOW_UPDATE of a stream",
        || send(vec![open(1), window_update(1, 1), data(END_STREAM, 1, b"")]),
        Expect::Answer(1),
    ),
    (
        "generic/3.10/1 CONTINUATION",
        || send(vec![frame(HEADERS, END_STREAM, 1, &get(&[])), continuation(END_HEADERS, 1, &literal("x-test", "y"))]),
        Expect::Answer(1),
    ),
    (
        "generic/3.10/2 several CONTINUATIONs",
        || {
            let more = literal("x-test", "y");
            send(vec![
                frame(HEADERS, END_STREAM, 1, &get(&[])),
                continuation(0, 1, &more),
                continuation(END_HEADERS, 1, &more),
            ])
        },
        Expect::Answer(1),
    ),
    ("generic/4/1 GET", || send(vec![request(1)]), Expect::Answer(1)),
    (
        "generic/4/2 HEAD",
        || send(vec![with(&block(&[(":method", "HEAD"), SCHEME, PATH, AUTHORITY]))]),
        Expect::Answer(1),
    ),
    ("generic/4/3 POST", || send(vec![open(1), data(END_STREAM, 1, b"test")]), Expect::Answer(1)),
    (
        "generic/4/4 POST with trailers",
        || {
            let head = frame(HEADERS, END_HEADERS, 1, &post(&[("trailer", "x-test")]));
            send(vec![head, data(0, 1, b"test"), frame(HEADERS, WHOLE, 1, &literal("x-test", "y"))])
        },
        Expect::Answer(1),
    ),
];
