//! Which file, or which other path, a path stands for.

use super::index::{File, Files};
use super::settings::{HtmlHandling, NotFoundHandling};

/// What was found for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match<'a> {
    /// The file's path.
    pub(super) path: &'a str,
    /// The file.
    pub(super) file: &'a File,
    /// Why this file.
    pub(super) reason: Reason,
}

/// Why a file answers a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is the path's, or that of the application that has all paths.
    Found,
    /// It tells that there is none.
    NotFoundPage,
}

/// What to do with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved<'a> {
    /// Serve a file.
    File(Match<'a>),
    /// Send the client to the path that is the file's own; not encoded.
    Redirect(String),
}

/// Knows which files there are, and how paths are to be answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) files: &'a Files,
    pub(super) html: HtmlHandling,
    pub(super) not_found: NotFoundHandling,
}

/// Whether a redirect is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redirects {
    Allowed,
    /// While it is tried where one would lead: two in a row are never right.
    Forbidden,
}

/// How a path ends; HTML files have several names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Index,
    IndexHtml,
    Slash,
    Html,
    Other,
}

impl Ending {
    /// The ending of a path, and what is ahead of it.
    fn of(path: &str) -> (Self, &str) {
        let endings =
            [("/index", Self::Index), ("/index.html", Self::IndexHtml), ("/", Self::Slash), (".html", Self::Html)];
        let found = endings.iter().find_map(|(ending, kind)| Some((*kind, path.strip_suffix(ending)?)));
        found.unwrap_or((Self::Other, path))
    }
}

impl<'a> Resolver<'a> {
    /// What to do with the decoded `path`; nothing if no file answers it.
    pub(super) fn resolve(&self, path: &str) -> Option<Resolved<'a>> {
        self.step(path, Redirects::Allowed)
    }

    fn step(&self, path: &str, redirects: Redirects) -> Option<Resolved<'a>> {
        self.by_name(path, redirects).or_else(|| self.not_found(path).map(Resolved::File))
    }

    /// Tries the names that `path` may stand for, the likeliest first.
    ///
    /// The order decides what happens when several files have a claim to one path; it is Cloudflare's.
    fn by_name(&self, path: &str, redirects: Redirects) -> Option<Resolved<'a>> {
        use Ending::{Html, Index, IndexHtml, Other, Slash};
        use HtmlHandling::{AutoTrailingSlash as Auto, DropTrailingSlash as Drop, ForceTrailingSlash as Force};

        let serve = |name: &str| self.found(name).map(Resolved::File);
        let exact = || serve(path);
        let to = |file: &str, destination: &str| self.redirect(file, destination, redirects);
        if self.html == HtmlHandling::None {
            return exact();
        }

        let (ending, base) = Ending::of(path);
        let page = format!("{base}.html");
        let index = format!("{base}/index.html");
        let folder = format!("{base}/");
        let named = match (self.html, ending) {
            (Auto, Index) => exact().or_else(|| to(&index, &folder)).or_else(|| to(&page, base)),
            (Auto, IndexHtml) => to(&index, &folder).or_else(|| to(&page, base)),
            (Auto, Slash) => serve(&index).or_else(|| to(&page, base)),
            (Auto, Html) => to(&page, base).or_else(|| to(&index, &folder)),

            (Force, Index) => exact().or_else(|| to(&index, &folder)).or_else(|| to(&page, &folder)),
            (Force, IndexHtml) => to(&index, &folder).or_else(|| to(&page, &folder)),
            (Force, Slash) => serve(&index).or_else(|| serve(&page)),
            (Force, Html) => to(&page, &folder).or_else(exact).or_else(|| to(&index, &folder)),

            // The root keeps its slash.
            (Drop, Index) if base.is_empty() => exact().or_else(|| to(&index, &folder)),
            (Drop, IndexHtml) if base.is_empty() => to(&index, &folder),
            (Drop, Slash) if base.is_empty() => serve(&index),
            (Drop, Index) => exact().or_else(|| to(&page, base)).or_else(|| to(&index, base)),
            (Drop, IndexHtml) => to(&index, base).or_else(exact).or_else(|| to(&page, base)),
            (Drop, Slash | Html) => to(&page, base).or_else(|| to(&index, base)),

            (HtmlHandling::None, _) | (_, Other) => None,
        };
        let page = format!("{path}.html");
        let index = format!("{path}/index.html");
        let folder = format!("{path}/");
        named.or_else(exact).or_else(|| match self.html {
            Auto => serve(&page).or_else(|| to(&index, &folder)),
            Force => to(&page, &folder).or_else(|| to(&index, &folder)),
            Drop => serve(&page).or_else(|| serve(&index)),
            HtmlHandling::None => None,
        })
    }

    /// A redirect to `destination`, if what is served there is `file`.
    fn redirect(&self, file: &str, destination: &str, redirects: Redirects) -> Option<Resolved<'a>> {
        let elsewhere =
            redirects == Redirects::Allowed && self.files.contains_key(file) && !self.files.contains_key(destination);
        if !elsewhere {
            return None;
        }
        match self.step(destination, Redirects::Forbidden)? {
            Resolved::File(served) if served.path == file => Some(Resolved::Redirect(destination.to_owned())),
            _ => None,
        }
    }

    fn not_found(&self, path: &str) -> Option<Match<'a>> {
        match self.not_found {
            NotFoundHandling::None => None,
            NotFoundHandling::SinglePageApplication => self.found("/index.html"),
            NotFoundHandling::NotFoundPage => {
                let mut folder = path;
                while let Some((above, _)) = folder.rsplit_once('/') {
                    folder = above;
                    if let Some(page) = self.found(&format!("{folder}/404.html")) {
                        return Some(Match { reason: Reason::NotFoundPage, ..page });
                    }
                }
                None
            }
        }
    }

    fn found(&self, path: &str) -> Option<Match<'a>> {
        let (path, file) = self.files.get_key_value(path)?;
        Some(Match { path: path.as_str(), file, reason: Reason::Found })
    }
}
