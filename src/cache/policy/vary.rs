//! Which requests a response answers, by the fields that its `Vary` names (RFC 9111, 4.1).

use http::header::{ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderName};

/// A field that a response was chosen by, and what the request said in it: nothing if it was not there.
pub type Selecting = (HeaderName, Option<Vec<u8>>);

/// The fields that a response was chosen by, in their order, as `request` has them.
pub fn selecting(response: &HeaderMap, request: &HeaderMap) -> Vec<Selecting> {
    let lines = response.get_all(VARY).iter().filter_map(|value| value.to_str().ok());
    let names = lines.flat_map(|line| line.split(','));
    let mut names: Vec<HeaderName> =
        names.filter_map(|name| name.trim().to_ascii_lowercase().parse::<HeaderName>().ok()).collect();
    names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    names.dedup();
    names.into_iter().map(|name| (name.clone(), normal(request, &name))).collect()
}

/// Whether `request` says the same in each of these fields.
pub fn matches(selecting: &[Selecting], request: &HeaderMap) -> bool {
    selecting.iter().all(|(name, value)| normal(request, name) == *value)
}

/// A field's value as values are compared: lines joined, no space around commas, and in lists of preferences neither
/// case nor the order of what is preferred alike.
fn normal(request: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    if !request.contains_key(name) {
        return None;
    }
    let lines: Vec<&[u8]> = request.get_all(name).iter().map(http::HeaderValue::as_bytes).collect();
    let joined = lines.join(&b","[..]);
    let mut parts: Vec<Vec<u8>> = joined.split(|byte| *byte == b',').map(|part| part.trim_ascii().to_vec()).collect();
    if [ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE].contains(name) {
        for part in &mut parts {
            part.retain(|byte| !byte.is_ascii_whitespace());
            part.make_ascii_lowercase();
        }
        parts.sort();
    }
    Some(parts.join(&b","[..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    fn same(vary: &'static str, one: &[(&'static str, &'static str)], two: &[(&'static str, &'static str)]) -> bool {
        matches(&selecting(&headers(&[("vary", vary)]), &headers(one)), &headers(two))
    }

    #[test]
    fn requests_are_compared_by_what_they_mean() {
        assert!(same("Foo", &[("foo", "1")], &[("foo", "1"), ("other", "2")]));
        assert!(!same("Foo", &[("foo", "1")], &[("foo", "2")]));
        assert!(!same("Foo", &[("foo", "1")], &[]));
        assert!(!same("Foo", &[], &[("foo", "")]));
        assert!(same("Foo, Bar", &[("foo", "1")], &[("foo", "1")]));
        assert!(same("foo", &[("foo", "1,2")], &[("foo", " 1, 2 ")]));
        assert!(same("foo", &[("foo", "1, 2")], &[("foo", "1"), ("foo", "2")]));
        assert!(!same("foo", &[("foo", "1,2")], &[("foo", "2,1")]));
        assert!(!same("foo", &[("foo", "a")], &[("foo", "A")]));
        assert!(same(
            "accept-language",
            &[("accept-language", "en, de; q=0.5")],
            &[("accept-language", "DE;q=0.5,en")]
        ));
        assert!(!same(
            "accept-language",
            &[("accept-language", "en, de;q=0.5")],
            &[("accept-language", "en;q=0.5,de")]
        ));
    }
}
