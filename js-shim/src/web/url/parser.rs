//! The basic URL parser (URL standard section 4.4).
//!
//! ## Why
//!
//! The `url` crate has no notion of a state override, and parses `file:` URLs, paths that begin with empty segments and
//! opaque paths otherwise than the standard does now. Its host parser is what the standard says, and is used here.
//!
//! Each state is a function of the input that is left; where the standard decreases the pointer, the function is given
//! the character again.

use std::borrow::Cow;

use ::url::Host;

use super::encode::{C0_CONTROL, FRAGMENT, PATH, QUERY, SPECIAL_QUERY, USERINFO, encoded, push_encoded};
use super::record::{Url, is_drive_letter, is_special};

/// Parses `input`, relative to `base` if there is one.
pub fn parse(input: &str, base: Option<&Url>) -> Option<Url> {
    let input = without_breaks(input.trim_matches(|c: char| c <= ' '));
    let mut url = Url::default();
    match scheme(&input) {
        Some((scheme, rest)) => {
            url.scheme = scheme;
            after_scheme(&mut url, rest, base)?;
        }
        None => no_scheme(&mut url, &input, base?)?,
    }
    Some(url)
}

/// Tabs and line breaks count for nothing, wherever they are.
pub fn without_breaks(input: &str) -> Cow<'_, str> {
    match input.contains(['\t', '\n', '\r']) {
        true => input.replace(['\t', '\n', '\r'], "").into(),
        false => input.into(),
    }
}

/// The scheme in lower case, and what follows its colon.
pub fn scheme(input: &str) -> Option<(String, &str)> {
    let end = input.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))?;
    let valid = input.as_bytes()[end] == b':' && input.starts_with(|c: char| c.is_ascii_alphabetic());
    valid.then(|| (input[..end].to_ascii_lowercase(), &input[end + 1..]))
}

fn after_scheme(url: &mut Url, rest: &str, base: Option<&Url>) -> Option<()> {
    if url.scheme == "file" {
        return file(url, rest, base.filter(|base| base.scheme == "file"));
    }
    if url.is_special() {
        if let Some(base) = base.filter(|base| base.scheme == url.scheme)
            && !rest.starts_with("//")
        {
            return relative(url, rest, base);
        }
        return authority(url, rest.trim_start_matches(['/', '\\']));
    }
    match rest.strip_prefix('/') {
        Some(rest) => match rest.strip_prefix('/') {
            Some(rest) => authority(url, rest),
            None => path(url, rest),
        },
        None => opaque_path(url, rest),
    }
}

fn no_scheme(url: &mut Url, input: &str, base: &Url) -> Option<()> {
    url.scheme = base.scheme.clone();
    if base.opaque {
        let fragment = input.strip_prefix('#')?;
        url.path = base.path.clone();
        url.opaque = true;
        url.query = base.query.clone();
        url.fragment = Some(encoded(fragment, FRAGMENT));
        return Some(());
    }
    if base.scheme != "file" {
        return relative(url, input, base);
    }
    file(url, input, Some(base))
}

fn take_authority(url: &mut Url, base: &Url) {
    url.username = base.username.clone();
    url.password = base.password.clone();
    url.host = base.host.clone();
    url.port = base.port;
}

fn is_slash(url: &Url, input: &str) -> bool {
    input.starts_with('/') || url.is_special() && input.starts_with('\\')
}

fn relative(url: &mut Url, input: &str, base: &Url) -> Option<()> {
    if is_slash(url, input) {
        let rest = &input[1..];
        if url.is_special() && is_slash(url, rest) {
            return authority(url, rest.trim_start_matches(['/', '\\']));
        }
        if let Some(rest) = rest.strip_prefix('/') {
            return authority(url, rest);
        }
        take_authority(url, base);
        return path(url, rest);
    }
    take_authority(url, base);
    relative_path(url, input, base)
}

/// The part of "relative state" and "file state" that goes on from the base's path.
fn relative_path(url: &mut Url, input: &str, base: &Url) -> Option<()> {
    url.path = base.path.clone();
    if input.is_empty() || input.starts_with('#') {
        url.query = base.query.clone();
        return after_path(url, input);
    }
    if input.starts_with('?') {
        return after_path(url, input);
    }
    if url.scheme == "file" && starts_with_drive_letter(input) {
        url.path.clear();
    } else {
        url.shorten_path();
    }
    path(url, input)
}

fn authority(url: &mut Url, input: &str) -> Option<()> {
    let special = url.is_special();
    let end = input.find(|c| matches!(c, '/' | '?' | '#') || special && c == '\\').unwrap_or(input.len());
    let (mut host, rest) = input.split_at(end);
    if let Some((credentials, after)) = host.rsplit_once('@') {
        if after.is_empty() {
            return None;
        }
        let (username, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        url.username = encoded(username, USERINFO);
        url.password = encoded(password, USERINFO);
        host = after;
    }
    let (name, port) = split_port(host);
    if name.is_empty() && (special || port.is_some()) {
        return None;
    }
    url.host = Some(parse_host(name, special)?);
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        url.set_port(port.parse().ok()?);
    }
    path_start(url, rest)
}

