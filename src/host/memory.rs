//! The memory limit: on the sum of a sandbox's linear memories, not on each.

use wasmtime::ResourceLimiter;

/// Table elements one sandbox may hold over all its tables, 8 bytes each on the host.
const MAX_TABLE_ELEMENTS: usize = 200_000;

/// Counts what a sandbox holds and refuses what goes past the limit.
pub struct MemoryLimiter {
    limit: usize,
    held: usize,
    table_elements: usize,
    refused: bool,
}

impl MemoryLimiter {
    /// A limit in bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: 0, table_elements: 0, refused: false }
    }

    /// Whether the sandbox asked for more than it may have.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// Bytes of linear memory held; they only grow, so this is the peak too.
    pub fn held(&self) -> u64 {
        self.held as u64
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let held = self.held.saturating_add(desired.saturating_sub(current));
        if held > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.held = held;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let held = self.table_elements.saturating_add(desired.saturating_sub(current));
        if held > MAX_TABLE_ELEMENTS {
            self.refused = true;
            return Ok(false);
        }
        self.table_elements = held;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together() {
        let mut limiter = MemoryLimiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(!limiter.refused());
        assert!(!limiter.memory_growing(40, 41, None).unwrap());
        assert!(limiter.refused());
        assert_eq!(limiter.held(), 100);
    }
}
