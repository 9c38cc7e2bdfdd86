//! Bars as SVG, which a page shows in its light and its dark form.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

const WIDTH: f64 = 720.0;
/// Where the bars begin, beside their names.
const LEFT: f64 = 150.0;
/// Room for the figure behind the longest bar.
const RIGHT: f64 = 90.0;
const ROW: f64 = 22.0;
const BAR: f64 = 14.0;
const HEADING: f64 = 30.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:15px}.g{font-weight:600}\
    .o{fill:#d9480f}.p{fill:#8c959f}path{stroke:#24292f}@media(prefers-color-scheme:dark){text{fill:#d0d7de}path{stroke:#d0d7de}}";

/// A chart of bars.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chart {
    /// Name of its file.
    pub id: String,
    pub title: String,
    pub unit: String,
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bar {
    /// Begins a group with this heading.
    pub group: Option<String>,
    pub label: String,
    pub value: f64,
    /// The least and the most, drawn as a line.
    pub range: Option<(f64, f64)>,
    pub is_ours: bool,
}

impl Chart {
    /// The chart as a file of its own.
    pub fn svg(&self) -> String {
        let largest = self.bars.iter().map(|bar| bar.range.map_or(bar.value, |range| range.1)).fold(1.0, f64::max);
        let scale = (WIDTH - LEFT - RIGHT) / largest;
        let (mut shapes, mut top) = (String::new(), HEADING);
        for bar in &self.bars {
            if let Some(group) = &bar.group {
                let _ = writeln!(shapes, "<text class=\"g\" x=\"0\" y=\"{}\">{}</text>", top + 19.0, escaped(group));
                top += HEADING;
            }
            let (middle, end) = (top + ROW / 2.0, LEFT + bar.value * scale);
            let class = if bar.is_ours { "o" } else { "p" };
            let _ = writeln!(
                shapes,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"{class}\" x=\"{LEFT}\" y=\"{}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>",
                LEFT - 8.0,
                middle + 5.0,
                escaped(&bar.label),
                middle - BAR / 2.0,
                bar.value * scale
            );
            let mut after = end;
            if let Some((least, most)) = bar.range {
                let (from, to) = (LEFT + least * scale, LEFT + most * scale);
                let _ = writeln!(shapes, "<path d=\"M{from:.1} {middle}H{to:.1}\" stroke-width=\"1.5\"/>");
                after = to.max(end);
            }
            let _ = writeln!(shapes, "<text x=\"{:.1}\" y=\"{}\">{:.0}</text>", after + 6.0, middle + 5.0, bar.value);
            top += ROW;
        }
        let (title, unit) = (escaped(&self.title), escaped(&self.unit));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{title}\">\n\
             <style>{STYLE}</style>\n<text class=\"t\" x=\"0\" y=\"18\">{title}: {unit}</text>\n{shapes}</svg>\n",
            top + 10.0
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_names_are_escaped() {
        let bar = |label: &str, value| Bar { group: None, label: label.into(), value, range: None, is_ours: false };
        let bars = vec![bar("a<b", 50.0), bar("c", 100.0)];
        let svg = Chart { id: "x".into(), title: "X".into(), unit: "u".into(), bars }.svg();
        assert!(svg.contains("a&lt;b") && svg.contains("width=\"240.0\"") && svg.contains("width=\"480.0\""), "{svg}");
    }
}
