//! Routes: host and path patterns, and the table that finds a worker by them.
//!
//! ## Patterns
//! The syntax is Cloudflare's: `[http://|https://]HOST[:PORT][/PATH]`.
//! - `*` may stand at the start of the host: `*.example.com` is every host below `example.com`, and `*example.com` is
//!   every host that ends so, `example.com` and `myexample.com` among them. `*` alone is every host.
//! - `*` may stand at the end of the path: `/api/*` is everything below `/api/`, `/api*` is everything that begins so.
//! - Without a scheme both match. Without a path the pattern means `/` and nothing else, as it does at Cloudflare:
//!   `example.com` is the front page, `example.com/*` the whole site. (A `custom_domain` in a wrangler file means the
//!   whole host; who reads it must ask for `HOST/*`.)
//! - A pattern has no query, yet is held against path and query: `example.com/a` does not match `/a?x=1`, while
//!   `example.com/a*` does.
//! - Hosts are compared without regard to case and in their ASCII form, paths exactly.
//! - A port is glowplug's own addition. A pattern without one matches on every port.
//!
//! ## Which pattern wins
//! The most specific of those that match, by the first of these rules that tells two apart:
//! 1. an exact host before one with `*`;
//! 2. the longer host before the shorter, `*` not counted;
//! 3. a port before none;
//! 4. the longer path before the shorter, `*` not counted;
//! 5. an exact path before one with `*`;
//! 6. a scheme before none.
//!
//! No two different patterns that match one URL are equal by all six. Cloudflare's known fault, by which
//! `example.com/images*` may win over `example.com/images/*`, is not copied.
//!
//! `NAME.<base-domain>` counts as the pattern `NAME.<base-domain>/*` and comes after real patterns with that host;
//! `VERSION-NAME.<base-domain>` comes after it, and so a worker whose own name looks like a preview's wins over the
//! preview.
//!
//! ## Who has a pattern
//! A worker, or nobody but its origin: such a route is a reverse proxy. Either way one pattern has one owner.

mod claim;
mod pattern;
mod prefixes;
mod table;

pub(super) use self::claim::Claim;
pub use self::claim::Route;
pub use self::pattern::{HostPattern, Parts, PathPattern, RoutePattern, Scheme};
pub use self::table::{Found, How, RouteTable};
