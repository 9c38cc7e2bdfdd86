//! Counters by place in the bytecode, and by the calls that led there.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Counters that one tree may hold, of eight bytes each, and calls within each other that it tells apart. What lies
/// beyond is counted for the function that it is, but on a shorter stack.
const MOST_COUNTERS: usize = 16 << 20;
const DEEPEST: u32 = 256;

/// What runs outside of all JavaScript.
pub(super) const ROOT: usize = 0;
/// Stands for the address of a call that is not told.
const UNTOLD: u32 = u32::MAX;

/// Fuel by call path.
///
/// A function that calls itself is on a path once: without that, two recursive calls in one function would make more
/// paths than fit into memory.
#[derive(Debug)]
pub struct Tree {
    /// Addresses of all functions' bytecode, in order.
    functions: Arc<[Range<u32>]>,
    nodes: Vec<Node>,
    counters: usize,
    /// What the host charged, by node and address.
    host: BTreeMap<(usize, u32), u64>,
}

/// A function as called along one path.
#[derive(Debug)]
struct Node {
    /// The caller's node, and the address of its call.
    caller: (usize, u32),
    depth: u32,
    /// Place in [`Tree::functions`]; none for the root, and for bytecode that is no known function's.
    function: Option<usize>,
    /// By address, from the function's first. One counter where there is no function.
    fuel: Vec<u64>,
    callees: HashMap<(u32, Option<usize>), usize>,
}

/// How a place was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the calls that the stack has.
    Told,
    /// By more or other calls than could be kept.
    Untold,
}

/// Fuel used between two events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// By the guest's own instructions.
    pub guest: u64,
    /// Charged by the host.
    pub host: u64,
}

impl Spent {
    pub(super) fn add(&mut self, more: Self) {
        self.guest += more.guest;
        self.host += more.host;
    }
}

impl Tree {
    /// A tree without fuel. `functions` are the addresses of all bytecode, in order.
    pub fn new(functions: Arc<[Range<u32>]>) -> Self {
        let root = Node { caller: (ROOT, UNTOLD), depth: 0, function: None, fuel: vec![0], callees: HashMap::new() };
        Self { functions, nodes: vec![root], counters: 1, host: BTreeMap::new() }
    }

    /// Counts for the opcode at `pc`, which is in the function of `at`.
    pub(super) fn add(&mut self, at: usize, pc: u32, spent: Spent) {
        if spent.host > 0 {
            *self.host.entry((at, pc)).or_default() += spent.host;
        }
        let node = &mut self.nodes[at];
        let first = node.function.map_or(pc, |function| self.functions[function].start);
        node.fuel[(pc - first) as usize] += spent.guest;
    }

    /// The node of the function at `pc` when it is called from the opcode `call` of `caller`.
    pub(super) fn callee(&mut self, caller: usize, call: u32, pc: u32) -> usize {
        let function = self.function(pc);
        let node = &self.nodes[caller];
        if caller != ROOT && node.function == function {
            return caller;
        }
        if let Some(callee) = node.callees.get(&(call, function)) {
            return *callee;
        }
        if node.depth < DEEPEST && self.counters + self.size(function) <= MOST_COUNTERS {
            return self.grow(caller, call, function);
        }
        self.untold(caller, function)
    }

    /// A node for `function` that is there already: nearest to `caller`, or beside all paths.
    fn untold(&mut self, caller: usize, function: Option<usize>) -> usize {
        let mut at = caller;
        while at != ROOT {
            if self.nodes[at].function == function {
                return at;
            }
            at = self.nodes[at].caller.0;
        }
        match self.nodes[ROOT].callees.get(&(UNTOLD, function)) {
            Some(node) => *node,
            None => self.grow(ROOT, UNTOLD, function),
        }
    }

    fn grow(&mut self, caller: usize, call: u32, function: Option<usize>) -> usize {
        let size = self.size(function);
        self.counters += size;
        let callee = self.nodes.len();
        let depth = self.nodes[caller].depth + 1;
        self.nodes[caller].callees.insert((call, function), callee);
        self.nodes.push(Node { caller: (caller, call), depth, function, fuel: vec![0; size], callees: HashMap::new() });
        callee
    }

    /// The function whose bytecode is at `pc`.
    fn function(&self, pc: u32) -> Option<usize> {
        let index = self.functions.partition_point(|function| function.end <= pc);
        self.functions.get(index).filter(|function| function.contains(&pc)).map(|_| index)
    }

    fn size(&self, function: Option<usize>) -> usize {
        function.map_or(1, |function| self.functions[function].len())
    }

    /// Gives each place with fuel: the addresses of the calls that led there and its own at the end. That of what
    /// runs outside of JavaScript is empty; an address is none where it is no known function's.
    pub fn for_each(&self, mut visit: impl FnMut(Way, &[Option<u32>], Spent)) {
        for (index, node) in self.nodes.iter().enumerate() {
            let first = node.function.map(|function| self.functions[function].start);
            let mut spent: BTreeMap<Option<u32>, Spent> = BTreeMap::new();
            for (offset, fuel) in (0..).zip(&node.fuel).filter(|(_, fuel)| **fuel > 0) {
                spent.entry(first.map(|first| first + offset)).or_default().guest += fuel;
            }
            for ((_, pc), fuel) in self.host.range((index, 0)..=(index, u32::MAX)) {
                spent.entry(first.map(|_| *pc)).or_default().host += fuel;
            }
            if spent.is_empty() {
                continue;
            }
            let (way, mut path) = self.path(index);
            for (pc, spent) in spent {
                if let Some(last) = path.last_mut() {
                    *last = pc;
                }
                visit(way, &path, spent);
            }
        }
    }

    /// The calls that lead to a node, and room for an address in it.
    fn path(&self, node: usize) -> (Way, Vec<Option<u32>>) {
        let (mut way, mut path, mut at) = (Way::Told, Vec::new(), node);
        if node != ROOT {
            path.push(None);
        }
        while at != ROOT {
            let (caller, call) = self.nodes[at].caller;
            if caller != ROOT {
                path.push(self.nodes[caller].function.map(|_| call));
            } else if call == UNTOLD {
                way = Way::Untold;
            }
            at = caller;
        }
        path.reverse();
        (way, path)
    }
}
