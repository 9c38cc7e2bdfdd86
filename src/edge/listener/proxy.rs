//! The PROXY protocol, versions 1 and 2: a load balancer says whose connection it hands on.
//!
//! ## Why
//! It is only taken from those who are trusted with it, since anybody else could claim any address; and they must
//! send it, since guessing would let a client of theirs claim one too.

use super::socket::Ends;
use ipnet::IpNet;
use serde::Deserialize;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The longest line of version 1, with its end.
const LINE: usize = 107;
/// Extensions of version 2 that are read and not looked at.
const MOST: u16 = 4096;

/// Who may say whose connection it is: networks, or single addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Trusted(Vec<IpNet>);

impl TryFrom<Vec<String>> for Trusted {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let network = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let networks = texts.iter().map(|text| {
            network(text).map_err(|_| format!("`{text}` is no network\nhint: write `10.0.0.0/8` or `2001:db8::1`"))
        });
        Ok(Self(networks.collect::<Result<_, _>>()?))
    }
}

impl Trusted {
    /// Whether a header is taken from here. Who can open a Unix socket is trusted.
    pub fn has(&self, client: Option<SocketAddr>) -> bool {
        client.is_none_or(|client| self.0.iter().any(|network| network.contains(&client.ip().to_canonical())))
    }
}

/// Reads the header. Without addresses (health checks have none) the connection's own stay.
pub async fn read<S: AsyncRead + Unpin>(stream: &mut S, ends: Ends) -> io::Result<Ends> {
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await?;
    if begin == *SIGNATURE {
        binary(stream, ends).await
    } else if begin.starts_with(b"PROXY ") {
        line(stream, &begin, ends).await
    } else {
        Err(wrong("there is no PROXY header"))
    }
}

/// Version 1: a line of text, read byte by byte since what follows it belongs to others.
async fn line<S: AsyncRead + Unpin>(stream: &mut S, begin: &[u8], ends: Ends) -> io::Result<Ends> {
    let mut line = begin.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE {
            return Err(wrong("the PROXY line is too long"));
        }
        line.push(stream.read_u8().await?);
    }
    let text = std::str::from_utf8(&line[..line.len() - 2]).map_err(|_| wrong("the PROXY line is no text"))?;
    let words: Vec<_> = text.split(' ').collect();
    match words[..] {
        ["PROXY", "UNKNOWN", ..] => Ok(ends),
        ["PROXY", family @ ("TCP4" | "TCP6"), client, local, client_port, local_port] => {
            let address = |ip: &str, port: &str| {
                let ip: IpAddr = ip.parse().ok()?;
                let port: u16 = port.parse().ok()?;
                (ip.is_ipv4() == (family == "TCP4")).then_some(SocketAddr::new(ip, port))
            };
            match (address(client, client_port), address(local, local_port)) {
                (Some(client), Some(local)) => Ok(Ends { client: Some(client), local: Some(local) }),
                _ => Err(wrong("the PROXY line has no valid addresses")),
            }
        }
        _ => Err(wrong("the PROXY line is not valid")),
    }
}

/// Version 2.
async fn binary<S: AsyncRead + Unpin>(stream: &mut S, ends: Ends) -> io::Result<Ends> {
    let (version_and_command, family) = (stream.read_u8().await?, stream.read_u8().await?);
    let length = stream.read_u16().await?;
    if length > MOST {
        return Err(wrong("the PROXY header is too long"));
    }
    let mut rest = vec![0; usize::from(length)];
    stream.read_exact(&mut rest).await?;
    let port = |at: usize| u16::from_be_bytes([rest[at], rest[at + 1]]);
    match (version_and_command, family) {
        // A connection of the proxy's own.
        (0x20, _) => Ok(ends),
        (0x21, 0x11) if rest.len() >= 12 => {
            let ip = |at: usize| Ipv4Addr::new(rest[at], rest[at + 1], rest[at + 2], rest[at + 3]);
            let (client, local) = ((ip(0), port(8)), (ip(4), port(10)));
            Ok(Ends { client: Some(client.into()), local: Some(local.into()) })
        }
        (0x21, 0x21) if rest.len() >= 36 => {
            let ip = |at: usize| {
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&rest[at..at + 16]);
                Ipv6Addr::from(bytes)
            };
            let (client, local) = ((ip(0), port(32)), (ip(16), port(34)));
            Ok(Ends { client: Some(client.into()), local: Some(local.into()) })
        }
        // Unix sockets, and what has no name.
        (0x21, 0x00 | 0x31 | 0x32) => Ok(ends),
        _ => Err(wrong("the PROXY header is not valid")),
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Ends = Ends { client: None, local: None };

    async fn client(mut bytes: &[u8]) -> Result<Option<String>, String> {
        let ends = read(&mut bytes, NONE).await.map_err(|error| error.to_string())?;
        assert!(bytes.is_empty() || bytes == b"rest", "what follows is left alone: {bytes:?}");
        Ok(ends.client.map(|client| client.to_string()))
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = (rest.len() as u16).to_be_bytes();
        [SIGNATURE, &[command, family][..], &length, rest, b"rest"].concat()
    }

    #[tokio::test]
    async fn headers_of_both_versions_are_read() {
        let addresses = [203, 0, 113, 7, 10, 0, 0, 1, 0xd4, 0x31, 1, 0xbb];
        let mut v6 = [0; 36];
        (v6[0], v6[1], v6[15], v6[32]) = (0x20, 1, 1, 1);
        for (bytes, wanted) in [
            (b"PROXY TCP4 203.0.113.7 10.0.0.1 54321 443\r\nrest".to_vec(), Some("203.0.113.7:54321")),
            (b"PROXY TCP6 2001::1 2001::2 54321 443\r\nrest".to_vec(), Some("[2001::1]:54321")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (v2(0x21, 0x11, &addresses), Some("203.0.113.7:54321")),
            (v2(0x21, 0x11, &[&addresses[..], &[4, 0, 1, 0]].concat()), Some("203.0.113.7:54321")),
            (v2(0x21, 0x21, &v6), Some("[2001::1]:256")),
            (v2(0x20, 0, &[]), None),
        ] {
            assert_eq!(client(&bytes).await, Ok(wanted.map(str::to_owned)), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        let long = [&b"PROXY TCP4 "[..], &[b'1'; 200]].concat();
        for bytes in [
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            b"PROXY TCP4 2001::1 2001::2 1 2\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n".to_vec(),
            long,
            v2(0x31, 0x11, &[0; 12]),
            v2(0x21, 0x11, &[0; 4]),
            v2(0x21, 0x11, &[0; 5000]),
        ] {
            let mut bytes = &bytes[..];
            assert!(read(&mut bytes, NONE).await.is_err(), "{bytes:?}");
        }
    }
}
