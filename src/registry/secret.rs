//! Secrets, sealed with a key that is kept outside the storage.

use serde::{Deserialize, Serialize};

/// Names one sealed value: a secret that is set anew gets another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretRef(pub String);
