use super::*;
use bytes::Bytes;
use http::StatusCode;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use std::convert::Infallible;
use std::io::Read;
use tokio::sync::mpsc;

fn decoded(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        "zstd" => plain = zstd::stream::decode_all(bytes).unwrap(),
        "br" => _ = brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain).unwrap(),
        "gzip" => _ = flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap(),
        other => panic!("{other}"),
    }
    plain
}

fn wanted(accept: Option<&str>, method: &Method) -> Wanted {
    let mut headers = HeaderMap::new();
    if let Some(accept) = accept {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap());
    }
    Compression::default().wanted(method, &headers)
}

async fn answer(accept: &str, status: u16, headers: &[(&str, &str)], body: &Bytes) -> (http::response::Parts, Bytes) {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let response = response.body(Full::new(body.clone())).unwrap();
    let (head, body) = Compression::default().apply(&wanted(Some(accept), &Method::GET), response).into_parts();
    (head, body.collect().await.unwrap().to_bytes())
}

fn text(length: usize) -> Bytes {
    (0..length).map(|number| b"the quick brown fox jumps over the lazy dog"[number * 7 % 43]).collect()
}

#[tokio::test]
async fn every_coding_gives_back_what_was_sent_at_every_size() {
    for coding in ["zstd", "br", "gzip"] {
        for length in [256, 1000, TURN_AND_MORE, 3_000_000] {
            let body = text(length);
            let (head, sent) = answer(coding, 200, &[("content-type", "text/plain")], &body).await;
            assert_eq!(head.headers[CONTENT_ENCODING], coding);
            assert!(sent.len() < length, "{coding} {length}");
            assert!(decoded(coding, &sent) == body, "{coding} {length}");
        }
    }
}

/// More than is encoded at a time, and no multiple of it.
const TURN_AND_MORE: usize = 64 * 1024 + 17;

#[tokio::test]
async fn what_must_not_be_encoded_is_left_alone() {
    let (long, short) = (text(4096), text(255));
    type Case<'a> = (u16, &'a [(&'a str, &'a str)], &'a Bytes, bool);
    let cases: &[Case<'_>] = &[
        (200, &[("content-type", "text/html; charset=utf-8")], &long, true),
        (200, &[("content-type", "application/problem+json")], &long, true),
        (404, &[("content-type", "text/html")], &long, true),
        (200, &[("content-type", "text/html")], &short, false),
        (200, &[], &long, false),
        (200, &[("content-type", "image/png")], &long, false),
        (200, &[("content-type", "text/html"), ("content-encoding", "gzip")], &long, false),
        (200, &[("content-type", "text/html"), ("content-encoding", "identity")], &long, false),
        (200, &[("content-type", "text/html"), ("cache-control", "public, No-Transform")], &long, false),
        (206, &[("content-type", "text/html"), ("content-range", "bytes 0-4095/9999")], &long, false),
        (204, &[("content-type", "text/html")], &Bytes::new(), false),
        (304, &[("content-type", "text/html")], &Bytes::new(), false),
    ];
    for (status, headers, body, encoded) in cases {
        let (head, sent) = answer("gzip", *status, headers, body).await;
        assert_eq!(head.headers.get(VARY).is_some(), *encoded, "{status} {headers:?}");
        if *encoded {
            assert_eq!(
                (&head.headers[CONTENT_ENCODING], &head.headers[VARY]),
                (&"gzip".parse().unwrap(), &"accept-encoding".parse().unwrap())
            );
        } else {
            assert!(sent == **body, "{status} {headers:?}");
        }
    }
}

#[tokio::test]
async fn headers_say_what_was_done() {
    let body = text(1000);
    let headers = [
        ("content-type", "text/css"),
        ("content-length", "1000"),
        ("etag", "\"v1\""),
        ("accept-ranges", "bytes"),
        ("vary", "origin"),
        ("content-digest", "sha-256=:AAAA:"),
    ];
    let (head, _) = answer("br;q=0.9", 200, &headers, &body).await;
    assert_eq!(head.headers[ETAG], "W/\"v1\"");
    assert_eq!(head.headers.get_all(VARY).iter().collect::<Vec<_>>(), ["origin", "accept-encoding"]);
    for gone in [CONTENT_LENGTH, ACCEPT_RANGES, CONTENT_DIGEST] {
        assert!(!head.headers.contains_key(&gone), "{gone}");
    }
    let (head, sent) = answer("identity", 200, &headers, &body).await;
    assert_eq!(
        (&head.headers[ETAG], &head.headers[CONTENT_LENGTH], sent),
        (&"\"v1\"".parse().unwrap(), &"1000".parse().unwrap(), body.clone())
    );
    assert_eq!(head.headers.get_all(VARY).iter().count(), 2, "caches must know though this client gets the plain form");
    for vary in ["*", "Accept-Encoding", "origin, ACCEPT-ENCODING"] {
        let (head, _) = answer("gzip", 200, &[("content-type", "text/css"), ("vary", vary)], &body).await;
        assert_eq!(head.headers.get_all(VARY).iter().collect::<Vec<_>>(), [vary]);
    }
    let (head, _) = answer("gzip", 200, &[("content-type", "text/css"), ("etag", "W/\"v1\"")], &body).await;
    assert_eq!(head.headers[ETAG], "W/\"v1\"");
}

