//! `URL`: the record behind a JavaScript object, and what `fetch` asks of URLs.

pub mod encode;
pub mod parser;
mod record;
mod setters;

use rquickjs::{
    Ctx, Exception, Function, JsLifetime, Object, Result,
    class::{Class, Trace},
    convert::List,
    prelude::Opt,
};

use super::convert::Usv;
pub use record::{Url, default_port, is_special};

/// A parsed URL, behind a JavaScript `URL` object.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct UrlRecord {
    #[qjs(skip_trace)]
    url: Url,
}

#[rquickjs::methods(rename_all = "camelCase")]
impl UrlRecord {
    fn href(&self) -> String {
        self.url.href()
    }

    /// False, and nothing changed, when the value is no URL.
    fn set_href(&mut self, value: Usv) -> bool {
        match parser::parse(&value.0, None) {
            Some(url) => self.url = url,
            None => return false,
        }
        true
    }

    fn origin(&self) -> String {
        self.url.origin()
    }

    fn protocol(&self) -> String {
        format!("{}:", self.url.scheme)
    }

    fn username(&self) -> &str {
        &self.url.username
    }

    fn password(&self) -> &str {
        &self.url.password
    }

    fn host(&self) -> String {
        self.url.host_and_port()
    }

    fn hostname(&self) -> &str {
        self.url.host.as_deref().unwrap_or_default()
    }

    fn port(&self) -> String {
        self.url.port.map_or(String::new(), |port| port.to_string())
    }

    fn pathname(&self) -> &str {
        &self.url.path
    }

    fn search(&self) -> String {
        self.url.search()
    }

    fn hash(&self) -> String {
        self.url.hash()
    }

    /// The WHATWG setters: a value that does not fit is ignored.
    fn set(&mut self, part: String, value: Usv) {
        let (url, value) = (&mut self.url, value.0.as_str());
        match part.as_str() {
            "protocol" => url.set_protocol(value),
            "username" => url.set_username(value),
            "password" => url.set_password(value),
            "host" => url.set_host(value),
            "hostname" => _ = url.set_hostname(value),
            "port" => url.set_port_text(value),
            "pathname" => url.set_pathname(value),
            "search" => url.set_search(value),
            "hash" => url.set_hash(value),
            _ => {}
        }
    }

    /// `search` as URLSearchParams writes it: already percent-encoded, empty means no query at all.
    fn set_query(&mut self, query: Usv) {
        self.url.query = if query.0.is_empty() { None } else { Some(query.0) };
    }
}

fn parse(href: &str, base: Option<&str>) -> Option<Url> {
    match base {
        None => parser::parse(href, None),
        Some(base) => parser::parse(href, Some(&parser::parse(base, None)?)),
    }
}

fn parse_url(href: Usv, base: Option<Usv>) -> Option<UrlRecord> {
    let url = parse(&href.0, base.as_ref().map(|base| base.0.as_str()))?;
    Some(UrlRecord { url })
}

/// The URL of a `Request`: absolute and without credentials (fetch standard, `new Request(input)` step 5); undefined for
/// what is no absolute URL.
fn request_url(ctx: Ctx<'_>, href: Usv) -> Result<Option<String>> {
    let Some(url) = parse(&href.0, None) else { return Ok(None) };
    if url.has_credentials() {
        let message = format!("Request cannot be constructed from a URL that includes credentials: {}", href.0);
        return Err(Exception::throw_type(&ctx, &message));
    }
    Ok(Some(url.href()))
}

/// Where a redirect from `from` leads: `[href, is another origin]`; undefined when `location` is no URL.
/// A location without a fragment keeps the one of `from` (fetch standard, "location URL").
fn redirect_url(from: Usv, location: Usv) -> Option<List<(String, bool)>> {
    let from = parse(&from.0, None)?;
    let mut to = parser::parse(&location.0, Some(&from))?;
    if to.fragment.is_none() {
        to.fragment = from.fragment.clone();
    }
    let same_origin = to.scheme == from.scheme && to.host == from.host && to.port == from.port;
    Some(List((to.href(), !same_origin)))
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    Class::<UrlRecord>::define(native)?;
    // made now, not by the first request that needs it
    Class::<UrlRecord>::prototype(ctx)?;
    native.set(
        "parseUrl",
        Function::new(ctx.clone(), |href: Usv, base: Opt<Option<Usv>>| parse_url(href, base.0.flatten()))?,
    )?;
    native.set("requestUrl", Function::new(ctx.clone(), request_url)?)?;
    native.set("redirectUrl", Function::new(ctx.clone(), redirect_url)?)
}
