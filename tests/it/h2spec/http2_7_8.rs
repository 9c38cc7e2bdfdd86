//! Error codes and messages (RFC 7540, 7 and 8).

use super::client::Expect;
use super::frames::*;
use super::{Case, send};

const MALFORMED: Expect = Expect::Stream(&[PROTOCOL_ERROR]);
const POST: Field = (":method", "POST");

/// A request with a header block of these fields.
fn fields(fields: &[Field]) -> Vec<Vec<u8>> {
    vec![with(&block(fields))]
}

fn with_more(more: &[Field]) -> Vec<Vec<u8>> {
    vec![with(&get(more))]
}

pub const CASES: &[Case] = &[
    ("http2/7/1 GOAWAY with an unknown code", || send(vec![goaway(0, 0xff), ping(b"h2spec\0\0")]), Expect::Close),
    (
        "http2/7/2 RST_STREAM with an unknown code",
        || send(vec![open(1), reset(1, 0xff), ping(b"h2spec\0\0")]),
        Expect::Pong(b"h2spec\0\0"),
    ),
    ("http2/8.1/1 a second HEADERS that ends nothing", || send(vec![open(1), open(1)]), MALFORMED),
    ("http2/8.1.2/1 a name in upper case", || send(with_more(&[("X-TEST", "ok")])), MALFORMED),
    ("http2/8.1.2.1/1 an unknown pseudo-header", || send(with_more(&[(":test", "ok")])), MALFORMED),
    ("http2/8.1.2.1/2 a pseudo-header of responses", || send(with_more(&[(":status", "200")])), MALFORMED),
    (
        "http2/8.1.2.1/3 a pseudo-header in trailers",
        || send(vec![open(1), data(0, 1, b"test"), frame(HEADERS, WHOLE, 1, &block(&[METHOD]))]),
        MALFORMED,
    ),
    (
        "http2/8.1.2.1/4 a pseudo-header after a field",
        || send(fields(&[METHOD, SCHEME, AUTHORITY, ("x-test", "ok"), PATH])),
        MALFORMED,
    ),
    ("http2/8.1.2.2/1 a field of the connection", || send(with_more(&[("connection", "keep-alive")])), MALFORMED),
    (
        "http2/8.1.2.2/2 TE other than trailers",
        || send(with_more(&[("trailers", "test"), ("te", "trailers, deflate")])),
        MALFORMED,
    ),
    ("http2/8.1.2.3/1 an empty path", || send(fields(&[METHOD, SCHEME, (":path", ""), AUTHORITY])), MALFORMED),
    ("http2/8.1.2.3/2 no method", || send(fields(&[SCHEME, PATH, AUTHORITY])), MALFORMED),
    ("http2/8.1.2.3/3 no scheme", || send(fields(&[METHOD, PATH, AUTHORITY])), MALFORMED),
    ("http2/8.1.2.3/4 no path", || send(fields(&[METHOD, SCHEME, AUTHORITY])), MALFORMED),
    ("http2/8.1.2.3/5 two methods", || send(fields(&[METHOD, METHOD, SCHEME, PATH, AUTHORITY])), MALFORMED),
    ("http2/8.1.2.3/6 two schemes", || send(fields(&[METHOD, SCHEME, SCHEME, PATH, AUTHORITY])), MALFORMED),
    ("http2/8.1.2.3/7 two paths", || send(fields(&[METHOD, SCHEME, PATH, PATH, AUTHORITY])), MALFORMED),
    (
        "http2/8.1.2.6/1 a length that is not that of the body",
        || {
            let head =
                frame(HEADERS, END_HEADERS, 1, &block(&[POST, SCHEME, PATH, AUTHORITY, ("content-length", "1")]));
            send(vec![head, data(END_STREAM, 1, b"test")])
        },
        MALFORMED,
    ),
    (
        "http2/8.1.2.6/2 a length that is not that of several pieces",
        || {
            let head =
                frame(HEADERS, END_HEADERS, 1, &block(&[POST, SCHEME, PATH, AUTHORITY, ("content-length", "1")]));
            send(vec![head, data(0, 1, b"test"), data(END_STREAM, 1, b"test")])
        },
        MALFORMED,
    ),
    (
        "http2/8.2/1 PUSH_PROMISE",
        || send(vec![frame(PUSH_PROMISE, END_HEADERS, 1, &[&[0, 0, 0, 3][..], &get(&[])].concat())]),
        Expect::Connection(&[PROTOCOL_ERROR]),
    ),
];
