//! Which URL an HTML file has, and what a path without a file gets.

use super::{Site, brief, fetch};
use crate::assets::HtmlHandling::{self, AutoTrailingSlash, DropTrailingSlash, ForceTrailingSlash};
use crate::assets::NotFoundHandling::{self, NotFoundPage, SinglePageApplication};

/// Asks a site for paths, and compares the answers in short.
async fn check(files: &[&str], html: HtmlHandling, not_found: NotFoundHandling, cases: &[(&str, &str)]) {
    let assets = Site::of(files).html(html).not_found(not_found).serve().await;
    for (path, expected) in cases {
        let answer = fetch(&assets, &format!("GET {path}"), &[]).await;
        assert_eq!(brief(&answer), *expected, "{html:?} {not_found:?} {path}");
    }
}

const SITE: &[&str] = &["/index.html", "/file.html", "/folder/index.html", "/both.html", "/both/index.html", "/bin"];

#[tokio::test]
async fn trailing_slashes_are_automatic() {
    let cases = [
        ("/", "200 /index.html"),
        ("/index", "307 /"),
        ("/index.html", "307 /"),
        ("/file", "200 /file.html"),
        ("/file.html", "307 /file"),
        ("/file/", "307 /file"),
        ("/file/index", "307 /file"),
        ("/file/index.html", "307 /file"),
        ("/folder", "307 /folder/"),
        ("/folder.html", "307 /folder/"),
        ("/folder/", "200 /folder/index.html"),
        ("/folder/index", "307 /folder/"),
        ("/folder/index.html", "307 /folder/"),
        ("/both", "200 /both.html"),
        ("/both.html", "307 /both"),
        ("/both/", "200 /both/index.html"),
        ("/both/index", "307 /both/"),
        ("/both/index.html", "307 /both/"),
        ("/bin", "200 /bin"),
        ("/bin/", "404"),
        ("/File", "404"),
        ("/file?a=1&b", "200 /file.html"),
        ("/file.html?a=1&b", "307 /file?a=1&b"),
    ];
    check(SITE, AutoTrailingSlash, NotFoundHandling::None, &cases).await;
}

#[tokio::test]
async fn trailing_slashes_are_forced() {
    let cases = [
        ("/", "200 /index.html"),
        ("/index", "307 /"),
        ("/index.html", "307 /"),
        ("/file", "307 /file/"),
        ("/file.html", "307 /file/"),
        ("/file/", "200 /file.html"),
        ("/file/index", "307 /file/"),
        ("/file/index.html", "307 /file/"),
        ("/folder", "307 /folder/"),
        ("/folder.html", "307 /folder/"),
        ("/folder/", "200 /folder/index.html"),
        ("/folder/index", "307 /folder/"),
        ("/folder/index.html", "307 /folder/"),
        ("/both", "307 /both/"),
        ("/both.html", "200 /both.html"),
        ("/both/", "200 /both/index.html"),
        ("/bin", "200 /bin"),
        ("/bin/", "404"),
    ];
    check(SITE, ForceTrailingSlash, NotFoundHandling::None, &cases).await;
}

#[tokio::test]
async fn trailing_slashes_are_dropped() {
    let cases = [
        ("/", "200 /index.html"),
        ("/index", "307 /"),
        ("/index.html", "307 /"),
        ("/file", "200 /file.html"),
        ("/file.html", "307 /file"),
        ("/file/", "307 /file"),
        ("/file/index", "307 /file"),
        ("/file/index.html", "307 /file"),
        ("/folder", "200 /folder/index.html"),
        ("/folder.html", "307 /folder"),
        ("/folder/", "307 /folder"),
        ("/folder/index", "307 /folder"),
        ("/folder/index.html", "307 /folder"),
        ("/both", "200 /both.html"),
        ("/both/", "307 /both"),
        ("/both/index.html", "200 /both/index.html"),
        ("/bin", "200 /bin"),
        ("/bin/", "404"),
    ];
    check(SITE, DropTrailingSlash, NotFoundHandling::None, &cases).await;
}

#[tokio::test]
async fn files_have_their_own_paths_only_when_html_is_nothing_special() {
    let cases = [
        ("/", "404"),
        ("/index", "404"),
        ("/index.html", "200 /index.html"),
        ("/file", "404"),
        ("/file/", "404"),
        ("/file.html", "200 /file.html"),
        ("/folder/", "404"),
        ("/folder/index.html", "200 /folder/index.html"),
    ];
    check(SITE, HtmlHandling::None, NotFoundHandling::None, &cases).await;
}

