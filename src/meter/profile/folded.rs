//! Folded stacks: a line of text for each, as flame graph tools read them.

use super::{Frame, Profile};
use std::fmt::Write;

/// The profile as lines of `outermost;...;innermost FUEL`.
pub fn write(profile: &Profile) -> String {
    let mut text = String::new();
    for (stack, fuel) in profile.samples() {
        let _ = writeln!(text, "{} {fuel}", line(stack));
    }
    text
}

/// A stack's frames with a semicolon between them.
pub(super) fn line(stack: &[Frame]) -> String {
    let names: Vec<String> = stack.iter().map(name).collect();
    names.join(";")
}

/// A frame's name, without what has a meaning in the format.
fn name(frame: &Frame) -> String {
    let plain = |c: char| if c == ';' || c.is_control() { ':' } else { c };
    frame.to_string().chars().map(plain).collect()
}
