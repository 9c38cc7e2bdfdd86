//! RFC 9112, 3.2: it is plain whom a request is for.

use super::{Case, refused};

pub const CASES: &[Case] = &[
    ("no host", b"GET / HTTP/1.1\r\n\r\n"),
    ("no host, other fields", b"GET / HTTP/1.1\r\nX: y\r\n\r\n"),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n"),
    ("the same host twice", b"GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n"),
    ("two hosts in one field", b"GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n"),
    ("an empty host", b"GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    ("a host with a blank", b"GET / HTTP/1.1\r\nHost: a.test b.test\r\n\r\n"),
    ("a host with a path", b"GET / HTTP/1.1\r\nHost: a.test/b\r\n\r\n"),
    ("a host with a user", b"GET / HTTP/1.1\r\nHost: b.test@a.test\r\n\r\n"),
    ("a host with a query", b"GET / HTTP/1.1\r\nHost: a.test?b\r\n\r\n"),
    ("a host with a scheme", b"GET / HTTP/1.1\r\nHost: http://a.test\r\n\r\n"),
    ("a port of letters", b"GET / HTTP/1.1\r\nHost: a.test:http\r\n\r\n"),
    ("two ports", b"GET / HTTP/1.1\r\nHost: a.test:80:80\r\n\r\n"),
    ("an open bracket", b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    ("a host with NUL", b"GET / HTTP/1.1\r\nHost: a.test\0b.test\r\n\r\n"),
    ("a host beyond ASCII", b"GET / HTTP/1.1\r\nHost: \xc3\xa4.test\r\n\r\n"),
    ("a target for another host", b"GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a target with a user", b"GET http://b.test@a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a target without a host", b"GET http:/// HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a target for a port of letters", b"GET http://a.test:x/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
];

#[tokio::test]
async fn requests_for_nobody_or_for_two() {
    refused(CASES).await;
}
