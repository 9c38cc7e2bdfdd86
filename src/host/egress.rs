//! Which addresses a worker's subrequests may reach.
//!
//! ## Why
//! A worker runs inside the operator's network. Unless the operator says otherwise, it must not reach what only that
//! network can: loopback, link-local (cloud metadata), private and otherwise special addresses. The check is made on the
//! addresses a name resolves to, at each connection, so a name that changes its mind is caught too.

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_service::Service;

/// The operator's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EgressPolicy {
    /// Public addresses only: what `serve` does unless configured.
    PublicOnly,
    /// Any address: what `dev` does, where workers talk to services on the author's machine.
    Any,
}

impl EgressPolicy {
    /// Whether a connection to `address` may be made.
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::PublicOnly => match address.to_canonical() {
                IpAddr::V4(v4) => is_public_v4(v4),
                IpAddr::V6(v6) => is_public_v6(v6),
            },
        }
    }
}

fn is_public_v4(a: Ipv4Addr) -> bool {
    let [first, second, third, _] = a.octets();
    !(a.is_private()
        || a.is_loopback()
        || a.is_link_local()
        || a.is_broadcast()
        || a.is_multicast()
        || a.is_documentation()
        || first == 0
        || first >= 240
        // shared address space (RFC 6598), IETF protocol assignments (RFC 6890), benchmarking (RFC 2544)
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (second == 18 || second == 19)))
}

fn is_public_v6(a: Ipv6Addr) -> bool {
    let segments = a.segments();
    // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address that counts.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(v4_of(segments[6], segments[7]));
    }
    if segments[0] == 0x2002 {
        return is_public_v4(v4_of(segments[1], segments[2]));
    }
    // Global unicast is 2000::/3 (RFC 4291); 2001:db8::/32 is documentation.
    (segments[0] & 0xe000) == 0x2000 && !(segments[0] == 0x2001 && segments[1] == 0xdb8)
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

/// Name resolution that keeps only the addresses the policy allows.
#[derive(Clone)]
pub struct GuardedResolver {
    inner: GaiResolver,
    policy: EgressPolicy,
}

impl GuardedResolver {
    pub fn new(policy: EgressPolicy) -> Self {
        Self { inner: GaiResolver::new(), policy }
    }
}

/// Marks an I/O error as the policy's refusal, so that it can be told from a failed look-up.
#[derive(Debug)]
pub struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` resolves to no address that workers may reach", self.0)
    }
}

impl std::error::Error for Refused {}

impl Service<Name> for GuardedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (policy, host) = (self.policy, name.as_str().to_owned());
        let resolving = self.inner.call(name);
        Box::pin(async move {
            let allowed: Vec<_> = resolving.await?.filter(|a| policy.allows(a.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, Refused(host)));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::EgressPolicy;

    #[test]
    fn only_public_addresses_are_reached_unless_allowed() {
        for refused in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            let address = refused.parse().unwrap();
            assert!(!EgressPolicy::PublicOnly.allows(address), "{refused}");
            assert!(EgressPolicy::Any.allows(address), "{refused}");
        }
        for allowed in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(EgressPolicy::PublicOnly.allows(allowed.parse().unwrap()), "{allowed}");
        }
    }
}
