//! Lines on the worker's log.

/// Write a line to the worker's log, with the syntax of [`format!`].
///
/// The line goes to `wasi:cli/stderr`, which every `wasi:http` host gives: glowplug shows it with the
/// request's id, `wasmtime serve` prints it.
///
/// ```
/// glowplug_sdk::log!("cache miss for {}", "/index.html");
/// ```
#[macro_export]
macro_rules! log {
    ($($argument:tt)*) => {
        $crate::__private::write_log(::std::format_args!($($argument)*))
    };
}

/// What [`log!`] expands to.
pub fn write_log(message: std::fmt::Arguments<'_>) {
    let mut line = message.to_string();
    line.push('\n');
    write(line.as_bytes());
}

#[cfg(target_family = "wasm")]
fn write(line: &[u8]) {
    let stderr = wasip2::cli::stderr::get_stderr();
    // One call takes at most 4096 bytes.
    for chunk in line.chunks(4096) {
        if stderr.blocking_write_and_flush(chunk).is_err() {
            return; // the log is closed; a worker cannot do anything about it
        }
    }
}

#[cfg(not(target_family = "wasm"))]
fn write(line: &[u8]) {
    use std::io::Write;
    // As in a worker: a closed log is no reason to fail.
    let _ = std::io::stderr().write_all(line);
}

/// Make a panic say where it happened before it traps.
///
/// On `wasm32-unknown-unknown` the standard library's own message goes nowhere.
pub(crate) fn install_panic_hook() {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    std::panic::set_hook(Box::new(|info| write_log(format_args!("{info}"))));
}
