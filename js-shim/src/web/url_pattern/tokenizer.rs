//! Pattern strings to tokens (URL Pattern standard section 2.1.3).

use super::Fault;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Open,
    Close,
    Regexp,
    Name,
    Char,
    EscapedChar,
    OtherModifier,
    Asterisk,
    End,
    InvalidChar,
}

/// A token, with where it begins in the input (in bytes).
#[derive(Clone, Copy)]
pub struct Token<'a> {
    pub kind: Kind,
    pub index: usize,
    pub value: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    Strict,
    Lenient,
}

/// Whether `c` may stand in a group's name, or begin one.
pub fn is_name_char(c: char, first: bool) -> bool {
    match first {
        true => c == '$' || c == '_' || unicode_id_start::is_id_start(c),
        false => c == '$' || c == '\u{200c}' || c == '\u{200d}' || unicode_id_start::is_id_continue(c),
    }
}

pub fn tokenize(input: &str, policy: Policy) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let mut index = 0;
    while let Some(c) = input[index..].chars().next() {
        let next = index + c.len_utf8();
        // the kind, where the value is, and where the next token begins
        let (kind, value, end) = match c {
            '*' => (Kind::Asterisk, index..next, next),
            '+' | '?' => (Kind::OtherModifier, index..next, next),
            '{' => (Kind::Open, index..next, next),
            '}' => (Kind::Close, index..next, next),
            '\\' => match input[next..].chars().next() {
                Some(escaped) => {
                    let end = next + escaped.len_utf8();
                    (Kind::EscapedChar, next..end, end)
                }
                None => (Kind::InvalidChar, index..next, next),
            },
            ':' => {
                let end = name_end(input, next);
                match end > next {
                    true => (Kind::Name, next..end, end),
                    false => (Kind::InvalidChar, index..next, next),
                }
            }
            '(' => match regexp_end(input, next) {
                Some(end) => (Kind::Regexp, next..end - 1, end),
                None => (Kind::InvalidChar, index..next, next),
            },
            _ => (Kind::Char, index..next, next),
        };
        if kind == Kind::InvalidChar && policy == Policy::Strict {
            return Err(Fault::Pattern(format!("Invalid pattern: unexpected \"{c}\" at {index} in \"{input}\".")));
        }
        tokens.push(Token { kind, index, value: &input[value] });
        index = end;
    }
    tokens.push(Token { kind: Kind::End, index, value: "" });
    Ok(tokens)
}

fn name_end(input: &str, start: usize) -> usize {
    let mut end = start;
    for c in input[start..].chars() {
        if !is_name_char(c, end == start) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// The end of a regular expression after its parenthesis; `None` when it is none that is allowed.
fn regexp_end(input: &str, start: usize) -> Option<usize> {
    let bytes = input.as_bytes();
    let mut depth = 1;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'?' if at == start => return None,
            b'\\' => {
                at += 1;
                if !bytes.get(at)?.is_ascii() {
                    return None;
                }
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return if at > start { Some(at + 1) } else { None };
                }
            }
            b'(' => {
                depth += 1;
                if *bytes.get(at + 1)? != b'?' {
                    return None;
                }
            }
            byte if !byte.is_ascii() => return None,
            _ => {}
        }
        at += 1;
    }
    None
}
