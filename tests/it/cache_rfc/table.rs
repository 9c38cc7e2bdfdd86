//! The table in `docs/cache.md`: which cases pass, here and with nginx.

use super::case::{Case, Kind};
use super::run::Results;
use std::path::Path;

const BEGIN: &str = "<!-- cases: begin -->\n";
const END: &str = "<!-- cases: end -->\n";

/// Fails unless the table says what these results say; writes it anew if that is asked for.
pub fn check(cases: &[Case], ours: &Results, theirs: &Results) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cache.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the document has a place for the table");
    let (old, after) = rest.split_once(END).expect("the document has an end of the table");
    let new = table(cases, ours, theirs);
    if std::env::var_os("GLOWPLUG_WRITE_TABLE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{new}{END}{after}")).unwrap();
        return;
    }
    // What nginx passes depends on its version; what is ours must be right.
    let column = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("| `"));
        lines.map(|line| line.split(" | ").take(4).collect::<Vec<_>>().join(" | ")).collect()
    };
    assert!(column(old) == column(&new), "the table in docs/cache.md is out of date; see tests/it/cache_rfc.rs");
}

fn table(cases: &[Case], ours: &Results, theirs: &Results) -> String {
    let passed = |results: &Results, id: &str| results.get(id).is_some_and(Result::is_ok);
    let mut text = String::new();
    text.push_str("| | cases | glowplug | nginx |\n|---|---|---|---|\n");
    for (kind, name) in [(Kind::Required, "required"), (Kind::Optimal, "optimal")] {
        let of: Vec<&Case> = cases.iter().filter(|case| case.kind == kind).collect();
        let count = |results: &Results| of.iter().filter(|case| passed(results, &case.id)).count();
        text.push_str(&format!("| {name} | {} | {} | {} |\n", of.len(), count(ours), count(theirs)));
    }
    text.push_str("\n| case | RFC | kind | glowplug | nginx |\n|---|---|---|---|---|\n");
    for case in cases {
        let (kind, word) = match case.kind {
            Kind::Required => ("required", "**fails**"),
            Kind::Optimal => ("optimal", "no"),
        };
        let cell = |results: &Results| if passed(results, &case.id) { "yes" } else { word };
        // Most are of RFC 9111; others say which.
        let section =
            if case.section.contains(' ') { case.section.to_owned() } else { format!("9111 {}", case.section) };
        text.push_str(&format!("| `{}` | {section} | {kind} | {} | {} |\n", case.id, cell(ours), cell(theirs)));
    }
    text
}
