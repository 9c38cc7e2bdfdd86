//! Sends requests to two runtimes and demands the same answers.
//!
//! Left out of the requests, because workerd departs from the Fetch standard there and glowplug keeps to it: header values
//! beyond ASCII (workerd reads and writes them as UTF-8), a byte order mark before a body read as text (kept by workerd),
//! the `content-type` of a POST that a redirect makes a GET (kept). Nor is there a standard for the messages of errors.

use crate::client::{self, Answer, Case};
use crate::origin::Origin;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Response headers that two right runtimes may give differently.
const NOT_COMPARED: &[(&str, &str)] = &[
    ("date", "the time"),
    ("server-timing", "the price of the request, for which only glowplug has a word"),
    ("x-glowplug-version", "glowplug's own"),
    ("connection", "about the connection, not the response (RFC 9110, 7.6.1)"),
    ("keep-alive", "about the connection, not the response (RFC 9110, 7.6.1)"),
    ("transfer-encoding", "about the connection, not the response (RFC 9112, 6.1)"),
];

/// How long after its answer a worker's last subrequest may come.
const SETTLING: Duration = Duration::from_secs(5);

/// A server and the origin that only its worker talks to.
pub struct Runtime<'a> {
    pub name: &'static str,
    pub base: &'a str,
    pub origin: &'a Origin,
}

/// Sends each case to both, and panics with all the differences.
pub async fn compare(cases: &[Case], left: &Runtime<'_>, right: &Runtime<'_>) {
    let mut differences = Vec::new();
    for case in cases {
        let (one, other) = tokio::join!(
            client::send(left.base, case, || left.origin.open_gate()),
            client::send(right.base, case, || right.origin.open_gate()),
        );
        let settled = Instant::now() + SETTLING;
        let counts = || (left.origin.count(), right.origin.count());
        while counts().0 != counts().1 || counts().0 < case.subrequests {
            if Instant::now() > settled {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut lines = answer_differences(left, right, one, other);
        let (asked_left, asked_right) = (left.origin.take(), right.origin.take());
        if asked_left.len() < case.subrequests {
            let _ = writeln!(lines, "  {} subrequests, not {}", asked_left.len(), case.subrequests);
        }
        describe_lists("subrequest", left, right, &asked_left, &asked_right, &mut lines);
        if !lines.is_empty() {
            differences.push(format!("{}\n{lines}", case.name()));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} requests differ (- {}, + {}):\n\n{}",
        differences.len(),
        cases.len(),
        left.name,
        right.name,
        differences.join("\n"),
    );
}

fn answer_differences(
    left: &Runtime,
    right: &Runtime,
    one: Result<Answer, String>,
    other: Result<Answer, String>,
) -> String {
    let mut lines = String::new();
    let (one, other) = match (one, other) {
        (Ok(one), Ok(other)) => (one, other),
        (one, other) => {
            let outcome =
                |answer: Result<Answer, String>| answer.map_or_else(|error| error, |answer| answer.status.to_string());
            let _ = writeln!(lines, "  - {}\n  + {}", outcome(one), outcome(other));
            return lines;
        }
    };
    if one.status != other.status {
        let _ = writeln!(lines, "  - status {}\n  + status {}", one.status.as_u16(), other.status.as_u16());
    }
    describe_lists("", left, right, &header_lines(&one), &header_lines(&other), &mut lines);
    if one.broken != other.broken {
        let ending = |broken| if broken { "breaks off" } else { "is complete" };
        let _ = writeln!(lines, "  - body {}\n  + body {}", ending(one.broken), ending(other.broken));
    }
    if one.body != other.body {
        let same = one.body.iter().zip(&other.body).take_while(|(a, b)| a == b).count();
        let part = |answer: &Answer| {
            let end = answer.body.len().min(same + 400);
            answer.body[same.saturating_sub(60).min(end)..end].escape_ascii().to_string()
        };
        let _ = writeln!(lines, "  bodies of {} and {} bytes differ at byte {same}:", one.body.len(), other.body.len());
        let _ = writeln!(lines, "  - {}\n  + {}", part(&one), part(&other));
    }
    lines
}

/// One line per header, sorted by name. Values of one name are joined in their order: whether they come on one line or on
/// many is the sender's choice (RFC 9110, 5.3), but for `set-cookie`.
fn header_lines(answer: &Answer) -> Vec<String> {
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| NOT_COMPARED.iter().all(|(other, _)| name != other)).collect();
    headers.sort_by_key(|(name, _)| name);
    let mut lines: Vec<(&str, String)> = Vec::new();
    for (name, value) in headers {
        let value = value.escape_ascii().to_string();
        match lines.last_mut() {
            Some((last, joined)) if *last == name.as_str() && name != "set-cookie" => {
                joined.push_str(", ");
                joined.push_str(&value);
            }
            _ => lines.push((name, value)),
        }
    }
    lines.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

/// What only one list has, as in a diff.
fn describe_lists(what: &str, left: &Runtime, right: &Runtime, one: &[String], other: &[String], lines: &mut String) {
    if one == other {
        return;
    }
    let mut unmatched: Vec<&String> = other.iter().collect();
    for line in one {
        match unmatched.iter().position(|candidate| *candidate == line) {
            Some(index) => drop(unmatched.remove(index)),
            None => {
                let _ = writeln!(lines, "  - {what} {line}");
            }
        }
    }
    for line in &unmatched {
        let _ = writeln!(lines, "  + {what} {line}");
    }
    if lines.is_empty() {
        let _ = writeln!(
            lines,
            "  the same {what} lines in another order: {} {one:?}, {} {other:?}",
            left.name, right.name
        );
    }
}
