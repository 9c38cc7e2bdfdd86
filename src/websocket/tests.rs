//! The cases of the Autobahn suite that matter, on frames written by hand.

use super::deflate::{Inflater, Params, accept, agreed, deflate};
use super::frame::{self, Head, Opcode};
use super::reader::{Incoming, Reader};
use super::wire::{self, Wire};
use super::*;
use bytes::BytesMut;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

const MOST: usize = 1 << 20;
const KEY: [u8; 4] = [1, 2, 3, 4];

/// A client's frame.
fn frame(last: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    raw(u8::from(last) << 7 | opcode, payload)
}

fn raw(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        length @ 0..=125 => out.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&KEY);
    out.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

/// All that a server reads in `bytes`, fed in pieces of `step`.
fn read(bytes: &[u8], step: usize, compression: Option<Params>) -> Result<Vec<Incoming>, u16> {
    let mut reader = Reader::new(Role::Client, MOST, compression);
    let mut buffer = BytesMut::new();
    let mut all = Vec::new();
    for piece in bytes.chunks(step) {
        buffer.extend_from_slice(piece);
        while let Some(incoming) = reader.next(&mut buffer).map_err(|violation| violation.code)? {
            all.push(incoming);
        }
    }
    Ok(all)
}

fn text(text: &str) -> Incoming {
    Incoming::Message(Message::Text(text.to_owned()))
}

fn binary(bytes: &[u8]) -> Incoming {
    Incoming::Message(Message::Binary(Bytes::copy_from_slice(bytes)))
}

#[test]
fn messages_of_all_lengths_are_read_however_they_come_in_pieces() {
    for length in [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, MOST] {
        let payload = vec![b'x'; length];
        let want = Ok(vec![binary(&payload), text("after")]);
        let bytes = [frame(true, 2, &payload), frame(true, 1, b"after")].concat();
        for step in [7919, bytes.len()] {
            assert_eq!(read(&bytes, step, None), want, "{length} in pieces of {step}");
        }
        if length < 200 {
            assert_eq!(read(&bytes, 1, None), want, "{length} byte by byte");
        }
    }
}

#[test]
fn fragments_are_put_together_with_control_frames_between_them() {
    let bytes = [
        frame(false, 1, "κό".as_bytes()),
        frame(true, 9, b"ping"),
        frame(false, 0, &"σμε".as_bytes()[..3]),
        frame(true, 10, b""),
        frame(true, 0, &"σμε".as_bytes()[3..]),
        frame(false, 2, b""),
        frame(true, 0, b""),
    ]
    .concat();
    let want = vec![Incoming::Ping(Bytes::from_static(b"ping")), Incoming::Pong, text("κόσμε"), binary(b"")];
    for step in [1, 2, 3, 1000] {
        assert_eq!(read(&bytes, step, None).unwrap(), want);
    }
}

#[test]
fn what_a_client_may_not_send_has_its_close_code() {
    let long = vec![b'x'; MOST + 1];
    let half = vec![b'x'; MOST / 2 + 1];
    let mut unmasked = frame(true, 1, b"x");
    unmasked[1] &= 0x7f;
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("not masked", unmasked, 1002),
        ("a reserved bit", raw(0x80 | 0x40 | 1, b"x"), 1002),
        ("another reserved bit", raw(0x80 | 0x20 | 1, b"x"), 1002),
        ("the third reserved bit", raw(0x80 | 0x10 | 9, b"x"), 1002),
        ("an unknown data opcode", frame(true, 3, b""), 1002),
        ("an unknown data opcode", frame(true, 7, b""), 1002),
        ("an unknown control opcode", frame(true, 11, b""), 1002),
        ("an unknown control opcode", frame(true, 15, b""), 1002),
        ("a ping in parts", frame(false, 9, b"x"), 1002),
        ("a long ping", frame(true, 9, &[0; 126]), 1002),
        ("a long close", frame(true, 8, &[3; 126]), 1002),
        ("a continuation of nothing", frame(true, 0, b"x"), 1002),
        ("a continuation after the end", [frame(true, 1, b"x"), frame(true, 0, b"x")].concat(), 1002),
        ("a message within another", [frame(false, 1, b"x"), frame(true, 1, b"x")].concat(), 1002),
        ("half a close code", frame(true, 8, &[3]), 1002),
        ("too big at once", frame(true, 2, &long), 1009),
        ("too big in parts", [frame(false, 2, &half), frame(true, 0, &half)].concat(), 1009),
        ("a length of 63 bits", vec![0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002),
        ("a length not in its shortest form", vec![0x82, 0x80 | 126, 0, 5, 1, 2, 3, 4], 1002),
        ("a long length not in its shortest form", vec![0x82, 0x80 | 127, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3, 4], 1002),
        ("no UTF-8", frame(true, 1, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), 1007),
        ("an overlong form", frame(true, 1, b"\xc0\xaf"), 1007),
        ("above Unicode", frame(true, 1, b"\xf4\x90\x80\x80"), 1007),
        ("half a character", frame(true, 1, b"\xe2\x82"), 1007),
        ("half a character in parts", [frame(false, 1, b"\xe2"), frame(true, 0, b"\x82")].concat(), 1007),
        ("a reason that is not UTF-8", frame(true, 8, b"\x03\xe8\xff"), 1007),
    ];
    for (what, bytes, code) in cases {
        for step in [bytes.len(), 1000] {
            assert_eq!(read(&bytes, step, None), Err(code), "{what}");
        }
    }
}

