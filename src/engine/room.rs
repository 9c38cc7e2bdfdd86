//! How many sandboxes there may be at the same time.
//!
//! Each has its place in wasmtime's pool, which reserves address space and not memory: 4 GiB and a guard. A Linux process
//! has 128 TiB of addresses, and by default 65,530 mappings, of which a place takes two and a sandbox in it five.

use std::sync::Arc;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// How much of it an executor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// As much as a process can have.
    Server,
    /// What one person needs, several times in a process.
    Tool,
}

impl Room {
    /// Sandboxes in all.
    pub fn all(self) -> u32 {
        match self {
            Self::Server => 10_500,
            Self::Tool => 1_200,
        }
    }

    /// The most of one kind: those with a WebSocket may stay for hours, and must not keep the others out.
    pub fn of_a_kind(self) -> u32 {
        match self {
            Self::Server => 10_000,
            Self::Tool => 1_000,
        }
    }

    /// How many of those that are free keep the image of the worker that ran there last, and the pages that its requests write
    /// to: 80 KB with a hello. A worker finds its own again then, and its request takes no page faults. A server keeps
    /// 1,000 workers loaded unless told otherwise, and each is called on several cores.
    pub fn warm(self) -> u32 {
        match self {
            Self::Server => 2_000,
            Self::Tool => 100,
        }
    }
}

/// Hands the places out.
pub struct Places {
    room: Room,
    all: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    sockets: Arc<Semaphore>,
}

/// What a sandbox is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Request,
    /// A request that asks for a WebSocket.
    Socket,
}

/// A place, until it is dropped.
pub struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_a_kind: OwnedSemaphorePermit,
}

impl Places {
    pub fn new(room: Room) -> Self {
        let places = |count: u32| Arc::new(Semaphore::new(count as usize));
        Self { room, all: places(room.all()), requests: places(room.of_a_kind()), sockets: places(room.of_a_kind()) }
    }

    /// Waits for a place. Places are never closed, so there is no error.
    pub async fn enter(&self, kind: Kind) -> Result<Place, AcquireError> {
        let of_a_kind = match kind {
            Kind::Request => &self.requests,
            Kind::Socket => &self.sockets,
        };
        let of_a_kind = of_a_kind.clone().acquire_owned().await?;
        Ok(Place { _of_all: self.all.clone().acquire_owned().await?, _of_a_kind: of_a_kind })
    }

    /// Places in use, and how many there are.
    pub fn used(&self) -> (usize, usize) {
        let all = self.room.all() as usize;
        (all - self.all.available_permits().min(all), all)
    }

    /// Keeps everybody out while the value lives; none if a place is in use.
    pub fn try_close(&self) -> Option<OwnedSemaphorePermit> {
        self.all.clone().try_acquire_many_owned(self.room.all()).ok()
    }

    /// Waits until none is in use.
    pub async fn empty(&self) {
        let _ = self.all.acquire_many(self.room.all()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sockets_leave_room_for_requests() {
        let places = Places::new(Room::Tool);
        let mut held = Vec::new();
        for _ in 0..Room::Tool.of_a_kind() {
            held.push(places.enter(Kind::Socket).await.unwrap());
        }
        let waits = async |kind| tokio::time::timeout(std::time::Duration::from_millis(20), places.enter(kind)).await;
        assert!(waits(Kind::Socket).await.is_err());
        for _ in 0..Room::Tool.all() - Room::Tool.of_a_kind() {
            held.push(places.enter(Kind::Request).await.unwrap());
        }
        assert_eq!(places.used(), (1_200, 1_200));
        assert!(waits(Kind::Request).await.is_err());
        held.pop();
        held.push(waits(Kind::Request).await.unwrap().unwrap());
        held.clear();
        places.empty().await;
    }
}
