//! URL parsing and the setters of `URL`, by the `url` crate's WHATWG functions.

use rquickjs::{
    Ctx, Exception, Function, JsLifetime, Object, Result,
    class::{Class, Trace},
    convert::List,
    prelude::Opt,
};
use url::{Url, quirks};

use super::convert::Usv;

/// A parsed URL, behind a JavaScript `URL` object.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct UrlRecord {
    #[qjs(skip_trace)]
    url: Url,
}

#[rquickjs::methods(rename_all = "camelCase")]
impl UrlRecord {
    fn href(&self) -> &str {
        quirks::href(&self.url)
    }

    /// False, and nothing changed, when the value is no URL.
    fn set_href(&mut self, value: Usv) -> bool {
        quirks::set_href(&mut self.url, &value.0).is_ok()
    }

    fn origin(&self) -> String {
        quirks::origin(&self.url)
    }

    fn protocol(&self) -> &str {
        quirks::protocol(&self.url)
    }

    fn username(&self) -> &str {
        quirks::username(&self.url)
    }

    fn password(&self) -> &str {
        quirks::password(&self.url)
    }

    fn host(&self) -> &str {
        quirks::host(&self.url)
    }

    fn hostname(&self) -> &str {
        quirks::hostname(&self.url)
    }

    fn port(&self) -> &str {
        quirks::port(&self.url)
    }

    fn pathname(&self) -> &str {
        quirks::pathname(&self.url)
    }

    fn search(&self) -> &str {
        quirks::search(&self.url)
    }

    fn hash(&self) -> &str {
        quirks::hash(&self.url)
    }

    /// The WHATWG setters: a value that does not fit is ignored.
    fn set(&mut self, part: String, value: Usv) {
        let (url, value) = (&mut self.url, value.0.as_str());
        let _ignored = match part.as_str() {
            "protocol" => quirks::set_protocol(url, value),
            "username" => quirks::set_username(url, value),
            "password" => quirks::set_password(url, value),
            "host" => quirks::set_host(url, value),
            "hostname" => quirks::set_hostname(url, value),
            "port" => quirks::set_port(url, value),
            "pathname" => {
                quirks::set_pathname(url, value);
                Ok(())
            }
            "search" => {
                quirks::set_search(url, value);
                Ok(())
            }
            "hash" => {
                quirks::set_hash(url, value);
                Ok(())
            }
            _ => Err(()),
        };
    }

    /// `search` as URLSearchParams writes it: already percent-encoded, empty means no query at all.
    fn set_query(&mut self, query: Usv) {
        self.url.set_query(if query.0.is_empty() { None } else { Some(&query.0) });
    }
}

fn parse(href: &str, base: Option<&str>) -> Option<Url> {
    match base {
        None => Url::parse(href).ok(),
        Some(base) => Url::parse(base).ok()?.join(href).ok(),
    }
}

fn parse_url(href: Usv, base: Option<Usv>) -> Option<UrlRecord> {
    let url = parse(&href.0, base.as_ref().map(|base| base.0.as_str()))?;
    Some(UrlRecord { url })
}

/// The URL of a `Request`: absolute and without credentials (fetch standard, `new Request(input)` step 5).
fn request_url(ctx: Ctx<'_>, href: Usv) -> Result<String> {
    let Some(url) = parse(&href.0, None) else {
        return Err(Exception::throw_type(&ctx, &format!("Invalid URL: {}", href.0)));
    };
    if !url.username().is_empty() || url.password().is_some() {
        let message = format!("Request cannot be constructed from a URL that includes credentials: {}", href.0);
        return Err(Exception::throw_type(&ctx, &message));
    }
    Ok(url.into())
}

/// Where a redirect from `from` leads: `[href, is another origin]`; undefined when `location` is no URL.
/// A location without a fragment keeps the one of `from` (fetch standard, "location URL").
fn redirect_url(from: Usv, location: Usv) -> Option<List<(String, bool)>> {
    let from = Url::parse(&from.0).ok()?;
    let mut to = from.join(&location.0).ok()?;
    if to.fragment().is_none() {
        to.set_fragment(from.fragment());
    }
    let other_origin = to.origin() != from.origin();
    Some(List((to.into(), other_origin)))
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
