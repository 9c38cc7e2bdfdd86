//! Modules that come with the runtime: `cloudflare:workers`.

use rquickjs::{
    Ctx, JsLifetime, Object, Result, Value,
    loader::{BuiltinResolver, ModuleLoader},
    module::{Declarations, Exports, ModuleDef},
};

const WORKERS: &str = "cloudflare:workers";
const WORKERS_EXPORTS: [&str; 3] = ["WorkerEntrypoint", "env", "waitUntil"];

/// What the prelude gave as `hooks.modules`, kept with the runtime until a worker imports it.
#[derive(JsLifetime)]
pub(super) struct BuiltinModules<'js>(pub(super) Object<'js>);

struct Workers;

impl ModuleDef for Workers {
    fn declare(declare: &Declarations<'_>) -> Result<()> {
        for name in WORKERS_EXPORTS {
            declare.declare(name)?;
        }
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let Some(modules) = ctx.userdata::<BuiltinModules>() else {
            return Err(rquickjs::Exception::throw_internal(ctx, "the prelude has not run"));
        };
        let module: Object = modules.0.get(WORKERS)?;
        for name in WORKERS_EXPORTS {
            exports.export(name, module.get::<_, Value>(name)?)?;
        }
        Ok(())
    }
}

/// For `Runtime::set_loader`: a worker's own modules are bundled into one, so there is nothing else to load.
pub fn loader() -> (BuiltinResolver, ModuleLoader) {
    (BuiltinResolver::default().with_module(WORKERS), ModuleLoader::default().with_module(WORKERS, Workers))
}
