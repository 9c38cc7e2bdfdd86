//! Turns the engine's ordinary component into a worker's: the engine becomes an import, the snapshot is embedded.

use super::split::{self, Parts, SNAPSHOT};
use anyhow::{Context, Result, ensure};
use std::convert::Infallible;
use wasm_encoder as enc;
use wasm_encoder::reencode::{Error as ReencodeError, Reencode, ReencodeComponent, component_utils};
use wasmparser::{Parser, Payload};

/// Name under which a worker component imports the engine.
pub const ENGINE: &str = "engine";

/// Index of the engine among the component's core modules: wit-component writes the main module first.
const MAIN_MODULE: u32 = 0;

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
    let mut assembler = Assembler { parts, snapshot, linkage, modules: 0, snapshot_module: None, late_module: false };
    let mut component = enc::Component::new();
    component_utils::parse_component(&mut assembler, &mut component, Parser::new(0), shell, shell)
        .map_err(|error| anyhow::anyhow!("failed to rewrite the engine's component: {error}"))?;
    ensure!(assembler.snapshot_module.is_some(), "the engine's component instantiates nothing");
    ensure!(!assembler.late_module, "the engine's component has a core module after its first instance");
    Ok(component.finish())
}

struct Assembler<'a> {
    parts: &'a Parts,
    snapshot: &'a [u8],
    linkage: Linkage,
    /// Core modules written so far.
    modules: u32,
    /// Index of the snapshot module, once written.
    snapshot_module: Option<u32>,
    /// A module came after the first instance, so that its index would have moved.
    late_module: bool,
}

impl Reencode for Assembler<'_> {
    type Error = Infallible;
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

    /// Embeds the snapshot and instantiates it before anything else: it is core instance 0.
    fn write_snapshot(&mut self, component: &mut enc::Component) {
        if self.snapshot_module.is_some() {
            return;
        }
        component.section(&enc::RawSection { id: enc::ComponentSectionId::CoreModule as u8, data: self.snapshot });
        let mut instances = enc::InstanceSection::new();
        instances.instantiate(self.modules, [] as [(&str, enc::ModuleArg); 0]);
        component.section(&instances);
        self.snapshot_module = Some(self.modules);
    }
}

impl ReencodeComponent for Assembler<'_> {
    /// Core instances move up by one, behind the snapshot's.
    fn instance_index(&mut self, index: u32) -> u32 {
        index + 1
    }

    fn parse_component_submodule(
        &mut self,
        component: &mut enc::Component,
        _parser: Parser,
        module: &[u8],
    ) -> Result<(), ReencodeError<Infallible>> {
        self.late_module |= self.snapshot_module.is_some();
        if self.modules == MAIN_MODULE {
            self.write_engine(component);
        } else {
            component.section(&enc::RawSection { id: enc::ComponentSectionId::CoreModule as u8, data: module });
        }
        self.modules += 1;
        Ok(())
    }

    fn parse_component_payload(
        &mut self,
        component: &mut enc::Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Result<(), ReencodeError<Infallible>> {
        if matches!(payload, Payload::InstanceSection(_)) {
            self.write_snapshot(component);
        }
        component_utils::parse_component_payload(self, component, payload, whole)
    }

    fn parse_instance(
        &mut self,
        instances: &mut enc::InstanceSection,
        instance: wasmparser::Instance<'_>,
    ) -> Result<(), ReencodeError<Infallible>> {
        let wasmparser::Instance::Instantiate { module_index: MAIN_MODULE, args } = &instance else {
            return component_utils::parse_instance(self, instances, instance);
        };
        let mut with: Vec<_> =
            args.iter().map(|arg| (arg.name, enc::ModuleArg::Instance(self.instance_index(arg.index)))).collect();
        with.push((SNAPSHOT, enc::ModuleArg::Instance(0)));
        instances.instantiate(MAIN_MODULE, with);
        Ok(())
    }
}

/// The parts of the engine inside `component`.
pub fn split_component(component: &[u8]) -> Result<Parts> {
    split::split(main_module(component)?)
}
