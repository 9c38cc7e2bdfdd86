//! What can happen besides requests: the `glowplug:worker/events` export.

use super::{binding, clock, engine, event_loop, interrupt, random, response};

/// Runs the handler of `kind`, which JavaScript is given `text` and `time` for. What goes wrong is reported.
pub fn handle(kind: &str, text: String, time: f64) {
    engine::begin_request();
    clock::begin();
    random::begin();
    interrupt::begin();
    response::begin_event();
    let handled = engine::with(|ctx| {
        engine::enter(&ctx, || {
            binding::give_secrets(&ctx)?;
            engine::hook(&ctx, |hooks| &hooks.event)?.call((kind, text, time))
        });
        event_loop::run(&ctx);
    });
    // Without an engine nothing was handled; it was said why when it was made.
    drop(handled);
    response::end();
}
