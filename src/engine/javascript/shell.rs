//! Turns the engine's ordinary component into a worker's: the engine becomes an import, the snapshot is embedded.
//!
//! wit-component makes three core modules: the engine, one that stands in for what is not there yet when the engine is
//! instantiated, and one that fills that in. Here the engine imports nothing but the snapshot, so the second goes, and the
//! third gives it all functions by way of its table ([`super::imports`]).

use super::imports::{self, Import};
use super::split::{self, Parts, SNAPSHOT};
use anyhow::{Context, Result, anyhow, bail};
use std::collections::HashMap;
use wasm_encoder as enc;
use wasm_encoder::reencode::{Error as ReencodeError, Reencode, ReencodeComponent, component_utils};
use wasmparser::{CanonicalFunction, ComponentAlias, ExternalKind, Parser, Payload};

/// Name under which a worker component imports the engine.
pub const ENGINE: &str = "engine";

/// Core modules in the order in which wit-component writes them, and what is in their places here.
mod module {
    /// The engine.
    pub const MAIN: u32 = 0;
    /// What stands in for it; here what fills the engine's table.
    pub const SHIM: u32 = 1;
    pub const FILLER: u32 = SHIM;
    /// What fills the table of that in; here the snapshot.
    pub const FIXUP: u32 = 2;
    pub const SNAPSHOT: u32 = FIXUP;
}

/// Core instances, in order.
mod instance {
    pub const SNAPSHOT: u32 = 0;
    pub const ENGINE: u32 = 1;
    pub const FILLING: u32 = 2;
}

/// The engine's own core module, cut out of its component.
fn main_module(component: &[u8]) -> Result<&[u8]> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ModuleSection { unchecked_range, .. } = payload? {
            return Ok(&component[unchecked_range]);
        }
    }
    None.context("the engine's component has no core module")
}

/// How the engine gets into the worker's component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Imported under [`ENGINE`]: small, and compiled in milliseconds.
    Shared,
    /// Embedded: any `wasi:http` host can run the component.
    Embedded,
}

/// The worker component: `shell` (the engine's component) with its state taken from `snapshot`.
pub fn assemble(shell: &[u8], parts: &Parts, snapshot: &[u8], linkage: Linkage) -> Result<Vec<u8>> {
    let imports =
        parts.imports.as_deref().context("the engine is of an earlier version: no workers can be made of it")?;
    let mut assembler = Assembler {
        parts,
        imports,
        snapshot,
        linkage,
        modules: 0,
        functions: Vec::new(),
        written: 0,
        instances: Vec::new(),
        given: HashMap::new(),
        state: State::Start,
    };
    let mut component = enc::Component::new();
    component_utils::parse_component(&mut assembler, &mut component, Parser::new(0), shell, shell)
        .map_err(|error| anyhow!("failed to rewrite the engine's component: {error}"))?;
    match assembler.state {
        State::Filled => Ok(component.finish()),
        state => bail!("the engine's component is not made as expected: it ends in {state:?}"),
    }
}

/// How far the component is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is instantiated.
    Start,
    Snapshot,
    Engine,
    /// The engine's table is filled: complete.
    Filled,
}

/// A core function of the component that is read.
#[derive(Debug, Clone)]
enum Function {
    /// Its index here.
    Written(u32),
    /// A function of the module that stands in, which is not here: what fills it in has its name.
    Shim(String),
}

/// A core instance of the component that is read.
#[derive(Debug)]
enum Instance {
    Shim,
    Engine,
    Fixup,
    /// A bag of functions, by name, each with its index there.
    Bag(HashMap<String, u32>),
}

struct Assembler<'a> {
    parts: &'a Parts,
    imports: &'a [Import],
    snapshot: &'a [u8],
    linkage: Linkage,
    /// Core modules read so far.
    modules: u32,
    /// Core functions read so far.
    functions: Vec<Function>,
    /// Core functions written so far.
    written: u32,
    /// Core instances read so far.
    instances: Vec<Instance>,
    /// Core instances that the engine was given, by the name of the imported module.
    given: HashMap<String, u32>,
    state: State,
}

