//! Paths of assets: as they are kept, and as requests spell them.

use super::bounds;
use super::error::PathProblem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::{Borrow, Cow};

/// The path of a file from the folder's root: `/folder/file.txt`, not percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct AssetPath(String);

impl AssetPath {
    /// Takes `text` if it is absolute and has no part that could mean another place.
    pub(super) fn new(text: String) -> Result<Self, PathProblem> {
        let parts = text.strip_prefix('/').filter(|rest| !rest.is_empty()).ok_or(PathProblem::NotAbsolute)?;
        if text.len() as u64 > bounds::PATH.maximum {
            return Err(PathProblem::TooLong);
        }
        if text.contains('\\') {
            return Err(PathProblem::Backslash);
        }
        if text.contains('\0') {
            return Err(PathProblem::Nul);
        }
        for part in parts.split('/') {
            match part {
                "" => return Err(PathProblem::EmptyPart),
                "." | ".." => return Err(PathProblem::DotPart),
                _ => {}
            }
        }
        Ok(Self(text))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for AssetPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for AssetPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(text.clone()).map_err(|problem| {
            let shown: String = text.chars().take(200).collect();
            serde::de::Error::custom(format_args!("`{}`: the path {problem}", shown.escape_debug()))
        })
    }
}

/// What stays as it is when a part is encoded: the same as in JavaScript's `encodeURIComponent`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The name that the path of a URL stands for: decoded, and with single slashes.
///
/// A part that cannot be decoded stays as it is. Single slashes matter: what begins with two would name a host in a
/// `Location`.
pub(super) fn decode(pathname: &str) -> String {
    let mut path = String::with_capacity(pathname.len());
    for part in pathname.split('/') {
        path.push('/');
        path.push_str(&decode_part(part));
    }
    // `split` gives an empty part ahead of the first slash.
    single_slashes(&path).into_owned()
}

/// The one spelling under which the asset of this name is served.
pub(super) fn encode(path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(|part| utf8_percent_encode(part, ENCODED).to_string()).collect();
    parts.join("/")
}

/// `path` with every run of slashes made one.
pub(super) fn single_slashes(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return path.into();
    }
    let mut single = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !single.ends_with('/') {
            single.push(character);
        }
    }
    single.into()
}

fn decode_part(part: &str) -> Cow<'_, str> {
    let escapes_are_whole = part.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    });
    if !escapes_are_whole {
        return part.into();
    }
    percent_decode_str(part).decode_utf8().unwrap_or(part.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_behind_a_spelling_is_found() {
        let cases = [
            ("/a/b.html", "/a/b.html"),
            ("/%5Bx%5D", "/[x]"),
            ("/b%C3%B2op", "/bòop"),
            ("/%255B", "/%5B"),
            ("//a///b/", "/a/b/"),
            ("/a%2F%2Fb", "/a/b"),
            ("/100%", "/100%"),
            ("/%zz%41", "/%zz%41"),
            ("/%ff/%41", "/%ff/A"),
            ("/", "/"),
        ];
        for (spelling, name) in cases {
            assert_eq!(decode(spelling), name, "{spelling}");
        }
        assert_eq!(encode("/a b/[ü]\\'()*!~.-_@+"), "/a%20b/%5B%C3%BC%5D%5C'()*!~.-_%40%2B");
    }

    #[test]
    fn only_plain_absolute_paths_are_taken() {
        let longest = format!("/{}", "a".repeat(bounds::PATH.maximum as usize - 1));
        for good in ["/a", "/a/b.c", "/.well-known/x", "/...", "/ü/%41", "/a b", &longest] {
            assert!(AssetPath::new(good.to_owned()).is_ok(), "{good}");
        }
        let cases = [
            ("", PathProblem::NotAbsolute),
            ("/", PathProblem::NotAbsolute),
            ("a/b", PathProblem::NotAbsolute),
            ("//a", PathProblem::EmptyPart),
            ("/a//b", PathProblem::EmptyPart),
            ("/a/", PathProblem::EmptyPart),
            ("/../etc/passwd", PathProblem::DotPart),
            ("/a/./b", PathProblem::DotPart),
            ("/a/..", PathProblem::DotPart),
            ("/a\\..\\b", PathProblem::Backslash),
            ("/a\0", PathProblem::Nul),
            (&format!("{longest}a"), PathProblem::TooLong),
        ];
        for (bad, problem) in cases {
            assert_eq!(AssetPath::new(bad.to_owned()), Err(problem), "{bad}");
        }
    }
}
