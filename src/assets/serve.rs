//! Answers to requests, from an index and the blobs it names.

use super::headers_file::HeaderRule;
use super::index::{File, Index};
use super::path;
use super::pattern::{Captures, fill};
use super::redirects_file::{Action, RedirectRule, count_static};
use super::resolve::{Match, Reason, Resolved, Resolver};
use super::settings::{NotFoundHandling, Order, WorkerFirst};
use super::target::Target;
use crate::condition::{self, Extent};
use crate::limits;
use crate::storage::{self, Storage};
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION,
    RANGE, SET_COOKIE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use std::collections::{HashMap, HashSet};

/// Ask whether there is something newer each time; most files have the same name for ever.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// The assets of one version. Cheap to share in an `Arc`; it reads blobs when they are asked for.
///
/// ## Why
/// Bytes are not kept here: a file is read from storage for each answer, which for files is the system's page cache.
pub struct Assets {
    index: Index,
    storage: Storage,
    /// The static rules among the index's redirects, by their paths; the rest come after them.
    static_redirects: HashMap<String, usize>,
    dynamic_from: usize,
}

/// What is to be answered.
enum Decision<'a> {
    /// No file and no rule has a word to say.
    Nothing,
    /// A rule names a path that no file answers.
    ProxiedToNothing,
    Redirect {
        status: StatusCode,
        location: String,
    },
    MethodNotAllowed,
    File(Match<'a>),
}

impl Assets {
    /// Serves what `index` names from `storage`.
    pub fn new(index: Index, storage: Storage) -> Self {
        let dynamic_from = count_static(&index.redirects);
        let statics = index.redirects[..dynamic_from].iter().enumerate().rev();
        // From the last to the first, so that of equal ones the first stays.
        let static_redirects = statics.map(|(at, rule)| (rule.from.text().to_owned(), at)).collect();
        Self { index, storage, static_redirects, dynamic_from }
    }

    /// The index that is served.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Whether a request for `path` (as in the request line, without the query) goes to the worker at once.
    pub fn worker_first(&self, path: &str) -> bool {
        match Target::of_path(path) {
            Some(target) => self.order(&target) == Order::Worker,
            None => self.index.settings.run_worker_first == WorkerFirst::Always,
        }
    }

    /// The answer that is given before a worker is asked, or nothing if the worker is to be asked.
    ///
    /// `not_found_handling` answers for the worker only when a browser navigates, when `run_worker_first` lists the
    /// paths that are the worker's, or when a rule of it with `!` says that the path is not.
    pub async fn find(&self, request: &Parts) -> Result<Option<Response<Bytes>>, storage::Error> {
        let Some(target) = Target::of(request) else { return Ok(None) };
        if self.order(&target) == Order::Assets {
            return self.fetch(request).await.map(Some);
        }
        if !is_read(&request.method) {
            return Ok(None);
        }
        let listed = matches!(self.index.settings.run_worker_first, WorkerFirst::Paths(_));
        let navigates = request.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        let not_found =
            if listed || navigates { self.index.settings.not_found_handling } else { NotFoundHandling::None };
        match self.decide(&request.method, &target, not_found) {
            Decision::Nothing => Ok(None),
            // What is served may still be the page for what is not found.
            _ => self.fetch(request).await.map(Some),
        }
    }

    /// The answer to a request: always one, if only that nothing is there.
    pub async fn fetch(&self, request: &Parts) -> Result<Response<Bytes>, storage::Error> {
        let Some(target) = Target::of(request) else {
            return Ok(empty(if is_read(&request.method) {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::METHOD_NOT_ALLOWED
            }));
        };
        let decision = self.decide(&request.method, &target, self.index.settings.not_found_handling);
        let mut response = match decision {
            Decision::Nothing | Decision::ProxiedToNothing => empty(StatusCode::NOT_FOUND),
            Decision::MethodNotAllowed => empty(StatusCode::METHOD_NOT_ALLOWED),
            Decision::Redirect { status, location } => redirect(status, &location),
            Decision::File(found) => self.serve(request, found).await?,
        };
        self.apply_rules(&target, response.headers_mut());
        Ok(response)
    }

    fn order(&self, target: &Target) -> Order {
        self.index.settings.run_worker_first.order(target.path())
    }

