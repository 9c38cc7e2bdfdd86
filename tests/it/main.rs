//! Behaviour through the front door: the real binary, real sockets, real workers.

mod artefacts;
mod components;
mod dev;
mod hostile;
mod isolation;
mod layers;
mod limits;
mod origin;
mod streaming;
mod support;
