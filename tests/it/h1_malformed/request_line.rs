//! RFC 9112, 2 and 3.

use super::{Case, refused};

pub const CASES: &[Case] = &[
    ("no target", b"GET HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("no version", b"GET /\r\nHost: a.test\r\n\r\n"),
    ("HTTP/0.9", b"GET /\r\n\r\n"),
    ("two blanks after the method", b"GET  / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("two blanks before the version", b"GET /  HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a tab for a blank", b"GET\t/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a vertical tab for a blank", b"GET\x0b/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a blank at the end", b"GET / HTTP/1.1 \r\nHost: a.test\r\n\r\n"),
    ("a blank at the beginning", b" GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a blank in the target", b"GET /a b HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a bare LF after the line", b"GET / HTTP/1.1\nHost: a.test\r\n\r\n"),
    ("a bare CR after the line", b"GET / HTTP/1.1\rHost: a.test\r\n\r\n"),
    ("bare LFs everywhere", b"GET / HTTP/1.1\nHost: a.test\n\n"),
    ("two empty lines before", b"\r\n\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a bare LF before", b"\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("NUL in the method", b"G\0T / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("NUL in the target", b"GET /\0 HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a control in the target", b"GET /\x01 HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("DEL in the target", b"GET /\x7f HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a fragment", b"GET /a#b HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("no slash", b"GET a HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a backslash for the slash", b"GET \\a HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a star with GET", b"GET * HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("an authority with GET", b"GET a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n"),
    ("CONNECT", b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
    ("CONNECT with a path", b"CONNECT /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: x\r\n\r\n"),
    ("a scheme that is no HTTP", b"GET ftp://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a comma in the method", b"GE,T / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a slash in the method", b"GE/T / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("HTTP in lower case", b"GET / http/1.1\r\nHost: a.test\r\n\r\n"),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\nHost: a.test\r\n\r\n"),
    ("HTTP/2.0", b"GET / HTTP/2.0\r\nHost: a.test\r\n\r\n"),
    ("HTTP/1", b"GET / HTTP/1\r\nHost: a.test\r\n\r\n"),
    ("HTTP/1.10", b"GET / HTTP/1.10\r\nHost: a.test\r\n\r\n"),
    ("HTTP/01.1", b"GET / HTTP/01.1\r\nHost: a.test\r\n\r\n"),
    ("HTTP/+1.1", b"GET / HTTP/+1.1\r\nHost: a.test\r\n\r\n"),
    ("HTTP 1.1", b"GET / HTTP 1.1\r\nHost: a.test\r\n\r\n"),
    ("another protocol", b"GET / RTSP/1.1\r\nHost: a.test\r\n\r\n"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 GET / HTTP/1.1\r\n\r\n"),
    ("a preface of HTTP/2 that is none", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
];

#[tokio::test]
async fn request_lines_that_are_wrong() {
    refused(CASES).await;
}
