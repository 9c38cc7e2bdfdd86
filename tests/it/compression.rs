//! Responses are compressed for clients that take it, and stay streams.

use crate::node::Node;
use crate::support::Server;
use http::Method;
use http_body_util::{BodyExt, Full};
use std::io::Read;
use std::time::Duration;

const WORKER: &str = "export default { async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const text = 'the quick brown fox '.repeat(500);
    const type = { 'content-type': 'text/plain' };
    switch (pathname) {
        case '/manual': {
            const gzip = new Response(text).body.pipeThrough(new CompressionStream('gzip'));
            return new Response(gzip, { encodeBody: 'manual', headers: { ...type, 'content-encoding': 'gzip' } });
        }
        case '/events': {
            const { readable, writable } = new TransformStream();
            const writer = writable.getWriter();
            (async () => {
                for (const number of [1, 2, 3]) {
                    await writer.write(new TextEncoder().encode(`data: ${number}\\n\\n`));
                    await new Promise((done) => setTimeout(done, 400));
                }
                await writer.close();
            })();
            return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
        }
        case '/gzip': case '/br': {
            const body = searchParams.has('stream') ? new Blob([text]).stream() : text;
            return new Response(body, { headers: { ...type, 'content-encoding': pathname.slice(1) } });
        }
        case '/read': {
            const response = await fetch(searchParams.get('from'));
            const coding = response.headers.get('content-encoding');
            return Response.json([coding, await response.text() === text]);
        }
        case '/pass': {
            const response = await fetch(searchParams.get('from'));
            return new Response(response.body, response);
        }
        case '/kept': {
            const key = 'http://kept.test/' + searchParams.get('from').length;
            const response = await fetch(searchParams.get('from'));
            const copy = new Response(response.body, response);
            copy.headers.set('cache-control', 'max-age=60');
            await caches.default.put(key, copy.clone());
            return await caches.default.match(key) ?? new Response('nothing is kept', { status: 500 });
        }
        case '/image': return new Response(text, { headers: { 'content-type': 'image/png' } });
        default: return new Response(text, { headers: { ...type, etag: '\"v\"' } });
    }
} };";

fn plain(coding: Option<&str>, bytes: &[u8]) -> String {
    let mut text = String::new();
    match coding {
        None => text = String::from_utf8(bytes.to_vec()).unwrap(),
        Some("gzip") => _ = flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap(),
        Some("br") => _ = brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text).unwrap(),
        Some("zstd") => text = String::from_utf8(zstd::stream::decode_all(bytes).unwrap()).unwrap(),
        Some(other) => panic!("{other}"),
    }
    text
}

#[tokio::test]
async fn the_client_gets_the_coding_it_likes_best() {
    let node = Node::start().await;
    node.deploy_script("hello", WORKER).await;
    let text = "the quick brown fox ".repeat(500);
    for (accept, path, coding) in [
        (Some("gzip, deflate, br, zstd"), "/", Some("zstd")),
        (Some("gzip, br"), "/", Some("br")),
        (Some("gzip;q=1, br;q=0.5"), "/", Some("gzip")),
        (Some("identity"), "/", None),
        (None, "/", None),
        (Some("gzip"), "/image", None),
        (Some("gzip"), "/manual", Some("gzip")),
        (Some("br"), "/manual", Some("gzip")),
    ] {
        let mut request = node.to("hello", Method::GET, path);
        if let Some(accept) = accept {
            request = request.header("accept-encoding", accept);
        }
        let answer = node.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), coding, "{accept:?} {path}");
        assert_eq!(plain(coding, &answer.body), text, "{accept:?} {path}");
        if path == "/" {
            assert_eq!(answer.header("vary"), Some("accept-encoding"));
            assert_eq!(answer.header("etag"), Some(if coding.is_some() { "W/\"v\"" } else { "\"v\"" }));
        }
    }
    let head = node.to("hello", Method::HEAD, "/").header("accept-encoding", "gzip");
    let answer = node.send(head.body(Full::default()).unwrap()).await;
    assert_eq!((answer.header("content-encoding"), answer.body.len()), (Some("gzip"), 0));
}

#[tokio::test]
async fn an_event_stream_is_compressed_and_each_event_comes_when_it_is_written() {
    let node = Node::start().await;
    node.deploy_script("hello", WORKER).await;
    let request = node.to("hello", Method::GET, "/events").header("accept-encoding", "gzip");
    let response = node.open(request.body(Full::default()).unwrap()).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let (mut body, mut bytes, mut moments) = (response.into_body(), Vec::new(), Vec::new());
    let start = tokio::time::Instant::now();
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(frame.unwrap().data_ref().unwrap());
        let mut seen = [0; 256];
        let read = flate2::read::GzDecoder::new(&bytes[..]).read(&mut seen).unwrap_or(0);
        if seen[..read].ends_with(b"\n\n") && moments.last().is_none_or(|(length, _)| *length < read) {
            moments.push((read, start.elapsed()));
        }
    }
    assert_eq!(plain(Some("gzip"), &bytes), "data: 1\n\ndata: 2\n\ndata: 3\n\n");
    assert!(moments.len() >= 3 && moments[0].1 + Duration::from_millis(300) < moments[2].1, "{moments:?}");
}

#[tokio::test]
async fn a_worker_reads_what_was_encoded_and_encodes_what_it_says() {
    let node = Node::start_with(&["--private-egress"]).await;
    node.deploy_script("hello", WORKER).await;
    let text = "the quick brown fox ".repeat(500);
    let origin = Server::script(WORKER).await;
    for path in ["gzip", "gzip?stream"] {
        let made = node.get("hello", &format!("/{path}")).await;
        assert_eq!((made.status.as_u16(), made.header("content-encoding")), (200, Some("gzip")), "{path}");
        assert_eq!(plain(Some("gzip"), &made.body), text, "{path}");
        assert!(made.body.len() < 200, "{path}: {} bytes", made.body.len());

        let from = format!("{}/{path}", origin.base);
        let read = node.get("hello", &format!("/read?from={from}")).await;
        assert_eq!(read.text(), "[\"gzip\",true]", "{path}");
        for again in ["pass", "kept"] {
            let passed = node.get("hello", &format!("/{again}?from={from}")).await;
            assert_eq!((passed.status.as_u16(), passed.header("content-encoding")), (200, Some("gzip")), "{path}");
            assert_eq!(plain(Some("gzip"), &passed.body), text, "{again} {path}");
            // Only its halves are encoded anew.
            assert!(again == "kept" || passed.body == made.body, "{path}: the bytes are those of the origin");
        }
    }
    // The server does it, for clients that take it.
    for (accept, coding) in [("br", Some("br")), ("identity", None)] {
        let request = node.to("hello", Method::GET, "/br").header("accept-encoding", accept);
        let made = node.send(request.body(Full::default()).unwrap()).await;
        assert_eq!((made.status.as_u16(), made.header("content-encoding")), (200, coding), "{accept}");
        assert_eq!(plain(coding, &made.body), text, "{accept}");
    }
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let node = Node::start_with(&["--compression", "false"]).await;
    node.deploy_script("hello", WORKER).await;
    let request = node.to("hello", Method::GET, "/").header("accept-encoding", "gzip");
    let answer = node.send(request.body(Full::default()).unwrap()).await;
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), (None, None));
}
