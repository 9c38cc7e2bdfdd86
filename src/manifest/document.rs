//! TOML and JSON with comments, as one tree that knows where everything is.

use std::ops::Range;
use std::path::Path;

use jsonc_parser::ast::Value as JsonValue;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Tables and lists nested deeper than this are refused, so that no file can exhaust the stack.
const DEEPEST_NESTING: usize = 64;

/// A value and the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub value: Value,
    pub span: Range<usize>,
}

/// What TOML and JSON have in common.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
    /// A TOML date or time, as written.
    Date(String),
    Array(Vec<Node>),
    Table(Table),
}

/// Entries in the order of the file.
pub(super) type Table = Vec<TableEntry>;

/// One `key = value`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableEntry {
    pub key: String,
    pub key_span: Range<usize>,
    pub node: Node,
}

/// Why a text could not be parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub offset: usize,
    pub message: String,
}

impl Node {
    /// The value of `key`, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(table) => table.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }
}

impl Value {
    /// Whether it is `null`, or a list or table with nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Array(items) => items.is_empty(),
            Self::Table(table) => table.is_empty(),
            _ => false,
        }
    }

    /// Whether a setting means the same with it as without: empty, `false`, or a table of only such values.
    pub fn says_nothing(&self) -> bool {
        match self {
            Self::Bool(false) => true,
            Self::Table(table) => table.iter().all(|entry| entry.node.value.says_nothing()),
            _ => self.is_empty(),
        }
    }

    /// What it is, with an article, for "found ...".
    pub fn describe(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => format!("the boolean {value}"),
            Self::Integer(value) => format!("the number {value}"),
            Self::Float(value) => format!("the number {value}"),
            Self::String(text) if text.chars().count() > 40 => "a string".to_owned(),
            Self::String(text) => format!("the string {text:?}"),
            Self::Date(text) => format!("the date {text}"),
            Self::Array(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

/// Parses the text of `file`, as TOML or JSON by its extension.
pub(super) fn parse(file: &Path, text: &str) -> Result<Table, SyntaxError> {
    if let Some(offset) = too_deep(text) {
        return Err(SyntaxError { offset, message: format!("nested deeper than {DEEPEST_NESTING} levels") });
    }
    if file.extension().is_some_and(|extension| extension == "toml") { parse_toml(text) } else { parse_jsonc(text) }
}

fn parse_toml(text: &str) -> Result<Table, SyntaxError> {
    match DeTable::parse(text) {
        Ok(table) => toml_table(table.into_inner()),
        Err(error) => Err(SyntaxError {
            offset: error.span().map_or(0, |span| span.start),
            message: error.message().trim_end().replace('\n', ", "),
        }),
    }
}

fn toml_table(table: DeTable<'_>) -> Result<Table, SyntaxError> {
    let mut entries = table
        .into_iter()
        .map(|(key, value)| {
            Ok(TableEntry { key_span: key.span(), key: key.into_inner().into_owned(), node: toml_node(value)? })
        })
        .collect::<Result<Table, SyntaxError>>()?;
    // The parser sorts by key.
    entries.sort_by_key(|entry| entry.key_span.start);
    Ok(entries)
}

fn toml_node(node: Spanned<DeValue<'_>>) -> Result<Node, SyntaxError> {
    let span = node.span();
    let not_a_number = || SyntaxError { offset: span.start, message: "the number is too large".to_owned() };
    let value = match node.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(digits) => {
            Value::Integer(i64::from_str_radix(digits.as_str(), digits.radix()).map_err(|_| not_a_number())?)
        }
        DeValue::Float(digits) => Value::Float(digits.as_str().parse().map_err(|_| not_a_number())?),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::Array(items.into_iter().map(toml_node).collect::<Result<_, _>>()?),
        DeValue::Table(table) => Value::Table(toml_table(table)?),
    };
    Ok(Node { value, span })
}

fn parse_jsonc(text: &str) -> Result<Table, SyntaxError> {
    let options =
        ParseOptions { allow_comments: true, allow_trailing_commas: true, allow_loose_object_property_names: false };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        SyntaxError { offset: error.range().start, message: lower_first(&error.kind().to_string()) }
    })?;
    match parsed.value {
        None => Ok(Table::new()),
        Some(JsonValue::Object(object)) => json_table(object),
        Some(other) => Err(SyntaxError { offset: other.start(), message: "expected an object: `{ ... }`".to_owned() }),
    }
}

fn json_table(object: jsonc_parser::ast::Object<'_>) -> Result<Table, SyntaxError> {
    let mut entries = Table::new();
    for property in object.properties {
        let key_span = property.name.start()..property.name.end();
        let key = property.name.into_string();
        if entries.iter().any(|entry| entry.key == key) {
            return Err(SyntaxError { offset: key_span.start, message: format!("`{key}` is given twice") });
        }
        entries.push(TableEntry { key, key_span, node: json_node(property.value)? });
    }
    Ok(entries)
}

fn json_node(value: JsonValue<'_>) -> Result<Node, SyntaxError> {
    let span = value.start()..value.end();
    let value = match value {
        JsonValue::NullKeyword(_) => Value::Null,
        JsonValue::BooleanLit(literal) => Value::Bool(literal.value),
        JsonValue::StringLit(literal) => Value::String(literal.value.into_owned()),
        JsonValue::NumberLit(literal) => match (literal.value.parse(), literal.value.parse::<f64>()) {
            (Ok(integer), _) => Value::Integer(integer),
            (_, Ok(float)) if float.is_finite() => Value::Float(float),
            _ => return Err(SyntaxError { offset: span.start, message: "the number is too large".to_owned() }),
        },
        JsonValue::Array(array) => Value::Array(array.elements.into_iter().map(json_node).collect::<Result<_, _>>()?),
        JsonValue::Object(object) => Value::Table(json_table(object)?),
    };
    Ok(Node { value, span })
}

/// Where brackets are nested too deep; those in strings do not count.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (offset, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            // An unclosed quote in a comment ends with its line.
            (_, b'\n') => (quote, escaped) = (None, false),
            (Some(_), _) if escaped => escaped = false,
            (Some(b'"'), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[' | b'{') => depth += 1,
            (None, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST_NESTING {
            return Some(offset);
        }
    }
    None
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
