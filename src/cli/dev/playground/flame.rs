//! A profile for the page: a tree of functions, and fuel by line.

use crate::meter::profile::Profile;
use serde::Serialize;
use std::collections::BTreeMap;

/// Parts smaller than this share of the whole are too narrow to be seen, and go into their caller.
const LEAST_SHARE: f64 = 0.0005;

/// Where an invocation's fuel went.
#[derive(Debug, Serialize)]
pub(super) struct Flame {
    /// All of it.
    pub fuel: u64,
    pub roots: Vec<Node>,
    /// The fuel of each line's own work, by file and line.
    pub lines: BTreeMap<String, BTreeMap<u32, u64>>,
}

/// A function as it was called by the one above.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line that most of it was used on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Fuel of it and all that it called.
    pub fuel: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Node>,
}

#[derive(Default)]
struct Branch {
    fuel: u64,
    lines: BTreeMap<u32, u64>,
    calls: BTreeMap<(String, Option<String>), Branch>,
}

impl Flame {
    pub fn of(profile: &Profile) -> Self {
        let mut root = Branch::default();
        let mut lines: BTreeMap<String, BTreeMap<u32, u64>> = BTreeMap::new();
        for (stack, fuel) in profile.samples() {
            root.fuel += fuel;
            let mut at = &mut root;
            for frame in stack {
                at = at.calls.entry((frame.function.clone(), frame.file.clone())).or_default();
                at.fuel += fuel;
                if let Some(line) = frame.line {
                    *at.lines.entry(line).or_default() += fuel;
                }
            }
            // What the host and the engine did was done for the author's innermost line.
            let own = stack.iter().rev().find_map(|frame| frame.file.as_ref().zip(frame.line));
            if let Some((file, line)) = own {
                *lines.entry(file.clone()).or_default().entry(line).or_default() += fuel;
            }
        }
        let least = (root.fuel as f64 * LEAST_SHARE) as u64;
        Self { fuel: root.fuel, roots: nodes(root.calls, least), lines }
    }
}

/// The widest first, so that the same profile always gives the same picture.
fn nodes(branches: BTreeMap<(String, Option<String>), Branch>, least: u64) -> Vec<Node> {
    let mut nodes: Vec<Node> = branches
        .into_iter()
        .filter(|(_, branch)| branch.fuel > least)
        .map(|((name, file), branch)| Node {
            name,
            file,
            line: branch.lines.iter().max_by_key(|(_, fuel)| **fuel).map(|(line, _)| *line),
            fuel: branch.fuel,
            calls: nodes(branch.calls, least),
        })
        .collect();
    nodes.sort_by(|a, b| b.fuel.cmp(&a.fuel).then_with(|| a.name.cmp(&b.name)));
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::profile::Frame;

    fn frame(function: &str, line: u32) -> Frame {
        Frame { function: function.to_owned(), file: Some("a.js".to_owned()), line: Some(line) }
    }

    #[test]
    fn functions_are_put_together_and_lines_told_apart() {
        let mut profile = Profile::default();
        profile.add(&[frame("fetch", 2), frame("work", 7)], 600);
        profile.add(&[frame("fetch", 3), frame("work", 8), Frame::named("[host]")], 300);
        profile.add(&[frame("fetch", 4)], 100);
        let flame = Flame::of(&profile);
        assert_eq!((flame.fuel, flame.roots.len()), (1000, 1));
        let fetch = &flame.roots[0];
        assert_eq!((fetch.fuel, fetch.line, fetch.calls.len()), (1000, Some(2), 1));
        assert_eq!((fetch.calls[0].fuel, fetch.calls[0].line), (900, Some(7)));
        assert_eq!(flame.lines["a.js"], BTreeMap::from([(4, 100), (7, 600), (8, 300)]));
    }
}
