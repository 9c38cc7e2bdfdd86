//! Bars as SVG, 360 units wide: as wide as a telephone.

use super::escape::Text;
use super::scale::Scale;
use crate::cli::compare::units::Unit;
use std::fmt::Write;

const WIDTH: f64 = 360.0;
/// Room at both sides, so that marks at the ends are not cut.
const MARGIN: f64 = 4.0;
const BAR: f64 = 11.0;
/// A bar with the line of text above it.
const ROW: f64 = 32.0;
const HEADING: f64 = 20.0;
const AXIS: f64 = 18.0;
/// Characters of a label that fit beside a value.
const LONGEST_LABEL: usize = 38;
/// Half the height of an error mark's ends.
const CAP: f64 = 4.0;
/// Colours that the page has.
const COLOURS: usize = 6;

/// A chart of bars.
pub(super) struct Chart {
    /// Names the chart within the page.
    pub id: &'static str,
    pub title: String,
    /// What it shows, for those who do not see it.
    pub description: String,
    pub unit: Unit,
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    /// Begins a group with this heading.
    pub group: Option<String>,
    pub label: String,
    /// None when there is no figure, which is said.
    pub value: Option<f64>,
    /// The least and the most, drawn as an error mark.
    pub range: Option<(f64, f64)>,
    /// Number of its colour.
    pub colour: usize,
}

impl Chart {
    pub fn scale(&self) -> Scale {
        let range = |bar: &Bar| bar.range.map_or([None, None], |(least, most)| [Some(least), Some(most)]);
        Scale::of(self.bars.iter().flat_map(|bar| range(bar).into_iter().chain([bar.value]).flatten()))
    }

    /// The chart as an element of a page.
    pub fn svg(&self) -> String {
        let scale = self.scale();
        let groups = self.bars.iter().filter(|bar| bar.group.is_some()).count();
        let bottom = self.bars.len() as f64 * ROW + groups as f64 * HEADING;
        let id = self.id;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
            number(bottom + AXIS),
            Text(&self.title),
            Text(&self.description),
        );
        svg.push_str(&self.axis(scale, bottom));
        let mut top = 0.0;
        for bar in &self.bars {
            if let Some(group) = &bar.group {
                let _ =
                    writeln!(svg, "<text class=\"group\" x=\"0\" y=\"{}\">{}</text>", number(top + 15.0), Text(group));
                top += HEADING;
            }
            svg.push_str(&self.bar(bar, scale, top));
            top += ROW;
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn axis(&self, scale: Scale, bottom: f64) -> String {
        let mut svg = String::new();
        let marks = scale.marks();
        for (index, mark) in marks.iter().enumerate() {
            let x = across(scale.place(*mark));
            let anchor = match index {
                0 => "start",
                _ if index + 1 == marks.len() => "end",
                _ => "middle",
            };
            let (at, end, below) = (number(x), number(bottom), number(bottom + 12.0));
            let _ = writeln!(svg, "<line class=\"grid\" x1=\"{at}\" y1=\"0\" x2=\"{at}\" y2=\"{end}\"/>");
            let label = self.unit.tick(*mark);
            let _ =
                writeln!(svg, "<text class=\"tick\" x=\"{at}\" y=\"{below}\" text-anchor=\"{anchor}\">{label}</text>");
        }
        svg
    }

    fn bar(&self, bar: &Bar, scale: Scale, top: f64) -> String {
        let text = number(top + 12.0);
        let shown = bar.value.map_or_else(|| "no figure".to_owned(), |value| self.unit.shown(value));
        let mut svg = format!(
            "<g><title>{}: {shown}</title>\n<text x=\"0\" y=\"{text}\">{}</text>\n\
             <text x=\"{WIDTH}\" y=\"{text}\" text-anchor=\"end\">{shown}</text>\n",
            Text(&bar.label),
            Text(&shortened(&bar.label)),
        );
        if let Some(value) = bar.value {
            let width = number(across(scale.place(value)) - MARGIN);
            let (top, colour) = (number(top + 16.0), bar.colour % COLOURS);
            let _ = writeln!(
                svg,
                "<rect class=\"c{colour}\" x=\"{MARGIN}\" y=\"{top}\" width=\"{width}\" height=\"{BAR}\"/>"
            );
        }
        if let Some((least, most)) = bar.range.filter(|(least, most)| least < most) {
            let (left, right) = (number(across(scale.place(least))), number(across(scale.place(most))));
            let middle = top + 16.0 + BAR / 2.0;
            let (up, down, middle) = (number(middle - CAP), number(middle + CAP), number(middle));
            let _ = writeln!(
                svg,
                "<path class=\"mark\" d=\"M{left} {up}V{down}M{left} {middle}H{right}M{right} {up}V{down}\"/>"
            );
        }
        svg.push_str("</g>\n");
        svg
    }
}

fn across(place: f64) -> f64 {
    MARGIN + place * (WIDTH - 2.0 * MARGIN)
}

/// With one decimal: finer than any screen.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LONGEST_LABEL {
        return label.to_owned();
    }
    label.chars().take(LONGEST_LABEL - 1).chain(['…']).collect()
}
