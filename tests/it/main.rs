//! Behaviour through the front door: the real binary, real sockets, real workers.

mod admin;
mod artefacts;
mod assets;
mod bindings;
mod components;
mod crash;
mod deploy;
mod dev;
mod dev_bindings;
mod engines;
mod full_disk;
mod hostile;
mod hostile_uploads;
mod isolation;
mod layers;
mod limits;
mod load;
mod node;
mod origin;
mod scale;
mod serve;
mod storm;
mod streaming;
mod support;
