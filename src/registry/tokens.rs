//! Tokens: who may use the admin API, and for what.
//!
//! A token's text is `gp_<id>_<secret>`. Its secret has 256 random bits, so that its plain SHA-256 can be stored and
//! tells nothing of it.

use super::change::Plan;
use super::new_version::shown;
use super::records::{bucket, decode, encode};
use super::secret::random_hex;
use super::{Done, Error, Registry};
use crate::digest::Digest;
use crate::storage::{self, Change, Expected, Listing};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

const PREFIX: &str = "gp";
/// Hexadecimal digits of an id, and of a secret.
const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 64;
/// Characters of a name.
const LONGEST_NAME: usize = 128;

/// What a token lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Publish, deploy, roll back and delete; change KV.
    Deploy,
    /// See everything but secrets' values, which nobody can.
    Read,
    /// Set and delete secrets.
    Secrets,
    /// Everything, tokens included.
    Admin,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: String,
    /// Given by who made it. It is the author of what is done with the token.
    pub name: String,
    pub scopes: BTreeSet<Scope>,
    pub created: Timestamp,
    /// From then on it is refused.
    pub expires: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The whole token. It is stored nowhere and cannot be had again.
    pub text: String,
    pub token: Token,
}

/// A token as it is stored under its id.
#[derive(Serialize, Deserialize)]
struct StoredToken {
    name: String,
    scopes: BTreeSet<Scope>,
    created: Timestamp,
    expires: Option<Timestamp>,
    /// SHA-256 of its secret.
    digest: Digest,
}

/// Why a request is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthError {
    /// There is no token.
    Missing,
    /// It does not look like one.
    Malformed,
    /// It was never made, was revoked, or its secret is wrong.
    Unknown,
    Expired,
    /// Nobody can be let in just now.
    Storage(storage::Error),
    /// The stored token cannot be read.
    Damaged(String),
}

impl Token {
    /// Whether it may be used for what needs `scope`. Who may deploy may read.
    pub fn allows(&self, scope: Scope) -> bool {
        let implied = scope == Scope::Read && self.scopes.contains(&Scope::Deploy);
        implied || self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }

    fn new(id: &str, stored: StoredToken) -> Self {
        let StoredToken { name, scopes, created, expires, .. } = stored;
        Self { id: id.to_owned(), name, scopes, created, expires }
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

impl Registry {
    /// Makes a token.
    pub async fn create_token(
        &self,
        name: &str,
        scopes: BTreeSet<Scope>,
        expires: Option<Timestamp>,
    ) -> Result<Done<NewToken>, Error> {
        let mut problems = Vec::new();
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            let form = format!("1 to {LONGEST_NAME} characters, no control characters");
            problems.push(format!("a token is named `{}`\nhint: it must have {form}", shown(name)));
        }
        if scopes.is_empty() {
            problems.push(
                "a token without scopes is good for nothing\nhint: name some of `deploy`, `read`, `secrets`".into(),
            );
        }
        let created = self.shared.clock.now();
        if let Some(expires) = expires.filter(|expires| *expires <= created) {
            problems.push(format!("the token would expire at {expires}, which is past"));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let (id, secret) = (random_hex::<{ ID_LENGTH / 2 }>(), random_hex::<{ SECRET_LENGTH / 2 }>());
        let digest = Digest::of(secret.as_bytes());
        let stored = StoredToken { name: name.to_owned(), scopes, created, expires, digest };
        let change = Change::put(bucket::TOKENS, id.as_str(), Expected::Absent, encode(&stored));
        let revision = self.storage().commit(vec![change]).await?;
        let text = format!("{PREFIX}_{id}_{secret}");
        Ok(Done { value: NewToken { text, token: Token::new(&id, stored) }, revision })
    }

    /// Whose token this is. Takes as long for an id that is not known as for a wrong secret.
    pub async fn authenticate(&self, text: &str, now: Timestamp) -> Result<Token, AuthError> {
        if text.is_empty() {
            return Err(AuthError::Missing);
        }
        let (id, secret) = split(text).ok_or(AuthError::Malformed)?;
        let entry = self.storage().get(bucket::TOKENS, id).await.map_err(AuthError::Storage)?;
        let stored: Option<StoredToken> = match &entry {
            Some(entry) => Some(decode(bucket::TOKENS, entry).map_err(|error| AuthError::Damaged(error.to_string()))?),
            None => None,
        };
        let given = Digest::of(secret.as_bytes());
        // No secret has a digest of zeros, as far as anybody can tell.
        let wanted = stored.as_ref().map_or([0; 32], |stored| *stored.digest.bytes());
        let equal = verify_slices_are_equal(given.bytes(), &wanted).is_ok();
        let token = stored.filter(|_| equal).map(|stored| Token::new(id, stored)).ok_or(AuthError::Unknown)?;
        if token.is_expired(now) { Err(AuthError::Expired) } else { Ok(token) }
    }

    /// All tokens, the oldest first.
    pub async fn tokens(&self) -> Result<Vec<Token>, Error> {
        let mut tokens = Vec::new();
        for entry in self.list_all(bucket::TOKENS, "", Listing::Values).await? {
            tokens.push(Token::new(&entry.key, decode(bucket::TOKENS, &entry)?));
        }
        tokens.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        Ok(tokens)
    }

    /// Makes a token worthless, at once. The last one that may manage tokens stays, or nobody could make another.
    pub async fn revoke_token(&self, id: &str) -> Result<Done<Token>, Error> {
        let mut attempts = self.begin(bucket::TOKENS).await;
        loop {
            let now = self.shared.clock.now();
            let tokens = self.tokens().await?;
            let Some((token, entry)) = self.read::<StoredToken>(bucket::TOKENS, id).await? else {
                return Err(Error::NotFound { what: "token", name: shown(id) });
            };
            let token = Token::new(id, token);
            let manages = |token: &Token| token.scopes.contains(&Scope::Admin) && !token.is_expired(now);
            if manages(&token) && !tokens.iter().any(|other| other.id != id && manages(other)) {
                let hint = "make another with the scope `admin` first";
                let what = format!("token `{}` is the last one that may manage tokens", token.name);
                return Err(Error::Conflict(format!("{what}\nhint: {hint}")));
            }
            let change = Change::delete(bucket::TOKENS, id, Expected::Revision(entry.revision));
            if let Some(done) =
                attempts.commit(Plan { value: token, changes: vec![change], read: entry.revision }).await?
            {
                return Ok(done);
            }
        }
    }

    /// Whether what is stored can be read as tokens.
    pub(super) fn check_token(entry: &storage::Entry) -> Result<(), Error> {
        decode::<StoredToken>(bucket::TOKENS, entry).map(drop)
    }
}

/// Id and secret of a token's text.
fn split(text: &str) -> Option<(&str, &str)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.strip_prefix('_')?.split_once('_')?;
    let digits = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (id.len() == ID_LENGTH && secret.len() == SECRET_LENGTH && digits(id) && digits(secret)).then_some((id, secret))
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").field("token", &self.token).finish_non_exhaustive()
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no token\nhint: send `Authorization: Bearer gp_...`"),
            Self::Malformed => f.write_str("the token is malformed\nhint: it is `gp_`, 12 digits, `_` and 64 digits"),
            Self::Unknown => f.write_str("the token is not known\nhint: it may have been revoked"),
            Self::Expired => f.write_str("the token has expired"),
            Self::Storage(error) => error.fmt(f),
            Self::Damaged(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for AuthError {}
