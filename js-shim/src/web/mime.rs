//! MIME types (MIME Sniffing standard section 4), as `Content-Type` headers and blobs have them.

use std::fmt;

use rquickjs::{Ctx, Function, Object, Result, convert::List};

use super::convert::Usv;

/// A parsed MIME type; `essence` is `type/subtype`.
#[derive(Clone)]
pub struct Mime {
    pub essence: String,
    parameters: Vec<(String, String)>,
}

fn is_whitespace(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' ')
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(super::headers::is_token_byte)
}

fn is_quotable(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | ' '..='~' | '\u{80}'..='\u{ff}'))
}

impl Mime {
    /// "parse a MIME type"
    pub fn parse(input: &str) -> Option<Mime> {
        let input = input.trim_matches(is_whitespace);
        let (kind, rest) = input.split_once('/')?;
        let (subtype, mut rest) = rest.split_once(';').unwrap_or((rest, ""));
        let subtype = subtype.trim_end_matches(is_whitespace);
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let essence = format!("{kind}/{subtype}").to_ascii_lowercase();
        let mut mime = Mime { essence, parameters: Vec::new() };
        while !rest.is_empty() {
            rest = mime.parameter(rest);
        }
        Some(mime)
    }

    /// Reads one parameter, and gives what follows its semicolon.
    fn parameter<'a>(&mut self, input: &'a str) -> &'a str {
        let input = input.trim_start_matches(is_whitespace);
        let end = input.find([';', '=']).unwrap_or(input.len());
        let name = input[..end].to_ascii_lowercase();
        let Some(rest) = input[end..].strip_prefix('=') else { return input.get(end + 1..).unwrap_or_default() };
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (value, rest) = unquote(quoted);
                (value, rest.split_once(';').map_or("", |(_, rest)| rest))
            }
            None => {
                let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
                let value = value.trim_end_matches(is_whitespace);
                if value.is_empty() {
                    return rest;
                }
                (value.to_owned(), rest)
            }
        };
        if is_token(&name) && is_quotable(&value) && self.get(&name).is_none() {
            self.parameters.push((name, value));
        }
        rest
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// "extract a MIME type": the last that `Content-Type` headers name, with the charset of the ones before.
    pub fn extract(combined: &str) -> Option<Mime> {
        let mut found: Option<Mime> = None;
        let mut charset: Option<String> = None;
        for value in split(combined) {
            let Some(mut mime) = Mime::parse(value).filter(|mime| mime.essence != "*/*") else { continue };
            let same = found.as_ref().is_some_and(|found| found.essence == mime.essence);
            let own = mime.get("charset").map(str::to_owned);
            match (same, own) {
                (false, own) => charset = own,
                (true, None) => {
                    if let Some(charset) = &charset {
                        mime.parameters.push(("charset".to_owned(), charset.clone()));
                    }
                }
                (true, Some(_)) => {}
            }
            found = Some(mime);
        }
        found
    }
}

/// What stands before the closing quote, and after it.
fn unquote(input: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = input.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.push(chars.next().unwrap_or('\\')),
            c => value.push(c),
        }
    }
    (value, chars.as_str())
}

/// The values of combined headers: commas inside quotes do not part them (fetch standard, "get, decode, and split").
fn split(combined: &str) -> Vec<&str> {
    let (mut values, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (i, byte) in combined.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                values.push(&combined[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    values.push(&combined[start..]);
    values
}

/// "serialize a MIME type"
impl fmt::Display for Mime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.essence)?;
        for (name, value) in &self.parameters {
            write!(f, ";{name}=")?;
            match is_token(value) {
                true => f.write_str(value)?,
                false => write!(f, "\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?,
            }
        }
        Ok(())
    }
}

/// A MIME type, its essence and its boundary.
type Extracted = List<(String, String, Option<String>)>;

/// `[type, essence, boundary]` of the values of `Content-Type`; undefined when there is no type among them.
fn extract_mime(combined: Usv) -> Option<Extracted> {
    let mime = Mime::extract(&combined.0)?;
    let boundary = mime.get("boundary").map(str::to_owned);
    Some(List((mime.to_string(), mime.essence, boundary)))
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("extractMime", Function::new(ctx.clone(), extract_mime)?)
}

#[cfg(test)]
mod tests {
    use super::Mime;

    fn extracted(combined: &str) -> String {
        Mime::extract(combined).map_or("none".to_owned(), |mime| mime.to_string())
    }

    #[test]
    fn the_last_type_counts_and_keeps_the_charset_of_its_kind() {
        assert_eq!(extracted("text/plain;charset=gbk, text/html"), "text/html");
        assert_eq!(extracted("text/html;charset=gbk;a=b, text/html;x=y"), "text/html;x=y;charset=gbk");
        assert_eq!(extracted("text/html;charset=gbk;a=b, text/html"), "text/html;charset=gbk");
        assert_eq!(extracted("text/html;charset=gbk, x/x, text/html;x=y"), "text/html;x=y");
        assert_eq!(extracted("text/html;x=\"a,b\", */*"), "text/html;x=\"a,b\"");
        assert_eq!(extracted("text/html;\", x/x"), "text/html");
        assert_eq!(extracted(""), "none");
    }
}
