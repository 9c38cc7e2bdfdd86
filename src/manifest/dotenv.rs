//! The syntax of `.env` and `.dev.vars`, as the npm packages `dotenv` and `dotenv-expand` have it.
//!
//! ## Why
//! The format has no standard; what these two packages make of a file is what authors rely on. They pass over lines
//! that they do not understand, though. Such a line is an error here: a secret that is silently missing costs hours.

use super::{Position, Problem};

/// `NAME=value`, in the order of the file.
pub(super) type Assignments = Vec<(String, Assigned)>;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    pub value: String,
    /// Where its name is.
    pub position: Position,
}

/// Parses a whole file, and reports every line that cannot be understood.
pub(super) fn parse(text: &str) -> Result<Assignments, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let (mut assignments, mut problems) = (Assignments::new(), Vec::new());
    let mut offset = 0;
    while offset < text.len() {
        let rest = &text[offset..];
        let line_end = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        let line = rest[..line_end].trim();
        if line.is_empty() || line.starts_with('#') {
            offset += line_end;
            continue;
        }
        let start = offset + (line_end - rest[..line_end].trim_start().len());
        let position = Position::of(&text, start);
        match assignment(&text[start..]) {
            Ok((name, value, length)) => {
                assignments.push((name, Assigned { value, position }));
                offset = start + length;
            }
            Err((message, hint)) => {
                let hint = hint.map(str::to_owned);
                problems.push(Problem { position: Some(position), message: message.to_owned(), hint });
                offset += line_end;
            }
        }
    }
    if problems.is_empty() { Ok(assignments) } else { Err(problems) }
}

type Refusal = (&'static str, Option<&'static str>);

/// The assignment at the start of `text`: name, value, and the bytes it takes.
fn assignment(text: &str) -> Result<(String, String, usize), Refusal> {
    const FORM: Refusal = ("expected `NAME=value`", Some("a comment starts with `#`"));
    let name_length = |text: &str| {
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(text.len())
    };
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();

    let mut start = 0;
    if let Some(rest) = text.strip_prefix("export") {
        let after = blanks(rest);
        if after > 0 && name_length(&rest[after..]) > 0 {
            start = "export".len() + after;
        }
    }
    let length = name_length(&text[start..]);
    if length == 0 {
        return Err(FORM);
    }
    let name = &text[start..start + length];
    let mut at = start + length;
    let rest = &text[at..];
    let to_equals = blanks(rest);
    if rest[to_equals..].starts_with('=') {
        at += to_equals + 1;
    } else if rest.starts_with(": ") || rest.starts_with(":\t") {
        at += 1;
    } else {
        return Err(FORM);
    }
    at += blanks(&text[at..]);
    let (value, length) = value(&text[at..])?;
    Ok((name.to_owned(), value, at + length))
}

/// The value at the start of `text`, and the bytes to the end of its last line.
fn value(text: &str) -> Result<(String, usize), Refusal> {
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |newline| from + newline + 1);
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let Some(close) = closing(text, quote) else {
            return Err(("a quoted value has no end", Some("close the quote; it may be some lines below")));
        };
        let end = line_end(close);
        let after = text[close + 1..end].trim();
        if after.is_empty() || after.starts_with('#') {
            return Ok((unquoted(&text[1..close], quote), end));
        }
        // A quote within quotes of the same kind: the line's last one ends the value.
        let end = line_end(0);
        let line = text[..end].split('#').next().unwrap_or_default().trim();
        return match line.strip_prefix(quote).and_then(|line| line.strip_suffix(quote)) {
            Some(inner) => Ok((unquoted(inner, quote), end)),
            None => Err(("there is text after the closing quote", Some("quote the whole value, or none of it"))),
        };
    }
    let end = line_end(0);
    Ok((text[..end].split('#').next().unwrap_or_default().trim().to_owned(), end))
}

/// Where the quote at the start of `text` is closed: at the first one without a `\` before it, or else at the last.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped_one = None;
    for (index, _) in text.match_indices(quote).skip(1) {
        if text.as_bytes()[index - 1] != b'\\' {
            return Some(index);
        }
        escaped_one = Some(index);
    }
    escaped_one
}

/// Only double quotes give `\n` and `\r` a meaning.
fn unquoted(text: &str, quote: char) -> String {
    match quote {
        '"' => text.replace("\\n", "\n").replace("\\r", "\r"),
        _ => text.to_owned(),
    }
}

/// References within references that are followed.
const DEEPEST_REFERENCE: usize = 16;

/// Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}` by what `known` has, and `\$` by `$`.
///
/// Stops when the result is longer than `longest`, so that values that double each other come to an end.
pub(super) fn expand(text: &str, longest: usize, known: &dyn Fn(&str) -> Option<String>) -> String {
    expand_within(text, longest, known, DEEPEST_REFERENCE)
}

fn expand_within(text: &str, longest: usize, known: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        if result.len() > longest {
            break;
        }
        let (before, after) = (&rest[..dollar], &rest[dollar + 1..]);
        rest = after;
        if let Some(before) = before.strip_suffix('\\') {
            result.push_str(before);
            result.push('$');
            continue;
        }
        result.push_str(before);
        match reference(after).filter(|_| depth > 0) {
            Some((expression, length)) => {
                match resolve(expression, known) {
                    Resolved::Value(value) => result.push_str(&value),
                    Resolved::Text(text) => result.push_str(&expand_within(text, longest, known, depth - 1)),
                }
                rest = &after[length..];
            }
            None => result.push('$'),
        }
    }
    result.push_str(rest);
    result
}

/// What is referred to after a `$`, and the bytes it takes.
fn reference(text: &str) -> Option<(&str, usize)> {
    if let Some(braced) = text.strip_prefix('{') {
        let mut open = 1;
        let end = braced.bytes().position(|byte| {
            match byte {
                b'{' => open += 1,
                b'}' => open -= 1,
                _ => {}
            }
            open == 0
        })?;
        return Some((&braced[..end], end + 2)).filter(|_| end > 0);
    }
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    starts.then(|| (&text[..end], end))
}

/// What a reference stands for.
enum Resolved<'a> {
    /// The value of a name, final.
    Value(String),
    /// A default, which may refer to others.
    Text(&'a str),
}

fn resolve<'a>(expression: &'a str, known: &dyn Fn(&str) -> Option<String>) -> Resolved<'a> {
    let operator = [":-", ":+", "-", "+"]
        .into_iter()
        .filter_map(|operator| expression.find(operator).map(|index| (index, operator)))
        // `:-` starts before its own `-` does.
        .min_by_key(|(index, _)| *index);
    let Some((index, operator)) = operator else { return Resolved::Value(known(expression).unwrap_or_default()) };
    let (name, other) = (&expression[..index], &expression[index + operator.len()..]);
    let value = known(name).filter(|value| !value.is_empty());
    match (operator, value) {
        (":+" | "+", Some(_)) | (":-" | "-", None) => Resolved::Text(other),
        (":-" | "-", Some(value)) => Resolved::Value(value),
        _ => Resolved::Text(""),
    }
}
