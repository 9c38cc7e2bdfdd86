//! Bindings: subrequests to KV namespaces, other workers and assets; secrets; what is known of the version.
//!
//! ## Why
//!
//! A binding answers HTTP at an address that the host draws for the invocation. Whoever knows the address can use the
//! binding, so it stays here: JavaScript names the binding and gives the path.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::object::Property;
use rquickjs::{Class, Ctx, Exception, Object, Result, Value};

use crate::bindings::wasi::http::types::Scheme;
use crate::web::headers::HeaderList;

use super::fetch::{self, FetchHandle};
use super::target::{Peer, Target};
use super::{engine, host};

/// Tells the host what URL the caller meant; the request's own one has the binding's address.
const URL_HEADER: &str = "glowplug-url";

/// The version that runs.
pub struct Version {
    pub id: String,
    pub tag: String,
    pub timestamp: String,
}

thread_local! {
    /// Names and addresses of the bindings used so far. An instance serves one invocation, in which they stay the same.
    static ADDRESSES: RefCell<Vec<(String, Rc<str>)>> = const { RefCell::new(Vec::new()) };
}

/// `native.callBinding(name, method, target, headers, body)`. `target` is an absolute URL, of which the binding is
/// told, or a path; `headers` may be null. What is wrong with the request rejects the promise.
pub fn call<'js>(
    ctx: Ctx<'js>,
    name: String,
    method: String,
    target: String,
    list: Option<Class<'js, HeaderList>>,
    body: Value<'js>,
) -> Result<FetchHandle<'js>> {
    engine::disallow_at_start_up(&ctx, &format!("env.{name}"))?;
    let mut pairs = list.map(|list| list.borrow().to_bytes_pairs()).unwrap_or_default();
    pairs.retain(|(header, _)| header != URL_HEADER);
    let mut path = target.as_str();
    if !target.starts_with('/') {
        path = match Target::parse(&target) {
            Ok(meant) => meant.path,
            Err(message) => return Err(Exception::throw_type(&ctx, &message)),
        };
        pairs.push((URL_HEADER.to_owned(), target.clone().into_bytes()));
    }
    let address = address(&name);
    fetch::begin(&ctx, &method, pairs, body, || {
        let authority = address.as_ref().map_err(Clone::clone)?;
        let peer = Peer::Binding { authority: authority.to_string() };
        Ok((Target { scheme: Scheme::Http, authority, path }, peer))
    })
}

/// The address of the binding `name`, or why it has none.
fn address(name: &str) -> std::result::Result<Rc<str>, String> {
    ADDRESSES.with_borrow_mut(|addresses| {
        if let Some((_, address)) = addresses.iter().find(|(known, _)| known == name) {
            return Ok(Rc::clone(address));
        }
        let address: Rc<str> = host::binding_address(name)?.into();
        addresses.push((name.to_owned(), Rc::clone(&address)));
        Ok(address)
    })
}

/// `native.version()` → `{id, tag, timestamp}`.
pub fn version<'js>(ctx: Ctx<'js>) -> Result<Object<'js>> {
    engine::disallow_at_start_up(&ctx, "version metadata")?;
    let Version { id, tag, timestamp } = host::version().map_err(|message| Exception::throw_message(&ctx, &message))?;
    let metadata = Object::new(ctx)?;
    metadata.set("id", id)?;
    metadata.set("tag", tag)?;
    metadata.set("timestamp", timestamp)?;
    Ok(metadata)
}

/// Gives the worker's secrets to the prelude. Without any, JavaScript is not entered.
pub fn give_secrets(ctx: &Ctx<'_>) -> Result<()> {
    let secrets = host::secrets();
    if secrets.is_empty() {
        return Ok(());
    }
    let values = Object::new(ctx.clone())?;
    for (name, value) in secrets {
        // Not `set`, for which `__proto__` is something else.
        values.prop(name, Property::from(value).enumerable())?;
    }
    engine::hook(ctx, |hooks| &hooks.set_secrets)?.call((values,))
}
