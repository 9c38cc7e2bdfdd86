//! Modules that come with the runtime: `cloudflare:workers`.

use rquickjs::{
    Ctx, Exception, JsLifetime, Object, Result, Value,
    loader::{ImportAttributes, ModuleLoader, Resolver},
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
            return Err(Exception::throw_internal(ctx, "the prelude has not run"));
        };
        let module: Object = modules.0.get(WORKERS)?;
        for name in WORKERS_EXPORTS {
            exports.export(name, module.get::<_, Value>(name)?)?;
        }
        Ok(())
    }
}

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
        if name == WORKERS {
            return Ok(name.to_owned());
        }
        let message = format!(
            "No such module \"{name}\", imported by \"{base}\". Only \"{WORKERS}\" comes with the runtime: \
             bundle what you import, and do without Node.js's own modules."
        );
        Err(Exception::throw_type(ctx, &message))
    }
}

/// For `Runtime::set_loader`: a worker's own modules are bundled into one, so there is nothing else to load.
pub fn loader() -> (BuiltinResolver, ModuleLoader) {
    (BuiltinResolver, ModuleLoader::default().with_module(WORKERS, Workers))
}
