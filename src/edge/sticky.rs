//! Which version a client gets while several share a worker's traffic: always the same.

use crate::digest::Digest;
use crate::registry::deployment::{Deployment, WHOLE};
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A client, or what stands in front of it, names itself by this header.
const KEY_HEADER: HeaderName = HeaderName::from_static("glowplug-version-key");
/// Other clients are told apart by this cookie.
const COOKIE_NAME: &str = "glowplug-version-key";
/// How long a browser keeps the cookie, in seconds.
const COOKIE_AGE: u32 = 86_400;

/// Where a client stands among all clients.
pub struct Place {
    /// 0 to [`WHOLE`], exclusive.
    pub place: u32,
    /// The cookie to set, so that the client keeps its place.
    pub cookie: Option<HeaderValue>,
}

/// The place of the client that sent `headers`.
pub fn place(deployment: Option<&Deployment>, headers: &HeaderMap) -> Place {
    if deployment.is_none_or(|deployment| deployment.shares.len() < 2) {
        return Place { place: 0, cookie: None };
    }
    if let Some(key) = headers.get(KEY_HEADER) {
        return Place { place: place_of(key.as_bytes()), cookie: None };
    }
    if let Some(key) = cookie(headers) {
        return Place { place: place_of(key), cookie: None };
    }
    let mut key = [0; 16];
    if getrandom::fill(&mut key).is_err() {
        return Place { place: 0, cookie: None };
    }
    let key = crate::digest::hex(&key);
    let cookie = format!("{COOKIE_NAME}={key}; Path=/; Max-Age={COOKIE_AGE}; HttpOnly; SameSite=Lax");
    Place { place: place_of(key.as_bytes()), cookie: HeaderValue::try_from(cookie).ok() }
}

/// Spreads keys evenly, and alike on every node.
fn place_of(key: &[u8]) -> u32 {
    let digest = Digest::of(key);
    let number = digest.bytes()[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (number % u64::from(WHOLE)) as u32
}

fn cookie(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok()).find_map(|cookies| {
        cookies.split(';').find_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == COOKIE_NAME && !value.is_empty()).then_some(value.as_bytes())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Cause, Share, VersionId};
    use jiff::Timestamp;

    fn split(first: u32) -> Deployment {
        let version = |id: &str| id.parse::<VersionId>().unwrap();
        Deployment {
            number: 1,
            created: Timestamp::UNIX_EPOCH,
            author: String::new(),
            message: String::new(),
            cause: Cause::Versions,
            shares: vec![
                Share { version: version("aaaaaaaaaaaa"), share: first },
                Share { version: version("bbbbbbbbbbbb"), share: WHOLE - first },
            ],
        }
    }

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_client_keeps_its_version_and_growing_shares_take_no_client_back() {
        let mut moved = 0;
        for client in 0..1000 {
            let headers = headers(KEY_HEADER, &format!("client {client}"));
            let version = |first| {
                let deployment = split(first);
                deployment.pick(place(Some(&deployment), &headers).place).unwrap().clone()
            };
            assert_eq!(version(1000), version(1000));
            if version(1000).as_str() == "aaaaaaaaaaaa" {
                assert_eq!(version(5000).as_str(), "aaaaaaaaaaaa");
                moved += 1;
            }
        }
        assert!((60..140).contains(&moved), "{moved} of 1000 clients are among 10 %");
    }

    #[test]
    fn a_cookie_gives_the_place_that_it_was_set_with() {
        let deployment = split(5000);
        let first = place(Some(&deployment), &HeaderMap::new());
        let set = first.cookie.expect("a new client gets a cookie");
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let again = place(Some(&deployment), &headers(COOKIE, &format!("a=b; {pair}")));
        assert_eq!(again.place, first.place);
        assert!(again.cookie.is_none());
    }

    #[test]
    fn one_version_needs_no_cookie() {
        let mut deployment = split(WHOLE / 2);
        deployment.shares.truncate(1);
        assert!(place(Some(&deployment), &HeaderMap::new()).cookie.is_none());
    }
}
