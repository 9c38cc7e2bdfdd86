//! Behaviour through the front door: the real binary, real sockets, real workers.

mod dev;
mod hostile;
mod isolation;
mod layers;
mod support;
