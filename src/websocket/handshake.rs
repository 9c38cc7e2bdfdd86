//! The opening handshake (RFC 6455, 4; RFC 8441 for HTTP/2).

use super::deflate::{self, Params};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Stands behind the client's key where the answer to it is worked out.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The one version there is.
const VERSION: &str = "13";

/// What a client asked for, when it asked rightly.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The answer to its key; none on HTTP/2, which has no keys.
    accept: Option<HeaderValue>,
    compression: Option<(Params, &'static str)>,
}

/// Whether a message's head is about an upgrade of its connection to WebSocket.
fn upgrades(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|value| has_token(value, "websocket"))
        && headers.get_all(CONNECTION).iter().any(|value| has_token(value, "upgrade"))
}

/// Whether a request asks for a WebSocket on HTTP/1.1.
pub fn asks(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET && upgrades(headers)
}

/// What a request that [`asks`] asks for; the error says what is wrong with it.
pub fn asked(headers: &HeaderMap) -> Result<Asked, &'static str> {
    check_version(headers)?;
    let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else { return Err("there is not one `Sec-WebSocket-Key`") };
    if !STANDARD.decode(key).is_ok_and(|key| key.len() == 16) {
        return Err("`Sec-WebSocket-Key` is not 16 bytes in Base64");
    }
    Ok(Asked { accept: Some(answer_to(key.as_bytes())), compression: offered(headers) })
}

/// The same for HTTP/2's extended CONNECT.
pub fn asked_by_connect(headers: &HeaderMap) -> Result<Asked, &'static str> {
    check_version(headers)?;
    Ok(Asked { accept: None, compression: offered(headers) })
}

fn check_version(headers: &HeaderMap) -> Result<(), &'static str> {
    match headers.get(SEC_WEBSOCKET_VERSION) {
        Some(version) if version == VERSION => Ok(()),
        _ => Err("`Sec-WebSocket-Version` is not 13"),
    }
}

fn offered(headers: &HeaderMap) -> Option<(Params, &'static str)> {
    headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter().find_map(|value| deflate::accept(value.to_str().ok()?))
}

impl Asked {
    /// Compression that is used.
    pub fn compression(&self) -> Option<Params> {
        self.compression.map(|(params, _)| params)
    }

    /// What the header says of it.
    pub fn extensions(&self) -> &'static str {
        self.compression.map_or("", |(_, header)| header)
    }

    /// Completes the head of the response that accepts it.
    pub fn answer(&self, headers: &mut HeaderMap) {
        // What a worker passes on from another server belongs to that connection.
        for name in [CONNECTION, UPGRADE, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY] {
            headers.remove(name);
        }
        if let Some(accept) = &self.accept {
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept.clone());
        }
        if let Some((_, header)) = self.compression {
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(header));
        }
    }
}

/// Makes the head of a request ask for a WebSocket; gives what its answer is to be checked with.
pub fn ask(headers: &mut HeaderMap, key: [u8; 16]) -> Expected {
    let key = STANDARD.encode(key);
    let expected = Expected {
        accept: answer_to(key.as_bytes()),
        protocols: tokens(headers, SEC_WEBSOCKET_PROTOCOL).unwrap_or_default(),
    };
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
    headers.insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(deflate::OFFER));
    if let Ok(key) = HeaderValue::try_from(key) {
        headers.insert(SEC_WEBSOCKET_KEY, key);
    }
    expected
}

/// What a client looks for in the answer.
pub struct Expected {
    accept: HeaderValue,
    protocols: Vec<String>,
}

impl Expected {
    /// Checks a response of status 101, and gives what was agreed on.
    pub fn check(&self, headers: &HeaderMap) -> Result<Option<Params>, String> {
        if !upgrades(headers) {
            return Err("the server's answer lacks `Upgrade: websocket` or `Connection: Upgrade`".into());
        }
        if headers.get(SEC_WEBSOCKET_ACCEPT) != Some(&self.accept) {
            return Err("the server's `Sec-WebSocket-Accept` does not fit the key".into());
        }
        match tokens(headers, SEC_WEBSOCKET_PROTOCOL).as_deref() {
            None => {}
            Some([one]) if self.protocols.contains(one) => {}
            Some(_) => return Err("the server chose a subprotocol that was not offered".into()),
        }
        let mut answers = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter();
        match (answers.next(), answers.next()) {
            (None, _) => Ok(None),
            (Some(one), None) => deflate::agreed(one.to_str().unwrap_or("?")),
            (Some(_), Some(_)) => Err("the server chose more than one extension".into()),
        }
    }
}

/// The tokens of a list that may be in several lines; none if there is no such header.
fn tokens(headers: &HeaderMap, name: HeaderName) -> Option<Vec<String>> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    if lines.is_empty() {
        return None;
    }
    let texts = lines.iter().map(|line| line.to_str().unwrap_or("?"));
    Some(texts.flat_map(|text| text.split(',')).map(|token| token.trim().to_owned()).collect())
}

fn has_token(value: &HeaderValue, token: &str) -> bool {
    value.to_str().is_ok_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
}

fn answer_to(key: &[u8]) -> HeaderValue {
    let mut text = key.to_vec();
    text.extend_from_slice(GUID.as_bytes());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &text);
    HeaderValue::try_from(STANDARD.encode(digest)).expect("Base64 is text")
}
