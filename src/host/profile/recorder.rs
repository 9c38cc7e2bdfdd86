//! Follows JavaScript's calls and returns, and counts each unit of fuel at the place where it was used.

use super::tree::{ROOT, Spent, Tree};
use std::ops::Range;
use std::sync::Arc;

/// The fuel of one invocation as it is used.
#[derive(Debug)]
pub struct Recorder {
    tree: Tree,
    stack: Vec<Active>,
    /// Fuel that was left at the last event.
    left: u64,
    /// What the host has charged since.
    charged: u64,
}

/// A call of the interpreter that has not returned.
#[derive(Debug)]
enum Active {
    /// No opcode has run yet: it may be a function of bytecode, or of the engine's own.
    Entered { spent: Spent },
    /// Runs bytecode.
    Running { node: usize, pc: u32 },
}

impl Recorder {
    /// Starts with `left` fuel. `functions` are the addresses of all bytecode, in order.
    pub fn new(functions: Arc<[Range<u32>]>, left: u64) -> Self {
        Self { tree: Tree::new(functions), stack: Vec::new(), left, charged: 0 }
    }

    /// The host took this much for work of its own.
    pub fn charge(&mut self, fuel: u64) {
        self.charged += fuel;
    }

    /// The interpreter is called.
    pub fn enter(&mut self, left: u64) {
        self.spend(left);
        self.stack.push(Active::Entered { spent: Spent::default() });
    }

    /// The opcode at `pc` comes next.
    pub fn at(&mut self, pc: u32, left: u64) {
        self.spend(left);
        match self.stack.last_mut() {
            Some(Active::Running { pc: current, .. }) => *current = pc,
            Some(Active::Entered { spent }) => {
                let spent = *spent;
                self.stack.pop();
                let (caller, call) = self.place();
                let node = self.tree.callee(caller, call, pc);
                self.tree.add(node, pc, spent);
                self.stack.push(Active::Running { node, pc });
            }
            // The interpreter is entered before it fetches anything.
            None => {}
        }
    }

    /// The interpreter returns.
    pub fn leave(&mut self, left: u64) {
        self.spend(left);
        if let Some(Active::Entered { spent }) = self.stack.pop() {
            self.add(spent);
        }
    }

    /// The run is over with `left` fuel.
    pub fn finish(mut self, left: u64) -> Tree {
        self.spend(left);
        while let Some(active) = self.stack.pop() {
            if let Active::Entered { spent } = active {
                self.add(spent);
            }
        }
        self.tree
    }

    /// Counts what was used since the last event where JavaScript is.
    fn spend(&mut self, left: u64) {
        let used = self.left.saturating_sub(left);
        self.left = left;
        let host = std::mem::take(&mut self.charged).min(used);
        let now = Spent { guest: used - host, host };
        match self.stack.last_mut() {
            Some(Active::Entered { spent }) => spent.add(now),
            Some(Active::Running { node, pc }) => self.tree.add(*node, *pc, now),
            None => self.tree.add(ROOT, 0, now),
        }
    }

    /// Counts at the innermost place in JavaScript.
    fn add(&mut self, spent: Spent) {
        let (node, pc) = self.place();
        self.tree.add(node, pc, spent);
    }

    /// The innermost place in JavaScript. Functions of the engine's own are part of the place that called them.
    fn place(&self) -> (usize, u32) {
        let running = self.stack.iter().rev().find_map(|active| match active {
            Active::Running { node, pc } => Some((*node, *pc)),
            Active::Entered { .. } => None,
        });
        running.unwrap_or((ROOT, 0))
    }
}