#[tokio::test]
async fn head_is_told_as_get_and_has_no_body() {
    let make = || {
        let response = Response::builder().header("content-type", "text/html").header("content-length", "5000");
        response.body(Full::new(Bytes::new())).unwrap()
    };
    let response = Compression::default().apply(&wanted(Some("gzip"), &Method::HEAD), make());
    assert_eq!(
        (&response.headers()[CONTENT_ENCODING], response.headers().get(CONTENT_LENGTH)),
        (&"gzip".parse().unwrap(), None)
    );
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    let response = Compression::default().apply(&wanted(None, &Method::HEAD), make());
    assert_eq!((response.status(), &response.headers()[CONTENT_LENGTH]), (StatusCode::OK, &"5000".parse().unwrap()));
}

/// What came so far can be read though more is to come: nothing is held back while the worker pauses.
#[tokio::test]
async fn a_pause_sends_what_there_is() {
    for coding in ["zstd", "br", "gzip"] {
        let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, Infallible>>(4);
        let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|frame| (frame, receiver))
        });
        let response = Response::builder().header("content-type", "text/event-stream");
        let response = response.body(StreamBody::new(stream)).unwrap();
        let response = Compression::default().apply(&wanted(Some(coding), &Method::GET), response);
        let mut body = Box::pin(response.into_body());
        let mut sent = Vec::new();
        for event in ["data: one\n\n", "data: two\n\n"] {
            sender.send(Ok(Frame::data(event.into()))).await.unwrap();
            let before = sent.len();
            while let Ok(frame) = tokio::time::timeout(std::time::Duration::from_millis(50), body.frame()).await {
                sent.extend_from_slice(&frame.unwrap().unwrap().into_data().unwrap());
            }
            assert!(sent.len() > before, "{coding}: {event} was held back");
            assert!(partly_decoded(coding, &sent).ends_with(event.as_bytes()), "{coding}: {event} cannot be read yet");
        }
        drop(sender);
        sent.extend_from_slice(&body.collect().await.unwrap().to_bytes());
        assert_eq!(decoded(coding, &sent), b"data: one\n\ndata: two\n\n");
    }
}

/// What a client can read of a stream that has not ended.
fn partly_decoded(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut reader: Box<dyn Read> = match coding {
        "zstd" => Box::new(zstd::stream::read::Decoder::new(bytes).unwrap()),
        "br" => Box::new(brotli::Decompressor::new(bytes, 4096)),
        _ => Box::new(flate2::read::GzDecoder::new(bytes)),
    };
    let (mut plain, mut part) = (Vec::new(), [0; 256]);
    while let Ok(read @ 1..) = reader.read(&mut part) {
        plain.extend_from_slice(&part[..read]);
    }
    plain
}

#[tokio::test]
async fn trailers_come_after_the_body_and_errors_break_it_off() {
    let trailers = HeaderMap::from_iter([(HeaderName::from_static("x-end"), HeaderValue::from_static("1"))]);
    let frames = vec![Ok::<_, std::io::Error>(Frame::data(text(500))), Ok(Frame::trailers(trailers.clone()))];
    let make = |frames: Vec<Result<Frame<Bytes>, std::io::Error>>| {
        let response = Response::builder().header("content-type", "text/plain");
        let response = response.body(StreamBody::new(futures_util::stream::iter(frames))).unwrap();
        Compression::default().apply(&wanted(Some("gzip"), &Method::GET), response).into_body()
    };
    let collected = make(frames).collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(decoded("gzip", &collected.to_bytes()), text(500));
    let broken = vec![Ok(Frame::data(text(500))), Err(std::io::Error::other("lost"))];
    assert!(make(broken).collect().await.is_err());
}
