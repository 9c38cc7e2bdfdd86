//! What is sound is answered, however odd it looks.

use super::{exchange, server};

/// What is sent (with `Connection: close` in the last request), and what workers answer, in order.
const CASES: &[(&[u8], &[&str])] = &[
    (b"GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", &["[GET /a?b=c ]"]),
    (b"\r\nGET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", &["[GET / ]"]),
    (b"GET / HTTP/1.1\r\nhOsT:a.test\r\nconnection:\t close \t\r\n\r\n", &["[GET / ]"]),
    (b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n", &["[GET / ]"]),
    (b"GET http://a.test/a HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", &["[GET /a ]"]),
    (b"GET http://A.test:80/a HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", &["[GET /a ]"]),
    (b"GET / HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n", &["[GET / ]"]),
    (b"PURGE / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", &["[PURGE / ]"]),
    (b"GET / HTTP/1.1\r\nHost: a.test\r\nX: \xc3\xa4\r\nX:\r\nConnection: close\r\n\r\n", &["[GET / ]"]),
    (b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", &["[POST / abc]"]),
    (
        b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3;x=\"y\"\r\nabc\r\n01\r\nd\r\n000\r\n\r\n",
        &["[POST / abcd]"],
    ),
    (
        b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: CHUNKED\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
        &["[POST / abc]"],
    ),
    (
        b"GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n\
          POST /3 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\n\n\n\r\nGET /4 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
        &["[GET /1 ]", "[POST /2 a]", "[POST /3 \n\n]", "[GET /4 ]"],
    ),
    (
        b"POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        &["[POST / abc]"],
    ),
    (
        b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: something\r\n\r\nGET /2 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
        &["[GET / ]", "[GET /2 ]"],
    ),
];

#[tokio::test]
async fn sound_requests_are_answered_in_one_piece_and_in_many() {
    let server = server().await;
    for (bytes, wanted) in CASES {
        for size in [bytes.len(), bytes.len() / 2 + 1, 7] {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            let answer = exchange(&server, &pieces).await.unwrap();
            let mut rest = answer.as_str();
            for wanted in *wanted {
                let (_, after) = rest
                    .split_once(wanted)
                    .unwrap_or_else(|| panic!("{wanted} is not in {answer:?} to {:?}", String::from_utf8_lossy(bytes)));
                rest = after;
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on() {
    let server = server().await;
    let head =
        b"POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n";
    let answer = exchange(&server, &[head, b"", b"", b"", b"abc"]).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "{answer}");
}
