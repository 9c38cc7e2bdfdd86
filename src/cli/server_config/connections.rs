//! `[connections]`: how many there may be, and how slow.

use crate::edge::listener::{Bounds, Places};
use serde::Deserialize;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// Connections from one client at a time: browsers open six, and offices share an address.
const PER_CLIENT: usize = 1024;
/// How long an idle connection is kept after the signal to stop.
const IDLE_DRAIN: Duration = Duration::from_secs(1);

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Table {
    max: Option<NonZeroUsize>,
    max_per_client: Option<NonZeroUsize>,
    max_streams: Option<NonZeroU32>,
    head_seconds: Option<NonZeroU64>,
    body_seconds: Option<NonZeroU64>,
    unread_seconds: Option<NonZeroU64>,
}

/// The table as it holds.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// Connections that may be open at a time.
    pub max: usize,
    /// How many of them may be one client's.
    pub max_per_client: usize,
    pub bounds: Bounds,
}

impl Connections {
    pub fn new(table: &Table, drain: Duration) -> Self {
        let usual = Bounds::default();
        let seconds = |setting: Option<NonZeroU64>| setting.map(|seconds| Duration::from_secs(seconds.get()));
        Self {
            max: table.max.map_or(usize::MAX, NonZeroUsize::get),
            max_per_client: table.max_per_client.map_or(PER_CLIENT, NonZeroUsize::get),
            bounds: Bounds {
                head: seconds(table.head_seconds).unwrap_or(usual.head),
                body: seconds(table.body_seconds).unwrap_or(usual.body),
                unread: seconds(table.unread_seconds).unwrap_or(usual.unread),
                streams: table.max_streams.map_or(usual.streams, NonZeroU32::get),
                idle_drain: IDLE_DRAIN.min(drain),
                drain,
            },
        }
    }

    /// Places for the connections of all listeners together.
    pub fn places(&self) -> Places {
        Places::new(self.max, self.max_per_client)
    }
}
