//! Lines of a body, as they come.

use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::time::Duration;

/// The server sends an empty line every 15 seconds: after this time without one it is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// Bytes of a line: an event holds one invocation's log, which is limited.
const LONGEST: usize = 16 << 20;

/// What came, and is not yet read.
pub(super) struct Lines {
    body: Incoming,
    buffer: BytesMut,
    /// Bytes at the start of the buffer that hold no line end.
    searched: usize,
}

impl Lines {
    pub fn new(body: Incoming) -> Self {
        Self { body, buffer: BytesMut::new(), searched: 0 }
    }

    /// The next line without its end; none at the end of the body. The error says why there is no more.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            if let Some(line) = take_line(&mut self.buffer, &mut self.searched) {
                return Ok(Some(line));
            }
            if self.buffer.len() > LONGEST {
                return Err(format!("the server sent a line of more than {LONGEST} bytes"));
            }
            match tokio::time::timeout(SILENCE, self.body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Ok(Some(Err(_))) => return Err("the connection to the server broke".to_owned()),
                // Half a line is of no use to anybody.
                Ok(None) => return Ok(None),
                Err(_) => return Err(format!("the server was silent for {} seconds", SILENCE.as_secs())),
            }
        }
    }
}

fn take_line(buffer: &mut BytesMut, searched: &mut usize) -> Option<Vec<u8>> {
    let Some(found) = buffer[*searched..].iter().position(|byte| *byte == b'\n') else {
        *searched = buffer.len();
        return None;
    };
    let mut line = buffer.split_to(*searched + found).to_vec();
    buffer.advance(1);
    *searched = 0;
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_they_come_apart() {
        let (mut buffer, mut searched, mut lines) = (BytesMut::new(), 0, Vec::new());
        for piece in ["{\"a\"", ":1}", "\n\n{\"b\":", "2}\r\n{\"c", "\":3}\n{"] {
            buffer.extend_from_slice(piece.as_bytes());
            while let Some(line) = take_line(&mut buffer, &mut searched) {
                lines.push(String::from_utf8(line).unwrap());
            }
        }
        assert_eq!(lines, ["{\"a\":1}", "", "{\"b\":2}", "{\"c\":3}"]);
        assert_eq!(&buffer[..], b"{");
    }
}
