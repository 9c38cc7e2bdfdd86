//! Sources from the page, as files for the bundler.

use crate::manifest::CONFIG_FILES;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// Files of a program, and their bytes together.
const MOST_FILES: usize = 64;
const MOST_BYTES: usize = 4 << 20;

/// Scripts that are taken for the entry, the first that is there.
const ENTRIES: [&str; 3] = ["worker", "index", "src/index"];
const EXTENSIONS: [&str; 6] = ["ts", "js", "tsx", "jsx", "mts", "mjs"];

/// A program's files, for as long as it is built.
pub(super) struct Sources {
    _folder: TempDir,
    /// The folder that the files are in, without symbolic links.
    root: PathBuf,
    /// What the project is made from: a script, or the folder if there is a configuration file.
    pub project: PathBuf,
}

impl Sources {
    /// Writes `files`, named by their paths, to a new folder in `parent`.
    pub fn write(files: &BTreeMap<String, String>, parent: &Path) -> Result<Self> {
        ensure!(!files.is_empty(), "there are no files");
        ensure!(
            files.len() <= MOST_FILES,
            "there are {} files; a playground has {MOST_FILES} at the most",
            files.len()
        );
        let bytes: usize = files.values().map(String::len).sum();
        ensure!(bytes <= MOST_BYTES, "the files have {bytes} bytes; a playground has {MOST_BYTES} at the most");
        std::fs::create_dir_all(parent).with_context(|| format!("failed to create `{}`", parent.display()))?;
        let folder = tempfile::Builder::new().prefix("playground-").tempdir_in(parent);
        let folder = folder.context("failed to create a folder for the sources")?;
        // Without a configuration file the folder gives the worker its name.
        let root = folder.path().canonicalize().context("failed to find the sources")?.join("playground");
        for (name, text) in files {
            let path = root.join(checked(name)?);
            let write = || {
                std::fs::create_dir_all(path.parent().unwrap_or(&root))?;
                std::fs::write(&path, text)
            };
            write().with_context(|| format!("failed to write `{name}`"))?;
        }
        let project = match CONFIG_FILES.iter().any(|name| files.contains_key(*name)) {
            true => root.clone(),
            false => root.join(entry(files)?),
        };
        Ok(Self { _folder: folder, root, project })
    }

    /// Fails if the program was made from files that are not its own: code that came by a link must not carry the author's
    /// files into a worker. Packages may be used; that bundlers look for their own settings around is no harm.
    pub fn contain(&self, inputs: &[PathBuf]) -> Result<()> {
        let own = |path: &PathBuf| {
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            real.starts_with(&self.root)
                || real.components().any(|part| part == Component::Normal("node_modules".as_ref()))
                || real.file_name().is_some_and(|name| name == "tsconfig.json" || name == "package.json")
        };
        match inputs.iter().find(|input| !own(input)) {
            None => Ok(()),
            Some(other) => {
                bail!(
                    "`{}` is not one of the playground's files, so it cannot be part of the worker\n\
                     hint: add what it holds as a file of its own",
                    other.display()
                )
            }
        }
    }
}

/// A path that stays within its folder.
fn checked(name: &str) -> Result<&Path> {
    let path = Path::new(name);
    let plain = |part: Component<'_>| match part {
        Component::Normal(part) => part.to_str().is_some_and(|part| {
            part != "node_modules" && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-@+[]()".contains(c))
        }),
        _ => false,
    };
    ensure!(
        !name.is_empty() && name.len() <= 200 && !name.contains('\\') && path.components().all(plain),
        "`{name}` cannot be the name of a file here\nhint: use letters, digits, `.`, `-` and `_`, and `/` between folders"
    );
    Ok(path)
}

fn entry(files: &BTreeMap<String, String>) -> Result<String> {
    let usual = ENTRIES.iter().flat_map(|name| EXTENSIONS.map(|extension| format!("{name}.{extension}")));
    if let Some(found) = usual.into_iter().find(|name| files.contains_key(name)) {
        return Ok(found);
    }
    match files.keys().next() {
        Some(only) if files.len() == 1 => Ok(only.clone()),
        _ => bail!("no file is the worker's entry\nhint: name it `worker.js` or `worker.ts`, or add a `wrangler.toml`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), "export default {}".to_owned())).collect()
    }

    #[test]
    fn names_stay_in_their_folder() {
        for good in ["worker.ts", "src/a-b_c.js", "public/[id].html", ".dev.vars"] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in
            ["", "/etc/passwd", "../a.js", "a/../../b.js", "a\\b.js", "node_modules/a/index.js", "a\0.js", "é.js"]
        {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_entry_is_the_usual_one_or_the_only_one() {
        assert_eq!(entry(&files(&["lib.js", "worker.js"])).unwrap(), "worker.js");
        assert_eq!(entry(&files(&["a.js", "src/index.tsx"])).unwrap(), "src/index.tsx");
        assert_eq!(entry(&files(&["hello.js"])).unwrap(), "hello.js");
        assert!(entry(&files(&["a.js", "b.js"])).is_err());
    }

    #[test]
    fn files_of_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources::write(&files(&["worker.js"]), folder.path()).unwrap();
        assert!(sources.contain(&[sources.project.clone(), "/x/node_modules/hono/index.js".into()]).is_ok());
        let secret = folder.path().join("secret.json");
        std::fs::write(&secret, "{}").unwrap();
        let error = sources.contain(&[sources.project.clone(), secret]).unwrap_err().to_string();
        assert!(error.contains("secret.json"), "{error}");
    }
}