/// Splits at the first colon that is not inside brackets.
pub fn split_port(host: &str) -> (&str, Option<&str>) {
    let mut brackets = false;
    for (i, byte) in host.bytes().enumerate() {
        match byte {
            b'[' => brackets = true,
            b']' => brackets = false,
            b':' if !brackets => return (&host[..i], Some(&host[i + 1..])),
            _ => {}
        }
    }
    (host, None)
}

/// The host parser, serialised.
pub fn parse_host(input: &str, special: bool) -> Option<String> {
    let host = if special { Host::parse(input) } else { Host::parse_opaque(input) };
    match host.ok()? {
        Host::Domain(domain) => Some(domain),
        address => Some(address.to_string()),
    }
}

/// Whether a path's first segment is a drive letter and nothing else.
fn starts_with_drive_letter(input: &str) -> bool {
    input.get(..2).is_some_and(|start| is_drive_letter(start, true))
        && input[2..].chars().next().is_none_or(|c| matches!(c, '/' | '\\' | '?' | '#'))
}

fn file(url: &mut Url, input: &str, base: Option<&Url>) -> Option<()> {
    url.host = Some(String::new());
    let Some(rest) = input.strip_prefix(['/', '\\']) else {
        let Some(base) = base else { return path(url, input) };
        url.host = base.host.clone();
        return relative_path(url, input, base);
    };
    if let Some(rest) = rest.strip_prefix(['/', '\\']) {
        return file_host(url, rest);
    }
    if let Some(base) = base {
        url.host = base.host.clone();
        let first = base.path.split('/').nth(1).filter(|first| is_drive_letter(first, false));
        if let Some(drive) = first.filter(|_| !starts_with_drive_letter(rest)) {
            url.path = format!("/{drive}");
        }
    }
    path(url, rest)
}

fn file_host(url: &mut Url, input: &str) -> Option<()> {
    let end = input.find(['/', '\\', '?', '#']).unwrap_or(input.len());
    let (host, rest) = input.split_at(end);
    if is_drive_letter(host, true) {
        return path(url, input);
    }
    if !host.is_empty() {
        let host = parse_host(host, true)?;
        url.host = Some(if host == "localhost" { String::new() } else { host });
    }
    path_start(url, rest)
}

fn path_start(url: &mut Url, input: &str) -> Option<()> {
    if is_slash(url, input) {
        return path(url, &input[1..]);
    }
    if url.is_special() {
        return path(url, input);
    }
    // what ended the authority is a slash, a mark or the end
    after_path(url, input)
}

/// "path state", after its first slash.
fn path(url: &mut Url, input: &str) -> Option<()> {
    let end = input.find(['?', '#']).unwrap_or(input.len());
    path_segments(url, &input[..end]);
    after_path(url, &input[end..])
}

/// Appends the segments of `input` to the path, which has no `?` and `#` but those that belong to it.
pub fn path_segments(url: &mut Url, input: &str) {
    let special = url.is_special();
    let mut rest = input;
    loop {
        let end = rest.find(|c| c == '/' || special && c == '\\').unwrap_or(rest.len());
        let segment = &rest[..end];
        let last = end == rest.len();
        if is_double_dot(segment) {
            url.shorten_path();
            if last {
                url.path.push('/');
            }
        } else if is_single_dot(segment) {
            if last {
                url.path.push('/');
            }
        } else if url.scheme == "file" && url.path.is_empty() && is_drive_letter(segment, true) {
            url.path.push('/');
            url.path.push_str(&segment[..1]);
            url.path.push(':');
        } else {
            url.path.push('/');
            push_encoded(&mut url.path, segment, PATH);
        }
        if last {
            return;
        }
        rest = &rest[end + 1..];
    }
}

fn is_single_dot(segment: &str) -> bool {
    segment == "." || segment.eq_ignore_ascii_case("%2e")
}

fn is_double_dot(segment: &str) -> bool {
    match segment.len() {
        2 => segment == "..",
        4 => segment.eq_ignore_ascii_case(".%2e") || segment.eq_ignore_ascii_case("%2e."),
        6 => segment.eq_ignore_ascii_case("%2e%2e"),
        _ => false,
    }
}

fn opaque_path(url: &mut Url, input: &str) -> Option<()> {
    let end = input.find(['?', '#']).unwrap_or(input.len());
    url.opaque = true;
    url.path = opaque_text(&input[..end], end < input.len());
    after_path(url, &input[end..])
}

/// An opaque path. Its last space is encoded when something follows, which may be taken away later.
pub fn opaque_text(text: &str, followed: bool) -> String {
    match text.strip_suffix(' ').filter(|_| followed) {
        Some(text) => encoded(text, C0_CONTROL) + "%20",
        None => encoded(text, C0_CONTROL),
    }
}

/// What begins with `?` or `#`, or is empty.
fn after_path(url: &mut Url, input: &str) -> Option<()> {
    let (query, fragment) = match input.split_once('#') {
        Some((query, fragment)) => (query, Some(fragment)),
        None => (input, None),
    };
    if let Some(query) = query.strip_prefix('?') {
        url.query = Some(encode_query(query, &url.scheme));
    }
    url.fragment = fragment.map(|fragment| encoded(fragment, FRAGMENT));
    Some(())
}

pub fn encode_query(query: &str, scheme: &str) -> String {
    encoded(query, if is_special(scheme) { SPECIAL_QUERY } else { QUERY })
}
