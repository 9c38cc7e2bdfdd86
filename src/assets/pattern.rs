//! Patterns of `_headers` and `_redirects`: text with placeholders (`:name`) and one splat (`*`).
//!
//! ## Why
//! Patterns come from whoever deploys and are tried on requests from anybody, so matching must not take long for any
//! pair of the two: it fills a table of tokens by characters, and the number of tokens is bounded.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The most placeholders of one pattern.
const MAXIMUM_PLACEHOLDERS: usize = 16;

/// The name under which the text of a splat is used.
const SPLAT: &str = "splat";

const HTTPS: &str = "https://";

/// A pattern for the path of a URL, or for `https://`, a host and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// Exactly this text.
    Text(String),
    /// At least one character, none of them a slash; in a host, none of them a dot either.
    Placeholder { name: String, in_host: bool },
    /// Any text.
    Splat,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PatternProblem {
    /// It begins neither with a slash nor with `https://`.
    Beginning,
    /// There is a splat after a splat.
    SecondSplat,
    /// Two placeholders have this name, or one has that of the splat.
    NameTwice(String),
    /// There are too many placeholders.
    TooMany,
}

impl fmt::Display for PatternProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beginning => f.write_str("a rule begins with `/` or `https://`"),
            Self::SecondSplat => f.write_str("a rule can have one `*` only"),
            Self::NameTwice(name) if name == SPLAT => f.write_str("`*` has the name `:splat` already"),
            Self::NameTwice(name) => write!(f, "the placeholder `:{name}` is there twice"),
            Self::TooMany => write!(f, "a rule can have {MAXIMUM_PLACEHOLDERS} placeholders at most"),
        }
    }
}

