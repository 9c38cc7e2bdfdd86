//! Examples, made ready to run: packages installed, and a copy whose configuration names the test's origin.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::Mutex;

/// What the examples' configuration has for the origin.
const DEFAULT_ORIGIN: &str = "http://127.0.0.1:9000";

/// Two `npm ci` in one folder would undo each other's work.
static INSTALLING: Mutex<()> = Mutex::const_new(());

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Installs what the folder's lockfile says, unless that was done before.
pub async fn install(folder: &Path) {
    let _one_at_a_time = INSTALLING.lock().await;
    let changed = |file: PathBuf| file.metadata().and_then(|data| data.modified()).ok();
    let done = changed(folder.join("node_modules/.package-lock.json"));
    if done.is_some() && done >= changed(folder.join("package-lock.json")) {
        return;
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap_or_else(|error| {
            panic!("failed to run npm: {error}\nhint: install Node.js, or leave out `--features npm`")
        });
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`npm ci` in {} failed:\n{printed}", folder.display());
}

/// A copy of an example, with packages, whose worker's origin is at `origin`.
pub async fn example(name: &str, origin: &str) -> TempDir {
    let example = repository().join("examples").join(name);
    let has_packages = example.join("package.json").exists();
    if has_packages {
        install(&example).await;
    }
    let dir = tempfile::tempdir().expect("a temporary folder");
    copy(&example, dir.path());
    if has_packages {
        std::os::unix::fs::symlink(example.join("node_modules"), dir.path().join("node_modules"))
            .expect("a link to the packages");
    }
    let configuration = dir.path().join("wrangler.toml");
    if let Ok(text) = std::fs::read_to_string(&configuration) {
        assert!(text.contains(DEFAULT_ORIGIN), "examples/{name}/wrangler.toml has no origin");
        std::fs::write(&configuration, text.replace(DEFAULT_ORIGIN, origin)).expect("the copy is ours");
    }
    dir
}

/// Copies a folder but for its packages.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the example is there") {
        let entry = entry.expect("the example can be read");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            if entry.file_name() != "node_modules" {
                std::fs::create_dir(&target).expect("the copy is ours");
                copy(&source, &target);
            }
        } else {
            std::fs::copy(&source, &target).expect("the copy is ours");
        }
    }
}
