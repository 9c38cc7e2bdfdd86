//! NCSA's combined format: `client - - [time] "request" status bytes "referer" "user agent"`.

use super::Entry;
use jiff::{Timestamp, tz::TimeZone};
use std::fmt::Write;

pub(super) fn write(line: &mut String, entry: &Entry) {
    match entry.client {
        Some(client) => _ = write!(line, "{client}"),
        None => line.push('-'),
    }
    line.push_str(" - - [");
    if let Some(time) = moment(entry.time) {
        let time = time.to_zoned(TimeZone::UTC);
        let month = MONTHS[usize::from(time.month().unsigned_abs() - 1)];
        let _ = write!(
            line,
            "{:02}/{month}/{:04}:{:02}:{:02}:{:02} +0000",
            time.day(),
            time.year(),
            time.hour(),
            time.minute(),
            time.second()
        );
    }
    let _ = write!(line, "] \"{} ", entry.method);
    escape(line, &entry.path);
    let _ = write!(line, " {}\" {} {} \"", entry.protocol, entry.status, entry.bytes);
    escape(line, entry.referer.as_deref().unwrap_or("-"));
    line.push_str("\" \"");
    escape(line, entry.user_agent.as_deref().unwrap_or("-"));
    line.push('"');
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The moment that is so many milliseconds after the epoch.
pub(super) fn moment(millis: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}

/// What clients send must not end the line or the string, nor do things to a terminal.
fn escape(line: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            control if control.is_control() => {
                let mut bytes = [0; 4];
                for byte in control.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(line, "\\x{byte:02x}");
                }
            }
            other => line.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_apache_writes_it_and_clients_cannot_forge_one() {
        let mut line = String::new();
        write(&mut line, &super::super::example());
        let expected =
            r#"192.0.2.1 - - [14/Nov/2023:22:13:20 +0000] "GET /a?b=\"c\" HTTP/2" 200 12 "-" "curl/8 \\ \"x\"\x1b""#;
        assert_eq!(line, expected);
    }
}
