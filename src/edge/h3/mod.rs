//! HTTP/3: connections of QUIC, and the requests on them.
//!
//! ```text
//! serve     accepts, within the places that all listeners share
//! drive     one connection
//! answer    one request: h3's streams on one side, a request and a response as everybody has them on the other
//! ```

mod answer;
mod body;
mod drive;
mod serve;

pub use self::body::{Http3Body, Http3BodyError};
pub use self::serve::{bind, serve};
