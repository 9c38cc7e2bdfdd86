//! Many distinct workers on one server.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::bench::peer::glowplug::{Node, empty_data};
use crate::bench::tools::Tools;

/// A folder with many workers deployed, and the token for it.
pub struct Deployed {
    pub data: PathBuf,
    pub token: String,
}

/// The source of worker `number`: each has code and text of its own.
pub fn source(number: usize) -> String {
    format!(
        "const name = \"worker {number}\";\nexport default {{\n  async fetch() {{\n    return new Response(name);\n  }},\n}};\n"
    )
}

/// What worker `number` answers.
pub fn answer(number: usize) -> String {
    format!("worker {number}")
}

/// Deploys `count` workers named `worker-0` and so on, two at a time, and stops the server.
pub fn deploy(tools: &Tools, count: usize) -> Result<Deployed> {
    let data = empty_data(tools, &format!("many-{count}"))?;
    let node = Node::start(tools, 0, &data, None, &[])?;
    let sources = tools.scratch.join("many");
    fs::create_dir_all(&sources)?;
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            if number.is_multiple_of(100) {
                eprintln!("    {number} of {count} workers deployed");
            }
            let file = sources.join(format!("worker-{number}.js"));
            fs::write(&file, source(number))?;
            node.deploy(&format!("worker-{number}"), &file, &[])?;
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                if let Err(error) = work() {
                    next.store(count, Ordering::Relaxed);
                    *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    match failed {
        Some(error) => Err(error).context("failed to deploy many workers"),
        None => Ok(Deployed { data, token: node.token.clone() }),
    }
}

impl Deployed {
    /// Starts the server on them.
    pub fn start(&self, tools: &Tools, number: usize, flags: &[&str]) -> Result<Node> {
        Node::start(tools, number, &self.data, Some(&self.token), flags)
    }
}

/// The numbers below `count` in an order that is the same each time and looks random.
pub fn shuffled(count: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for at in (1..count).rev() {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        numbers.swap(at, (state % (at as u64 + 1)) as usize);
    }
    numbers
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_shuffle_has_every_number_once() {
        let mut numbers = super::shuffled(100);
        assert_ne!(numbers[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..100));
    }
}
