//! The page that `compare --html` writes.

use super::{SHOUT, compare, compared, root, stderr};
use crate::support::project;
use std::collections::BTreeSet;

/// Elements of HTML that have no end.
const VOID: [&str; 2] = ["meta", "!doctype"];

/// What was found in a page, once it is known to be well-formed.
#[derive(Debug, Default)]
struct Page {
    /// Names of elements and their attributes, in order.
    elements: Vec<(String, Vec<(String, String)>)>,
}

impl Page {
    /// Reads markup, and panics where an element is not closed, closed twice, or has an attribute without quotes.
    fn parse(html: &str) -> Self {
        let (mut page, mut open, mut rest) = (Self::default(), Vec::new(), html);
        while let Some(start) = rest.find('<') {
            let text = &rest[..start];
            assert!(!text.contains('>'), "a stray `>` in {text:?}");
            assert_entities(text);
            let end = start + rest[start..].find('>').expect("a tag ends");
            let tag = &rest[start + 1..end];
            rest = &rest[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "</{name}> closes another element");
                continue;
            }
            let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            page.elements.push((name.to_owned(), page_attributes(attributes)));
            if name == "style" {
                rest = &rest[rest.find("</style>").expect("the style ends")..];
            }
            if !closed && !VOID.contains(&name) {
                open.push(name.to_owned());
            }
        }
        assert!(open.is_empty(), "{open:?} are not closed");
        page
    }

    fn count(&self, name: &str) -> usize {
        self.elements.iter().filter(|(element, _)| element == name).count()
    }
}

fn page_attributes(mut text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    while let Some((name, rest)) = text.split_once("=\"") {
        let (value, rest) = rest.split_once('"').expect("an attribute's value ends");
        assert_entities(value);
        attributes.push((name.trim().to_owned(), value.to_owned()));
        text = rest;
    }
    assert!(text.trim().is_empty() || text == "html", "an attribute without quotes: {text:?}");
    attributes
}

/// Every `&` begins one of the entities that are written.
fn assert_entities(text: &str) {
    for (place, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        assert!(known.iter().any(|entity| text[place..].starts_with(entity)), "a stray `&` in {text:?}");
    }
}

#[tokio::test]
async fn a_page_is_complete_in_itself_and_well_formed() {
    let dir = project(&[("a.js", SHOUT), ("b.js", SHOUT)]);
    let hostile = "</title><script>alert(1)</script>&\"'";
    let hostile_program = format!("{hostile}=b.js");
    let rust = root("tests/guests/dist/hello-rust.wasm");
    let arguments =
        ["a.js", &hostile_program, &rust, "--allow-differences", "--html", "out.html", "--request", "/?q=%3C&r=1"];
    let report = compared(dir.path(), &arguments).await;
    let html = std::fs::read_to_string(dir.path().join("out.html")).unwrap();
    let page = Page::parse(&html);
    for forbidden in ["script", "link", "img", "image", "use", "iframe", "object", "foreignObject", "base", "form"] {
        assert_eq!(page.count(forbidden), 0, "{forbidden}");
    }
    for (element, attributes) in &page.elements {
        for (name, value) in attributes {
            let refers = ["src", "href", "xlink:href", "action", "srcset", "style"].contains(&name.as_str());
            assert!(!refers && !name.starts_with("on"), "<{element} {name}=\"{value}\">");
        }
    }
    assert!(!html.contains("url(") && !html.contains("@import"));
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("@media print"));
    assert!(html.contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""));

    let charts = page.count("svg");
    assert!(charts >= 8, "{charts} charts");
    assert_eq!((page.count("desc"), page.count("table")), (charts, charts + 2));
    let ids: Vec<&str> = page.elements.iter().flat_map(|(_, attributes)| attributes).filter_map(id).collect();
    let distinct: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "an id is given twice: {ids:?}");
    for (_, attributes) in page.elements.iter().filter(|(name, _)| name == "svg") {
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        assert_eq!(value("role"), Some("img"));
        let labelled = value("aria-labelledby").expect("a chart is labelled");
        assert!(labelled.split(' ').all(|id| distinct.contains(id)), "{labelled}");
        assert!(value("viewBox").unwrap().starts_with("0 0 360 "), "a chart is as wide as a telephone");
    }
    // The exact figure can be read, not only seen.
    let fuel = report["programs"][2]["figures"]["fuel"]["per_request"].as_u64().unwrap();
    let digits: String = html.chars().filter(|character| *character != ',').collect();
    assert!(digits.contains(&format!("<td>{fuel}</td>")), "{fuel}");
}

fn id((name, value): &(String, String)) -> Option<&str> {
    (name == "id").then_some(value)
}

#[tokio::test]
async fn a_page_tells_of_failures_and_differences() {
    let dir = project(&[
        ("good.js", SHOUT),
        ("other.js", "export default { fetch: () => new Response('<other>') };"),
        ("bad.js", "export default { fetch() { throw new Error('<asked to>'); } };"),
    ]);
    let arguments = ["good.js", "other.js", "bad.js", "--html", "out.html"];
    let output = compare(dir.path(), &arguments).await;
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));

    let output = compare(dir.path(), &[&arguments[..], &["--allow-differences"]].concat()).await;
    assert_eq!(output.status.code(), Some(1), "a program failed: {}", stderr(&output));
    let html = std::fs::read_to_string(dir.path().join("out.html")).unwrap();
    Page::parse(&html);
    assert!(html.contains("Error: &lt;asked to&gt;") && html.contains("+&lt;other&gt;"), "{html}");
    assert!(html.contains("bad failed") && html.contains("no figure"));
}
