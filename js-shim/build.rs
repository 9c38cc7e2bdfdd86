//! Linker settings of the engine module, and the prelude as an input of the build.

/// Room for the shadow stack, at the lowest addresses: overflowing it leaves memory and traps.
///
/// It holds QuickJS's limit (`MAX_STACK_BYTES` in `src/runtime/engine.rs`) and what Rust uses below a call that
/// QuickJS still allowed.
const STACK_BYTES: usize = 5 << 18;

fn main() {
    println!("cargo:rerun-if-changed=build/prelude.js");
    println!("cargo:rerun-if-changed=../guest-sdk/wit");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo:rustc-link-arg=--stack-first");
        println!("cargo:rustc-link-arg=-zstack-size={STACK_BYTES}");
    }
}
