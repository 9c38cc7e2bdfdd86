//! RFC 9112, 5.

use super::{Case, refused};

pub const CASES: &[Case] = &[
    ("a blank before the colon", b"GET / HTTP/1.1\r\nHost: a.test\r\nX : y\r\n\r\n"),
    ("a tab before the colon", b"GET / HTTP/1.1\r\nHost: a.test\r\nX\t: y\r\n\r\n"),
    ("a blank before the name", b"GET / HTTP/1.1\r\n Host: a.test\r\nX: y\r\n\r\n"),
    ("a line that goes on with a blank", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\r\n z\r\n\r\n"),
    ("a line that goes on with a tab", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\r\n\tz\r\n\r\n"),
    ("a first line that goes on", b"GET / HTTP/1.1\r\n\tX: y\r\nHost: a.test\r\n\r\n"),
    ("a line of blanks", b"GET / HTTP/1.1\r\nHost: a.test\r\n \r\n\r\n"),
    ("no colon", b"GET / HTTP/1.1\r\nHost: a.test\r\nX y\r\n\r\n"),
    ("no name", b"GET / HTTP/1.1\r\nHost: a.test\r\n: y\r\n\r\n"),
    ("a blank in the name", b"GET / HTTP/1.1\r\nHost: a.test\r\nX y: z\r\n\r\n"),
    ("NUL in the name", b"GET / HTTP/1.1\r\nHost: a.test\r\nX\0: z\r\n\r\n"),
    ("NUL in the value", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\0z\r\n\r\n"),
    ("a control in the value", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\x01z\r\n\r\n"),
    ("DEL in the value", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\x7fz\r\n\r\n"),
    ("a bare CR in the value", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\rz\r\n\r\n"),
    ("a bare CR for the end", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\rContent-Length: 5\r\n\r\n"),
    ("a bare LF for the end", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\nZ: z\r\n\r\n"),
    ("a bare LF for the empty line", b"GET / HTTP/1.1\r\nHost: a.test\r\n\n"),
    ("CR CR LF", b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\r\r\n\r\n"),
    ("LF CR", b"GET / HTTP/1.1\r\nHost: a.test\n\r\n\r"),
    ("a bracket in the name", b"GET / HTTP/1.1\r\nHost: a.test\r\nX[]: y\r\n\r\n"),
    ("a slash in the name", b"GET / HTTP/1.1\r\nHost: a.test\r\nX/Y: y\r\n\r\n"),
    ("quotes around the name", b"GET / HTTP/1.1\r\nHost: a.test\r\n\"X\": y\r\n\r\n"),
    ("bytes beyond ASCII in the name", b"GET / HTTP/1.1\r\nHost: a.test\r\nX\xc3\xa4: y\r\n\r\n"),
    ("a vertical tab before the name", b"GET / HTTP/1.1\r\nHost: a.test\r\n\x0bX: y\r\n\r\n"),
    ("a form feed before the colon", b"GET / HTTP/1.1\r\nHost: a.test\r\nX\x0c: y\r\n\r\n"),
    ("a version for a field", b"GET / HTTP/1.1\r\nHTTP/1.1 200 OK\r\nHost: a.test\r\n\r\n"),
];

#[tokio::test]
async fn header_lines_that_are_wrong() {
    refused(CASES).await;
}
