//! Checks a request's head (RFC 9112, 3 and 6), and finds how its body is framed.

/// How a message goes on after its head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    /// There is no body, and what follows the response may be another protocol.
    Upgrade,
    Length(u64),
    Chunked,
}

/// Fields that decide what a message is, as far as they have been read.
#[derive(Default)]
struct Fields<'a> {
    host: Option<&'a [u8]>,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
}

/// Checks a head that ends with an empty line. All lines are known to end with CRLF.
pub(super) fn check(head: &[u8]) -> Result<Framing, ()> {
    let mut lines = lines(head);
    let (method, target, minor) = request_line(lines.next().ok_or(())?)?;
    let mut fields = Fields::default();
    for line in lines {
        fields.read(field(line)?)?;
    }
    let host = fields.host;
    if host.is_none() && minor == 1 || host.is_some_and(|host| !is_host(host)) {
        return Err(());
    }
    match target {
        [b'/', ..] => {}
        b"*" if method == b"OPTIONS" => {}
        _ if method == b"CONNECT" => return Err(()),
        _ => {
            let authority = authority(target).ok_or(())?;
            if host.is_some_and(|host| !same_authority(host, authority)) {
                return Err(());
            }
        }
    }
    Ok(match (fields.chunked, fields.length) {
        (true, Some(_)) => return Err(()),
        (true, None) if minor == 0 => return Err(()),
        (true, None) => Framing::Chunked,
        (false, Some(length)) if length > 0 => Framing::Length(length),
        (false, _) if fields.upgrade => Framing::Upgrade,
        (false, _) => Framing::None,
    })
}

/// Checks the lines after the last chunk, with the empty one.
pub(super) fn check_trailers(trailers: &[u8]) -> Result<(), ()> {
    for line in lines(trailers) {
        let (name, _) = field(line)?;
        // What decides where a message ends or for whom it is must not come after it.
        let late = ["content-length", "transfer-encoding", "host", "trailer", "te", "content-encoding"];
        if late.iter().any(|late| name.eq_ignore_ascii_case(late.as_bytes())) {
            return Err(());
        }
    }
    Ok(())
}

/// The lines of a head without their ends, up to the empty one.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = head;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest)?;
        let line = &rest[..end.saturating_sub(1)];
        rest = &rest[end + 1..];
        (!line.is_empty()).then_some(line)
    })
}

/// Method, target and minor version.
fn request_line(line: &[u8]) -> Result<(&[u8], &[u8], u8), ()> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(());
    };
    let minor = match version {
        b"HTTP/1.1" => 1,
        b"HTTP/1.0" => 0,
        _ => return Err(()),
    };
    // A fragment is never sent, and `http::Uri` drops it without a word.
    let sound = |byte: &u8| !byte.is_ascii_control() && *byte != b'#';
    if method.is_empty() || !method.iter().all(is_token) || target.is_empty() || !target.iter().all(sound) {
        return Err(());
    }
    Ok((method, target, minor))
}

/// Name and value of a field's line.
fn field(line: &[u8]) -> Result<(&[u8], &[u8]), ()> {
    let colon = memchr::memchr(b':', line).ok_or(())?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if name.is_empty() || !name.iter().all(is_token) {
        return Err(());
    }
    Ok((name, value.trim_ascii()))
}

/// What may be there once.
fn once<T>(before: Option<T>) -> Result<(), ()> {
    before.map_or(Ok(()), |_| Err(()))
}

impl<'a> Fields<'a> {
    fn read(&mut self, (name, value): (&'a [u8], &'a [u8])) -> Result<(), ()> {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
        match name.len() {
            4 if is("host") => once(self.host.replace(value))?,
            14 if is("content-length") => once(self.length.replace(length(value).ok_or(())?))?,
            17 if is("transfer-encoding") => {
                // No other coding is known here, nor may it be there twice.
                if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(());
                }
                self.chunked = true;
            }
            7 if is("upgrade") => self.upgrade = true,
            _ => {}
        }
        Ok(())
    }
}

fn length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The authority of a target in absolute form.
fn authority(target: &[u8]) -> Option<&[u8]> {
    let scheme = memchr::memmem::find(target, b"://")?;
    if !target[..scheme].eq_ignore_ascii_case(b"http") && !target[..scheme].eq_ignore_ascii_case(b"https") {
        return None;
    }
    let rest = &target[scheme + 3..];
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|authority| is_host(authority))
}

fn same_authority(host: &[u8], authority: &[u8]) -> bool {
    let plain = |name: &[u8]| -> Vec<u8> {
        let name = name.strip_suffix(b":80").or_else(|| name.strip_suffix(b":443")).unwrap_or(name);
        name.to_ascii_lowercase()
    };
    plain(host) == plain(authority)
}

/// Whether this is `host` or `host:port`, without a user.
fn is_host(value: &[u8]) -> bool {
    let (host, port) = match value {
        [b'[', ..] => match memchr::memchr(b']', value) {
            Some(end) => (&value[..=end], &value[end + 1..]),
            None => return false,
        },
        _ => {
            let end = memchr::memchr(b':', value).unwrap_or(value.len());
            (&value[..end], &value[end..])
        }
    };
    let port_is_sound = match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=%".contains(byte);
    let host_is_sound = match host {
        [b'[', address @ .., b']'] => !address.is_empty() && address.iter().all(|byte| name(byte) || *byte == b':'),
        host => !host.is_empty() && host.iter().all(name),
    };
    host_is_sound && port_is_sound
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}
