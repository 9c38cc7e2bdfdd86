//! A server process, and one request to it.

use std::process::Child;
use std::time::Duration;

use anyhow::{Context, Result};

/// Ends the process when dropped.
pub struct Server(pub Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a `GET` of `url` gives, whatever its status, within `patience`.
pub fn get(url: &str, patience: Duration) -> Result<String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(patience)).http_status_as_error(false).build().into();
    let mut response = agent.get(url).header("accept", "application/json").call().context("no response")?;
    response.body_mut().with_config().limit(1 << 30).read_to_string().context("the response breaks off")
}
