//! How things are measured.

pub mod http;
pub mod page_cache;
pub mod process;
pub mod statistics;
pub mod wrk;