#[test]
fn close_frames_have_the_codes_that_may_be_sent() {
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        let want = vec![Incoming::Close(Closing::frame(code, "why"))];
        assert_eq!(read(&frame(true, 8, &[&code.to_be_bytes()[..], b"why"].concat()), 100, None), Ok(want));
    }
    assert_eq!(read(&frame(true, 8, b""), 9, None), Ok(vec![Incoming::Close(Closing::frame(NO_CODE, ""))]));
    for code in [0u16, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        assert_eq!(read(&frame(true, 8, &code.to_be_bytes()), 100, None), Err(1002), "{code}");
    }
    let longest = [&1000u16.to_be_bytes()[..], &[b'x'; 123]].concat();
    assert!(read(&frame(true, 8, &longest), 1000, None).is_ok());
}

#[test]
fn a_masked_frame_of_a_server_is_refused() {
    let bytes = frame(true, 1, b"x");
    assert_eq!(Head::parse(&bytes, Role::Server).unwrap_err().code, 1002);
}

#[test]
fn masking_is_the_same_at_every_offset() {
    let plain: Vec<u8> = (0..100).collect();
    let expected: Vec<u8> = plain.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    for at in 0..20 {
        let mut bytes = plain.clone();
        let (one, two) = bytes.split_at_mut(at);
        frame::mask(one, KEY, 0);
        frame::mask(two, KEY, at);
        assert_eq!(bytes, expected, "{at}");
    }
}

#[test]
fn compressed_messages_come_out_as_they_went_in() {
    let (params, header) = accept("permessage-deflate; client_max_window_bits").unwrap();
    assert_eq!(header, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    let mut inflater = Inflater::new(params);
    let mixed: Vec<u8> = (0..100_000u32).flat_map(|i| (i.wrapping_mul(2_654_435_761) >> 28).to_le_bytes()).collect();
    for data in [b"hello ".repeat(100), vec![0; MOST], mixed] {
        let small = deflate(&data).expect("it is worth it");
        assert!(small.len() < data.len());
        assert_eq!(inflater.inflate(&small, MOST).unwrap(), data);
    }
    assert_eq!(deflate(b"short"), None);
    let noise: Vec<u8> = (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761).rotate_left(7) >> 13) as u8).collect();
    if let Some(small) = deflate(&noise) {
        assert_eq!(inflater.inflate(&small, MOST).unwrap(), noise);
    }
    // RFC 7692, 7.2.3.1 and 7.2.3.3 (a stored block) and 7.2.3.4 (a final block).
    for bytes in [
        &b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..],
        b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
        b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
    ] {
        assert_eq!(inflater.inflate(bytes, MOST).unwrap(), b"Hello", "{bytes:x?}");
    }
}

#[test]
fn a_context_that_is_taken_over_is_kept() {
    // RFC 7692, 7.2.3.2: the second «Hello» points back into the first.
    let mut inflater = Inflater::new(Params { fresh_inbound: false });
    assert_eq!(inflater.inflate(b"\xf2\x48\xcd\xc9\xc9\x07\x00", MOST).unwrap(), b"Hello");
    assert_eq!(inflater.inflate(b"\xf2\x00\x11\x00\x00", MOST).unwrap(), b"Hello");
}

