//! What the author is told about their source.

use std::fmt;

/// One error or warning about the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// The file and place.
    pub location: Option<Location>,
    /// The lines around the place, with the place marked; no colours.
    pub frame: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Path relative to the project's root.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in UTF-16 units, from 1, as JavaScript counts.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (&self.frame, &self.location) {
            (Some(frame), _) => write!(f, "\n{frame}")?,
            (None, Some(location)) => write!(f, "\n   at {location}")?,
            (None, None) => {}
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Draws the line of `location` with `width` characters marked, in the style of the bundler's own frames.
pub(super) fn draw_frame(location: &Location, line: &str, width: usize, label: &str) -> String {
    let number = location.line.to_string();
    let margin = " ".repeat(number.len() + 2);
    let before: String = line.chars().take(location.column.saturating_sub(1)).collect();
    // Every tab before the mark must be as wide above it as below.
    let (before, line) = (before.replace('\t', "    "), line.replace('\t', "    "));
    let indent = " ".repeat(before.chars().count());
    let (left, right) = (width.saturating_sub(1) / 2, width.saturating_sub(1) - width.saturating_sub(1) / 2);
    format!(
        "{margin}╭─[ {location} ]\n\
         {margin}│\n \
         {number} │ {line}\n\
         {margin}│ {indent}{}┬{}\n\
         {margin}│ {indent}{}╰──{} {label}\n\
         {}╯",
        "─".repeat(left),
        "─".repeat(right),
        " ".repeat(left),
        "─".repeat(right),
        "─".repeat(margin.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_marks_the_place() {
        let location = Location { file: "src/a.ts".to_owned(), line: 12, column: 10 };
        assert_eq!(
            draw_frame(&location, "import x from \"y\";", 3, "here"),
            "    ╭─[ src/a.ts:12:10 ]\n    │\n 12 │ import x from \"y\";\n    │          ─┬─\n    │           ╰─── here\n────╯"
        );
    }

    #[test]
    fn tabs_do_not_move_the_mark() {
        let location = Location { file: "a".to_owned(), line: 1, column: 2 };
        let frame = draw_frame(&location, "\tx", 1, "");
        assert!(frame.contains(" 1 │     x\n   │     ┬\n"), "{frame}");
    }
}
