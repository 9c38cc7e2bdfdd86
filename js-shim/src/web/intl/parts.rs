//! Formatted text in parts, each with the name that ECMA-402 gives it.

use std::fmt;

use rquickjs::{Array, Ctx, Result};
use writeable::{Part, PartsWrite, Writeable};

/// One part of a formatted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub kind: &'static str,
    pub text: String,
}

/// Parts in order.
#[derive(Debug, Clone, Default)]
pub struct Pieces(pub Vec<Piece>);

impl Pieces {
    /// Adds text; literals that follow each other become one.
    pub fn push(&mut self, kind: &'static str, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.kind == "literal" && kind == "literal" => last.text.push_str(&text),
            _ => self.0.push(Piece { kind, text }),
        }
    }

    /// Adds text around a number: white space at its ends is literal, what is between them is of this kind.
    pub fn push_affix(&mut self, kind: &'static str, text: &str) {
        // marks of direction are invisible, and no symbol either
        let is_space = |c: char| c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}');
        let inner = text.trim_matches(is_space);
        if inner.is_empty() {
            self.push("literal", text);
            return;
        }
        let start = text.len() - text.trim_start_matches(is_space).len();
        self.push("literal", &text[..start]);
        self.push(kind, inner);
        self.push("literal", &text[start + inner.len()..]);
    }

    pub fn append(&mut self, other: Pieces) {
        for piece in other.0 {
            self.push(piece.kind, piece.text);
        }
    }

    /// The text without its parts.
    pub fn text(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// `[kind, text, kind, text, …]`, from which the prelude makes its objects.
    pub fn to_js<'js>(&self, ctx: &Ctx<'js>) -> Result<Array<'js>> {
        let array = Array::new(ctx.clone())?;
        for (index, piece) in self.0.iter().enumerate() {
            array.set(2 * index, piece.kind)?;
            array.set(2 * index + 1, piece.text.as_str())?;
        }
        Ok(array)
    }
}

/// Writes what ICU4X formats into pieces, by its innermost parts.
pub struct Collector<'p> {
    pieces: &'p mut Pieces,
    open: Vec<Part>,
    name: fn(Option<Part>) -> &'static str,
    /// Literal text of this kind is an affix.
    affix: Option<&'static str>,
    pending: String,
}

impl Collector<'_> {
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.pending);
        match (self.open.last(), self.affix) {
            (None, Some(kind)) => self.pieces.push_affix(kind, &text),
            (part, _) => self.pieces.push((self.name)(part.copied()), text),
        }
    }
}

impl fmt::Write for Collector<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.pending.push_str(text);
        Ok(())
    }
}

impl PartsWrite for Collector<'_> {
    type SubPartsWrite = Self;

    fn with_part(&mut self, part: Part, mut write: impl FnMut(&mut Self) -> fmt::Result) -> fmt::Result {
        self.flush();
        self.open.push(part);
        let result = write(self);
        self.flush();
        self.open.pop();
        result
    }
}

/// Collects a formatted value. Text outside all parts is literal, or an affix of the given kind.
pub fn collect(value: &impl Writeable, name: fn(Option<Part>) -> &'static str, affix: Option<&'static str>) -> Pieces {
    let mut pieces = Pieces::default();
    let mut collector = Collector { pieces: &mut pieces, open: Vec::new(), name, affix, pending: String::new() };
    // the collector itself never fails
    let _ = value.write_to_parts(&mut collector);
    collector.flush();
    pieces
}
