//! Reading folders.

use crate::assets::collect::collect_within;
use crate::assets::{Collected, Error, FILE, PathProblem, Settings, WorkerFirst, collect};
use crate::digest::Digest;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}

fn write(folder: &Path, path: &str, content: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("room on the disk");
    fs::write(path, content).expect("room on the disk");
}

fn collected(folder: &TempDir) -> Collected {
    collect(folder.path(), Settings::default()).expect("a folder that can be collected")
}

fn refused(folder: &TempDir) -> Error {
    collect(folder.path(), Settings::default()).expect_err("a folder that cannot be collected")
}

fn paths(collected: &Collected) -> Vec<&str> {
    collected.index.files().map(|(path, _)| path).collect()
}

#[test]
fn files_are_found_in_all_folders_in_one_order() {
    let files = [("b.txt", "same"), ("a/c.html", "c"), ("a.txt", "same"), (".well-known/x", ""), ("ü [1].js", "u")];
    let folder = folder(&files);
    let collected = collected(&folder);
    assert_eq!(paths(&collected), ["/.well-known/x", "/a.txt", "/a/c.html", "/b.txt", "/ü [1].js"]);
    assert_eq!(collected.warnings, [""; 0]);
    assert_eq!(
        collected.files.keys().copied().collect::<Vec<_>>(),
        collected.index.digests().into_iter().collect::<Vec<_>>()
    );
    for (digest, path) in &collected.files {
        assert_eq!(Digest::of(&fs::read(path).expect("the file")), *digest);
    }
    assert_eq!(collected.files[&Digest::of(b"same")], folder.path().join("a.txt"));
    let again = collect(folder.path(), Settings::default()).expect("the same folder");
    assert_eq!(again.index.to_json(), collected.index.to_json());
}

#[test]
fn rules_are_read_and_not_published() {
    let folder = folder(&[
        ("index.html", ""),
        ("_headers", "/*\n  X-A: b\n  nonsense\n"),
        ("_redirects", "/a /b\n/c\n"),
        ("sub/_headers", "a file like any other"),
        (".assetsignore", ""),
    ]);
    let collected = collected(&folder);
    assert_eq!(paths(&collected), ["/index.html", "/sub/_headers"]);
    assert_eq!((collected.index.headers.len(), collected.index.redirects.len()), (1, 1));
    let [headers, redirects] = &collected.warnings[..] else { panic!("{:?}", collected.warnings) };
    assert!(headers.contains("_headers:3: expected `name: value`"), "{headers}");
    assert!(redirects.contains("_redirects:2: expected `from to`"), "{redirects}");
}

#[test]
fn what_assetsignore_names_is_left_out() {
    let folder = folder(&[
        (".assetsignore", "# comment\r\n*.map\r\n/private/\n!keep.map\nnode_modules\n[z-a\n"),
        ("a.js", ""),
        ("a.js.map", ""),
        ("keep.map", ""),
        ("private/a", ""),
        ("sub/private/a", ""),
        ("node_modules/x/y.js", ""),
        ("sub/node_modules/z.js", ""),
        ("_worker.js", ""),
    ]);
    let collected = collected(&folder);
    assert_eq!(paths(&collected), ["/_worker.js", "/a.js", "/keep.map", "/sub/private/a"]);
    let [warning] = &collected.warnings[..] else { panic!("{:?}", collected.warnings) };
    assert!(warning.contains(".assetsignore:6: "), "{warning}");
}

#[test]
fn secrets_and_local_state_are_published_only_when_the_author_says_so() {
    let files =
        [(".dev.vars", "A=1"), ("sub/.env.local", ""), (".glowplug/state.db", ""), (".env.example", ""), ("a", "")];
    assert_eq!(paths(&collected(&folder(&files))), ["/a"]);
    let said = [&files[..], &[(".assetsignore", "!.env.example")]].concat();
    assert_eq!(paths(&collected(&folder(&said))), ["/.env.example", "/a"]);
}

#[test]
fn code_of_pages_is_not_published_by_accident() {
    for path in ["_worker.js", "_worker.js/index.js"] {
        let error = refused(&folder(&[(path, "")]));
        assert!(matches!(&error, Error::PagesWorker { path } if path.ends_with("_worker.js")), "{error}");
    }
    let ignored = folder(&[("_worker.js/index.js", ""), (".assetsignore", "_worker.js"), ("a", "")]);
    assert_eq!(paths(&collected(&ignored)), ["/a"]);
    assert_eq!(paths(&collected(&folder(&[("sub/_worker.js", "")]))), ["/sub/_worker.js"]);
}

#[test]
fn folders_that_are_published_by_mistake_are_told() {
    let collected = collected(&folder(&[(".git/config", ""), ("a/node_modules/b.js", "")]));
    assert_eq!(paths(&collected), ["/.git/config", "/a/node_modules/b.js"]);
    assert_eq!(collected.warnings.len(), 2);
    assert!(collected.warnings[0].contains(".git` will be published"), "{:?}", collected.warnings);
}

