//! From places in the bundle to places in the author's files.
//!
//! ## Why
//! It is a leaf of its own, since both the build (errors at start-up) and the engine's side (errors of requests) need
//! it. oxc_sourcemap's types do not leave this file.

use std::borrow::Cow;
use std::fmt;

#[cfg(test)]
mod tests;

/// Names of our own scripts inside the guest start with this; their frames are not shown.
pub const INTERNAL_PREFIX: &str = "glowplug:";

/// Lines shown above and below the one in question.
const CONTEXT_LINES: usize = 2;

/// Characters shown of one line; generated files have lines of megabytes.
const LONGEST_LINE: usize = 160;

/// A bundle's source map.
#[derive(Debug)]
pub struct SourceMap {
    map: oxc_sourcemap::SourceMap<'static>,
}

/// Why a source map could not be read.
#[derive(Debug)]
pub struct ParseError(oxc_sourcemap::Error);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to read the source map: {}", self.0)
    }
}

impl std::error::Error for ParseError {}

/// One line of a stack trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's name, as QuickJS has it; with `async ` before it where it was resumed.
    pub function: Option<String>,
    /// Where it is; `None` for functions that are not JavaScript.
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The author's file, relative to the project's root; the bundle where nothing else is known.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// The file's index in the source map.
    source: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// As in a stack trace, without the indentation: `at handle (src/worker.ts:12:5)`.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.function, &self.place) {
            (Some(function), Some(place)) => write!(f, "at {function} ({place})"),
            (Some(function), None) => write!(f, "at {function} (native)"),
            (None, Some(place)) => write!(f, "at {place}"),
            (None, None) => f.write_str("at (native)"),
        }
    }
}

impl SourceMap {
    /// Reads a source map, version 3.
    pub fn parse(json: &str) -> Result<Self, ParseError> {
        let map = oxc_sourcemap::SourceMap::from_json_string(json).map_err(ParseError)?;
        Ok(Self { map: map.into_owned() })
    }

    /// The frames of a stack trace that are the author's, innermost first.
    ///
    /// Lines that are not frames are left out. So are the runtime's own frames and those of code that the bundler
    /// added, unless there are no others.
    pub fn map_stack(&self, stack: &str) -> Vec<Frame> {
        let lookup = self.map.generate_lookup_table();
        let parsed: Vec<Frame> = stack.lines().filter_map(parse_frame).filter(|frame| !is_internal(frame)).collect();
        let mapped: Vec<Frame> = parsed.iter().filter_map(|frame| self.map_frame(&lookup, frame.clone())).collect();
        if mapped.iter().any(|frame| frame.place.is_some()) { mapped } else { parsed }
    }

    /// The text with the stack traces in it mapped; all else stays as it is.
    pub fn map_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !text.lines().any(|line| parse_frame(line).is_some_and(|frame| frame.place.is_some())) {
            return Cow::Borrowed(text);
        }
        let lookup = self.map.generate_lookup_table();
        let mut mapped = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let Some(frame) = parse_frame(line) else {
                mapped.push_str(line);
                continue;
            };
            if is_internal(&frame) {
                continue;
            }
            let Some(frame) = self.map_frame(&lookup, frame) else { continue };
            let indent = &line[..line.len() - line.trim_start().len()];
            let end = if line.ends_with('\n') { "\n" } else { "" };
            mapped.push_str(&format!("{indent}{frame}{end}"));
        }
        Cow::Owned(mapped)
    }

    /// The source around a frame, its line marked, numbers in the margin.
    pub fn excerpt(&self, frame: &Frame) -> Option<String> {
        let place = frame.place.as_ref()?;
        let source = self.map.get_source_content(place.source?)?;
        let line = usize::try_from(place.line).ok()?;
        let first = line.saturating_sub(CONTEXT_LINES).max(1);
        let shown: Vec<(usize, &str)> = source
            .lines()
            .enumerate()
            .map(|(index, text)| (index + 1, text))
            .skip(first - 1)
            .take(line - first + 1 + CONTEXT_LINES)
            .collect();
        let width = shown.last()?.0.to_string().len();
        let mut excerpt = Vec::new();
        for (number, text) in shown {
            // The part of a very long line that has the column in it.
            let column = if number == line { (place.column as usize).saturating_sub(1) } else { 0 };
            let skipped =
                column.saturating_sub(LONGEST_LINE / 2).min(text.chars().count().saturating_sub(LONGEST_LINE));
            let visible: String =
                text.chars().skip(skipped).take(LONGEST_LINE).map(|c| if c == '\t' { ' ' } else { c }).collect();
            let mark = if number == line { '>' } else { ' ' };
            excerpt.push(format!("{mark} {number:>width$} | {visible}").trim_end().to_owned());
            if number == line {
                excerpt.push(format!("  {:width$} | {}^", "", " ".repeat(column - skipped)));
            }
        }
        Some(excerpt.join("\n"))
    }

    /// The start of the script, if `line` comes before all that is mapped: QuickJS gives a module's own code that
    /// place.
    fn first_token_after(&self, line: u32) -> Option<oxc_sourcemap::Token> {
        self.map.get_tokens().next().filter(|first| line < first.get_dst_line())
    }

    /// Gives the author's places for lines and columns of the script, both from 1; none for code that comes from no
    /// file of theirs.
    pub fn places(&self) -> impl Fn(u32, u32) -> Option<Place> + '_ {
        let lookup = self.map.generate_lookup_table();
        move |line, column| self.map_place(&lookup, line, column)
    }

    /// The frame in terms of the sources; `None` for code that comes from none of them.
    fn map_frame(&self, lookup: &[&[oxc_sourcemap::Token]], frame: Frame) -> Option<Frame> {
        let Some(place) = &frame.place else { return Some(frame) };
        let place = self.map_place(lookup, place.line, place.column)?;
        Some(Frame { place: Some(place), ..frame })
    }

    fn map_place(&self, lookup: &[&[oxc_sourcemap::Token]], line: u32, column: u32) -> Option<Place> {
        // Source maps count from 0.
        let (line, column) = (line.checked_sub(1)?, column.saturating_sub(1));
        let token = self.map.lookup_token_approx(lookup, line, column).or_else(|| self.first_token_after(line))?;
        let source = token.get_source_id()?;
        Some(Place {
            file: self.map.get_source(source)?.to_owned(),
            line: token.get_src_line() + 1,
            column: token.get_src_col() + 1,
            source: Some(source),
        })
    }
}

fn is_internal(frame: &Frame) -> bool {
    frame.place.as_ref().is_some_and(|place| place.file.starts_with(INTERNAL_PREFIX))
}

/// Reads a line as QuickJS writes it: `    at name (file:line:column)`, `    at file:line:column` or
/// `    at name (native)`.
fn parse_frame(line: &str) -> Option<Frame> {
    let text = line.trim_start().strip_prefix("at ")?.trim_end();
    let Some((function, place)) = text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) else {
        return Some(Frame { function: None, place: Some(parse_place(text)?) });
    };
    let function = Some(function.to_owned()).filter(|name| !name.is_empty());
    match place {
        "native" => Some(Frame { function, place: None }),
        _ => Some(Frame { function, place: Some(parse_place(place)?) }),
    }
}

fn parse_place(text: &str) -> Option<Place> {
    let (rest, column) = text.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let place = Place { file: file.to_owned(), line: line.parse().ok()?, column: column.parse().ok()?, source: None };
    (!file.is_empty()).then_some(place)
}
