//! A small HTTP/1.1 client that tells when the first byte came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// What a request asks.
#[derive(Clone, Debug)]
pub struct Ask {
    pub address: SocketAddr,
    pub host: String,
    pub path: String,
    /// Sent with `POST`.
    pub body: Option<String>,
}

impl Ask {
    /// The URL, for programs that take one.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }

    fn head(&self) -> String {
        let (path, host) = (&self.path, &self.host);
        match &self.body {
            None => format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n"),
            Some(body) => format!(
                "POST {path} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
        }
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// From the request's last byte to the answer's first.
    pub first_byte: Duration,
    /// To the answer's last.
    pub whole: Duration,
}

/// A connection.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects; an answer may take `patience`.
    pub fn open(address: SocketAddr, patience: Duration) -> Result<Self> {
        let socket = TcpStream::connect(address).with_context(|| format!("failed to connect to {address}"))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(patience))?;
        Ok(Self(BufReader::with_capacity(64 << 10, socket)))
    }

    /// Asks and waits for the whole answer.
    pub fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let mut body = Vec::new();
        let (status, first_byte, whole) = self.receive(ask, |piece| body.extend_from_slice(piece))?;
        Ok(Answer { status, body, first_byte, whole })
    }

    /// Asks, and counts the bytes of the answer without keeping them.
    pub fn count(&mut self, ask: &Ask) -> Result<(u16, u64, Duration)> {
        let mut bytes = 0;
        let (status, _, whole) = self.receive(ask, |piece| bytes += piece.len() as u64)?;
        Ok((status, bytes, whole))
    }

    fn receive(&mut self, ask: &Ask, mut piece: impl FnMut(&[u8])) -> Result<(u16, Duration, Duration)> {
        let head = ask.head();
        let start = Instant::now();
        self.0.get_mut().write_all(head.as_bytes())?;
        ensure!(!self.0.fill_buf()?.is_empty(), "the connection was closed without an answer");
        let first_byte = start.elapsed();
        let (status, length) = self.head()?;
        match length {
            Length::Known(length) => self.take(length, &mut piece)?,
            Length::Chunked => loop {
                let line = self.line()?;
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).with_context(|| format!("`{line}` is no chunk's size"))?;
                self.take(size, &mut piece)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            },
        }
        Ok((status, first_byte, start.elapsed()))
    }

    fn head(&mut self) -> Result<(u16, Length)> {
        let line = self.line()?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("`{line}` is no status line"))?;
        let mut length = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok((status, length.context("the answer has no length")?));
            }
            let (name, value) = line.split_once(':').with_context(|| format!("`{line}` is no header"))?;
            match (name.to_ascii_lowercase().as_str(), value.trim()) {
                ("content-length", value) => length = Some(Length::Known(value.parse()?)),
                ("transfer-encoding", "chunked") => length = Some(Length::Chunked),
                _ => {}
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            bail!("the answer breaks off");
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn take(&mut self, length: u64, piece: &mut impl FnMut(&[u8])) -> Result<()> {
        let mut left = length;
        let mut reader = Read::by_ref(&mut self.0).take(length);
        while left > 0 {
            let bytes = reader.fill_buf()?;
            let count = bytes.len();
            ensure!(count > 0, "the body breaks off");
            piece(bytes);
            reader.consume(count);
            left -= count as u64;
        }
        Ok(())
    }
}

enum Length {
    Known(u64),
    Chunked,
}
