//! Who a client is: its address behind proxies that are trusted, where it is, and what workers are told of it.
//!
//! ## Why
//! What a request says of where it comes from is worth no more than whoever said it. So such headers are believed of
//! proxies that are listed and of nobody else; from all others they are removed before a worker can see them.

mod forwarded;
mod geo;
mod headers;

pub use self::forwarded::{Believed, Proxies};
pub use self::geo::{Geo, Place};
pub use self::headers::{Client, Families};
