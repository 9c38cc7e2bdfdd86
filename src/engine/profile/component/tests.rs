use super::{Recorder, Symbols, configure, rewrite};
use crate::engine::config::wasmtime_config;
use crate::engine::{Metering, Room, Wasi};
use crate::meter::profile::Profile;
use std::sync::Arc;
use wasm_encoder as enc;
use wasm_encoder::{ConstExpr, ExportKind, Instruction as I, ValType};
use wasmtime::{Config, Engine, Linker, Module, Store};

const FUEL: u64 = 1_000_000_000;

/// The configuration that serves, but for the pool: core modules need none.
fn config() -> Config {
    let mut config = wasmtime_config(Metering::Fuel, Wasi::Stable, Room::Tool);
    config.allocation_strategy(wasmtime::InstanceAllocationStrategy::OnDemand);
    config
}

/// What the exported function `run` uses, unwatched.
fn plain(wasm: &[u8], argument: i32) -> (i32, u64) {
    let engine = Engine::new(&config()).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(FUEL).unwrap();
    let result = call(&engine, &mut store, wasm, argument);
    (result, FUEL - store.get_fuel().unwrap())
}

/// The same, watched.
fn watched(wasm: &[u8], argument: i32) -> (i32, Profile) {
    recorded(wasm, argument, |_| ())
}

fn recorded(wasm: &[u8], argument: i32, prepare: impl FnOnce(&Recorder)) -> (i32, Profile) {
    let mut config = config();
    configure(&mut config);
    let engine = Engine::new(&config).unwrap();
    let (rewritten, bodies) = rewrite::module(wasm, 0).unwrap();
    let symbols = Symbols::new(vec![rewrite::CoreModule { wasm, bodies }]).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(FUEL).unwrap();
    let recorder = Recorder::install(&mut store, Arc::new(symbols));
    prepare(&recorder);
    let watching = recorder.clone();
    store.call_hook(move |store, hook| {
        watching.hook(hook, store.get_fuel()?);
        Ok(())
    });
    let result = call(&engine, &mut store, &rewritten, argument);
    let profile = recorder.finish(store.get_fuel().unwrap());
    (result, profile)
}

fn call(engine: &Engine, store: &mut Store<()>, wasm: &[u8], argument: i32) -> i32 {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "work", |mut caller: wasmtime::Caller<'_, ()>| {
            let left = caller.get_fuel()?;
            caller.set_fuel(left - 1000)
        })
        .unwrap();
    let module = Module::new(engine, wasm).unwrap();
    // Far more often than a server does, so that these tests see yields.
    store.fuel_async_yield_interval(Some(100)).unwrap();
    let run = async {
        let instance = linker.instantiate_async(&mut *store, &module).await.unwrap();
        let run = instance.get_typed_func::<i32, i32>(&mut *store, "run").unwrap();
        run.call_async(&mut *store, argument).await.unwrap()
    };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run)
}

