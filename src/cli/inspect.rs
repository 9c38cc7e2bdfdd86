//! `glowplug inspect`

use super::print;
use crate::digest::Digest;
use crate::engine::{Trigger, examine};
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use wasmparser::{ComponentTypeRef, Parser, Payload};

/// Show what a component file is and holds
#[derive(Debug, Args)]
pub struct Inspect {
    /// Component file
    file: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a component's sections hold.
#[derive(Debug, Default, serde::Serialize)]
struct Contents {
    imports: Vec<String>,
    exports: Vec<String>,
    /// Bytes of machine-independent code, over all core modules.
    code_bytes: usize,
    /// Bytes of initial memory, over all core modules.
    data_bytes: usize,
    core_modules: usize,
}

#[derive(serde::Serialize)]
struct Facts {
    kind: &'static str,
    version: String,
    trigger: String,
    bytes: usize,
    #[serde(flatten)]
    contents: Contents,
    name: Option<String>,
    engine: Option<String>,
    handlers: Vec<String>,
    start_up_fuel: Option<u64>,
    compatibility_date: Option<String>,
    source_map: bool,
}

impl Inspect {
    pub fn execute(self) -> Result<ExitCode> {
        let wasm = std::fs::read(&self.file).with_context(|| format!("failed to read `{}`", self.file.display()))?;
        let info = examine(&wasm).with_context(|| format!("`{}` is no worker", self.file.display()))?;
        let origin = info.origin.as_ref();
        let facts = Facts {
            kind: match (origin, info.trigger) {
                (Some(_), _) => "JavaScript worker on the shared engine",
                (None, Trigger::Http02) => "component",
                (None, Trigger::Http03) => "component (WASI 0.3)",
            },
            version: Digest::of(&wasm).short(),
            trigger: info.trigger.to_string(),
            bytes: wasm.len(),
            contents: contents(&wasm)?,
            name: origin.map(|origin| origin.name.clone()),
            engine: origin.map(|origin| origin.engine.clone()),
            handlers: origin.map(|origin| origin.handlers.clone()).unwrap_or_default(),
            start_up_fuel: origin.map(|origin| origin.start_up_fuel),
            compatibility_date: origin.map(|origin| origin.compatibility_date.clone()),
            source_map: info.source_map.is_some(),
        };
        print::data(&if self.json { serde_json::to_string_pretty(&facts)? } else { table(&facts) });
        Ok(ExitCode::SUCCESS)
    }
}

fn table(facts: &Facts) -> String {
    let mut rows = vec![
        ("kind", facts.kind.to_owned()),
        ("version", facts.version.clone()),
        ("trigger", facts.trigger.clone()),
        ("size", print::size(facts.bytes)),
        ("code", print::size(facts.contents.code_bytes)),
        ("data", print::size(facts.contents.data_bytes)),
        ("core modules", facts.contents.core_modules.to_string()),
    ];
    if let (Some(name), Some(engine), Some(fuel)) = (&facts.name, &facts.engine, facts.start_up_fuel) {
        rows.push(("name", name.clone()));
        rows.push(("handlers", facts.handlers.join(", ")));
        rows.push(("start-up", format!("{} fuel", print::grouped(fuel))));
        rows.push(("compatibility", facts.compatibility_date.clone().unwrap_or_default()));
        rows.push(("engine", engine.clone()));
        rows.push(("source map", if facts.source_map { "yes" } else { "no" }.to_owned()));
    }
    let mut text: Vec<String> = rows.into_iter().map(|(name, value)| format!("{name:<14}{value}")).collect();
    for (title, names) in [("imports", &facts.contents.imports), ("exports", &facts.contents.exports)] {
        text.push(format!("{title}:"));
        text.extend(names.iter().map(|name| format!("  {name}")));
    }
    text.join("\n")
}

fn contents(wasm: &[u8]) -> Result<Contents> {
    let mut contents = Contents::default();
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let import = import?;
                    let kind = if matches!(import.ty, ComponentTypeRef::Module(_)) { " (core module)" } else { "" };
                    contents.imports.push(format!("{}{kind}", import.name.name));
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    contents.exports.push(export?.name.name.to_owned());
                }
            }
            Payload::ModuleSection { .. } => {
                depth += 1;
                contents.core_modules += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionStart { size, .. } => contents.code_bytes += size as usize,
            Payload::DataSection(data) => contents.data_bytes += data.range().len(),
            _ => {}
        }
    }
    Ok(contents)
}
