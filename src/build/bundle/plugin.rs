//! What the bundler has to know about workers: modules the runtime has or lacks, and files that are not JavaScript.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use oxc::span::SourceType;
use rolldown::ModuleType;
use rolldown::plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn,
    HookTransformArgs, HookTransformOutput, HookTransformReturn, HookUsage, Plugin, PluginContext,
    PluginContextResolveOptions, SharedLoadPluginContext, SharedTransformPluginContext,
};
use rolldown_common::ImportKind;
use rolldown_common::side_effects::HookSideEffects;

use super::async_context::{self, Additions};
use super::imports::{Import, Refusal};
use super::nested_new;
use super::node;
use super::wasm::{self, WasmModules};
use crate::manifest::{ModuleKind, ModuleRule, NodeCompat, NodeModules, kind_of_file};

/// Modules that the runtime itself provides.
const PROVIDED: [&str; 1] = ["cloudflare:workers"];

/// Node.js built-ins that are also imported without `node:`, themselves or, as in `fs/promises`, a part of them.
const NODE_BUILT_INS: [&str; 42] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Extensions that the bundler reads by itself.
const BUNDLED: [&str; 9] = ["js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx", "json"];

const UNAVAILABLE_PREFIX: &str = "\0glowplug:unavailable/";
const REFUSED: &str = "\0glowplug:refused";
const WASM_PREFIX: &str = "\0glowplug:compiled-wasm/";

/// The rules of one project, and the imports that broke them.
#[derive(Debug)]
pub(super) struct WorkerPlugin {
    pub root: PathBuf,
    pub rules: Vec<ModuleRule>,
    pub node: NodeCompat,
    /// `AsyncLocalStorage` is made to follow each `await`.
    pub follow_awaits: bool,
    pub entry: PathBuf,
    pub found: Arc<Mutex<Found>>,
    pub wasm: Arc<Mutex<WasmModules>>,
}

/// What the bundler came across.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub refused: Vec<Import>,
    /// Something imports `node:async_hooks`.
    pub async_hooks: bool,
}

impl WorkerPlugin {
    /// Remembers the import, to be reported when all files have been read, and replaces what it asks for.
    fn refuse(&self, args: &HookResolveIdArgs<'_>, refusal: Refusal) -> HookResolveIdReturn {
        let replacement = match &refusal {
            Refusal::NodeBuiltIn | Refusal::RuntimeModule => format!("{UNAVAILABLE_PREFIX}{}", args.specifier),
            Refusal::Remote | Refusal::Wasm(_) | Refusal::NoRule | Refusal::Query => REFUSED.to_owned(),
        };
        let import = Import {
            importer: args.importer.map(PathBuf::from).unwrap_or_default(),
            specifier: args.specifier.to_owned(),
            refusal,
        };
        self.found.lock().unwrap_or_else(PoisonError::into_inner).refused.push(import);
        Ok(Some(HookResolveIdOutput::from_id(replacement)))
    }

    /// The module of Node.js that `specifier` stands for, if the worker may have it.
    fn node_module(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        let (name, is_prefixed) = match args.specifier.strip_prefix("node:") {
            Some(name) => (name, true),
            None => (args.specifier, false),
        };
        // Node.js knows these by their full names alone
        let needs_prefix = !NODE_BUILT_INS.contains(&name.split('/').next()?) && !name.starts_with("_stream_");
        let allowed = match self.node.modules {
            NodeModules::None => false,
            NodeModules::AsyncHooks => name == "async_hooks" && is_prefixed,
            NodeModules::Prefixed => is_prefixed,
            NodeModules::All | NodeModules::External => is_prefixed || !needs_prefix,
        };
        if !allowed || !node::is_module(name) {
            return None;
        }
        let is_required = matches!(args.kind, ImportKind::Require);
        // An ES module cannot require what is outside of it, so that goes by one of ours that imports it.
        if self.node.modules == NodeModules::External && !is_required {
            return Some(external(&format!("node:{name}")));
        }
        if name == "async_hooks" {
            self.found.lock().unwrap_or_else(PoisonError::into_inner).async_hooks = true;
        }
        Some(tree_shaken(node::id(name, is_required)))
    }

    /// The file that the bundler alone would find.
    async fn resolve(&self, context: &PluginContext, args: &HookResolveIdArgs<'_>) -> anyhow::Result<Option<PathBuf>> {
        // `x.wasm?module` is what other tools want for `x.wasm`.
        let specifier = args.specifier.strip_suffix(wasm::QUERY).unwrap_or(args.specifier);
        let options = PluginContextResolveOptions {
            import_kind: args.kind,
            skip_self: true,
            ..PluginContextResolveOptions::default()
        };
        let found = context.resolve(specifier, args.importer, Some(options)).await?;
        Ok(found.ok().filter(|found| !found.external.is_external()).map(|found| PathBuf::from(found.id.as_str())))
    }

    fn kind_of(&self, file: &Path) -> Option<ModuleKind> {
        kind_of_file(&self.rules, file.strip_prefix(&self.root).unwrap_or(file))
    }
}