#[test]
fn compressed_messages_are_bounded_and_checked() {
    let params = Params { fresh_inbound: true };
    let bomb = deflate(&vec![0; MOST + 1]).unwrap();
    assert!(bomb.len() < 10_000);
    assert_eq!(read(&raw(0xc2, &bomb), 1000, Some(params)), Err(1009));
    assert_eq!(read(&raw(0xc1, b"\xff\xff\xff\xff"), 1000, Some(params)), Err(1007));
    let bad_text = deflate(&[0xff; 2000]).unwrap();
    assert_eq!(read(&raw(0xc1, &bad_text), 1000, Some(params)), Err(1007));
    assert_eq!(read(&raw(0xc9, b""), 1000, Some(params)), Err(1002), "a control frame");
    let parts = [raw(0x41, b"\xf2\x48\xcd"), raw(0x80, b"\xc9\xc9\x07\x00")].concat();
    assert_eq!(read(&parts, 3, Some(params)), Ok(vec![text("Hello")]));
    let wrong = [raw(0x41, b"\xf2\x48\xcd"), raw(0xc0, b"\xc9\xc9\x07\x00")].concat();
    assert_eq!(read(&wrong, 100, Some(params)), Err(1002), "the bit on a continuation");
}

#[test]
fn offers_of_compression_are_taken_up_where_they_can_be() {
    for refused in [
        "x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=08",
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    ] {
        assert_eq!(accept(refused), None, "{refused}");
    }
    let second = "permessage-deflate; server_max_window_bits=10, permessage-deflate; client_max_window_bits=\"15\"";
    assert!(accept(second).is_some());
    assert!(accept("permessage-deflate; server_max_window_bits=15").unwrap().1.ends_with("=15"));
    assert_eq!(agreed(""), Ok(None));
    assert_eq!(agreed("permessage-deflate"), Ok(Some(Params { fresh_inbound: false })));
    let fresh = "permessage-deflate; server_no_context_takeover; server_max_window_bits=12";
    assert_eq!(agreed(fresh), Ok(Some(Params { fresh_inbound: true })));
    for wrong in ["other", "permessage-deflate; client_max_window_bits=10", "permessage-deflate, permessage-deflate"] {
        assert!(agreed(wrong).is_err(), "{wrong}");
    }
}

/// An end, and the raw client at the other side of its socket.
fn served(compression: Option<Params>) -> (End, DuplexStream, watch::Sender<bool>) {
    served_within(compression, Duration::from_secs(30), Duration::from_secs(600))
}

fn served_within(
    compression: Option<Params>,
    silence: Duration,
    idle: Duration,
) -> (End, DuplexStream, watch::Sender<bool>) {
    let (near, far) = pair();
    let (client, server) = tokio::io::duplex(64 * 1024);
    let (stop, stopping) = watch::channel(false);
    let wire = Wire { role: Role::Server, compression, most: MOST, silence, idle, stop: stopping };
    tokio::spawn(wire::run(server, wire, far));
    (near, client, stop)
}

/// The next frame that a server sent.
async fn next(client: &mut DuplexStream) -> Option<(Opcode, bool, Vec<u8>)> {
    let mut bytes = Vec::new();
    let (head, _) = loop {
        if let Some(parsed) = Head::parse(&bytes, Role::Server).unwrap() {
            break parsed;
        }
        bytes.push(client.read_u8().await.ok()?);
    };
    let mut payload = vec![0; head.length as usize];
    client.read_exact(&mut payload).await.unwrap();
    Some((head.opcode, head.compressed, payload))
}

#[tokio::test]
async fn the_other_side_closes() {
    let (mut end, mut client, _stop) = served(None);
    client
        .write_all(&[frame(true, 1, b"hi"), frame(true, 9, b"p"), frame(true, 8, b"\x0b\xb8bye")].concat())
        .await
        .unwrap();
    assert_eq!(end.next().await, Some(Event::Message(Message::Text("hi".into()))));
    assert_eq!(end.next().await, Some(Event::Closed(Closing::frame(3000, "bye"))));
    assert_eq!(end.next().await, None);
    let mut frames = Vec::new();
    while let Some((opcode, _, payload)) = next(&mut client).await {
        frames.push((opcode, payload));
    }
    assert_eq!(frames.last(), Some(&(Opcode::Close, b"\x0b\xb8bye".to_vec())), "and the connection ends");
    assert_eq!(end.send(Message::Text("late".into())), Err(SendError::Closed));
}

#[tokio::test]
async fn this_side_closes_after_what_it_sent_and_hears_the_answer() {
    let (mut end, mut client, _stop) = served(None);
    end.send(Message::Binary(Bytes::from_static(b"1"))).unwrap();
    end.close(Closing::frame(NO_CODE, ""));
    assert_eq!(next(&mut client).await, Some((Opcode::Binary, false, b"1".to_vec())));
    assert_eq!(next(&mut client).await, Some((Opcode::Close, false, Vec::new())));
    client.write_all(&[frame(true, 1, b"late"), frame(true, 8, b"\x03\xe8")].concat()).await.unwrap();
    assert_eq!(end.next().await, Some(Event::Message(Message::Text("late".into()))));
    assert_eq!(end.next().await, Some(Event::Closed(Closing::frame(1000, ""))));
    assert_eq!(next(&mut client).await, None);
}

