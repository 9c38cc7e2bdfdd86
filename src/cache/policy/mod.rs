//! What HTTP says of caching (RFC 9111), without storage, sockets or time of its own.

pub mod control;
pub mod freshness;
pub mod part;
pub mod plan;
pub mod storing;
pub mod validate;
pub mod vary;