type Outcome<T = ()> = Result<T, ReencodeError<anyhow::Error>>;

fn unexpected(what: impl Into<String>) -> ReencodeError<anyhow::Error> {
    ReencodeError::UserError(anyhow!(what.into()))
}

impl Reencode for Assembler<'_> {
    type Error = anyhow::Error;

    fn function_index(&mut self, index: u32) -> Outcome<u32> {
        match self.functions.get(index as usize) {
            Some(Function::Written(index)) => Ok(*index),
            _ => Err(unexpected(format!("core function {index} is not there"))),
        }
    }
}

impl Assembler<'_> {
    fn write_engine(&self, component: &mut enc::Component) {
        match self.linkage {
            Linkage::Embedded => {
                component.section(&enc::RawSection {
                    id: enc::ComponentSectionId::CoreModule as u8,
                    data: &self.parts.code,
                });
            }
            Linkage::Shared => {
                let mut types = enc::CoreTypeSection::new();
                types.ty().module(&self.parts.code_type);
                let mut imports = enc::ComponentImportSection::new();
                imports.import(ENGINE, enc::ComponentTypeRef::Module(0));
                component.section(&types).section(&imports);
            }
        }
    }

    fn add_function(&mut self) {
        self.functions.push(Function::Written(self.written));
        self.written += 1;
    }

    /// What fills the table, in its order: for each imported function the one that the engine would have been given, or what
    /// would have been filled in for it.
    fn fillings(&mut self, filled_in: &HashMap<String, u32>) -> Outcome<Vec<u32>> {
        let mut fillings = Vec::new();
        for Import { module, name, .. } in self.imports {
            let given = match self.given.get(module).and_then(|given| self.instances.get(*given as usize)) {
                Some(Instance::Bag(functions)) => functions.get(name),
                _ => None,
            };
            let given = *given.ok_or_else(|| unexpected(format!("the engine is not given `{module}` `{name}`")))?;
            let index = match self.functions.get(given as usize) {
                Some(Function::Shim(name)) => filled_in.get(name).copied(),
                _ => Some(given),
            };
            fillings.push(self.function_index(index.unwrap_or(given))?);
        }
        Ok(fillings)
    }

    fn bag(&self, index: u32) -> Outcome<&HashMap<String, u32>> {
        match self.instances.get(index as usize) {
            Some(Instance::Bag(functions)) => Ok(functions),
            _ => Err(unexpected(format!("core instance {index} is no bag of functions"))),
        }
    }
}

