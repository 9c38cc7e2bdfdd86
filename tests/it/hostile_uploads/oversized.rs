//! More than is taken: refused before it is read, or as soon as it is too much.

use super::*;
use crate::support::project;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What is announced.
const HUNDRED_MB: usize = 100_000_000;
/// What would be sent without a word of its length, if nobody stopped it.
const ENDLESS: usize = 4_000_000_000;
/// How long the answer may take.
const SOON: Duration = Duration::from_secs(10);

/// How a client speaks of the length of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Announced,
    /// Chunks until it is stopped.
    Untold,
}

/// Sends a head and then zeros until there is an answer; gives it and how many bytes of the body were sent.
async fn push(node: &Node, head: &str, length: Length) -> (String, usize) {
    let socket = TcpStream::connect(admin_address(node)).await.unwrap();
    let (mut read, mut write) = socket.into_split();
    let head = format!("{head} HTTP/1.1\r\nhost: admin\r\nauthorization: Bearer {}\r\n", node.token);
    let answer = tokio::spawn(async move {
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        // The answer is small; what comes with its end is all of it.
        while !answer.ends_with(b"}") {
            match tokio::time::timeout(PATIENCE, read.read(&mut buffer)).await.expect("there is an answer in time") {
                Ok(count @ 1..) => answer.extend_from_slice(&buffer[..count]),
                _ => break,
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    });
    let zeros = vec![0; 1 << 16];
    let (line, part, most) = match length {
        Length::Announced => (format!("content-length: {HUNDRED_MB}"), zeros, HUNDRED_MB),
        Length::Untold => ("transfer-encoding: chunked".to_owned(), [b"10000\r\n", &*zeros, b"\r\n"].concat(), ENDLESS),
    };
    write.write_all(format!("{head}{line}\r\n\r\n").as_bytes()).await.unwrap();
    let mut sent = 0;
    while sent < most && !answer.is_finished() {
        match tokio::time::timeout(Duration::from_secs(1), write.write_all(&part)).await {
            Ok(Ok(())) => sent += 1 << 16,
            Ok(Err(_)) | Err(_) => break,
        }
    }
    (answer.await.unwrap(), sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_are_refused_before_they_are_read() {
    let target = Target::start().await;
    let before = memory(&target.node, "VmRSS");
    forget_peak(&target.node);
    let blob = format!("PUT /v1/blobs/{}", digest(b"large"));
    let version = "POST /v1/workers/bad/versions";
    for (head, length) in [
        (blob.as_str(), Length::Announced),
        (&blob, Length::Untold),
        (version, Length::Announced),
        (version, Length::Untold),
        ("PATCH /v1/workers/good/secrets", Length::Untold),
        ("POST /v1/tokens", Length::Untold),
    ] {
        let began = Instant::now();
        let (answer, sent) = push(&target.node, head, length).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"too_large\""), "{head}: {answer}");
        // What is sent after the answer is on its way is thrown away, so bytes say little.
        let most = if length == Length::Announced { HUNDRED_MB } else { ENDLESS };
        assert!(sent < most && began.elapsed() < SOON, "{head}: {sent} bytes in {:?}", began.elapsed());
        println!("{head}, length {length:?}: 413 in {:.0?} after {} KiB", began.elapsed(), sent >> 10);
    }
    let grown = memory(&target.node, "VmHWM").saturating_sub(before);
    println!("{} MiB more at the peak", grown >> 20);
    assert!(grown < 200 << 20, "memory grew by {} MiB", grown >> 20);
    target.keeps_its_blobs();
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_over_the_limit_is_refused_where_it_is_built() {
    let target = Target::start().await;
    let script =
        format!("const text = '{}';\nexport default {{ fetch: () => new Response(text) }};", "a".repeat(11 << 20));
    let dir = project(&[("index.js", &script)]);
    let output = target.node.cli_in(dir.path(), &["deploy", "--name", "bad"]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && stderr.contains("more than the 10485760 allowed"), "{stderr}");
    target.keeps_its_blobs();
    target.stays_well().await;
}
