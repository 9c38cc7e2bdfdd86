use super::scan::Scanner;

/// Whether all of it is let through, however it is cut into reads.
fn passes(bytes: &[u8]) -> bool {
    let whole = Scanner::default().scan(bytes).is_ok();
    for size in [1, 2, 7] {
        let mut scanner = Scanner::default();
        let cut = bytes.chunks(size).all(|piece| scanner.scan(piece).is_ok());
        assert_eq!(whole, cut, "in pieces of {size}: {:?}", String::from_utf8_lossy(bytes));
    }
    whole
}

#[test]
fn sound_messages_pass_in_a_row() {
    let messages: [&[u8]; 8] = [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a:80\r\nContent-Length: 3\r\n\r\n\n\n\n",
        b"POST /?a=b HTTP/1.1\r\nHost: [::1]:80\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Checksum: 1\r\n\r\n",
        b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://A.b:80/ HTTP/1.1\r\nHost: a.b\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
    ];
    for message in messages {
        assert!(passes(message), "{:?}", String::from_utf8_lossy(message));
    }
    assert!(passes(&messages.concat()));
}

#[test]
fn what_is_refused_begins_with_its_message() {
    let mut scanner = Scanner::default();
    let first = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let second = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx";
    assert_eq!(scanner.scan(&[&first[..], second].concat()), Err(first.len()));
    let mut scanner = Scanner::default();
    assert_eq!(scanner.scan(&second[..second.len() - 1]), Ok(()));
    assert_eq!(scanner.scan(b"1\r\naxx"), Err(4), "the head has been let through: the byte that is wrong is refused");
}

#[test]
fn another_protocol_is_not_looked_at() {
    let mut scanner = Scanner::default();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    assert_eq!(scanner.scan(request), Ok(()));
    assert!(scanner.is_after_upgrade());
    scanner.hand_over();
    assert_eq!(scanner.scan(b"\x81\x05hello\n"), Ok(()));
}
