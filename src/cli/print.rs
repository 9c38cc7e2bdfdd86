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
enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
    Dim = 2,
    Bold = 1,
}

/// Colours `text` when the terminal shows colours (see no-color.org).
fn paint(text: &str, colour: Colour) -> String {
    let plain = !std::io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain { text.to_owned() } else { format!("\x1b[{}m{text}\x1b[0m", colour as u8) }
}

/// A line on stderr. A terminal that is gone is no reason to stop serving.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Data on stdout.
pub fn data(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
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
    let (name, colour) = match level {
        Level::Debug => ("debug", Colour::Dim),
        Level::Log => ("log", Colour::Dim),
        Level::Info => ("info", Colour::Cyan),
        Level::Warn => ("warn", Colour::Yellow),
        Level::Error => ("error", Colour::Red),
    };
    line(&format!("{} {} {text}", paint(&format!("[{whom}]"), Colour::Dim), paint(&format!("{name:<5}"), colour)));
}

/// One line per request, and what went wrong with it.
pub fn request(entry: &RequestLine) {
    let RequestLine { request_id, method, path, status, outcome, usage, problem } = entry;
    let colour = match status {
        200..=299 => Colour::Green,
        300..=399 => Colour::Cyan,
        400..=499 => Colour::Yellow,
        _ => Colour::Red,
    };
    let cost = format!(
        "{} fuel  ~{:.2} ms cpu  {} wall",
        grouped(usage.fuel),
        cpu_ms_of_fuel(usage.fuel),
        milliseconds(usage.wall)
    );
    let mut text = format!(
        "{} {method} {path} {}  {cost}",
        paint(&format!("[{request_id}]"), Colour::Dim),
        paint(&status.to_string(), colour)
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
    fn digits_come_in_groups() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
