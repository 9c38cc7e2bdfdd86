use std::collections::BTreeSet;

use super::super::keys::{KEYS, Level, Treatment};
use super::*;

/// Key, treatment and place in an environment, as each row of the document has them.
fn documented() -> Vec<(String, String, String)> {
    let text = include_str!("../../../docs/wrangler-compat.md");
    let (keys, _) = text.split_once("\n## Commands").expect("keys come first");
    let rows = keys.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert!(cells.len() == 4 && !cells[3].is_empty(), "a row has four cells: {line}");
        (cells[0].trim_matches('`').to_owned(), cells[1].to_owned(), cells[2].to_owned())
    });
    rows.collect()
}

#[test]
fn the_document_has_every_key_and_says_what_becomes_of_it() {
    let expected: Vec<_> = KEYS
        .iter()
        .map(|key| {
            let treatment = match key.treatment {
                Treatment::Read => "read",
                Treatment::Ignored(_) => "ignored",
                Treatment::Refused { .. } => "refused",
            };
            let level = match key.level {
                Level::Inherited => "inherited",
                Level::PerEnvironment => "its own",
                Level::TopOnly => "top level only",
            };
            (key.name.to_owned(), treatment.to_owned(), level.to_owned())
        })
        .collect();
    let documented = documented();
    for row in &expected {
        assert!(documented.contains(row), "docs/wrangler-compat.md lacks this row: {row:?}");
    }
    for row in &documented {
        assert!(expected.contains(row), "docs/wrangler-compat.md has a row that the code has not: {row:?}");
    }
    let names: BTreeSet<_> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!((names.len(), documented.len()), (KEYS.len(), KEYS.len()), "each key is there once");
}

#[test]
fn every_key_that_is_read_has_a_reader_and_every_other_one_a_word_on_why() {
    for key in KEYS {
        // `env` has been taken out before.
        let text = format!("\"{}\": 3.5, \"compatibility_date\": \"2026-01-01\"", key.name);
        let text = if key.name == "compatibility_date" { format!("\"{}\": 3.5", key.name) } else { text };
        let folder = project(&[("wrangler.json", &format!("{{{text}}}")), ("worker.js", "")]);
        let loaded = Manifest::load(folder.path(), None);
        match key.treatment {
            Treatment::Read if key.name == "$schema" => assert!(loaded.is_ok()),
            Treatment::Read => {
                let error = loaded.unwrap_err().to_string();
                assert!(error.contains(&format!("`{}` must be", key.name)), "{error}");
            }
            Treatment::Ignored(why) => {
                assert!(!why.is_empty(), "{}", key.name);
                // It looks at what is in it.
                if key.name != "build" {
                    assert!(loaded.unwrap().warnings[0].message.contains(why), "{}", key.name);
                }
            }
            Treatment::Refused { what, .. } => {
                let manifest = loaded.unwrap();
                let found = manifest.unsupported.iter().map(|problem| &problem.message);
                let found: Vec<_> = found.chain(manifest.warnings.iter().map(|warning| &warning.message)).collect();
                assert!(!what.is_empty() && found[0].contains(&format!("`{}`", key.name)), "{}: {found:?}", key.name);
            }
        }
    }
}
