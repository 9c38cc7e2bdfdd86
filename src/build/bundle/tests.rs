mod errors;
mod files;
mod runtime_modules;
mod sources;

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::manifest::Manifest;

/// A project whose first file is the entry.
struct Project {
    folder: TempDir,
    root: PathBuf,
    entry: PathBuf,
    options: BundleOptions,
}

fn project(files: &[(&str, &str)]) -> Project {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (name, text) in files {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let entry = root.join(files[0].0);
    // The rules of a worker without a manifest.
    let rules = Manifest::load(&entry, None).unwrap().rules;
    Project { folder, root, entry, options: BundleOptions { rules, ..BundleOptions::default() } }
}

impl Project {
    fn bundle(&self) -> Result<Bundle, BundleError> {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(bundle(
            &self.entry,
            &self.root,
            &self.options,
        ))
    }

    fn ok(&self) -> Bundle {
        self.bundle().unwrap_or_else(|error| panic!("{error}"))
    }

    fn code(&self) -> String {
        let bundle = self.ok();
        assert_eq!(bundle.warnings, []);
        bundle.code
    }

    fn error(&self) -> String {
        let text = self.bundle().expect_err("it must not bundle").to_string();
        assert!(!text.contains('\x1b'), "no colours: {text}");
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// Says what differs in a readable way.
#[track_caller]
fn assert_text(found: &str, expected: &str) {
    assert!(found == expected, "found:\n{found}\n\nexpected:\n{expected}");
}

const HANDLER: &str = "export default { fetch() { return new Response(String(x)) } };\n";
