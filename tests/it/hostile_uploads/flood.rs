//! Connections by the thousand, and ones that say a byte at a time.

use super::*;
use crate::load::{Load, Pace};
use futures_util::{StreamExt, stream};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CONNECTIONS: usize = 10_000;
/// Clients of the worker meanwhile.
const CLIENTS: usize = 4;
/// What the admin listener gives a client to say what it wants.
const HEAD: Duration = Duration::from_secs(10);

/// As many descriptors as this process may have, and how many of them are for connections.
fn raise_descriptor_limit() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("the soft limit may be as high as the hard one");
    limit.maximum.map_or(CONNECTIONS, |most| most as usize - 500).min(CONNECTIONS)
}

fn read(answer: &Answer) -> Result<(), String> {
    match answer.text() {
        "good" => Ok(()),
        _ => Err(format!("{answer:?}")),
    }
}

/// What became of a connection.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// It was told to come again.
    Busy,
    /// It was closed after it had said nothing, or too little.
    Closed,
    /// It was not made.
    NotMade,
}

/// Reads until the server closes.
async fn end(socket: &mut (impl tokio::io::AsyncRead + Unpin)) -> End {
    let mut said = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut said));
    let _ = reading.await.expect("the server closes a connection that says nothing");
    if said.starts_with(b"HTTP/1.1 503") { End::Busy } else { End::Closed }
}

async fn load_for(target: &Target, time: Duration) -> Pace {
    let load = Load::start(&target.node.base, "good", "/", CLIENTS, read);
    tokio::time::sleep(time).await;
    let seen = load.stop().await;
    let failed: Vec<_> = seen.iter().filter_map(|seen| seen.got.as_ref().err()).collect();
    assert_eq!(failed, Vec::<&String>::new());
    Pace::of(&seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_to_the_admin_port_leave_the_workers_alone() {
    let target = Target::start().await;
    let connections = raise_descriptor_limit();
    let calm = load_for(&target, Duration::from_secs(2)).await;
    let before = memory(&target.node, "VmRSS");

    let load = Load::start(&target.node.base, "good", "/", CLIENTS, read);
    let began = Instant::now();
    let address = admin_address(&target.node);
    let opening = stream::iter(0..connections).map(|number| async move {
        // From several addresses: each has some thirty thousand ports.
        tokio::spawn(connect_from([127, 0, 4, (number % 8) as u8 + 1], address)).await.unwrap()
    });
    let mut sockets: Vec<_> = opening.buffer_unordered(256).collect().await;
    let (opened, most) = (began.elapsed(), memory(&target.node, "VmRSS").saturating_sub(before));
    let ends = stream::iter(sockets.iter_mut()).map(|socket| async move {
        match socket {
            Ok(socket) => end(socket).await,
            Err(_) => End::NotMade,
        }
    });
    let ends: Vec<_> = ends.buffer_unordered(connections).collect().await;
    let took = began.elapsed();
    let seen = load.stop().await;
    let failed: Vec<_> = seen.iter().filter_map(|seen| seen.got.as_ref().err()).collect();
    assert_eq!(failed, Vec::<&String>::new(), "workers answered all the time");
    let pace = Pace::of(&seen);

    let count = |wanted: End| ends.iter().filter(|end| **end == wanted).count();
    let (busy, closed, not_made) = (count(End::Busy), count(End::Closed), count(End::NotMade));
    println!(
        "{connections} connections opened in {opened:.1?}: {busy} told to come again, {closed} closed, {not_made} not made; all over after {took:.1?}"
    );
    println!("workers before:    {calm}\nworkers meanwhile: {pace}");
    assert_eq!(not_made, 0);
    assert!(took < HEAD + Duration::from_secs(20), "{took:?}");
    assert!(pace.p99 < calm.p99.max(Duration::from_millis(20)) * 10, "{pace}");
    let after = memory(&target.node, "VmRSS").saturating_sub(before);
    println!("memory: {} MiB more with all open, {} MiB more afterwards", most >> 20, after >> 20);
    assert!(after < 50 << 20, "{after} bytes are not given back");
    drop(sockets);
    target.keeps_its_blobs();
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_a_byte_at_a_time_is_not_waited_for() {
    let target = Target::start().await;
    let began = Instant::now();
    // More than there are places: the last are told so at once.
    let clients = (0..300).map(|number| {
        let address = admin_address(&target.node);
        let head = format!("GET /v1/workers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\nx: ", target.node.token);
        async move {
            let socket = connect_from([127, 0, 5, (number % 4) as u8 + 1], address).await.unwrap();
            let (mut read, mut write) = socket.into_split();
            let writing = tokio::spawn(async move {
                for byte in head.bytes().chain(std::iter::repeat(b'a')) {
                    if write.write_all(&[byte]).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
            });
            let end = end(&mut read).await;
            writing.abort();
            end
        }
    });
    let slow = tokio::spawn(futures_util::future::join_all(clients));
    let pace = load_for(&target, Duration::from_secs(3)).await;
    let ends = slow.await.unwrap();
    let took = began.elapsed();
    let busy = ends.iter().filter(|end| **end == End::Busy).count();
    println!(
        "300 slow clients: {busy} told to come again, the others closed within {took:.1?}; workers meanwhile: {pace}"
    );
    assert!(took < HEAD + Duration::from_secs(5), "{took:?}");
    target.keeps_its_blobs();
    target.stays_well().await;
}
