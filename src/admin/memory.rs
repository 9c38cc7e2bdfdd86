//! What bodies that must be held whole may take together.

use super::error::ApiError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of all bodies together.
const ALL: usize = 256 << 20;
/// What one permit of the semaphore stands for.
const GRAIN: usize = 4096;
/// How long a request waits for others to finish.
const PATIENCE: Duration = Duration::from_secs(10);

/// The memory for bodies.
pub(super) struct Memory {
    left: Arc<Semaphore>,
    patience: Duration,
}

/// Memory that is set aside, until it is dropped.
pub(super) struct Reserved {
    permit: OwnedSemaphorePermit,
}

impl Default for Memory {
    fn default() -> Self {
        Self { left: Arc::new(Semaphore::new(ALL / GRAIN)), patience: PATIENCE }
    }
}

impl Memory {
    /// Sets `bytes` aside; more than there are altogether count as all of them.
    pub async fn reserve(&self, bytes: usize) -> Result<Reserved, ApiError> {
        Ok(Reserved { permit: self.permits(bytes.min(ALL).div_ceil(GRAIN)).await? })
    }

    /// Makes sure that `bytes` are set aside in `reserved`.
    pub async fn grow(&self, reserved: &mut Reserved, bytes: usize) -> Result<(), ApiError> {
        let wanted = bytes.min(ALL).div_ceil(GRAIN);
        let missing = wanted.saturating_sub(reserved.permit.num_permits());
        if missing > 0 {
            reserved.permit.merge(self.permits(missing).await?);
        }
        Ok(())
    }

    async fn permits(&self, permits: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        // There are far fewer than `u32` can count.
        let acquiring = self.left.clone().acquire_many_owned(permits as u32);
        match tokio::time::timeout(self.patience, acquiring).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(ApiError::busy("too many uploads are under way\nhint: try again")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_set_aside_is_bounded_and_given_back() {
        let memory = Memory { patience: Duration::from_millis(20), ..Memory::default() };
        let mut first = memory.reserve(ALL / 2).await.unwrap();
        let second = memory.reserve(ALL / 2).await.unwrap();
        assert!(memory.reserve(1).await.is_err());
        assert!(memory.grow(&mut first, ALL).await.is_err());
        drop(second);
        memory.grow(&mut first, ALL).await.unwrap();
        assert!(memory.reserve(1).await.is_err());
        drop(first);
        assert!(memory.reserve(usize::MAX).await.is_ok());
    }
}