    fn decide(&self, method: &Method, target: &Target, not_found: NotFoundHandling) -> Decision<'_> {
        let mut proxied = None;
        if let Some((rule, destination)) = self.redirect_for(target) {
            match rule.action {
                Action::Redirect(status) => {
                    return Decision::Redirect { status, location: target.location(&destination) };
                }
                Action::Proxy => proxied = Some(destination),
            }
        }
        let pathname = proxied.as_ref().map_or(target.path(), |destination| destination.path());
        let name = path::decode(pathname);
        let resolver = Resolver { files: &self.index.files, html: self.index.settings.html_handling, not_found };
        let Some(resolved) = resolver.resolve(&name) else {
            return if proxied.is_some() { Decision::ProxiedToNothing } else { Decision::Nothing };
        };
        if !is_read(method) {
            return Decision::MethodNotAllowed;
        }
        let canonical = match &resolved {
            Resolved::Redirect(destination) => path::encode(destination),
            Resolved::File(_) => path::encode(&name),
        };
        match resolved {
            Resolved::File(found) if canonical == pathname => Decision::File(found),
            // One spelling for each path, and no second redirect after one that HTML handling asks for.
            _ => Decision::Redirect {
                status: StatusCode::TEMPORARY_REDIRECT,
                location: format!("{canonical}{}", target.query()),
            },
        }
    }

    /// The first rule for a target, and where it leads.
    fn redirect_for(&self, target: &Target) -> Option<(&RedirectRule, url::Url)> {
        let rules = &self.index.redirects;
        if let Some(rule) = self.static_redirects.get(target.path()).and_then(|at| rules.get(*at)) {
            return Some((rule, target.join(&rule.to)?));
        }
        rules[self.dynamic_from..].iter().find_map(|rule| {
            let captures = rule.from.captures(target.path())?;
            let destination = fill(&rule.to, &captures, limits::HEADERS.maximum)?;
            Some((rule, target.join(destination.trim())?))
        })
    }

    /// The answer that is a file, or a part of it.
    async fn serve(&self, request: &Parts, found: Match<'_>) -> Result<Response<Bytes>, storage::Error> {
        let Match { path, file, reason } = found;
        let etag = format!("\"{}\"", file.digest);
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, ascii(&etag));
        if !request.headers.contains_key(AUTHORIZATION) && !request.headers.contains_key(RANGE) {
            headers.insert(CACHE_CONTROL, REVALIDATE);
        }
        let mut status = StatusCode::NOT_FOUND;
        let mut extent = Extent::Whole;
        // Conditions are for what would be a success.
        if reason == Reason::Found {
            if condition::has_current(&request.headers, &etag) {
                return Ok(respond(StatusCode::NOT_MODIFIED, headers, Bytes::new()));
            }
            status = StatusCode::OK;
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            if request.method == Method::GET {
                extent = condition::extent(&request.headers, &etag, file.size);
            }
        }
        if extent == Extent::Unsatisfiable {
            headers.insert(CONTENT_RANGE, ascii(&format!("bytes */{}", file.size)));
            headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
            return Ok(respond(StatusCode::RANGE_NOT_SATISFIABLE, headers, Bytes::new()));
        }
        if let Some(content_type) = content_type(path) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if request.method == Method::HEAD {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(file.size));
            return Ok(respond(status, headers, Bytes::new()));
        }
        let mut body = self.read(path, file).await?;
        if let Extent::Part(part) = extent {
            status = StatusCode::PARTIAL_CONTENT;
            headers.insert(CONTENT_RANGE, ascii(&format!("bytes {}-{}/{}", part.start, part.end - 1, file.size)));
            // Within the body, whose length is the file's size.
            body = body.slice(part.start as usize..part.end as usize);
        }
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        Ok(respond(status, headers, body))
    }

    async fn read(&self, path: &str, file: &File) -> Result<Bytes, storage::Error> {
        let digest = file.digest;
        match self.storage.get_blob(digest).await? {
            None => Err(storage::Error::Corrupt(format!("the asset `{path}` has no blob {digest}"))),
            Some(bytes) if bytes.len() as u64 != file.size => Err(storage::Error::Corrupt(format!(
                "the asset `{path}` has {} bytes in blob {digest}, not {}",
                bytes.len(),
                file.size
            ))),
            Some(bytes) => Ok(bytes),
        }
    }

    /// Removes and adds headers as the rules for the target say, in their order.
    fn apply_rules(&self, target: &Target, headers: &mut HeaderMap) {
        if self.index.headers.is_empty() {
            return;
        }
        let with_host = target.with_host();
        let mut added = HashSet::new();
        let mut budget = limits::HEADERS.maximum;
        for rule in &self.index.headers {
            let text = if rule.path.has_host() { &with_host } else { target.path() };
            if let Some(captures) = rule.path.captures(text) {
                apply(rule, &captures, headers, &mut added, &mut budget);
            }
        }
    }
}

/// Applies one rule. A header that an earlier rule added gets a further value; any other is replaced.
///
/// Values that are over the `budget` of bytes are left out: the client would not take so many.
fn apply<'r>(
    rule: &'r HeaderRule,
    captures: &Captures<'_, '_>,
    headers: &mut HeaderMap,
    added: &mut HashSet<&'r http::HeaderName>,
    budget: &mut u64,
) {
    for name in &rule.unset {
        headers.remove(&name.0);
    }
    for (name, template) in &rule.set {
        let Some(value) = fill(&template.0, captures, *budget) else { continue };
        *budget -= value.len() as u64;
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
        if added.insert(&name.0) {
            headers.insert(&name.0, value);
        } else if name.0 == SET_COOKIE {
            headers.append(&name.0, value);
        } else {
            let earlier = headers.get(&name.0).map(|earlier| [earlier.as_bytes(), b", ", value.as_bytes()].concat());
            let joined = earlier.and_then(|joined| HeaderValue::from_bytes(&joined).ok()).unwrap_or(value);
            headers.insert(&name.0, joined);
        }
    }
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// The media type that a file's extension tells; text is UTF-8.
fn content_type(path: &str) -> Option<HeaderValue> {
    let name = mime_guess::from_path(path).first_raw()?;
    if name.starts_with("text/") {
        return Some(ascii(&format!("{name}; charset=utf-8")));
    }
    Some(HeaderValue::from_static(name))
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    respond(status, headers, Bytes::new())
}

fn redirect(status: StatusCode, location: &str) -> Response<Bytes> {
    let mut response = empty(status);
    response.headers_mut().insert(LOCATION, ascii(location));
    response
}

fn respond(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A value from text that is ASCII by construction: digests, numbers, encoded URLs.
fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
