//! Watches a store's fuel as control goes from function to function.

use super::symbols::{Spot, Symbols};
use crate::meter::profile::{Frame, Profile};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::{AsContext, CallHook, FrameInfo, Store, UpdateDeadline, WasmBacktrace};

/// Looks at the stack, one for each call and one for each return, before a run is found too long. A look takes some
/// microseconds, so this is a matter of minutes.
const MOST_LOOKS: u64 = 20_000_000;
/// Different stacks that are kept.
const MOST_STACKS: usize = 500_000;
/// Frames kept of a stack, the innermost ones.
pub(super) const DEEPEST: usize = 512;

/// The profile of one store in the making.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Mutex<State>>);

impl Recorder {
    /// Watches `store`, which has its fuel and has run nothing yet.
    pub fn install<T: 'static>(store: &mut Store<T>, symbols: Arc<Symbols>) -> Self {
        let recorder = Self(Arc::new(Mutex::new(State::new(symbols, store.get_fuel().unwrap_or_default()))));
        let watching = recorder.clone();
        store.epoch_deadline_callback(move |store| Ok(UpdateDeadline::Continue(watching.check(&store))));
        // Reached from the beginning, and for ever after: the callback comes at every check.
        store.set_epoch_deadline(0);
        recorder
    }

    /// Told by the store's call hook of each way in and out of the sandbox, with the fuel that is left. What the host charges
    /// must lie between [`CallHook::CallingHost`] and [`CallHook::ReturningFromHost`].
    pub fn hook(&self, hook: CallHook, fuel_left: u64) {
        let mut state = self.state();
        match hook {
            CallHook::CallingHost => state.charge_top(fuel_left),
            CallHook::ReturningFromHost => state.host += state.used(fuel_left),
            CallHook::ReturningFromWasm => {
                state.charge_top(fuel_left);
                state.leave();
            }
            CallHook::CallingWasm => {
                let used = state.used(fuel_left);
                state.charge_host(used, ROOT);
                state.leave();
            }
        }
    }

    /// The profile, when the run is over with this much fuel left.
    pub fn finish(&self, fuel_left: u64) -> Profile {
        let mut state = self.state();
        state.charge_top(fuel_left);
        let host = std::mem::take(&mut state.host);
        let top = state.top;
        state.charge_host(host, top);
        state.profile()
    }

    /// A check in the code: at a function's entry, after a call, or at a loop's head. Gives how many epochs from now
    /// the next is due.
    fn check(&self, store: impl AsContext) -> u64 {
        let mut state = self.state();
        let fuel_left = store.as_context().get_fuel().unwrap_or_default();
        state.charge_top(fuel_left);
        if !state.moved {
            return 0;
        }
        if state.looks_left == 0 {
            state.give_up();
            return u64::MAX / 2;
        }
        let backtrace = WasmBacktrace::force_capture(store);
        state.look(&backtrace);
        0
    }

    /// Looks so often and no more.
    #[cfg(test)]
    pub(super) fn give_up_after(&self, looks: u64) {
        self.state().looks_left = looks;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spot(frame: &FrameInfo) -> Spot {
    Spot {
        module: frame.module().name().and_then(|name| name.parse().ok()),
        function: frame.func_index(),
        call: frame.func_offset().and_then(|offset| u32::try_from(offset).ok()),
    }
}

/// The stack with nothing on it.
const ROOT: usize = 0;

/// What a node of the tree of stacks stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Root,
    At(Spot),
    Host,
    /// Frames left out of a stack that is too deep.
    Deeper,
    /// What was not looked at any more.
    Unrecorded,
}

#[derive(Debug)]
struct Node {
    parent: usize,
    key: Key,
    fuel: u64,
}

#[derive(Debug)]
struct State {
    symbols: Arc<Symbols>,
    /// All stacks there were, each a node that knows its caller's.
    nodes: Vec<Node>,
    children: HashMap<(usize, Key), usize>,
    /// The nodes of the stack at the last look, outermost first. The next one mostly has the same but for its end.
    path: Vec<(Key, usize)>,
    /// The stack that has been running since the last look.
    top: usize,
    /// Fuel left when it was last read.
    left: u64,
    /// Whether fuel was used since the last look, so that control may be elsewhere. Each change of functions costs some.
    moved: bool,
    /// What the host charged in the call that has just returned; its caller is seen at the next check.
    host: u64,
    looks_left: u64,
    given_up: bool,
}

impl State {
    fn new(symbols: Arc<Symbols>, left: u64) -> Self {
        Self {
            symbols,
            nodes: vec![Node { parent: ROOT, key: Key::Root, fuel: 0 }],
            children: HashMap::new(),
            path: Vec::new(),
            top: ROOT,
            left,
            moved: true,
            host: 0,
            looks_left: MOST_LOOKS,
            given_up: false,
        }
    }

