//! Streams that are opened and reset as fast as can be (CVE-2023-44487).

use super::Edge;
use crate::h2spec::frames;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const STREAMS: u32 = 4000;

/// CPU time that the server has used, in hundredths of a second.
fn cpu(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// A request to the worker.
fn request(stream: u32) -> Vec<u8> {
    let block = frames::block(&[frames::METHOD, frames::SCHEME, frames::PATH, (":authority", "hello.localhost")]);
    frames::frame(frames::HEADERS, frames::WHOLE, stream, &block)
}

/// Sends so many requests on as many connections as it takes, each reset at once or answered.
async fn flood(address: &str, reset: bool) -> usize {
    let (mut sent, mut connections) = (0, 0);
    while sent < STREAMS {
        connections += 1;
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(&[&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frames::settings(&[])].concat()).await.unwrap();
        let (mut read, mut write) = socket.split();
        let reading = async {
            let mut bytes = [0; 65_536];
            while read.read(&mut bytes).await.is_ok_and(|length| length > 0) {}
        };
        let writing = async {
            for index in 0.. {
                let stream = 2 * index + 1;
                let mut bytes = request(stream);
                if reset {
                    bytes.extend(frames::reset(stream, frames::CANCEL));
                }
                if sent == STREAMS || write.write_all(&bytes).await.is_err() {
                    break;
                }
                sent += 1;
                // Answers need a moment, or there would be more streams than allowed.
                if !reset && index % 50 == 49 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        tokio::select! {
            () = reading => {}
            () = writing => {}
        }
    }
    connections
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_resets_costs_no_more_than_as_many_requests() {
    let edge = Edge::start("listen = \"127.0.0.1:0\"").await;
    let address = edge.address("http");
    flood(&address, false).await;
    let start = cpu(edge.node.pid());
    flood(&address, false).await;
    let middle = cpu(edge.node.pid());
    let connections = flood(&address, true).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (requests, resets) = (middle - start, cpu(edge.node.pid()) - middle);
    println!("{STREAMS} requests: {requests} hundredths; as many resets on {connections} connections: {resets}");
    assert!(resets <= requests + requests / 5, "resets cost {resets}, requests {requests}");
    assert!(connections > 1, "a connection that only resets is ended");
}
