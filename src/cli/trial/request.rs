//! Requests for a program under trial, from flags and files.

use super::{har, jsonl};
use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use std::path::{Path, PathBuf};

/// Where a target without an authority is taken to be.
const ORIGIN: &str = "http://localhost";

/// One request, as somebody wrote it; [`TrialRequest::new`] has checked that it can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRequest {
    pub method: Method,
    /// A path with its query, or an absolute URL.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl TrialRequest {
    /// Checks that these make a request.
    pub fn new(method: &str, target: &str, headers: Vec<(String, String)>, body: Bytes) -> Result<Self> {
        let method = method.parse().map_err(|_| anyhow!("`{method}` is no HTTP method"))?;
        let request = Self { method, target: target.to_owned(), headers, body };
        request.to_http()?;
        Ok(request)
    }

    /// A GET request without a body.
    pub fn get(target: &str) -> Result<Self> {
        Self::new("GET", target, Vec::new(), Bytes::new())
    }

    /// What it is called in tables: `POST /x`.
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// The request as a client would send it: `Host` and `Content-Length` are there.
    pub fn to_http(&self) -> Result<Request<Full<Bytes>>> {
        let absolute = match self.target.starts_with('/') {
            true => format!("{ORIGIN}{}", self.target),
            false => self.target.clone(),
        };
        let uri: Uri = absolute.parse().with_context(|| format!("`{}` is no URL", self.target))?;
        let Some(host) = uri.authority().filter(|_| uri.scheme().is_some()).map(host_of) else {
            bail!("`{0}` is neither a path nor an absolute URL\nhint: write `/{0}`", self.target);
        };
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            let (name, value) = header(name, value)?;
            headers.append(name, value);
        }
        if !headers.contains_key(HOST) {
            headers.insert(HOST, HeaderValue::try_from(host).context("the URL's host is no header value")?);
        }
        if !self.body.is_empty() {
            headers.insert(CONTENT_LENGTH, self.body.len().into());
        }
        *request.uri_mut() = uri;
        Ok(request)
    }
}

fn host_of(authority: &http::uri::Authority) -> String {
    match authority.port() {
        Some(port) => format!("{}:{port}", authority.host()),
        None => authority.host().to_owned(),
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let parsed = HeaderName::try_from(name).map_err(|_| anyhow!("`{name}` is no name of a header"))?;
    let value = HeaderValue::try_from(value).map_err(|_| anyhow!("the header `{name}` has a value that cannot be"))?;
    Ok((parsed, value))
}

/// The flags that say which requests are sent.
#[derive(Debug, Clone, Default, Args)]
pub struct RequestArgs {
    /// A request to send, as `POST /path` or `/path`; may be given several times [default: GET /]
    #[arg(long = "request", value_name = "METHOD PATH")]
    requests: Vec<String>,

    /// Body of the requests given with `--request`: text, or `@FILE`
    #[arg(long, value_name = "TEXT|@FILE", requires = "requests")]
    body: Option<String>,

    /// Header of the requests given with `--request`; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "requests")]
    headers: Vec<String>,

    /// File of more requests: one JSON object in each line, or a HAR archive
    #[arg(long = "requests", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl RequestArgs {
    /// All requests, in the order of the flags; one GET for `/` when no flag says more.
    pub fn load(&self) -> Result<Vec<TrialRequest>> {
        let headers = self.headers.iter().map(|header| split_header(header)).collect::<Result<Vec<_>>>()?;
        let body = self.body.as_deref().map(read_body).transpose()?;
        let mut all = Vec::new();
        for request in &self.requests {
            let (method, target) = split_request(request, body.is_some())?;
            let parsed = TrialRequest::new(method, target, headers.clone(), body.clone().unwrap_or_default());
            all.push(parsed.with_context(|| format!("`--request '{request}'` cannot be sent"))?);
        }
        for file in &self.files {
            all.extend(read_file(file)?);
        }
        if all.is_empty() {
            all.push(TrialRequest::get("/")?);
        }
        Ok(all)
    }
}

/// Method and target; without a method it is POST for those with a body, as with curl.
fn split_request(request: &str, has_body: bool) -> Result<(&str, &str)> {
    let mut words = request.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(target), None, _) => Ok((if has_body { "POST" } else { "GET" }, target)),
        (Some(method), Some(target), None) => Ok((method, target)),
        _ => bail!("`--request '{request}'` is no request\nhint: write `--request 'POST /path'`"),
    }
}

fn split_header(header: &str) -> Result<(String, String)> {
    let (name, value) = header
        .split_once(':')
        .with_context(|| format!("`--header '{header}'` is no header\nhint: write `--header 'Name: value'`"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn read_body(body: &str) -> Result<Bytes> {
    match body.strip_prefix('@') {
        Some(file) => Ok(std::fs::read(file).with_context(|| format!("failed to read the body `{file}`"))?.into()),
        None => Ok(Bytes::copy_from_slice(body.as_bytes())),
    }
}

fn read_file(file: &Path) -> Result<Vec<TrialRequest>> {
    let read = || {
        let text = std::fs::read_to_string(file)?;
        let requests = if is_har(file, &text) { har::parse(&text)? } else { jsonl::parse(&text)? };
        if requests.is_empty() { bail!("there are no requests in it") } else { Ok(requests) }
    };
    read().with_context(|| format!("failed to read requests from `{}`", file.display()))
}

/// A HAR archive is one JSON object with a member `log`; no request has one.
fn is_har(file: &Path, text: &str) -> bool {
    let named = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("har"));
    named || serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.get("log").is_some())
}