impl ReencodeComponent for Assembler<'_> {
    fn parse_component_submodule(&mut self, component: &mut enc::Component, _: Parser, _: &[u8]) -> Outcome {
        match self.modules {
            module::MAIN => self.write_engine(component),
            module::FILLER => {
                component.section(&enc::ModuleSection(&imports::filler(self.imports)));
            }
            module::SNAPSHOT => {
                component
                    .section(&enc::RawSection { id: enc::ComponentSectionId::CoreModule as u8, data: self.snapshot });
            }
            more => return Err(unexpected(format!("there is a core module {more}"))),
        }
        self.modules += 1;
        Ok(())
    }

    /// Names are of indices that change here.
    fn parse_component_custom_section(
        &mut self,
        component: &mut enc::Component,
        section: wasmparser::CustomSectionReader<'_>,
    ) -> Outcome {
        if section.name() == "component-name" {
            return Ok(());
        }
        component_utils::parse_component_custom_section(self, component, section)
    }

    fn parse_component_canonical(
        &mut self,
        section: &mut enc::CanonicalFunctionSection,
        function: CanonicalFunction,
    ) -> Outcome {
        let is_core = !matches!(function, CanonicalFunction::Lift { .. });
        component_utils::parse_component_canonical(self, section, function)?;
        if is_core {
            self.add_function();
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut enc::ComponentAliasSection,
        section: wasmparser::ComponentAliasSectionReader<'_>,
    ) -> Outcome {
        for alias in section {
            let alias = alias?;
            if let ComponentAlias::CoreInstanceExport { kind, instance_index, name } = alias {
                match self.instances.get(instance_index as usize) {
                    Some(Instance::Shim) if kind == ExternalKind::Func => {
                        self.functions.push(Function::Shim(name.to_owned()));
                        continue;
                    }
                    Some(Instance::Shim) => continue,
                    _ if kind == ExternalKind::Func => self.add_function(),
                    _ => {}
                }
            }
            aliases.alias(self.component_alias(alias)?);
        }
        Ok(())
    }

    /// The engine is the one core instance that anything is aliased of.
    fn instance_index(&mut self, _: u32) -> u32 {
        instance::ENGINE
    }

    fn parse_component_payload(
        &mut self,
        component: &mut enc::Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Outcome {
        if matches!(payload, Payload::InstanceSection(_)) && self.state == State::Engine {
            // to be given to what fills it
            let mut aliases = enc::ComponentAliasSection::new();
            aliases.alias(enc::Alias::CoreInstanceExport {
                instance: instance::ENGINE,
                kind: enc::ExportKind::Table,
                name: imports::TABLE,
            });
            component.section(&aliases);
        }
        component_utils::parse_component_payload(self, component, payload, whole)
    }

    fn parse_instance(&mut self, instances: &mut enc::InstanceSection, instance: wasmparser::Instance<'_>) -> Outcome {
        let (module, args) = match instance {
            wasmparser::Instance::FromExports(exports) => {
                let functions = exports.iter().filter(|export| export.kind == ExternalKind::Func);
                let functions = functions.map(|export| (export.name.to_owned(), export.index)).collect();
                self.instances.push(Instance::Bag(functions));
                return Ok(());
            }
            wasmparser::Instance::Instantiate { module_index, args } => (module_index, args),
        };
        let nothing = [] as [(&str, enc::ModuleArg); 0];
        match (module, self.state) {
            (module::SHIM, State::Start) => {
                instances.instantiate(module::SNAPSHOT, nothing);
                self.instances.push(Instance::Shim);
                self.state = State::Snapshot;
            }
            (module::MAIN, State::Snapshot) => {
                self.given = args.iter().map(|arg| (arg.name.to_owned(), arg.index)).collect();
                instances.instantiate(module::MAIN, [(SNAPSHOT, enc::ModuleArg::Instance(instance::SNAPSHOT))]);
                self.instances.push(Instance::Engine);
                self.state = State::Engine;
            }
            (module::FIXUP, State::Engine) => {
                let [arg] = &*args else { return Err(unexpected("more than one module is filled in")) };
                let filled_in = self.bag(arg.index)?.clone();
                let fillings = self.fillings(&filled_in)?;
                let functions = fillings.iter().enumerate().map(|(at, index)| (imports::place(at), *index));
                let exports: Vec<_> = [(imports::TABLE.to_owned(), enc::ExportKind::Table, 0)]
                    .into_iter()
                    .chain(functions.map(|(name, index)| (name, enc::ExportKind::Func, index)))
                    .collect();
                instances.export_items(exports.iter().map(|(name, kind, index)| (name.as_str(), *kind, *index)));
                instances.instantiate(module::FILLER, [("", enc::ModuleArg::Instance(instance::FILLING))]);
                self.instances.push(Instance::Fixup);
                self.state = State::Filled;
            }
            (module, state) => return Err(unexpected(format!("core module {module} is instantiated at {state:?}"))),
        }
        Ok(())
    }
}

/// The parts of the engine inside `component`.
pub fn split_component(component: &[u8]) -> Result<Parts> {
    split::split(main_module(component)?)
}
