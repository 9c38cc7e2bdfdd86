//! Follows a client's messages: head, body, next head.

use super::chunked::{Chunked, Step};
use super::head::{self, Framing};
use crate::limits;

/// More than this of a head is refused by the parser anyway.
const MOST: usize = (limits::HEADERS.default + limits::URL.default) as usize + 65_536;

/// Where in a client's messages the next byte belongs.
#[derive(Default)]
pub(super) struct Scanner {
    state: State,
    /// The beginning of a head or of trailers, of which more is to come.
    partial: Vec<u8>,
    /// Whether the message before asked for another protocol.
    after_upgrade: bool,
}

#[derive(Default)]
enum State {
    /// In a head, or before one.
    #[default]
    Head,
    /// In a body with so many bytes to come.
    Length(u64),
    Chunked(Chunked),
    /// In the lines after the last chunk.
    Trailers,
    /// This is HTTP no more.
    Opaque,
}

/// How far the lines of a head go.
enum Lines {
    /// The empty line ends before this index.
    End(usize),
    Incomplete,
    /// The line that ends here does not end as it must.
    Wrong,
}

impl Scanner {
    pub fn is_after_upgrade(&self) -> bool {
        self.after_upgrade
    }

    /// Looks at nothing any more.
    pub fn hand_over(&mut self) {
        self.after_upgrade = false;
        self.state = State::Opaque;
    }

    /// Looks at the next bytes. The error is where to begin to refuse them: with the whole message if it begins here.
    pub fn scan(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        // Where the message begins whose head the parser has not seen yet.
        let mut begin = None;
        while at < bytes.len() {
            match &mut self.state {
                State::Opaque => return Ok(()),
                State::Length(left) => {
                    let here = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                    at += here;
                    *left -= here as u64;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                }
                State::Chunked(chunked) => match chunked.step(&bytes[at..]) {
                    Step::More => return Ok(()),
                    Step::Trailers(used) => {
                        at += used;
                        self.state = State::Trailers;
                    }
                    Step::Wrong(used) => return Err(begin.unwrap_or(at + used)),
                },
                State::Head => {
                    if self.partial.is_empty() {
                        begin = Some(at);
                    }
                    at = self.head(bytes, at).map_err(|()| begin.unwrap_or(at))?;
                }
                State::Trailers => at = self.trailers(bytes, at).map_err(|()| begin.unwrap_or(at))?,
            }
        }
        Ok(())
    }

    /// Reads on in a head; gives where what follows it begins.
    fn head(&mut self, bytes: &[u8], at: usize) -> Result<usize, ()> {
        // One empty line before a request is ignored (RFC 9112, 2.2).
        let blank = if self.partial.is_empty() && bytes[at..].starts_with(b"\r\n") { 2 } else { 0 };
        let Some((head, next)) = self.lines(bytes, at, at + blank)? else { return Ok(bytes.len()) };
        if head == b"\r\n" {
            // The empty line came in two pieces.
            self.partial = head.to_vec();
            return Ok(next);
        }
        let head = head.strip_prefix(b"\r\n").unwrap_or(head);
        let framing = head::check(head)?;
        self.partial.clear();
        self.after_upgrade = false;
        self.state = match framing {
            Framing::None => State::Head,
            Framing::Upgrade => {
                self.after_upgrade = true;
                State::Head
            }
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Chunked(Chunked::default()),
        };
        Ok(next)
    }

    fn trailers(&mut self, bytes: &[u8], at: usize) -> Result<usize, ()> {
        let begins = self.partial.is_empty();
        if begins && bytes[at..].starts_with(b"\r\n") {
            self.state = State::Head;
            return Ok(at + 2);
        }
        let Some((lines, next)) = self.lines(bytes, at, at)? else { return Ok(bytes.len()) };
        head::check_trailers(lines)?;
        self.partial.clear();
        self.state = State::Head;
        Ok(next)
    }

    /// All lines up to the empty one, and where that ends; none while it has not come.
    fn lines<'a>(&'a mut self, bytes: &'a [u8], at: usize, from: usize) -> Result<Option<(&'a [u8], usize)>, ()> {
        match find_end(&self.partial, &bytes[from..]) {
            Lines::Wrong => Err(()),
            Lines::End(length) if self.partial.is_empty() => Ok(Some((&bytes[at..from + length], from + length))),
            Lines::End(length) => {
                self.partial.extend_from_slice(&bytes[at..from + length]);
                Ok(Some((&self.partial, from + length)))
            }
            Lines::Incomplete if self.partial.len() + bytes.len() - at > MOST => Err(()),
            Lines::Incomplete => {
                self.partial.extend_from_slice(&bytes[at..]);
                Ok(None)
            }
        }
    }
}

/// Finds the empty line in `bytes`, which come after `before`.
fn find_end(before: &[u8], bytes: &[u8]) -> Lines {
    let byte = |index: usize, back: usize| match index.checked_sub(back) {
        Some(index) => Some(bytes[index]),
        None => before.len().checked_sub(back - index).map(|index| before[index]),
    };
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\n', &bytes[at..]) {
        let end = at + found;
        if byte(end, 1) != Some(b'\r') {
            return Lines::Wrong;
        }
        match byte(end, 2) {
            // A line of trailers, or the first, may be empty.
            None | Some(b'\n') => return Lines::End(end + 1),
            Some(_) => at = end + 1,
        }
    }
    Lines::Incomplete
}
