//! From bytes to messages: fragments, masks, compression, UTF-8, and what a side may not do.

use super::deflate::{Inflater, Params};
use super::frame::{Head, Opcode, mask};
use super::{Closing, LONGEST_REASON, Message, NO_CODE, Role, Violation, is_close_code};
use bytes::{Buf, Bytes, BytesMut};

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    Message(Message),
    Ping(Bytes),
    Pong,
    Close(Closing),
}

/// Reads what the side `from` sends.
pub struct Reader {
    from: Role,
    /// Bytes that a message may have.
    most: usize,
    inflater: Option<Inflater>,
    /// The message whose parts have begun to come.
    partial: Option<Partial>,
    /// The frame whose head was read, and the bytes of it that are still to come.
    frame: Option<(Head, usize)>,
    control: Vec<u8>,
}

struct Partial {
    text: bool,
    compressed: bool,
    data: Vec<u8>,
}

impl Reader {
    pub fn new(from: Role, most: usize, compression: Option<Params>) -> Self {
        Self { from, most, inflater: compression.map(Inflater::new), partial: None, frame: None, control: Vec::new() }
    }

    /// The next thing in `buffer`, whose bytes are taken; none if more are needed.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Incoming>, Violation> {
        loop {
            let (head, left) = match self.frame.take() {
                Some(frame) => frame,
                None => match Head::parse(buffer, self.from)? {
                    None => return Ok(None),
                    Some((head, length)) => {
                        buffer.advance(length);
                        (head, self.begin(&head)?)
                    }
                },
            };
            let taken = left.min(buffer.len());
            let done = head.length as usize - left;
            let into = match (head.opcode.is_control(), &mut self.partial) {
                (false, Some(partial)) => &mut partial.data,
                _ => &mut self.control,
            };
            let start = into.len();
            into.extend_from_slice(&buffer[..taken]);
            buffer.advance(taken);
            if let Some(key) = head.mask {
                mask(&mut into[start..], key, done);
            }
            if taken < left {
                self.frame = Some((head, left - taken));
                return Ok(None);
            }
            if let Some(incoming) = self.end(&head)? {
                return Ok(Some(incoming));
            }
        }
    }

    /// A frame begins: gives the bytes that it has.
    fn begin(&mut self, head: &Head) -> Result<usize, Violation> {
        if head.compressed && (self.inflater.is_none() || head.opcode == Opcode::Continuation) {
            return Err(Violation::protocol("a reserved bit is set"));
        }
        match (head.opcode, &self.partial) {
            (Opcode::Continuation, None) => return Err(Violation::protocol("nothing is there to be continued")),
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Violation::protocol("a message begins within another"));
            }
            (Opcode::Text | Opcode::Binary, None) => {
                let text = head.opcode == Opcode::Text;
                self.partial = Some(Partial { text, compressed: head.compressed, data: Vec::new() });
            }
            _ => {}
        }
        if head.opcode.is_control() {
            self.control.clear();
        } else if let Some(partial) = &self.partial
            && head.length > self.most.saturating_sub(partial.data.len()) as u64
        {
            return Err(Violation::TOO_BIG);
        }
        Ok(head.length as usize)
    }

    /// A frame is whole.
    fn end(&mut self, head: &Head) -> Result<Option<Incoming>, Violation> {
        match head.opcode {
            Opcode::Ping => return Ok(Some(Incoming::Ping(std::mem::take(&mut self.control).into()))),
            Opcode::Pong => return Ok(Some(Incoming::Pong)),
            Opcode::Close => return closing(&self.control).map(|closing| Some(Incoming::Close(closing))),
            Opcode::Continuation | Opcode::Text | Opcode::Binary if !head.last => return Ok(None),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {}
        }
        let Some(Partial { text, compressed, mut data }) = self.partial.take() else { return Ok(None) };
        if compressed && let Some(inflater) = &mut self.inflater {
            data = inflater.inflate(&data, self.most)?;
        }
        let message = match text {
            true => Message::Text(String::from_utf8(data).map_err(|_| Violation::NOT_UTF8)?),
            false => Message::Binary(data.into()),
        };
        Ok(Some(Incoming::Message(message)))
    }
}

fn closing(payload: &[u8]) -> Result<Closing, Violation> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return match payload.is_empty() {
            true => Ok(Closing::frame(NO_CODE, "")),
            false => Err(Violation::protocol("a close frame has half a code")),
        };
    };
    let code = u16::from_be_bytes(*code);
    if !is_close_code(code) || reason.len() > LONGEST_REASON {
        return Err(Violation::protocol("a close frame has a code that may not be sent"));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Violation::NOT_UTF8)?;
    Ok(Closing::frame(code, reason))
}