impl Plugin for WorkerPlugin {
    fn name(&self) -> Cow<'static, str> {
        "glowplug".into()
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load | HookUsage::Transform
    }

    async fn resolve_id(&self, context: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        let specifier = args.specifier;
        if args.is_entry {
            return Ok(None);
        }
        let made_here = args.importer.is_some_and(|importer| importer.starts_with(WASM_PREFIX));
        if let Some(id) = node::resolve(specifier, args.importer) {
            let is_for_globals = specifier == node::GLOBALS;
            return Ok(Some(if is_for_globals { HookResolveIdOutput::from_id(id) } else { tree_shaken(id) }));
        }
        let is_private = specifier == node::RUNTIME && args.importer.is_some_and(node::is_ours);
        if PROVIDED.contains(&specifier) || is_private || made_here {
            return Ok(Some(external(specifier)));
        }
        if let Some(output) = self.node_module(args) {
            return Ok(Some(output));
        }
        if specifier.starts_with("node:") {
            return self.refuse(args, Refusal::NodeBuiltIn);
        }
        if specifier.starts_with("cloudflare:") {
            return self.refuse(args, Refusal::RuntimeModule);
        }
        if specifier.starts_with("http://") || specifier.starts_with("https://") {
            return self.refuse(args, Refusal::Remote);
        }
        if specifier.split('/').next().is_some_and(|name| NODE_BUILT_INS.contains(&name)) {
            // npm has packages of the same names, made for use outside of Node.js.
            return match self.resolve(context, args).await? {
                Some(_) => Ok(None),
                None => self.refuse(args, Refusal::NodeBuiltIn),
            };
        }
        if extension_of(Path::new(specifier)).is_none_or(|extension| BUNDLED.contains(&extension)) {
            return Ok(None);
        }
        let Some(file) = self.resolve(context, args).await? else { return Ok(None) };
        match self.kind_of(&file) {
            Some(ModuleKind::CompiledWasm) if !specifier.trim_end_matches(wasm::QUERY).contains('?') => {
                match wasm::check(&tokio::fs::read(&file).await?) {
                    Ok(()) => Ok(Some(HookResolveIdOutput::from_id(format!("{WASM_PREFIX}{}", file.display())))),
                    Err(reason) => self.refuse(args, Refusal::Wasm(reason)),
                }
            }
            _ if specifier.contains('?') => self.refuse(args, Refusal::Query),
            Some(ModuleKind::CompiledWasm) => Ok(None),
            Some(ModuleKind::Text | ModuleKind::Data) => Ok(None),
            None if extension_of(&file).is_none_or(|extension| BUNDLED.contains(&extension)) => Ok(None),
            None => self.refuse(args, Refusal::NoRule),
        }
    }

    async fn load(&self, context: SharedLoadPluginContext, args: &HookLoadArgs<'_>) -> HookLoadReturn {
        if args.id == REFUSED {
            return Ok(Some(module("module.exports = {};".to_owned(), ModuleType::Js)));
        }
        if let Some(specifier) = args.id.strip_prefix(UNAVAILABLE_PREFIX) {
            let code = format!("const specifier = {specifier:?};\n{}", include_str!("unavailable.js"));
            return Ok(Some(module(code, ModuleType::Js)));
        }
        if let Some(file) = args.id.strip_prefix(WASM_PREFIX) {
            let name = wasm::add(&self.wasm, tokio::fs::read(file).await?);
            context.add_watch_file(file);
            return Ok(Some(module(format!("export {{ default }} from \"{name}\";\n"), ModuleType::Js)));
        }
        if let Some(code) = node::load(args.id, self.node) {
            return Ok(Some(module(code, ModuleType::Js)));
        }
        let file = Path::new(args.id);
        if args.id.starts_with('\0') || !file.is_absolute() {
            return Ok(None);
        }
        let output = match self.kind_of(file) {
            Some(ModuleKind::Text) => module(tokio::fs::read_to_string(file).await?, ModuleType::Text),
            Some(ModuleKind::Data) => module(data_module(&tokio::fs::read(file).await?), ModuleType::Js),
            Some(ModuleKind::CompiledWasm) | None => return Ok(None),
        };
        context.add_watch_file(args.id);
        Ok(Some(output))
    }

    async fn transform(&self, _: SharedTransformPluginContext, args: &HookTransformArgs<'_>) -> HookTransformReturn {
        let additions = Additions {
            awaits: self.follow_awaits,
            globals: self.node.globals && Path::new(args.id) == self.entry,
            nested_new: nested_new::may_be_in(args.code),
        };
        let kind = match args.module_type {
            ModuleType::Js | ModuleType::Jsx => SourceType::jsx(),
            ModuleType::Ts => SourceType::ts(),
            ModuleType::Tsx => SourceType::tsx(),
            _ => return Ok(None),
        };
        if !additions.apply_to(args.code) {
            return Ok(None);
        }
        let added = async_context::add(args.code, kind, args.id, additions);
        Ok(added.map(|(code, map)| HookTransformOutput {
            code: Some(code),
            map: map.into(),
            ..HookTransformOutput::default()
        }))
    }
}

fn external(specifier: &str) -> HookResolveIdOutput {
    HookResolveIdOutput { external: Some(true.into()), ..HookResolveIdOutput::from_id(specifier) }
}

/// A module of which only what is used becomes part of the bundle.
fn tree_shaken(id: String) -> HookResolveIdOutput {
    HookResolveIdOutput { side_effects: Some(HookSideEffects::False), ..HookResolveIdOutput::from_id(id) }
}

fn module(code: String, kind: ModuleType) -> HookLoadOutput {
    HookLoadOutput { code: code.into(), module_type: Some(kind), ..HookLoadOutput::default() }
}

fn extension_of(file: &Path) -> Option<&str> {
    file.extension()?.to_str()
}

/// A module whose default export is an `ArrayBuffer` of these bytes.
pub(super) fn data_module(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut base64 = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().enumerate().fold(0_u32, |bits, (index, byte)| bits | u32::from(*byte) << (16 - 8 * index));
        for index in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * index)) as usize & 63];
            base64.push(if index <= group.len() { char::from(digit) } else { '=' });
        }
    }
    format!("export default Uint8Array.from(atob(\"{base64}\"), (character) => character.charCodeAt(0)).buffer;\n")
}
