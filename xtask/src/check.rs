//! Compares the checked-in artefacts with their sources, and with what those give when compiled again.
//!
//! The hash of the sources must be the one in the stamp. Bytes are compared only when the tools here are those
//! of the stamp: another compiler gives other bytes, and nothing is wrong then.

use std::path::Path;

use anyhow::Result;

use crate::artefact::Group;
use crate::toolchain::Toolchain;
use crate::{languages, node, run};

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every artefact is what its sources give.
    Fresh,
    /// At least one is not; it has been named.
    Stale,
}

/// Check a group, and say what was found.
pub fn check(root: &Path, group: Group) -> Result<Verdict> {
    let mut verdict = Verdict::Fresh;
    for artefact in group.artefacts() {
        if let Some(reason) = artefact.stale(root)? {
            eprintln!("error: {reason}");
            verdict = Verdict::Stale;
        }
    }
    if verdict == Verdict::Fresh {
        verdict = rebuild(root, group)?;
    }
    if group == Group::Engine && node::check(root)? == Verdict::Stale {
        verdict = Verdict::Stale;
    }
    if verdict == Verdict::Stale {
        eprintln!("hint: run `cargo xtask {}` and commit what it writes", group.name());
    }
    let programs = match group {
        Group::Engine => Verdict::Fresh,
        Group::Guests => languages::make::check(root, &languages::ALL)?,
    };
    Ok(if programs == Verdict::Stale { programs } else { verdict })
}

fn rebuild(root: &Path, group: Group) -> Result<Verdict> {
    let toolchain = match Toolchain::find(run::languages(group)) {
        Ok(toolchain) => toolchain,
        Err(error) => {
            println!("sources agree; bytes not compared: {error:#}");
            return Ok(Verdict::Fresh);
        }
    };
    let tools = toolchain.tools()?;
    let mut prepared = false;
    let mut verdict = Verdict::Fresh;
    for artefact in group.artefacts() {
        let (checked_in, stamp) = artefact.read(root)?;
        if stamp.tools != tools {
            println!(
                "{}: sources agree; bytes not compared, since it was made with other tools\n  \
                 then: {:?}\n  here: {tools:?}",
                artefact.path, stamp.tools
            );
            continue;
        }
        if !prepared {
            run::prepare(root, group)?;
            prepared = true;
        }
        let rebuilt = run::make(root, &toolchain, &tools, artefact)?;
        if rebuilt == checked_in {
            println!("{}: sources and bytes agree", artefact.path);
        } else {
            keep(root, Path::new(artefact.path), &rebuilt)?;
            verdict = Verdict::Stale;
        }
    }
    Ok(verdict)
}

/// Leave the bytes that differ where they can be looked at.
pub fn keep(root: &Path, path: &Path, rebuilt: &[u8]) -> Result<()> {
    let folder = root.join("target/xtask/differs");
    std::fs::create_dir_all(&folder)?;
    let name = path.to_string_lossy().replace('/', "-");
    let file = folder.join(&name);
    std::fs::write(&file, rebuilt)?;
    eprintln!(
        "error: `{}` is not what its sources give with the same tools; compare `{}`",
        path.display(),
        file.display()
    );
    Ok(())
}
