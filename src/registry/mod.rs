//! What is deployed: workers, versions, deployments, routes, secrets, tokens and their history, on top of `storage`.
//!
//! Every operation that changes something is one commit: it happens whole or not at all, and is refused when the worker
//! was changed meanwhile.

pub mod deployment;
pub mod route;
pub mod secret;
pub mod version;
pub mod worker;

pub use self::deployment::{Cause, Deployment, Share};
pub use self::route::RoutePattern;
pub use self::secret::SecretRef;
pub use self::version::{Binding, Content, Version, VersionId};
pub use self::worker::{WorkerName, WorkerRecord};
