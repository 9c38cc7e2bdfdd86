//! Every case of h2spec's list, on raw frames: generic, RFC 9113 and HPACK (RFC 7541).
//!
//! The names are h2spec's, with the sections of RFC 7540 that it counts by, so that its own output can be compared.

mod client;
pub mod frames;
mod generic;
mod generic_hpack;
mod hpack;
mod http2_3_4;
mod http2_5;
mod http2_6_1_to_6_5;
mod http2_6_7_to_6_10;
mod http2_7_8;

use self::client::{Client, Expect, Step};
use crate::support::Server;

const WORKER: &str = "export default { async fetch(request) {
    const body = await request.text();
    return new Response('hello ' + body, { headers: { 'content-type': 'text/plain' } });
} };";

/// A name, what the client does after shaking hands, and what the server must do then.
type Case = (&'static str, fn() -> Vec<Step>, Expect);

const ALL: &[&[Case]] = &[
    generic::CASES,
    generic_hpack::CASES,
    http2_3_4::CASES,
    http2_5::CASES,
    http2_6_1_to_6_5::CASES,
    http2_6_7_to_6_10::CASES,
    http2_7_8::CASES,
    hpack::CASES,
];

/// Cases that fail, and why. This list may only shrink.
const FAIL: &[&str] = &[
    // h2 takes no notice of pseudo-headers in trailers: nobody gets to see them, so they do no harm.
    "http2/8.1.2.1/3 a pseudo-header in trailers",
];

#[tokio::test]
async fn the_server_does_as_every_case_wants() {
    let server = Server::script(WORKER).await;
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, steps, expected) in ALL.iter().copied().flatten() {
        count += 1;
        let done = run(&server, steps(), *expected).await;
        if FAIL.contains(name) {
            assert!(done.is_err(), "{name} does not fail any more: take it from the list");
        } else if let Err(why) = done {
            wrong.push(format!("{name}: wanted {expected:?}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} fail:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 146, "there are {count} cases");
}

async fn run(server: &Server, steps: Vec<Step>, expected: Expect) -> Result<(), String> {
    let mut client = Client::connect(server).await;
    if !matches!(steps.first(), Some(Step::Raw)) {
        client.shake_hands().await;
    }
    for step in steps {
        client.take(step).await?;
    }
    client.expect(expected).await
}

/// Frames sent one after the other.
fn send(frames: Vec<Vec<u8>>) -> Vec<Step> {
    vec![Step::Send(frames.concat())]
}