#[tokio::test]
async fn faults_and_breaks_are_told_to_both() {
    let (mut end, mut client, _stop) = served(None);
    client.write_all(&frame(true, 1, b"\xff")).await.unwrap();
    assert_eq!(end.next().await, Some(Event::Closed(Closing::broken())));
    assert_eq!(next(&mut client).await.map(|(_, _, payload)| payload[..2].to_vec()), Some(vec![0x03, 0xef]));
    assert_eq!(next(&mut client).await, None);

    let (mut end, client, _stop) = served(None);
    drop(client);
    assert_eq!(end.next().await, Some(Event::Closed(Closing::broken())));

    let (end, mut client, _stop) = served(None);
    drop(end);
    assert_eq!(next(&mut client).await, Some((Opcode::Close, false, b"\x03\xf3the worker ended".to_vec())));
}

#[tokio::test]
async fn a_stop_closes_with_going_away() {
    let (mut end, mut client, stop) = served(None);
    stop.send_replace(true);
    let (opcode, _, payload) = next(&mut client).await.unwrap();
    assert_eq!((opcode, &payload[..2]), (Opcode::Close, &GOING_AWAY.to_be_bytes()[..]));
    client.write_all(&frame(true, 8, b"\x03\xe9")).await.unwrap();
    assert_eq!(end.next().await, Some(Event::Closed(Closing::frame(GOING_AWAY, ""))));
}

#[tokio::test]
async fn large_messages_are_compressed() {
    let (end, mut client, _stop) = served(Some(Params { fresh_inbound: true }));
    end.send(Message::Text("x".repeat(10_000))).unwrap();
    end.send(Message::Text("x".into())).unwrap();
    let (opcode, compressed, payload) = next(&mut client).await.unwrap();
    assert_eq!((opcode, compressed, payload.len() < 100), (Opcode::Text, true, true));
    assert_eq!(next(&mut client).await, Some((Opcode::Text, false, b"x".to_vec())));
}

#[tokio::test]
async fn whoever_sends_too_fast_waits() {
    let (end, mut client, _stop) = served(None);
    let message = || Message::Binary(vec![0; 64 * 1024].into());
    let mut sent = 0;
    while end.send(message()).is_ok() {
        sent += 1;
        tokio::task::yield_now().await;
        assert!(sent < 100, "nobody reads, so the buffer must fill");
    }
    assert_eq!(end.send(message()), Err(SendError::Full));
    assert!(end.buffered() > 0);
    let reading = async {
        for _ in 0..sent {
            next(&mut client).await.unwrap();
        }
    };
    let waiting = async {
        end.writable().ready().await;
        assert_eq!(end.send(message()), Ok(()));
    };
    tokio::join!(reading, waiting);

    // The other way: a client that sends what nobody takes is not read on.
    let (mut end, mut client, _stop) = served(None);
    let bytes = frame(true, 2, &[0; 64 * 1024]);
    let mut written = 0;
    while tokio::time::timeout(Duration::from_millis(200), client.write_all(&bytes)).await.is_ok() {
        written += 1;
        assert!(written < 100);
    }
    assert!(matches!(end.next().await, Some(Event::Message(_))));
}

#[tokio::test]
async fn silence_is_asked_about_and_idleness_ends() {
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(600));
    let (mut end, mut client, _stop) = served_within(None, short, long);
    assert_eq!(next(&mut client).await, Some((Opcode::Ping, false, Vec::new())));
    assert_eq!(end.next().await, Some(Event::Closed(Closing::broken())), "no answer came");

    let (_end, mut client, _stop) = served_within(None, short, Duration::from_millis(300));
    let start = tokio::time::Instant::now();
    let mut pings = 0;
    loop {
        match next(&mut client).await {
            Some((Opcode::Ping, ..)) => {
                pings += 1;
                client.write_all(&frame(true, 10, b"")).await.unwrap();
            }
            Some((Opcode::Close, _, payload)) => break assert_eq!(&payload[..2], GOING_AWAY.to_be_bytes()),
            other => panic!("{other:?}"),
        }
    }
    assert!(pings > 0 && start.elapsed() >= Duration::from_millis(300), "{pings} pings, {:?}", start.elapsed());
}
