//! What was purged: everything, URLs, what begins alike, tags.
//!
//! ## Why
//! Nothing is looked for and removed. Each purge takes the next number; each response carries the number there was when
//! it was asked for, and is not used if a purge that is about it has a higher one. So a purge is done when it is noted,
//! it holds for responses that are just being fetched, and, since it is written down first, for those that a restart
//! finds on disk.

use anyhow::{Context, Result, bail};
use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Purges that are told apart. When there are more, the older half becomes one of everything from before.
const MOST: usize = 100_000;
/// File in the cache's folder that they are written to.
const FILE: &str = "purges";

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purge {
    Everything,
    /// All responses for this URL; the scheme does not matter, nor does a fragment.
    Url(String),
    /// All responses for URLs that begin so, from the host on.
    Prefix(String),
    /// All responses with this tag, whatever its case.
    Tag(String),
}

impl Purge {
    /// In the form that is compared.
    fn normal(self) -> Self {
        match self {
            Self::Everything => self,
            Self::Url(url) => Self::Url(place(&url)),
            Self::Prefix(prefix) => {
                let prefix = without_scheme(&prefix);
                let (host, rest) = prefix.split_at(prefix.find('/').unwrap_or(prefix.len()));
                Self::Prefix(format!("{}{rest}", host.to_ascii_lowercase()))
            }
            Self::Tag(tag) => Self::Tag(tag.trim().to_ascii_lowercase()),
        }
    }
}

/// A URL without scheme and fragment, its host in lower case, its path never absent.
pub fn place(url: &str) -> String {
    let url = without_scheme(url);
    let url = url.split('#').next().unwrap_or_default();
    let (host, rest) = url.split_at(url.find(['/', '?']).unwrap_or(url.len()));
    let slash = if rest.starts_with('/') { "" } else { "/" };
    format!("{}{slash}{rest}", host.to_ascii_lowercase())
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// A purge and its number.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    number: u64,
    purge: Purge,
}

/// Numbers of the newest purges, by what they are about.
#[derive(Debug, Default, Clone)]
struct Rules {
    everything: u64,
    urls: HashMap<String, u64>,
    prefixes: HashMap<String, u64>,
    /// Lengths of the prefixes.
    lengths: BTreeSet<usize>,
    tags: HashMap<String, u64>,
}

impl Rules {
    fn add(&mut self, line: Line) {
        let Line { number, purge } = line;
        match purge {
            Purge::Everything => *self = Self { everything: number, ..Self::default() },
            Purge::Url(url) => _ = self.urls.insert(url, number),
            Purge::Prefix(prefix) => {
                self.lengths.insert(prefix.len());
                self.prefixes.insert(prefix, number);
            }
            Purge::Tag(tag) => _ = self.tags.insert(tag, number),
        }
    }

    fn len(&self) -> usize {
        self.urls.len() + self.prefixes.len() + self.tags.len()
    }

    /// Makes one of the older half.
    fn shorten(&mut self) {
        let all = [&self.urls, &self.prefixes, &self.tags];
        let mut numbers: Vec<u64> = all.iter().flat_map(|map| map.values().copied()).collect();
        let half = numbers.len() / 2;
        let (_, middle, _) = numbers.select_nth_unstable(half);
        self.everything = self.everything.max(*middle);
        let kept = |number: &u64| *number > self.everything;
        self.urls.retain(|_, number| kept(number));
        self.prefixes.retain(|_, number| kept(number));
        self.tags.retain(|_, number| kept(number));
        self.lengths = self.prefixes.keys().map(String::len).collect();
    }

    fn lines(&self) -> Vec<Line> {
        let line = |number: &u64, purge| Line { number: *number, purge };
        let mut lines = vec![line(&self.everything, Purge::Everything)];
        lines.extend(self.urls.iter().map(|(url, number)| line(number, Purge::Url(url.clone()))));
        lines.extend(self.prefixes.iter().map(|(prefix, number)| line(number, Purge::Prefix(prefix.clone()))));
        lines.extend(self.tags.iter().map(|(tag, number)| line(number, Purge::Tag(tag.clone()))));
        lines
    }

    /// Whether a response for `place` with these tags, asked for when there had been `sequence` purges, is purged.
    fn cover(&self, place: &str, tags: &[String], sequence: u64) -> bool {
        let newer = |number: Option<&u64>| number.is_some_and(|number| *number > sequence);
        self.everything > sequence
            || (!self.urls.is_empty() && newer(self.urls.get(place)))
            || (!self.tags.is_empty() && tags.iter().any(|tag| newer(self.tags.get(tag))))
            || self
                .lengths
                .iter()
                .any(|length| place.get(..*length).is_some_and(|start| newer(self.prefixes.get(start))))
    }
}

/// All purges there were.
pub struct Purges {
    number: AtomicU64,
    rules: ArcSwap<Rules>,
    /// Where they are written down, if they are. Held while one is being added.
    file: Mutex<Option<File>>,
    folder: Option<PathBuf>,
}