#[test]
fn links_are_followed_within_the_folder_only() {
    let site = folder(&[("real/a.txt", "a")]);
    symlink("a.txt", site.path().join("real/b.txt")).expect("a link");
    symlink("real", site.path().join("link")).expect("a link");
    let all = ["/link/a.txt", "/link/b.txt", "/real/a.txt", "/real/b.txt"];
    assert_eq!(paths(&collected(&site)), all);

    let secret = folder(&[("secret", "s")]);
    for target in [secret.path().join("secret"), secret.path().to_owned()] {
        let link = site.path().join("out");
        symlink(&target, &link).expect("a link");
        let error = refused(&site);
        assert!(matches!(&error, Error::LinkOutside { link, .. } if link.ends_with("out")), "{error}");
        write(site.path(), ".assetsignore", "out");
        assert_eq!(paths(&collected(&site)), all);
        fs::remove_file(site.path().join(".assetsignore")).expect("it is there");
        fs::remove_file(link).expect("it is there");
    }
    for rules in ["_headers", "_redirects", ".assetsignore"] {
        symlink(secret.path().join("secret"), site.path().join(rules)).expect("a link");
        assert!(matches!(refused(&site), Error::LinkOutside { .. }), "{rules}");
        fs::remove_file(site.path().join(rules)).expect("it is there");
    }
    symlink("..", site.path().join("real/up")).expect("a link");
    assert!(matches!(refused(&site), Error::LinkLoop { link } if link.ends_with("up")));
}

#[test]
fn a_link_to_nothing_is_told() {
    let site = folder(&[]);
    symlink("nowhere", site.path().join("a")).expect("a link");
    assert!(matches!(refused(&site), Error::Unreadable { path, .. } if path.ends_with("a")));
}

#[test]
fn a_file_has_a_largest_size() {
    let site = folder(&[]);
    let grow = |size| {
        let file = fs::File::create(site.path().join("big.bin")).expect("room on the disk");
        file.set_len(size).expect("a sparse file");
    };
    grow(FILE.maximum);
    assert_eq!(paths(&collected(&site)), ["/big.bin"]);
    grow(FILE.maximum + 1);
    let error = refused(&site);
    assert!(matches!(&error, Error::TooLarge { size, .. } if *size == FILE.maximum + 1), "{error}");
    assert!(error.to_string().contains("big.bin"), "{error}");
}

#[test]
fn a_folder_has_a_largest_number_of_files() {
    let site = folder(&[("a", ""), ("b", ""), ("c/d", "")]);
    assert!(collect_within(site.path(), Settings::default(), 3).is_ok());
    let error = collect_within(site.path(), Settings::default(), 2).expect_err("one too many");
    assert!(matches!(&error, Error::TooManyFiles { first_over, .. } if first_over.ends_with("c/d")), "{error}");
}

#[test]
fn names_that_no_url_can_have_are_refused() {
    let error = refused(&folder(&[("a\\b", "")]));
    assert!(matches!(&error, Error::BadName { problem: PathProblem::Backslash, .. }), "{error}");

    use std::os::unix::ffi::OsStrExt as _;
    let site = folder(&[]);
    fs::write(site.path().join(std::ffi::OsStr::from_bytes(b"a\xff")), "").expect("any bytes are a name");
    let error = refused(&site);
    assert!(matches!(&error, Error::BadName { problem: PathProblem::NotUnicode, .. }), "{error}");

    let part = "a".repeat(200);
    let long = [part.as_str(); 11].join("/");
    let error = refused(&folder(&[(&long, "")]));
    assert!(matches!(&error, Error::BadName { problem: PathProblem::TooLong, .. }), "{error}");
}

#[test]
fn what_is_neither_file_nor_folder_is_refused() {
    let site = folder(&[]);
    let _socket = std::os::unix::net::UnixListener::bind(site.path().join("socket")).expect("a socket");
    assert!(matches!(refused(&site), Error::NotAFile { path } if path.ends_with("socket")));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let site = folder(&[("file", "")]);
    for path in ["nowhere", "file"] {
        let error = collect(&site.path().join(path), Settings::default()).expect_err("no folder");
        assert!(matches!(&error, Error::NotAFolder { path: told } if told.ends_with(path)), "{error}");
    }
}

#[test]
fn settings_are_checked_before_files_are_read() {
    let settings = Settings { run_worker_first: WorkerFirst::Paths(vec!["api/*".into()]), ..Settings::default() };
    let error = collect(Path::new("/nowhere"), settings).expect_err("a rule without a slash").to_string();
    assert_eq!(error, "`assets.run_worker_first` cannot be used: `api/*` must begin with `/` or `!/`");
}
