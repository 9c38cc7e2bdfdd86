//! RFC 9112, 6: where a body ends, and with it where the next request begins.

use super::{Case, refused};

pub const CASES: &[Case] = &[
    ("length and chunks", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"),
    ("chunks and length", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
    ("length 0 and chunks", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two lengths", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
    ("the same length twice", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nabcde"),
    ("a list of lengths", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5, 5\r\n\r\nabcde"),
    ("a list of different lengths", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5,6\r\n\r\nabcde"),
    ("a length with a plus", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: +5\r\n\r\nabcde"),
    ("a length with a minus", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: -5\r\n\r\nabcde"),
    ("a length with a point", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5.0\r\n\r\nabcde"),
    ("a length in hexadecimal", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0x5\r\n\r\nabcde"),
    ("a length with an underscore", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1_0\r\n\r\nabcdeabcde"),
    ("a length with a blank", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1 0\r\n\r\nabcde"),
    ("an empty length", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length:\r\n\r\nabcde"),
    ("a length of letters", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: five\r\n\r\nabcde"),
    ("a length in quotes", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: \"5\"\r\n\r\nabcde"),
    ("a length with an exponent", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1e1\r\n\r\nabcdeabcde"),
    ("a length of more than 64 bits", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 18446744073709551621\r\n\r\nabcde"),
    ("a length with letters after it", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5x\r\n\r\nabcde"),
    ("an unknown coding", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("a blank in the coding's field", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    ("a line that goes on before the coding", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    ("chunked twice", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked in two fields", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("chunked and not last", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    ("gzip before chunked", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked and identity", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ("identity", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: identity\r\n\r\n"),
    ("an empty coding", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"),
    ("chunked with a parameter", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    ("chunked in quotes", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ("chunked with a comma", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"),
    ("chunked after a vertical tab", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    ("chunked before NUL", b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n"),
    ("chunked in HTTP/1.0", b"POST / HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a second request in the body of both", b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a second request after GET with both", b"GET / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nZ\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"),
];

#[tokio::test]
async fn bodies_whose_end_is_not_plain() {
    refused(CASES).await;
}
