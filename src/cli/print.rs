//! Words on the terminal: data to stdout, everything else to stderr.

use crate::edge::RequestLine;
use crate::host::LogLine;
use crate::host::bindings::log::Level;
use crate::limits::cpu_ms_of_fuel;
use crate::meter::Outcome;
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// SGR colour codes.
#[derive(Clone, Copy)]
pub enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
    Dim = 2,
    Bold = 1,
}

/// Colours `text` when the terminal shows colours (see no-color.org).
fn paint(text: &str, colour: Colour) -> String {
    painted(text, colour, std::io::stderr().is_terminal())
}

/// The same for text that is data.
pub fn paint_data(text: &str, colour: Colour) -> String {
    painted(text, colour, std::io::stdout().is_terminal())
}

fn painted(text: &str, colour: Colour, is_terminal: bool) -> String {
    let plain = !is_terminal || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain { text.to_owned() } else { format!("\x1b[{}m{text}\x1b[0m", colour as u8) }
}

/// `text` with its control characters made visible, since they could do things to a terminal. Line ends become
/// `line_end`, and none is left at the end.
pub fn visible(text: &str, line_end: char) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.trim_end_matches(['\n', '\r']).chars() {
        match character {
            '\n' => visible.push(line_end),
            '\t' => visible.push('\t'),
            control if control.is_control() => visible.extend(control.escape_debug()),
            other => visible.push(other),
        }
    }
    visible
}

/// A line on stderr. A terminal that is gone is no reason to stop serving.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Data on stdout.
pub fn data(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Data on stdout, as JSON.
pub fn json(value: &serde_json::Value) {
    data(&format!("{value:#}"));
}

/// Bytes on stdout, as they are. Fails when whoever reads them is gone.
pub fn bytes(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// A question that is answered on the same line.
pub fn ask(question: &str) {
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{question}");
    let _ = stderr.flush();
}

/// What stops the command.
pub fn error(text: &str) {
    line(&format!("{} {text}", paint("error:", Colour::Red)));
}

/// What does not.
pub fn warning(text: &str) {
    line(&format!("{} {text}", paint("warning:", Colour::Yellow)));
}

/// What is going on.
pub fn note(text: &str) {
    line(text);
}

/// What went well.
pub fn success(text: &str) {
    line(&format!("{} {text}", paint("✓", Colour::Green)));
}

/// The line that says where the server is.
pub fn ready(url: &str) {
    line(&format!("{} {}", paint("ready on", Colour::Bold), paint(url, Colour::Cyan)));
}

/// One line of a worker's output.
pub fn console(entry: &LogLine) {
    console_line(&entry.request_id, entry.level, &entry.text);
}

/// One line of output that belongs to `whom`: a request, or start-up.
pub fn console_line(whom: &str, level: Level, text: &str) {
    let name = match level {
        Level::Debug => "debug",
        Level::Log => "log",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let colour = level_colour(name);
    line(&format!("{} {} {text}", paint(&format!("[{whom}]"), Colour::Dim), paint(&format!("{name:<5}"), colour)));
}

/// The colour of a console line by the name of its level.
pub fn level_colour(name: &str) -> Colour {
    match name {
        "info" => Colour::Cyan,
        "warn" => Colour::Yellow,
        "error" => Colour::Red,
        _ => Colour::Dim,
    }
}

/// The colour of a response's status.
pub fn status_colour(status: u16) -> Colour {
    match status {
        200..=299 => Colour::Green,
        300..=399 => Colour::Cyan,
        400..=499 => Colour::Yellow,
        _ => Colour::Red,
    }
}

/// One line per request, and what went wrong with it.
pub fn request(entry: &RequestLine) {
    let RequestLine { request_id, worker: _, method, path, status, outcome, usage, problem, profile: _ } = entry;
    let cost = format!(
        "{} fuel  ~{:.2} ms cpu  {} wall",
        grouped(usage.fuel),
        cpu_ms_of_fuel(usage.fuel),
        milliseconds(usage.wall)
    );
    let mut text = format!(
        "{} {method} {path} {}  {cost}",
        paint(&format!("[{request_id}]"), Colour::Dim),
        paint(&status.to_string(), status_colour(*status))
    );
    if *outcome != Outcome::Ok {
        text.push_str(&format!("  {}", paint(outcome.as_str(), Colour::Red)));
    }
    if let Some(problem) = problem {
        text.push_str(&format!("\n{problem}"));
    }
    line(&text);
}

/// A number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
    grouped_wide(number.into())
}

/// The same for a number that may need more than 64 bits.
pub fn grouped_wide(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 file`, `1,000 files`.
pub fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { several })
}

/// A duration as people read it.
pub fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

/// A size as people read it.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.2} MiB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(visible("a\n\tb\u{1b}[2J\u{9b}c\r\n", '\n'), "a\n\tb\\u{1b}[2J\\u{9b}c");
        assert_eq!(visible("a\nb\r", ' '), "a b");
    }

    #[test]
    fn digits_come_in_groups() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1, 1000].map(|n| counted(n, "key", "keys")), ["0 keys", "1 key", "1,000 keys"]);
    }
}
