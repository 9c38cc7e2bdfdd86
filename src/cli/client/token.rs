//! Tokens, which never appear in a message.

use http::HeaderValue;
use std::fmt;
use std::path::PathBuf;

/// A token as it is sent: `gp_ID_SECRET`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Where a token came from, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// `--token` or the environment.
    Given,
    /// The file of credentials.
    Stored(PathBuf),
}

impl Token {
    /// The text, for storing it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its public part, by which the server lists it.
    pub fn id(&self) -> Option<&str> {
        let (id, secret) = self.0.strip_prefix("gp_")?.split_once('_')?;
        let is_id = !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_id && !secret.is_empty()).then_some(id)
    }

    /// The header that shows it to the server; none if a header cannot hold it.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let visible = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic());
        let mut value = visible.then(|| HeaderValue::try_from(format!("Bearer {}", self.0)).ok())??;
        value.set_sensitive(true);
        Some(value)
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self(text.trim().to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("from `--token` or `GLOWPLUG_TOKEN`"),
            Self::Stored(path) => write!(f, "stored in `{}`", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_its_id_and_hides_its_secret() {
        let token = Token::from(" gp_0a1b_secret\n".to_owned());
        assert_eq!((token.id(), token.reveal()), (Some("0a1b"), "gp_0a1b_secret"));
        assert!(!format!("{token:?} {:?}", token.authorization()).contains("secret"));
        for other in ["", "gp_", "gp__x", "gp_x_", "secret", "gp_a b_c"] {
            assert_eq!(Token::from(other.to_owned()).id(), None, "{other}");
        }
        assert_eq!(Token::from("a\nb".to_owned()).authorization(), None);
    }
}
