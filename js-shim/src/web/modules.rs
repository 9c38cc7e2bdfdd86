//! Modules that come with the runtime: `cloudflare:workers`, and what the modules of Node.js are built on.

use rquickjs::{
    Ctx, Exception, JsLifetime, Module, Object, Result, Value,
    loader::{ImportAttributes, Loader, ModuleLoader, Resolver},
    module::{Declarations, Declared, Exports, ModuleDef},
};

use super::wasm::modules as wasm;

const WORKERS: &str = "cloudflare:workers";
const NODE: &str = "glowplug:node";

/// What the prelude gave as `hooks.modules`, kept with the runtime until a worker imports it.
#[derive(JsLifetime)]
pub(super) struct BuiltinModules<'js>(pub(super) Object<'js>);

fn export<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>, module: &str, names: &[&str]) -> Result<()> {
    let Some(modules) = ctx.userdata::<BuiltinModules>() else {
        return Err(Exception::throw_internal(ctx, "the prelude has not run"));
    };
    let module: Object = modules.0.get(module)?;
    for name in names {
        exports.export(*name, module.get::<_, Value>(*name)?)?;
    }
    Ok(())
}

macro_rules! builtin_module {
    ($type:ident, $name:expr, $exports:expr) => {
        struct $type;

        impl ModuleDef for $type {
            fn declare(declare: &Declarations<'_>) -> Result<()> {
                for name in $exports {
                    declare.declare(name)?;
                }
                Ok(())
            }

            fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
                export(ctx, exports, $name, &$exports)
            }
        }
    };
}

builtin_module!(
    Workers,
    WORKERS,
    [
        "DurableObject",
        "RpcPromise",
        "RpcProperty",
        "RpcStub",
        "RpcTarget",
        "WorkerEntrypoint",
        "WorkflowEntrypoint",
        "env",
        "waitUntil",
    ]
);
builtin_module!(Node, NODE, ["createCipher", "createDigest", "onJob", "pbkdf2", "primitives", "promiseState"]);

/// Finds the modules that come with the runtime, and explains what to do about others.
pub struct BuiltinResolver;

impl Resolver for BuiltinResolver {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        if [WORKERS, NODE].contains(&name) || wasm::is_provided(ctx, name) {
            return Ok(name.to_owned());
        }
        let message = format!(
            "No such module \"{name}\", imported by \"{base}\". Only \"{WORKERS}\" comes with the runtime: \
             bundle what you import, with compatibility_flags = [\"nodejs_compat\"] if it needs Node.js's own modules."
        );
        Err(Exception::throw_type(ctx, &message))
    }
}

/// Loads what the resolver has found.
pub struct BuiltinLoader(ModuleLoader);

impl Loader for BuiltinLoader {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        match wasm::is_provided(ctx, name) {
            true => wasm::load(ctx, name),
            false => self.0.load(ctx, name, attributes),
        }
    }
}

/// For `Runtime::set_loader`: a worker's own modules are bundled into one, so there is nothing else to load.
pub fn loader() -> (BuiltinResolver, BuiltinLoader) {
    (BuiltinResolver, BuiltinLoader(ModuleLoader::default().with_module(WORKERS, Workers).with_module(NODE, Node)))
}
