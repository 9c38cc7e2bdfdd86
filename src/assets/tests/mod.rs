//! A site of a few files, and questions to it.

mod collect;
mod find;
mod html;
mod index;
mod rules;
mod serving;

use super::headers_file;
use super::index::{File, Files, Index};
use super::path::AssetPath;
use super::redirects_file;
use super::{Assets, HtmlHandling, NotFoundHandling, Settings, WorkerFirst};
use crate::digest::Digest;
use crate::storage::Storage;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};

/// A site under construction.
#[derive(Default)]
struct Site {
    files: Vec<(String, Bytes)>,
    settings: Settings,
    headers: &'static str,
    redirects: &'static str,
}

impl Site {
    /// Files with their paths for content.
    fn of(paths: &[&str]) -> Self {
        let files = paths.iter().map(|path| ((*path).to_owned(), Bytes::from((*path).to_owned()))).collect();
        Self { files, ..Self::default() }
    }

    fn file(mut self, path: &str, content: &'static str) -> Self {
        self.files.push((path.to_owned(), Bytes::from(content)));
        self
    }

    fn html(mut self, html: HtmlHandling) -> Self {
        self.settings.html_handling = html;
        self
    }

    fn not_found(mut self, not_found: NotFoundHandling) -> Self {
        self.settings.not_found_handling = not_found;
        self
    }

    fn worker_first(mut self, rules: &[&str]) -> Self {
        self.settings.run_worker_first = WorkerFirst::Paths(rules.iter().map(|rule| (*rule).to_owned()).collect());
        self
    }

    fn headers(mut self, text: &'static str) -> Self {
        self.headers = text;
        self
    }

    fn redirects(mut self, text: &'static str) -> Self {
        self.redirects = text;
        self
    }

    fn index(&self) -> Index {
        let files: Files = self.files.iter().map(|(path, content)| (asset_path(path), file(content))).collect();
        let (headers, _) = headers_file::parse(self.headers);
        let (redirects, _) = redirects_file::parse(self.redirects, self.settings.html_handling);
        Index::new(self.settings.clone(), files, headers, redirects).expect("a valid index")
    }

    async fn serve(self) -> Assets {
        let storage = Storage::in_memory();
        for (_, content) in &self.files {
            storage.put_blob(Digest::of(content), content.clone()).await.expect("room in memory");
        }
        // What a server has is what was uploaded.
        let index = Index::parse(&self.index().to_json()).expect("what was written can be read");
        Assets::new(index, storage)
    }
}

fn asset_path(path: &str) -> AssetPath {
    AssetPath::new(path.to_owned()).expect("a valid path")
}

fn file(content: &[u8]) -> File {
    File { digest: Digest::of(content), size: content.len() as u64 }
}

/// The head of a request: `"GET /path"`, and headers.
fn request(line: &str, headers: &[(&str, &str)]) -> Parts {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a valid request").into_parts().0
}

async fn fetch(assets: &Assets, line: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    assets.fetch(&request(line, headers)).await.expect("all blobs are stored")
}

/// The status, then the body or where the answer sends to.
fn brief(response: &Response<Bytes>) -> String {
    let told = match header(response, "location") {
        "" => std::str::from_utf8(response.body()).expect("text"),
        location => location,
    };
    format!("{} {told}", response.status().as_u16()).trim_end().to_owned()
}

/// The value of a header; empty if it is not there.
fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("visible characters"))
}
