//! Frames of HTTP/2 and header blocks as bytes, sound or not.

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const PADDED: u8 = 8;
pub const WITH_PRIORITY: u8 = 0x20;
/// A whole request.
pub const WHOLE: u8 = END_STREAM | END_HEADERS;

pub const PROTOCOL_ERROR: u32 = 1;
pub const FLOW_CONTROL_ERROR: u32 = 3;
pub const STREAM_CLOSED: u32 = 5;
pub const FRAME_SIZE_ERROR: u32 = 6;
pub const REFUSED_STREAM: u32 = 7;
pub const CANCEL: u32 = 8;
pub const COMPRESSION_ERROR: u32 = 9;

pub const HEADER_TABLE_SIZE: u16 = 1;
pub const ENABLE_PUSH: u16 = 2;
pub const INITIAL_WINDOW_SIZE: u16 = 4;
pub const MAX_FRAME_SIZE: u16 = 5;

pub type Field = (&'static str, &'static str);

pub const METHOD: Field = (":method", "GET");
pub const SCHEME: Field = (":scheme", "http");
pub const PATH: Field = (":path", "/");
pub const AUTHORITY: Field = (":authority", "a.test");

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field without indexing, its name written out.
pub fn literal(name: &str, value: &str) -> Vec<u8> {
    [&[0], &string(name)[..], &string(value)].concat()
}

/// A string without Huffman coding.
pub fn string(text: &str) -> Vec<u8> {
    [&integer(7, 0, text.len())[..], text.as_bytes()].concat()
}

/// An integer with a prefix of so many bits (RFC 7541, 5.1).
pub fn integer(bits: u32, first: u8, mut value: usize) -> Vec<u8> {
    let most = (1 << bits) - 1;
    if value < most {
        return vec![first | value as u8];
    }
    let mut bytes = vec![first | most as u8];
    value -= most;
    while value >= 128 {
        bytes.push((value % 128) as u8 | 128);
        value /= 128;
    }
    bytes.push(value as u8);
    bytes
}

/// A header block.
pub fn block(fields: &[Field]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| literal(name, value)).collect()
}

/// The header block of a GET, with more fields.
pub fn get(more: &[Field]) -> Vec<u8> {
    block(&[&[METHOD, SCHEME, PATH, AUTHORITY], more].concat())
}

/// The header block of a POST, with more fields.
pub fn post(more: &[Field]) -> Vec<u8> {
    block(&[&[(":method", "POST"), SCHEME, PATH, AUTHORITY], more].concat())
}

/// A request without a body.
pub fn request(stream: u32) -> Vec<u8> {
    frame(HEADERS, WHOLE, stream, &get(&[]))
}

/// The head of a request whose body is to come.
pub fn open(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &post(&[]))
}

/// A request with this header block.
pub fn with(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, WHOLE, 1, block)
}

pub fn data(flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(DATA, flags, stream, payload)
}

pub fn continuation(flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(CONTINUATION, flags, stream, payload)
}

pub fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        values.iter().flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
    frame(SETTINGS, 0, 0, &payload)
}

pub fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub fn ping(data: &[u8; 8]) -> Vec<u8> {
    frame(PING, 0, 0, data)
}

pub fn priority(stream: u32, depends_on: u32, weight: u8) -> Vec<u8> {
    frame(PRIORITY, 0, stream, &[&depends_on.to_be_bytes()[..], &[weight]].concat())
}

pub fn goaway(stream: u32, code: u32) -> Vec<u8> {
    frame(GOAWAY, 0, stream, &[&[0; 4][..], &code.to_be_bytes()].concat())
}
