//! What runs a worker: glowplug, or a runtime to compare it with.

mod glowplug;
mod script;
mod workerd;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Result;

use self::glowplug::Glowplug;
use self::script::Script;
use self::workerd::Workerd;

/// The runtimes there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// This project's.
    #[default]
    Glowplug,
    /// Cloudflare's, from npm.
    Workerd,
    /// From npm.
    Deno,
    /// From npm.
    Node,
}

impl Kind {
    /// All of them, as tables have them.
    pub const ALL: [Self; 4] = [Self::Glowplug, Self::Workerd, Self::Deno, Self::Node];

    /// As it is named on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Glowplug => "glowplug",
            Self::Workerd => "workerd",
            Self::Deno => "deno",
            Self::Node => "node",
        }
    }

    /// As it writes itself.
    pub fn title(self) -> &'static str {
        match self {
            Self::Glowplug => "glowplug",
            Self::Workerd => "workerd",
            Self::Deno => "Deno",
            Self::Node => "Node.js",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "workerd" => Ok(Self::Workerd),
            "deno" => Ok(Self::Deno),
            "node" => Ok(Self::Node),
            _ => Err(format!("there is no peer `{name}`: it is workerd, deno or node")),
        }
    }
}

/// A runtime that is ready to run workers.
pub enum Runtime {
    /// Serves each worker with `glowplug dev`.
    Glowplug(Glowplug),
    /// Serves each worker with `workerd serve`.
    Workerd(Workerd),
    /// Runs each worker in a process of its own.
    Script(Script),
}

impl Runtime {
    /// Builds or installs what is needed.
    pub fn prepare(root: &Path, kind: Kind) -> Result<Self> {
        Ok(match kind {
            Kind::Glowplug => Self::Glowplug(Glowplug::prepare(root)?),
            Kind::Workerd => Self::Workerd(Workerd::prepare(root)?),
            Kind::Deno => Self::Script(Script::deno(root)?),
            Kind::Node => Self::Script(Script::node(root)?),
        })
    }

    /// What the worker in this file answers to `GET /`, if it does so in time.
    pub fn answer(&self, worker: &Path, patience: Duration) -> Result<String> {
        match self {
            Self::Glowplug(runtime) => runtime.answer(worker, patience),
            Self::Workerd(runtime) => runtime.answer(worker, patience),
            Self::Script(runtime) => runtime.answer(worker, patience),
        }
    }
}
