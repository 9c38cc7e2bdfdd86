//! What the host offers beyond WASI: log, failure reports, fuel, WebSockets. The `portable` engine makes do with stderr.

#[cfg(not(feature = "portable"))]
mod glowplug;
#[cfg(feature = "portable")]
mod no_websocket;
#[cfg(feature = "portable")]
mod portable;
#[cfg(not(feature = "portable"))]
mod websocket;

#[cfg(not(feature = "portable"))]
pub use glowplug::*;
#[cfg(feature = "portable")]
pub use no_websocket::*;
#[cfg(feature = "portable")]
pub use portable::*;
#[cfg(not(feature = "portable"))]
pub use websocket::*;
