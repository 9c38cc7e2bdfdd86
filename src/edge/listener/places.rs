//! How many connections may be open: in all, and from one client.
//!
//! ## Why
//! Every connection takes a file descriptor and memory before it has asked for anything, so neither a crowd nor a
//! single client may take them all. Clients in the same IPv6 network of 64 bits count as one, since one machine can
//! have all of its addresses. Loopback and private addresses are not counted: what comes from there is usually a
//! proxy with everybody behind it.

use super::counts::{Counts, Refused};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for connections, shared by all listeners that count together.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    /// How many there are.
    most: usize,
    clients: Arc<Clients>,
    counts: Arc<Counts>,
}

struct Clients {
    /// Most connections from one client.
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A place taken; dropping it makes it free.
pub struct Place {
    _all: OwnedSemaphorePermit,
    client: Option<ClientPlace>,
}

struct ClientPlace {
    clients: Arc<Clients>,
    network: IpAddr,
}

impl Places {
    /// At most `all` connections, and `per_client` from one client.
    pub fn new(all: usize, per_client: usize) -> Self {
        let most = all.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(most)),
            most,
            counts: Arc::default(),
            clients: Arc::new(Clients { most: per_client, open: Mutex::default() }),
        }
    }

    /// As many as there are descriptors for.
    pub fn unlimited() -> Self {
        Self::new(usize::MAX, usize::MAX)
    }

    /// Takes a place, if there is one.
    pub fn take(&self) -> Option<Place> {
        let Ok(all) = self.all.clone().try_acquire_owned() else {
            self.counts.refuse(Refused::Full);
            return None;
        };
        Some(Place { _all: all, client: None })
    }

    /// Places that are taken.
    pub fn taken(&self) -> usize {
        self.most - self.all.available_permits()
    }

    /// What became of connections.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts the place for `client` too; false if that has as many as it may.
    pub fn count(&self, place: &mut Place, client: IpAddr) -> bool {
        let Some(network) = network(client) else { return true };
        if self.clients.most == usize::MAX {
            return true;
        }
        let mut open = self.clients.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= self.clients.most {
            self.counts.refuse(Refused::Client);
            return false;
        }
        *count += 1;
        drop(open);
        place.client = Some(ClientPlace { clients: self.clients.clone(), network });
        true
    }
}

impl Drop for ClientPlace {
    fn drop(&mut self) {
        let mut open = self.clients.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
}

/// What counts as one client; none if it is not counted.
fn network(client: IpAddr) -> Option<IpAddr> {
    match client.to_canonical() {
        IpAddr::V4(address) if address.is_loopback() || address.is_private() || address.is_link_local() => None,
        IpAddr::V6(address)
            if address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local() =>
        {
            None
        }
        IpAddr::V6(address) => Some(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))),
        address => Some(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_places_and_gets_them_back() {
        let places = Places::new(5, 2);
        let take = |client: &str| {
            let mut place = places.take().expect("there is a place");
            places.count(&mut place, client.parse().unwrap()).then_some(place)
        };
        let first = take("203.0.113.1");
        assert!(first.is_some());
        let second = take("203.0.113.1");
        assert!(second.is_some() && take("203.0.113.1").is_none());
        assert!(take("203.0.113.2").is_some(), "another client has places of its own");
        drop(first);
        assert!(take("::ffff:203.0.113.1").is_some(), "a closed connection's place is free again");
        let all: Vec<_> = (0..4).map_while(|_| take("10.0.0.1")).collect();
        assert_eq!(all.len(), 4, "private addresses are not counted");
        assert!(places.take().is_none(), "there are five in all");
        assert_eq!(places.taken(), 5);
        assert_eq!(places.counts().refused(), [("full", 1), ("client", 1)]);
        drop(all);
        assert_eq!(places.taken(), 1);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let places = Places::new(5, 1);
        let (mut first, mut second) = (places.take().unwrap(), places.take().unwrap());
        assert!(places.count(&mut first, "2001:db8::1".parse().unwrap()));
        assert!(!places.count(&mut second, "2001:db8::2".parse().unwrap()));
        assert!(places.count(&mut second, "2001:db8:0:1::2".parse().unwrap()));
    }
}
