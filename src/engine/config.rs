//! wasmtime's configuration: metering, determinism, pooled memory.

use super::Wasi;
use super::room::Room;
use crate::limits::{self, FUEL_PER_CPU_MS};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig};

/// Fuel after which a running sandbox lets others run: a thirtieth of a millisecond. It is not heeded the first few times
/// (`invoke::pace`).
pub const YIELD_INTERVAL: u64 = FUEL_PER_CPU_MS / 30;

/// Native stack that WebAssembly may use. QuickJS's own check must come first, so that deep recursion is an exception.
const WASM_STACK: usize = 8 << 20;
/// Room for host functions on the same stack, above what WebAssembly may use.
const HOST_STACK: usize = 1 << 20;
/// Bytes of a slot that stay resident after a request: more than a usual request dirties, so that the reset copies
/// pages back and the next request takes no page faults.
const KEEP_RESIDENT: usize = 4 << 20;

/// Whether work is counted. Off only to measure what counting costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metering {
    Fuel,
    Off,
}

/// The configuration of every engine: compiled code depends on it.
pub fn wasmtime_config(metering: Metering, wasi: Wasi, room: Room) -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(metering == Metering::Fuel)
        .operator_cost(OperatorCost::new())
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_component_model(true)
        // Only WASI 0.3 has calls that go on side by side within a guest. What wasmtime keeps for them costs each invocation time.
        .concurrency_support(wasi == Wasi::Experimental)
        .wasm_component_model_async(wasi == Wasi::Experimental)
        .memory_init_cow(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(WASM_STACK + HOST_STACK)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(room)));
    config
}

fn pool(room: Room) -> PoolingAllocationConfig {
    let places = room.all();
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(places)
        // A count and no memory; components that carry an interpreter are made of 4 to 14 core modules.
        .total_core_instances(places * 16)
        .total_memories(places)
        .total_tables(places * 2)
        // The JavaScript engine's own, and the one that it calls its host through.
        .max_tables_per_module(2)
        .total_stacks(places)
        .max_unused_warm_slots(room.warm())
        .max_memory_size((limits::MEMORY.maximum as usize) << 20)
        .table_elements(20_000)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10)
        // Tells which pages a request dirtied (Linux 6.7 and newer); elsewhere the whole resident part is reset.
        .pagemap_scan(Enabled::Auto);
    pool
}
