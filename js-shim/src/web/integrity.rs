//! Subresource integrity: does a body have the digest a request asks for? (SRI section 3.3)

use data_url::forgiving_base64;
use rquickjs::{Ctx, Function, Object, Result, TypedArray};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::convert::{Usv, bytes_of};

/// By strength.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

fn digest(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha256 => Sha256::digest(bytes).to_vec(),
        Algorithm::Sha384 => Sha384::digest(bytes).to_vec(),
        Algorithm::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}

/// One item of metadata: the algorithm and the digest, which is empty when it is no base64.
fn parse(item: &str) -> Option<(Algorithm, Vec<u8>)> {
    let item = item.split('?').next()?;
    let (name, value) = item.split_once('-')?;
    let algorithm = match name.to_ascii_lowercase().as_str() {
        "sha256" => Algorithm::Sha256,
        "sha384" => Algorithm::Sha384,
        "sha512" => Algorithm::Sha512,
        _ => return None,
    };
    let value = value.replace('-', "+").replace('_', "/");
    Some((algorithm, forgiving_base64::decode_to_vec(value.trim_end_matches('=').as_bytes()).unwrap_or_default()))
}

/// Only the strongest algorithm counts; metadata that says nothing forbids nothing.
fn matches(bytes: &[u8], metadata: &str) -> bool {
    let items: Vec<_> = metadata.split_ascii_whitespace().filter_map(parse).collect();
    let Some(strongest) = items.iter().map(|(algorithm, _)| *algorithm).max() else { return true };
    let actual = digest(strongest, bytes);
    items.iter().any(|(algorithm, expected)| *algorithm == strongest && *expected == actual)
}

fn has_integrity(bytes: TypedArray<'_, u8>, metadata: Usv) -> bool {
    matches(bytes_of(&bytes), &metadata.0)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("hasIntegrity", Function::new(ctx.clone(), has_integrity)?)
}

#[cfg(test)]
mod tests {
    use super::matches;

    const SHA256: &str = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    const SHA512: &str =
        "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";

    #[test]
    fn the_strongest_algorithm_decides() {
        assert!(matches(b"abc", SHA256));
        assert!(matches(b"abc", SHA512));
        assert!(!matches(b"abd", SHA256));
        assert!(matches(b"abc", &format!("sha256-AAAA {SHA512}")));
        assert!(!matches(b"abc", &format!("{SHA256} sha512-AAAA")));
        assert!(matches(b"abc", &format!("sha256-AAAA {SHA256}")));
    }

    #[test]
    fn padding_alphabet_and_options_do_not_matter() {
        assert!(matches(b"abc", "SHA256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0?ct=a/b"));
        assert!(matches(b"abc", "md5-x nonsense"));
        assert!(!matches(b"abc", "sha256-*"));
    }
}
