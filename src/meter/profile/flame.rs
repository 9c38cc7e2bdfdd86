//! Flame graphs: SVG files that a browser shows, zooms and searches.
//!
//! The same profile always gives the same file: colours come from the functions' names.

use super::{Profile, diff, folded};
use anyhow::{Context, Result};
use inferno::flamegraph::color::BackgroundColor;
use inferno::flamegraph::{self, Options};

/// The flame graph of a profile.
pub fn graph(profile: &Profile, title: &str) -> Result<String> {
    let lines = folded::write(profile);
    draw(&lines, title, &format!("{} fuel", profile.total()))
}

/// The flame graph of `after`, coloured by what changed: red grew, blue shrank. What is in `before` alone has no width.
pub fn difference(before: &Profile, after: &Profile, title: &str) -> Result<String> {
    let (from, to) = (before.total(), after.total());
    draw(&diff::folded(before, after), title, &format!("{from} fuel before, {to} after"))
}

fn draw(lines: &str, title: &str, subtitle: &str) -> Result<String> {
    let mut options = Options::default();
    options.title = title.to_owned();
    options.subtitle = Some(subtitle.to_owned());
    options.count_name = "fuel".to_owned();
    options.bgcolors = Some(BackgroundColor::Grey);
    options.hash = true;
    options.deterministic = true;
    // Sorted as text, which is not quite the order of the stacks.
    let mut sorted: Vec<&str> = lines.lines().collect();
    sorted.sort_unstable();
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, sorted, &mut svg).context("failed to draw the flame graph")?;
    String::from_utf8(svg).context("failed to draw the flame graph")
}
