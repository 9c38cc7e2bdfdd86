//! Events for people: the lines that `glowplug dev` prints.

use crate::cli::client::types::{TailLine, TailLog, TailRequest};
use crate::cli::print::{self, Colour, paint_data};

/// A line for the request, one for each of the console's, and what went wrong. Worker and client choose what is in it, so
/// nothing of it reaches the terminal as control characters.
pub(super) fn event(event: &TailLine) -> String {
    let id = paint_data(&format!("[{}]", shown(&event.request_id)), Colour::Dim);
    let mut text = format!("{id} {}", request(event));
    for TailLog { level, message } in &event.logs {
        let colour = print::level_colour(level);
        let message = indented(message);
        text.push_str(&format!("\n{id} {} {message}", paint_data(&format!("{:<5}", shown(level)), colour)));
    }
    for exception in &event.exceptions {
        text.push_str(&format!("\n{id} {}", paint_data(&indented(&exception.message), Colour::Red)));
        for frame in &exception.stack {
            text.push_str(&format!("\n    {}", shown(frame.trim())));
        }
    }
    text
}

fn request(event: &TailLine) -> String {
    let (method, url, status) = match &event.event {
        Some(TailRequest { request: Some(asked), response, .. }) => {
            (asked.method.as_str(), asked.url.as_str(), response.as_ref())
        }
        Some(TailRequest { cron: Some(cron), .. }) => ("CRON", cron.as_str(), None),
        Some(_) => ("TAIL", "", None),
        None => ("?", "?", None),
    };
    let status = match status.map(|response| response.status) {
        Some(status) => paint_data(&status.to_string(), print::status_colour(status)),
        None => paint_data("-", Colour::Red),
    };
    let mut text = format!(
        "{} {} {status}  {} fuel  ~{:.2} ms cpu  {:.2} ms wall",
        shown(method),
        shown(url),
        print::grouped(event.fuel),
        event.cpu_time,
        event.wall_time
    );
    text.push_str(&paint_data(&format!("  {}", shown(&event.script_version)), Colour::Dim));
    if event.outcome != "ok" {
        text.push_str(&format!("  {}", paint_data(&shown(&event.outcome), Colour::Red)));
    }
    text
}

fn shown(text: &str) -> String {
    print::visible(text, ' ')
}

/// Text of several lines, its further lines set off.
fn indented(text: &str) -> String {
    print::visible(text, '\n').replace('\n', "\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_request_its_lines_and_what_went_wrong() {
        let line = r#"{"scriptName":"hello","scriptVersion":"0123456789ab","requestId":"r1","eventTimestamp":1,
            "event":{"request":{"method":"GET","url":"http://hello.localhost/a?b"},"response":{"status":500}},
            "outcome":"exception","logs":[{"level":"log","message":"one\ntwo \u001b[31m","timestamp":2}],
            "exceptions":[{"message":"TypeError: x","stack":["at f (index.js:1:2)"]}],
            "fuel":1234567,"cpuTime":0.08,"wallTime":1.25}"#;
        let text = event(&serde_json::from_str(line).unwrap());
        assert_eq!(
            text,
            "[r1] GET http://hello.localhost/a?b 500  1,234,567 fuel  ~0.08 ms cpu  1.25 ms wall  0123456789ab  exception\n\
             [r1] log   one\n    two \\u{1b}[31m\n\
             [r1] TypeError: x\n    at f (index.js:1:2)"
        );
    }

    #[test]
    fn an_event_without_an_answer_is_one_too() {
        let line =
            r#"{"event":{"request":{"method":"GET","url":"/"},"response":null},"outcome":"canceled","cpuTime":1}"#;
        let text = event(&serde_json::from_str(line).unwrap());
        assert!(text.contains("GET / -  0 fuel") && text.ends_with("canceled"), "{text}");
    }
}