impl Purges {
    /// Those that are written in `folder`, which is made if it is not there; without a folder they are forgotten with the process.
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let Some(folder) = folder else {
            return Ok(Self {
                number: AtomicU64::new(0),
                rules: ArcSwap::default(),
                file: Mutex::new(None),
                folder: None,
            });
        };
        fs::create_dir_all(folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("failed to read `{}`", path.display())),
        };
        let mut rules = Rules::default();
        let mut newest = 0;
        for line in text.lines() {
            // The last line may have been cut off by a crash: it was not acknowledged.
            let Ok(line) = serde_json::from_str::<Line>(line) else { continue };
            newest = newest.max(line.number);
            rules.add(line);
        }
        let purges = Self {
            number: AtomicU64::new(newest),
            rules: ArcSwap::from_pointee(rules),
            file: Mutex::new(None),
            folder: Some(folder.to_owned()),
        };
        // On a full disk the file stays as it is, unless its last line is cut off.
        let file = purges.rewrite(&purges.rules.load()).or_else(|error| {
            let kept = OpenOptions::new().append(true).create(true).open(&path);
            kept.ok().filter(|_| text.is_empty() || text.ends_with('\n')).ok_or(error)
        })?;
        *purges.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(purges)
    }

    /// How many there have been.
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Whether a response is purged: for `place`, with these tags, asked for when there had been `sequence` purges.
    pub fn cover(&self, place: &str, tags: &[String], sequence: u64) -> bool {
        sequence < self.number() && self.rules.load().cover(place, tags, sequence)
    }

    /// Purges all of these at once. Takes a moment on a disk.
    pub fn add(&self, purges: Vec<Purge>) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.number() + 1;
        let lines: Vec<Line> = purges.into_iter().map(|purge| Line { number, purge: purge.normal() }).collect();
        if let Some(file) = file.as_mut() {
            let mut text = Vec::new();
            for line in &lines {
                serde_json::to_writer(&mut text, line)?;
                text.push(b'\n');
            }
            file.write_all(&text).and_then(|()| file.sync_data()).context("failed to write the purge down")?;
        } else if self.folder.is_some() {
            bail!("purges cannot be written down since the file was lost");
        }
        let mut rules = Rules::clone(&self.rules.load());
        for line in lines {
            rules.add(line);
        }
        if rules.len() > MOST {
            rules.shorten();
            if self.folder.is_some() {
                *file = Some(self.rewrite(&rules)?);
            }
        }
        // A response that is asked for from here on has the number, and is not covered.
        self.rules.store(Arc::new(rules));
        self.number.store(number, Ordering::Release);
        Ok(())
    }

    /// Writes the file anew, without what later purges make needless.
    fn rewrite(&self, rules: &Rules) -> Result<File> {
        let folder = self.folder.as_deref().unwrap_or(Path::new(""));
        let (path, temporary) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
        let write = || -> std::io::Result<File> {
            let mut text = Vec::new();
            for line in rules.lines() {
                serde_json::to_writer(&mut text, &line)?;
                text.push(b'\n');
            }
            let mut file = File::create(&temporary)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            OpenOptions::new().append(true).open(&path)
        };
        write().with_context(|| format!("failed to write `{}`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purge_is_about_what_was_asked_for_before_it() {
        let purges = Purges::open(None).unwrap();
        let before = purges.number();
        let tags = ["news".to_owned()];
        assert!(!purges.cover("a.com/x", &tags, before));
        purges.add(vec![Purge::Url("https://A.com/x#y".into())]).unwrap();
        assert!(purges.cover("a.com/x", &[], before) && !purges.cover("a.com/xy", &tags, before));
        assert!(!purges.cover("a.com/x", &[], purges.number()));
        purges.add(vec![Purge::Tag(" NEWS ".into()), Purge::Prefix("B.com/Img".into())]).unwrap();
        assert!(purges.cover("c.com/", &tags, before));
        assert!(purges.cover("b.com/Img/1", &[], before) && !purges.cover("b.com/img/1", &[], before));
        let between = purges.number();
        purges.add(vec![Purge::Everything]).unwrap();
        assert!(purges.cover("d.com/", &[], between) && !purges.cover("d.com/", &[], purges.number()));
    }

    #[test]
    fn purges_survive_a_restart_and_a_line_that_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let purges = Purges::open(Some(folder.path())).unwrap();
        purges.add(vec![Purge::Url("a.com".into())]).unwrap();
        drop(purges);
        let mut file = OpenOptions::new().append(true).open(folder.path().join(FILE)).unwrap();
        file.write_all(b"{\"number\":9,\"pur").unwrap();
        let again = Purges::open(Some(folder.path())).unwrap();
        assert_eq!(again.number(), 1);
        assert!(again.cover("a.com/", &[], 0) && !again.cover("a.com/", &[], 1));
        again.add(vec![Purge::Everything]).unwrap();
        assert!(Purges::open(Some(folder.path())).unwrap().cover("b.com/", &[], 1));
    }

    #[test]
    fn too_many_are_made_fewer_and_none_is_forgotten() {
        let purges = Purges::open(None).unwrap();
        for half in 0..2 {
            let urls = (0..MOST * 3 / 5).map(|index| Purge::Url(format!("a.com/{half}/{index}"))).collect();
            purges.add(urls).unwrap();
        }
        assert!(purges.rules.load().len() <= MOST);
        assert!(purges.cover("a.com/0/5", &[], 0) && purges.cover("a.com/1/5", &[], 1));
        assert!(!purges.cover("a.com/1/5", &[], 2));
    }
}