    /// Fuel used since it was last asked.
    fn used(&mut self, fuel_left: u64) -> u64 {
        let before = std::mem::replace(&mut self.left, fuel_left);
        before.saturating_sub(fuel_left)
    }

    fn charge_top(&mut self, fuel_left: u64) {
        let used = self.used(fuel_left);
        self.nodes[self.top].fuel += used;
        self.moved |= used > 0;
    }

    fn charge_host(&mut self, fuel: u64, under: usize) {
        if fuel > 0 {
            let host = if self.given_up { self.top } else { self.child(under, Key::Host) };
            self.nodes[host].fuel += fuel;
        }
    }

    /// Control is outside of the sandbox.
    fn leave(&mut self) {
        self.moved = true;
        if !self.given_up {
            self.top = ROOT;
        }
    }

    fn look(&mut self, backtrace: &WasmBacktrace) {
        self.looks_left -= 1;
        self.moved = false;
        let frames = backtrace.frames();
        let mut depth = 0;
        if frames.len() >= DEEPEST {
            self.step(depth, Key::Deeper);
            depth += 1;
        }
        for frame in frames.iter().skip(1).rev() {
            self.step(depth, Key::At(spot(frame)));
            depth += 1;
        }
        let caller = self.path[..depth].last().map_or(ROOT, |(_, node)| *node);
        let innermost = frames.first().map(spot);
        if let Some(spot) = innermost {
            self.step(depth, Key::At(Spot { call: None, ..spot }));
            depth += 1;
        }
        self.path.truncate(depth);
        self.top = self.path.last().map_or(ROOT, |(_, node)| *node);
        let host = std::mem::take(&mut self.host);
        // The check that sees it comes right after the call to the host.
        let called_from = match innermost {
            Some(spot) if host > 0 => self.child(caller, Key::At(spot)),
            _ => ROOT,
        };
        self.charge_host(host, called_from);
    }

    /// Goes from the path's frame at `depth - 1` to the one that it called.
    fn step(&mut self, depth: usize, key: Key) {
        if self.path.get(depth).is_some_and(|(known, _)| *known == key) {
            return;
        }
        self.path.truncate(depth);
        let caller = self.path.last().map_or(ROOT, |(_, node)| *node);
        let node = self.child(caller, key);
        self.path.push((key, node));
    }

    /// The node of one more frame on a stack. When there are too many, the stack counts as what it is called from.
    fn child(&mut self, parent: usize, key: Key) -> usize {
        if let Some(node) = self.children.get(&(parent, key)) {
            return *node;
        }
        if self.nodes.len() >= MOST_STACKS {
            return parent;
        }
        let node = self.nodes.len();
        self.nodes.push(Node { parent, key, fuel: 0 });
        self.children.insert((parent, key), node);
        node
    }

    fn give_up(&mut self) {
        self.given_up = true;
        self.top = self.nodes.len();
        self.nodes.push(Node { parent: ROOT, key: Key::Unrecorded, fuel: std::mem::take(&mut self.host) });
    }

    fn profile(&self) -> Profile {
        let mut profile = Profile::default();
        let mut frames: HashMap<(Spot, Option<Spot>), Frame> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.fuel > 0) {
            let keys = self.stack(index);
            let stack: Vec<Frame> = (0..keys.len()).map(|depth| self.frame(&keys[..=depth], &mut frames)).collect();
            profile.add(&stack, node.fuel);
        }
        profile
    }

    /// The frames of a node, outermost first.
    fn stack(&self, mut node: usize) -> Vec<Key> {
        let mut keys = Vec::new();
        while node != ROOT {
            keys.push(self.nodes[node].key);
            node = self.nodes[node].parent;
        }
        if keys.is_empty() {
            keys.push(Key::Root);
        }
        keys.reverse();
        keys
    }

    /// The frame of the last of `keys`.
    fn frame(&self, keys: &[Key], known: &mut HashMap<(Spot, Option<Spot>), Frame>) -> Frame {
        let places = |keys: &[Key]| -> Vec<Spot> {
            let places = keys.iter().rev().map_while(|key| if let Key::At(place) = key { Some(*place) } else { None });
            let mut places: Vec<Spot> = places.take(2).collect();
            places.reverse();
            places
        };
        match keys.split_last() {
            Some((Key::At(place), callers)) => {
                let caller = places(callers).last().copied();
                let symbols = &self.symbols;
                known.entry((*place, caller)).or_insert_with(|| symbols.frame(*place, caller)).clone()
            }
            Some((Key::Host, callers)) => self.symbols.host_call(&places(callers)),
            Some((Key::Deeper, _)) => Frame::named("[outer frames left out]"),
            Some((Key::Unrecorded, _)) => Frame::named("[not recorded: too many calls]"),
            Some((Key::Root, _)) | None => Frame::named("[instantiation]"),
        }
    }
}
