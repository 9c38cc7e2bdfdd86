//! The impure part of the prelude's `native` object; README.md says what each member means.

use rquickjs::function::IntoJsFunc;
use rquickjs::{Class, Ctx, Function, Object, Result};

use super::body::BodyHandle;
use super::fetch::{self, FetchHandle};
use super::text::Text;
use super::websocket::SocketHandle;
use super::{binding, clock, engine, event_loop, failure, host, interrupt, random, response, timers, websocket};

/// The object without the pure part, which `web::boot` adds.
pub fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    let members = Members { ctx, native: &native };
    // Registers the prototypes now, so that no request has to.
    for prototype in [
        Class::<BodyHandle>::prototype(ctx)?,
        Class::<FetchHandle>::prototype(ctx)?,
        Class::<SocketHandle>::prototype(ctx)?,
    ] {
        drop(prototype);
    }

    members.add("now", clock::now)?;
    members.add("monotonicNow", clock::monotonic_now)?;
    members.add("random", random::random)?;
    members.add("randomBytes", random::random_bytes)?;
    members.add("log", |level: i32, text: Text| host::log(level, &text.0))?;
    members.add("setTimer", timers::set)?;
    members.add("clearTimer", timers::clear)?;
    members.add("fetch", fetch::fetch)?;
    members.add("callBinding", binding::call)?;
    members.add("version", binding::version)?;
    members.add("respond", response::respond)?;
    members.add("writeBody", response::write_body)?;
    members.add("endBody", response::end_body)?;
    members.add("abortBody", |name: Text, message: Text, stack: Text| {
        response::fail_body(name.0, message.0, stack.0);
    })?;
    members.add("fail", |name: Text, message: Text, stack: Text| {
        failure::fail(name.0, message.0, stack.0);
    })?;
    members.add("acceptSocket", websocket::accept)?;
    members.add("done", response::done)?;
    members.add("passThroughOnException", host::pass_through_on_exception)?;
    members.add("disallow", disallow)?;
    members.add("interrupted", interrupt::check)?;
    members.add("settle", event_loop::settle)?;
    Ok(native)
}

fn disallow(ctx: Ctx<'_>, what: String) -> Result<()> {
    engine::disallow_at_start_up(&ctx, &what)
}

struct Members<'a, 'js> {
    ctx: &'a Ctx<'js>,
    native: &'a Object<'js>,
}

impl<'js> Members<'_, 'js> {
    fn add<P, F: IntoJsFunc<'js, P> + 'js>(&self, name: &str, function: F) -> Result<()> {
        let function = Function::new(self.ctx.clone(), function)?.with_name(name)?;
        self.native.set(name, function)
    }
}