/// What stood in the places of a pattern's placeholders, by name.
pub(super) type Captures<'p, 't> = Vec<(&'p str, &'t str)>;

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &str) -> Result<Self, PatternProblem> {
        let path_at = match text.strip_prefix(HTTPS) {
            Some(rest) => HTTPS.len() + rest.find('/').unwrap_or(rest.len()),
            None if text.starts_with('/') => 0,
            None => return Err(PatternProblem::Beginning),
        };
        let mut tokens = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let mut literal_at = 0;
        let mut at = 0;
        while let Some(found) = text[at..].find([':', '*']) {
            let start = at + found;
            let (token, name, end) = if text[start..].starts_with('*') {
                (Token::Splat, SPLAT, start + 1)
            } else if let Some(name) = placeholder_name(&text[start..]) {
                let token = Token::Placeholder { name: name.to_owned(), in_host: start < path_at };
                (token, name, start + 1 + name.len())
            } else {
                at = start + 1;
                continue;
            };
            if names.contains(&name) {
                let splats = token == Token::Splat && tokens.contains(&Token::Splat);
                return Err(if splats {
                    PatternProblem::SecondSplat
                } else {
                    PatternProblem::NameTwice(name.to_owned())
                });
            }
            names.push(name);
            if names.len() > MAXIMUM_PLACEHOLDERS {
                return Err(PatternProblem::TooMany);
            }
            if literal_at < start {
                tokens.push(Token::Text(text[literal_at..start].to_owned()));
            }
            tokens.push(token);
            literal_at = end;
            at = end;
        }
        if literal_at < text.len() {
            tokens.push(Token::Text(text[literal_at..].to_owned()));
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// The pattern as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it stands for its own text only.
    pub(super) fn is_static(&self) -> bool {
        matches!(&self.tokens[..], [Token::Text(_)])
    }

    /// Whether it names a host.
    pub(super) fn has_host(&self) -> bool {
        self.text.starts_with(HTTPS)
    }

    /// Tries it on all of `text`. A placeholder takes as much as it can, the first of them first.
    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'_, 't>> {
        if let Some(Token::Text(start)) = self.tokens.first()
            && !text.starts_with(start)
        {
            return None;
        }
        let table = self.table(text.as_bytes());
        let width = text.len() + 1;
        if !table[0] {
            return None;
        }
        let mut captures = Vec::new();
        let mut at = 0;
        for (row, token) in self.tokens.iter().enumerate() {
            let (name, stops) = match token {
                Token::Text(literal) => {
                    at += literal.len();
                    continue;
                }
                Token::Placeholder { name, in_host } => (name.as_str(), Some(*in_host)),
                Token::Splat => (SPLAT, None),
            };
            let farthest = match stops {
                None => text.len(),
                Some(in_host) => {
                    let length = text.as_bytes()[at..].iter().position(|byte| ends_placeholder(*byte, in_host));
                    length.map_or(text.len(), |length| at + length)
                }
            };
            let nearest = if stops.is_some() { at + 1 } else { at };
            let after = (nearest..=farthest).rev().find(|end| table[(row + 1) * width + end])?;
            captures.push((name, text.get(at..after)?));
            at = after;
        }
        Some(captures)
    }

    /// Row by row for each token, and one more for the end: whether the tokens from there match the text from a byte.
    fn table(&self, text: &[u8]) -> Vec<bool> {
        let width = text.len() + 1;
        let rows = self.tokens.len();
        let mut table = vec![false; (rows + 1) * width];
        table[rows * width + text.len()] = true;
        for (row, token) in self.tokens.iter().enumerate().rev() {
            for at in (0..width).rev() {
                let (here, below) = (row * width + at, (row + 1) * width + at);
                table[here] = match token {
                    Token::Text(literal) => text[at..].starts_with(literal.as_bytes()) && table[below + literal.len()],
                    Token::Placeholder { in_host, .. } => {
                        text.get(at).is_some_and(|byte| !ends_placeholder(*byte, *in_host))
                            && (table[below + 1] || table[here + 1])
                    }
                    Token::Splat => table[below] || (at < text.len() && table[here + 1]),
                };
            }
        }
        table
    }
}

/// Puts what was captured in the places of `:name` in `template`. A name that was not captured stays.
///
/// Gives nothing when the text becomes longer than `limit` bytes: a short template that repeats a name could make
/// much of a long URL.
pub(super) fn fill(template: &str, captures: &Captures<'_, '_>, limit: u64) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(colon) = rest.find(':') {
        if filled.len() as u64 > limit {
            return None;
        }
        filled.push_str(&rest[..colon]);
        rest = &rest[colon..];
        let name = placeholder_name(rest);
        let captured = name.and_then(|name| captures.iter().find(|(captured, _)| *captured == name));
        match captured {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &rest[1 + name.len()..];
            }
            None => {
                filled.push(':');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    (filled.len() as u64 <= limit).then_some(filled)
}

/// The name of the placeholder that `text` begins with: a colon, a letter, then letters, digits and underscores.
fn placeholder_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(':')?;
    let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let name = &rest[..end.unwrap_or(rest.len())];
    name.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(name)
}

fn ends_placeholder(byte: u8, in_host: bool) -> bool {
    byte == b'/' || (in_host && byte == b'.')
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(pattern: &str, text: &str) -> Option<String> {
        let pattern = Pattern::new(pattern).expect("a pattern");
        let captures = pattern.captures(text)?;
        Some(captures.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn placeholders_and_splats_take_what_they_can() {
        let cases = [
            ("/a", "/a", Some("")),
            ("/a", "/ab", None),
            ("/*", "/", Some("splat=")),
            ("/*", "/a/b", Some("splat=a/b")),
            ("/a/*", "/a", None),
            ("/a*z", "/azzz", Some("splat=zz")),
            ("/:one/:two", "/a/b", Some("one=a two=b")),
            ("/:one/:two", "/a/b/c", None),
            ("/:one/", "/a", None),
            ("/:one", "/", None),
            ("/:a-:b", "/1-2-3", Some("a=1-2 b=3")),
            ("/:id/:id_2/*", "/1/2/3/4", Some("id=1 id_2=2 splat=3/4")),
            ("/:a:b", "/xyz", Some("a=xy b=z")),
            ("/:1", "/:1", Some("")),
            ("https://:project.pages.dev/*", "https://my.pages.dev/x", Some("project=my splat=x")),
            ("https://:project.pages.dev/*", "https://a.b.pages.dev/x", None),
            ("https://example.com/:file", "https://example.com/a.b", Some("file=a.b")),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(captured(pattern, text).as_deref(), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn patterns_that_cannot_be_are_refused() {
        let many = (0..=MAXIMUM_PLACEHOLDERS).map(|number| format!("/:p{number}")).collect::<String>();
        let cases = [
            ("a", PatternProblem::Beginning),
            ("http://a/", PatternProblem::Beginning),
            ("/*/*", PatternProblem::SecondSplat),
            ("/:a/:a", PatternProblem::NameTwice("a".into())),
            ("/*/:splat", PatternProblem::NameTwice("splat".into())),
            (&many, PatternProblem::TooMany),
        ];
        for (text, problem) in cases {
            assert_eq!(Pattern::new(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_template_takes_whole_names_only() {
        let captures = vec![("id", "1"), ("splat", "x/:id")];
        let filled = fill("/:id/:id_2/:splat?t=12:30:id", &captures, 100);
        assert_eq!(filled.as_deref(), Some("/1/:id_2/x/:id?t=12:301"));
        assert_eq!(fill(":id:id:id", &captures, 3).as_deref(), Some("111"));
        assert_eq!(fill(":id:id:id", &captures, 2), None);
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_its_table() {
        let pattern = (0..MAXIMUM_PLACEHOLDERS).map(|number| format!(":p{number}")).collect::<String>();
        let pattern = Pattern::new(&format!("/{pattern}!")).expect("a pattern");
        assert_eq!(pattern.captures(&format!("/{}", "a".repeat(16_000))), None);
    }
}