#[tokio::test]
async fn a_file_without_extension_comes_before_a_page() {
    let cases = [("/a/index", "200 /a/index"), ("/a/", "200 /a/index.html"), ("/a/index.html", "307 /a/")];
    for html in [AutoTrailingSlash, ForceTrailingSlash] {
        check(&["/a/index", "/a/index.html"], html, NotFoundHandling::None, &cases).await;
    }
}

#[tokio::test]
async fn each_path_has_one_spelling() {
    let files =
        ["/[b].html", "/%5Bb%5D.html", "/bòop.html", "/a+b.txt", "/beep?boop.html", "/~t'()!*.txt", "/foo.html"];
    let cases = [
        ("/%5Bb%5D", "200 /[b].html"),
        ("/[b]", "307 /%5Bb%5D"),
        ("/%5bb%5d", "307 /%5Bb%5D"),
        ("/[b].html", "307 /%5Bb%5D"),
        ("/%255Bb%255D", "200 /%5Bb%5D.html"),
        ("/b%C3%B2op", "200 /bòop.html"),
        ("/b%c3%b2op.html", "307 /b%C3%B2op"),
        ("/a+b.txt", "307 /a%2Bb.txt"),
        ("/a%2Bb.txt", "200 /a+b.txt"),
        ("/beep%3Fboop", "200 /beep?boop.html"),
        ("/beep?boop", "404"),
        ("/~t'()!*.txt", "200 /~t'()!*.txt"),
        ("//foo", "307 /foo"),
        ("///foo.html", "307 /foo"),
        ("/a/../foo", "200 /foo.html"),
        ("/a/%2e%2e/foo", "200 /foo.html"),
        ("/a/..\\foo", "200 /foo.html"),
    ];
    check(&files, AutoTrailingSlash, NotFoundHandling::None, &cases).await;
}

#[tokio::test]
async fn nobody_is_sent_to_another_host_or_out_of_the_site() {
    let paths = [
        "//evil.com",
        "//evil.com/",
        "//evil.com/..",
        "//evil.com/%2e%2e",
        "/\\evil.com",
        "/\\\\evil.com/index.html",
        "/%5Cevil.com",
        "/%2F%2Fevil.com",
        "//evil.com/index.html",
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e%2fetc/passwd",
        "/..\\..\\etc\\passwd",
        "/a%00b",
        "/%zz",
        "/%ff",
    ];
    let files = ["/index.html", "/404.html", "/evil.com.html", "/evil.com/index.html"];
    for html in [AutoTrailingSlash, ForceTrailingSlash, DropTrailingSlash, HtmlHandling::None] {
        for not_found in [NotFoundHandling::None, NotFoundPage, SinglePageApplication] {
            let assets = Site::of(&files).html(html).not_found(not_found).serve().await;
            for path in paths {
                let answer = fetch(&assets, &format!("GET {path}"), &[]).await;
                let location = super::header(&answer, "location");
                let leads_away = location.starts_with("//") || location.contains('\\') || location.contains("://");
                assert!(!leads_away, "{html:?} {not_found:?} {path}: {location}");
            }
        }
    }
}

#[tokio::test]
async fn the_nearest_page_tells_that_nothing_is_there() {
    let files = ["/index.html", "/404.html", "/deep/404.html", "/deep/file.html"];
    let cases = [
        ("/nope", "404 /404.html"),
        ("/nope/", "404 /404.html"),
        ("/a/b/c", "404 /404.html"),
        ("/deep/nope", "404 /deep/404.html"),
        ("/deep/a/b", "404 /deep/404.html"),
        ("/deep", "404 /404.html"),
        ("/404", "200 /404.html"),
        ("/404.html", "307 /404"),
        ("/deep/file", "200 /deep/file.html"),
    ];
    check(&files, AutoTrailingSlash, NotFoundPage, &cases).await;
    check(&["/a.html"], AutoTrailingSlash, NotFoundPage, &[("/nope", "404")]).await;
}

#[tokio::test]
async fn an_application_has_all_paths() {
    let cases = [
        ("/", "200 /index.html"),
        ("/nope", "200 /index.html"),
        ("/a/b/c.js", "200 /index.html"),
        ("/index.html", "307 /"),
        ("/app.js", "200 /app.js"),
    ];
    check(&["/index.html", "/app.js"], AutoTrailingSlash, SinglePageApplication, &cases).await;
    check(&["/app.js"], AutoTrailingSlash, SinglePageApplication, &[("/nope", "404")]).await;
}
