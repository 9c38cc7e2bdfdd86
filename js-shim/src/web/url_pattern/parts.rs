//! Pattern strings to parts (URL Pattern standard section 2.1.7).

use super::Fault;
use super::canonicalize::Canonicalize;
use super::tokenizer::{Kind, Policy, Token, tokenize};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    FixedText,
    Regexp,
    SegmentWildcard,
    FullWildcard,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    None,
    Optional,
    ZeroOrMore,
    OneOrMore,
}

impl Modifier {
    pub fn text(self) -> &'static str {
        match self {
            Modifier::None => "",
            Modifier::Optional => "?",
            Modifier::ZeroOrMore => "*",
            Modifier::OneOrMore => "+",
        }
    }
}

pub struct Part {
    pub kind: PartKind,
    pub value: String,
    pub modifier: Modifier,
    pub name: String,
    pub prefix: String,
    pub suffix: String,
}

/// What a component's groups end at, and what may stand before one without braces.
#[derive(Clone, Copy)]
pub struct Options {
    pub delimiter: &'static str,
    pub prefix: &'static str,
}

pub const DEFAULT: Options = Options { delimiter: "", prefix: "" };
pub const HOSTNAME: Options = Options { delimiter: ".", prefix: "" };
pub const PATHNAME: Options = Options { delimiter: "/", prefix: "/" };

pub const FULL_WILDCARD: &str = ".*";

pub fn segment_wildcard(options: Options) -> String {
    match options.delimiter {
        "" => "[^]+?".to_owned(),
        delimiter => format!("[^\\{delimiter}]+?"),
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    parts: Vec<Part>,
    pending: String,
    next_number: usize,
    segment_wildcard: String,
    canonicalize: Canonicalize,
}

/// "parse a pattern string"
pub fn parse(input: &str, options: Options, canonicalize: Canonicalize) -> Result<Vec<Part>, Fault> {
    let mut parser = Parser {
        tokens: tokenize(input, Policy::Strict)?,
        at: 0,
        parts: Vec::new(),
        pending: String::new(),
        next_number: 0,
        segment_wildcard: segment_wildcard(options),
        canonicalize,
    };
    while parser.at < parser.tokens.len() {
        parser.step(options)?;
    }
    Ok(parser.parts)
}

impl<'a> Parser<'a> {
    fn step(&mut self, options: Options) -> Result<(), Fault> {
        let char_token = self.take(Kind::Char);
        let name = self.take(Kind::Name);
        let matcher = self.take_matcher(name);
        if name.is_some() || matcher.is_some() {
            let mut prefix = char_token.map_or("", |token| token.value);
            if !prefix.is_empty() && prefix != options.prefix {
                self.pending.push_str(prefix);
                prefix = "";
            }
            self.flush()?;
            let modifier = self.take_modifier();
            return self.add(prefix, name, matcher, "", modifier);
        }
        if let Some(fixed) = char_token.or_else(|| self.take(Kind::EscapedChar)) {
            self.pending.push_str(fixed.value);
            return Ok(());
        }
        if self.take(Kind::Open).is_some() {
            let prefix = self.take_text();
            let name = self.take(Kind::Name);
            let matcher = self.take_matcher(name);
            let suffix = self.take_text();
            self.require(Kind::Close)?;
            let modifier = self.take_modifier();
            return self.add(&prefix, name, matcher, &suffix, modifier);
        }
        self.flush()?;
        self.require(Kind::End)
    }

    fn take(&mut self, kind: Kind) -> Option<Token<'a>> {
        let token = *self.tokens.get(self.at).filter(|token| token.kind == kind)?;
        self.at += 1;
        Some(token)
    }

    fn require(&mut self, kind: Kind) -> Result<(), Fault> {
        match self.take(kind) {
            Some(_) => Ok(()),
            None => {
                let found = self.tokens.get(self.at).map_or("", |token| token.value);
                Err(Fault::Pattern(format!("Invalid pattern: unexpected \"{found}\".")))
            }
        }
    }

    fn take_matcher(&mut self, name: Option<Token<'a>>) -> Option<Token<'a>> {
        match self.take(Kind::Regexp) {
            None if name.is_none() => self.take(Kind::Asterisk),
            token => token,
        }
    }

    fn take_modifier(&mut self) -> Modifier {
        let token = self.take(Kind::OtherModifier).or_else(|| self.take(Kind::Asterisk));
        match token.map(|token| token.value) {
            Some("?") => Modifier::Optional,
            Some("*") => Modifier::ZeroOrMore,
            Some("+") => Modifier::OneOrMore,
            _ => Modifier::None,
        }
    }

    fn take_text(&mut self) -> String {
        let mut text = String::new();
        while let Some(token) = self.take(Kind::Char).or_else(|| self.take(Kind::EscapedChar)) {
            text.push_str(token.value);
        }
        text
    }

    fn push_fixed(&mut self, text: &str, modifier: Modifier) -> Result<(), Fault> {
        let value = self.canonicalize.apply(text)?;
        let [name, prefix, suffix] = [const { String::new() }; 3];
        self.parts.push(Part { kind: PartKind::FixedText, value, modifier, name, prefix, suffix });
        Ok(())
    }

    /// "maybe add a part from the pending fixed value"
    fn flush(&mut self) -> Result<(), Fault> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        self.push_fixed(&pending, Modifier::None)
    }

    fn add(
        &mut self,
        prefix: &str,
        name: Option<Token<'a>>,
        matcher: Option<Token<'a>>,
        suffix: &str,
        modifier: Modifier,
    ) -> Result<(), Fault> {
        if name.is_none() && matcher.is_none() {
            if modifier == Modifier::None {
                self.pending.push_str(prefix);
                return Ok(());
            }
            self.flush()?;
            return if prefix.is_empty() { Ok(()) } else { self.push_fixed(prefix, modifier) };
        }
        self.flush()?;
        let (kind, value) = match matcher {
            None => (PartKind::SegmentWildcard, ""),
            Some(token) if token.kind == Kind::Asterisk || token.value == FULL_WILDCARD => (PartKind::FullWildcard, ""),
            Some(token) if token.value == self.segment_wildcard => (PartKind::SegmentWildcard, ""),
            Some(token) => (PartKind::Regexp, token.value),
        };
        let name = match name {
            Some(token) => token.value.to_owned(),
            None => {
                self.next_number += 1;
                (self.next_number - 1).to_string()
            }
        };
        if self.parts.iter().any(|part| part.name == name) {
            return Err(Fault::Pattern(format!("Invalid pattern: the name \"{name}\" is used twice.")));
        }
        let prefix = self.canonicalize.apply(prefix)?;
        let suffix = self.canonicalize.apply(suffix)?;
        self.parts.push(Part { kind, value: value.to_owned(), modifier, name, prefix, suffix });
        Ok(())
    }
}
