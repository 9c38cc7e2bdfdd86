//! What all WebAssembly objects of a worker share: the interpreter's store, and which JavaScript object stands for what in it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rquickjs::runtime::UserDataGuard;
use rquickjs::{Ctx, Exception, Function, JsLifetime, Object, Result, Value};
use wasmi::{CompilationMode, Config, Engine, ExternRef, Func, FuncType, Store, StoreLimits, StoreLimitsBuilder};

use super::compile::CompiledModule;
use super::memory::View;

/// The interpreter's fuel between two looks at the worker's. One unit is worth up to some fifty of the host's.
const CHECK_INTERVAL: u64 = 20_000;

/// How deep functions of a module may call each other, and the bytes that their locals may take.
const MAX_DEPTH: usize = 12_000;
const MAX_STACK_BYTES: usize = 4 << 20;

/// Bytes of the largest memory. A worker's own limit is lower; this one is for hosts without any.
const LARGEST_MEMORY: usize = 1 << 30;

/// Elements of the largest table (JavaScript API, "implementation-defined limits").
pub const LARGEST_TABLE: u32 = 10_000_000;

/// The functions of one instance: they follow each other in the store.
pub struct FunctionRange {
    pub first_key: u64,
    pub count: u32,
    /// Index of the first one in its module.
    pub first_index: u32,
}

/// A function of JavaScript that a module was given.
pub struct Import<'js> {
    pub function: Function<'js>,
    pub ty: FuncType,
    /// Its index in the module that first imported it.
    pub index: u32,
}

/// A value that WebAssembly may hold without looking into it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    Undefined,
    Boolean(bool),
    /// The bits of a number.
    Number(u64),
    /// Where the engine keeps it.
    Address(usize),
}

/// The interpreter, made when a worker first uses it.
pub struct Interpreter {
    pub engine: Engine,
    store: RefCell<Store<StoreLimits>>,
}

/// Kept with the runtime. What JavaScript objects it holds is never given up: it lives as long as the store.
pub struct State<'js> {
    interpreter: OnceCell<Interpreter>,
    may_compile: Cell<bool>,
    /// `native.interrupted`.
    interrupted: Function<'js>,
    /// What the prelude gave: constructors of errors, and `list(iterable)`.
    hooks: RefCell<Option<Object<'js>>>,
    /// Modules that came with the worker, by name.
    pub modules: RefCell<BTreeMap<String, Rc<CompiledModule>>>,
    pub imports: RefCell<Vec<Import<'js>>>,
    /// Which functions of the store are imports.
    pub imported: RefCell<BTreeMap<u64, u32>>,
    /// The JavaScript function of each function that JavaScript has seen, and the way back.
    pub exported: RefCell<BTreeMap<u64, Function<'js>>>,
    pub addresses: RefCell<BTreeMap<usize, Func>>,
    pub ranges: RefCell<Vec<FunctionRange>>,
    pub views: RefCell<BTreeMap<u64, View<'js>>>,
    /// Values that WebAssembly was given as `externref`.
    pub externs: RefCell<Vec<Value<'js>>>,
    pub extern_refs: RefCell<BTreeMap<Identity, ExternRef>>,
}

// SAFETY: `'js` is the only lifetime, and the type is the same for any.
unsafe impl<'js> JsLifetime<'js> for State<'js> {
    type Changed<'to> = State<'to>;
}

impl Interpreter {
    fn new() -> Interpreter {
        let mut config = Config::default();
        config
            .consume_fuel(true)
            // What is translated at the top level is in the snapshot, and no request does it again.
            .compilation_mode(CompilationMode::Eager)
            .set_max_recursion_depth(MAX_DEPTH)
            .set_max_stack_height(MAX_STACK_BYTES);
        let engine = Engine::new(&config);
        let limits = StoreLimitsBuilder::new()
            .memory_size(LARGEST_MEMORY)
            .table_elements(LARGEST_TABLE as usize)
            .instances(usize::MAX)
            .tables(usize::MAX)
            .memories(usize::MAX)
            .build();
        let mut store = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        let store = RefCell::new(store);
        Interpreter { engine, store }
    }

    /// Works on the store. `f` must not run JavaScript, which may come back here.
    pub fn with<R>(&self, f: impl FnOnce(&mut Store<StoreLimits>) -> R) -> R {
        f(&mut self.store.borrow_mut())
    }
}

impl<'js> State<'js> {
    pub fn interpreter(&self) -> &Interpreter {
        self.interpreter.get_or_init(Interpreter::new)
    }

    pub fn with_store<R>(&self, f: impl FnOnce(&mut Store<StoreLimits>) -> R) -> R {
        self.interpreter().with(f)
    }

    pub fn may_compile(&self) -> bool {
        self.may_compile.get()
    }

    pub fn hook(&self, ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
        match &*self.hooks.borrow() {
            Some(hooks) => hooks.get(name),
            None => Err(Exception::throw_internal(ctx, "WebAssembly was not set up")),
        }
    }

    /// Gives the interpreter fuel for another stretch, of at least `needed`, unless the worker is to be stopped.
    pub fn refuel(&self, ctx: &Ctx<'js>, needed: u64) -> Result<()> {
        if self.interrupted.call::<_, bool>(())? {
            return Err(super::error::stop(ctx));
        }
        let fuel = needed.saturating_add(CHECK_INTERVAL);
        let _ = self.with_store(|store| store.set_fuel(fuel));
        Ok(())
    }
}

/// The state of the worker whose code runs.
pub fn state<'a, 'js>(ctx: &'a Ctx<'js>) -> Result<UserDataGuard<'a, State<'js>>> {
    ctx.userdata::<State>().ok_or_else(|| Exception::throw_internal(ctx, "WebAssembly was not set up"))
}

/// Lets the worker compile modules at run time, which Workers forbid: for tests.
#[allow(dead_code, reason = "the tests' drivers do without")]
pub fn allow_compilation(ctx: &Ctx<'_>) -> Result<()> {
    state(ctx)?.may_compile.set(true);
    Ok(())
}

pub fn set_hooks<'js>(ctx: Ctx<'js>, hooks: Object<'js>) -> Result<()> {
    *state(&ctx)?.hooks.borrow_mut() = Some(hooks);
    Ok(())
}

pub fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let state = State {
        interpreter: OnceCell::new(),
        may_compile: Cell::new(false),
        interrupted: native.get("interrupted")?,
        hooks: RefCell::default(),
        modules: RefCell::default(),
        imports: RefCell::default(),
        imported: RefCell::default(),
        exported: RefCell::default(),
        addresses: RefCell::default(),
        ranges: RefCell::default(),
        views: RefCell::default(),
        externs: RefCell::default(),
        extern_refs: RefCell::default(),
    };
    match ctx.store_userdata(state) {
        Ok(_) => Ok(()),
        Err(_) => Err(Exception::throw_internal(ctx, "WebAssembly was set up twice at once")),
    }
}