/// Functions of one parameter and result, `i32`; the last is exported as `run`. They can call the host's `work`, number 0.
fn module(functions: &[(&str, Vec<ValType>, Vec<I<'_>>)]) -> Vec<u8> {
    let (mut types, mut imports) = (enc::TypeSection::new(), enc::ImportSection::new());
    types.ty().function([], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    imports.import("host", "work", enc::EntityType::Function(0));
    let (mut declared, mut code) = (enc::FunctionSection::new(), enc::CodeSection::new());
    let mut names = enc::NameMap::new();
    for (index, (name, locals, body)) in functions.iter().enumerate() {
        declared.function(1);
        let mut function = enc::Function::new_with_locals_types(locals.iter().copied());
        for instruction in body {
            function.instruction(instruction);
        }
        function.instruction(&I::End);
        code.function(&function);
        names.append(index as u32 + 1, name);
    }
    let mut tables = enc::TableSection::new();
    let count = functions.len() as u64 + 1;
    tables.table(enc::TableType {
        element_type: enc::RefType::FUNCREF,
        minimum: count,
        maximum: None,
        table64: false,
        shared: false,
    });
    let mut memories = enc::MemorySection::new();
    memories.memory(enc::MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = enc::ExportSection::new();
    exports.export("run", ExportKind::Func, functions.len() as u32);
    let mut elements = enc::ElementSection::new();
    let all: Vec<u32> = (0..count as u32).collect();
    elements.active(None, &ConstExpr::i32_const(0), enc::Elements::Functions(all.into()));
    let mut name_section = enc::NameSection::new();
    name_section.functions(&names);
    let mut module = enc::Module::new();
    module.section(&types).section(&imports).section(&declared).section(&tables).section(&memories);
    module.section(&exports).section(&elements).section(&code).section(&name_section);
    module.finish()
}

/// Fuel of the functions with this name that is their own.
fn own(profile: &Profile, function: &str) -> u64 {
    let on_top = profile.samples().filter(|(stack, _)| stack.last().is_some_and(|frame| frame.function == function));
    on_top.map(|(_, fuel)| fuel).sum()
}

fn fib() -> (&'static str, Vec<ValType>, Vec<I<'static>>) {
    let body = vec![
        I::LocalGet(0),
        I::I32Const(2),
        I::I32LtS,
        I::If(enc::BlockType::Result(ValType::I32)),
        I::LocalGet(0),
        I::Else,
        I::LocalGet(0),
        I::I32Const(1),
        I::I32Sub,
        I::Call(1),
        I::LocalGet(0),
        I::I32Const(2),
        I::I32Sub,
        I::Call(1),
        I::I32Add,
        I::End,
    ];
    ("fib", vec![], body)
}

#[test]
fn a_recursion_costs_its_calls_times_what_a_call_costs() {
    let wasm = module(&[fib()]);
    let (result, profile) = watched(&wasm, 15);
    assert_eq!((result, profile.total()), plain(&wasm, 15));
    // 1973 calls, 987 of which go no further. Each pays 1 for its entry and 4 up to the branch; then 1, or 9.
    assert_eq!(own(&profile, "fib"), 987 * 6 + 986 * 14);
    // Of the stacks with nothing but the first call on them there is one; its own fuel is that of one call.
    let outermost: Vec<_> =
        profile.samples().filter(|(stack, _)| stack.len() == 1 && stack[0].function == "fib").collect();
    assert_eq!(outermost.iter().map(|(_, fuel)| fuel).sum::<u64>(), 14);
}

#[test]
fn loops_branches_and_indirect_calls_cost_the_function_they_are_in() {
    // Sums up to its argument.
    let sum = vec![
        I::Block(enc::BlockType::Empty),
        I::Loop(enc::BlockType::Empty),
        I::LocalGet(0),
        I::I32Eqz,
        I::BrIf(1),
        I::LocalGet(1),
        I::LocalGet(0),
        I::I32Add,
        I::LocalSet(1),
        I::LocalGet(0),
        I::I32Const(1),
        I::I32Sub,
        I::LocalSet(0),
        I::Br(0),
        I::End,
        I::End,
        I::LocalGet(1),
    ];
    let twice = vec![
        I::LocalGet(0),
        I::I32Const(1),
        I::CallIndirect { type_index: 1, table_index: 0 },
        I::LocalGet(0),
        I::Call(1),
        I::I32Add,
    ];
    let wasm = module(&[("sum", vec![ValType::I32], sum), ("twice", vec![], twice)]);
    let (result, profile) = watched(&wasm, 10);
    assert_eq!(result, 110);
    assert_eq!((result, profile.total()), plain(&wasm, 10));
    // Entry, ten rounds of 12, the last test of 3, the result.
    assert_eq!(own(&profile, "sum"), 2 * (1 + 10 * 12 + 3 + 1));
    assert_eq!(own(&profile, "twice"), 1 + 6);
}

#[test]
fn what_the_host_charges_is_a_frame_under_its_caller() {
    let work = vec![I::Call(0), I::Call(0), I::LocalGet(0)];
    let run = vec![I::LocalGet(0), I::Call(1)];
    let wasm = module(&[("work", vec![], work), ("run", vec![], run)]);
    let (result, profile) = watched(&wasm, 7);
    assert_eq!((result, profile.total()), plain(&wasm, 7));
    let host: Vec<_> = profile.samples().filter(|(_, fuel)| *fuel >= 1000).collect();
    let shown: Vec<_> = host
        .iter()
        .map(|(stack, fuel)| (stack.iter().map(|frame| frame.function.as_str()).collect::<Vec<_>>(), *fuel))
        .collect();
    assert_eq!(shown, [(vec!["run", "work", "[host] host work"], 2000)]);
    assert_eq!(own(&profile, "work"), 4);
}

#[test]
fn growing_memory_and_copying_it_stay_with_their_function() {
    let grow = vec![I::I32Const(1), I::MemoryGrow(0), I::Drop, I::LocalGet(0)];
    let copy = vec![
        I::I32Const(0),
        I::I32Const(100),
        I::LocalGet(0),
        I::MemoryCopy { src_mem: 0, dst_mem: 0 },
        I::LocalGet(0),
        I::Call(1),
    ];
    let wasm = module(&[("grow", vec![], grow), ("copy", vec![], copy)]);
    let (result, profile) = watched(&wasm, 5000);
    let (expected, fuel) = plain(&wasm, 5000);
    assert_eq!((result, profile.total()), (expected, fuel));
    assert_eq!(own(&profile, "copy") + own(&profile, "grow") + own(&profile, "[instantiation]"), fuel);
    assert!(own(&profile, "grow") < 20 + 70_000 && own(&profile, "copy") >= 7, "{profile:?}");
}

#[test]
fn a_stack_that_is_too_deep_is_told_by_its_innermost_functions() {
    let body = vec![
        I::LocalGet(0),
        I::If(enc::BlockType::Result(ValType::I32)),
        I::LocalGet(0),
        I::I32Const(1),
        I::I32Sub,
        I::Call(1),
        I::Else,
        I::I32Const(0),
        I::End,
    ];
    let wasm = module(&[("down", vec![], body)]);
    let (result, profile) = watched(&wasm, 1500);
    assert_eq!((result, profile.total()), plain(&wasm, 1500));
    let deepest = profile.samples().map(|(stack, _)| stack.len()).max();
    assert_eq!(deepest, Some(super::recorder::DEEPEST + 1), "and a word for those left out");
    assert!(profile.samples().any(|(stack, _)| stack[0].function == "[outer frames left out]"));
    assert_eq!(own(&profile, "down"), profile.total() - own(&profile, "[instantiation]"));
}

#[test]
fn what_comes_after_the_last_look_is_counted_and_not_told_apart() {
    let wasm = module(&[fib()]);
    let (result, profile) = recorded(&wasm, 15, |recorder| recorder.give_up_after(100));
    assert_eq!((result, profile.total()), plain(&wasm, 15));
    let rest = own(&profile, "[not recorded: too many calls]");
    assert!(rest > profile.total() / 2 && rest < profile.total(), "{rest} of {}", profile.total());
}

#[test]
fn two_runs_give_the_same_profile() {
    let wasm = module(&[fib()]);
    assert_eq!(watched(&wasm, 12), watched(&wasm, 12));
}
