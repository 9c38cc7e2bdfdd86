//! Behaviour through the front door: the real binary, real sockets, real workers.

mod admin;
mod artefacts;
mod assets;
mod bindings;
mod components;
mod deploy;
mod crash;
mod dev;
mod dev_bindings;
mod hostile;
mod isolation;
mod layers;
mod limits;
mod load;
mod node;
mod origin;
mod scale;
mod storm;
mod streaming;
mod support;
