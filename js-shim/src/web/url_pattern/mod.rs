//! `URLPattern`: patterns to regular expressions, which QuickJS runs, and inputs to components.

mod canonicalize;
mod component;
mod constructor_string;
mod init;
mod parts;
mod tokenizer;
mod v_mode;

use rquickjs::{Array, Ctx, Exception, Function, Object, Result};

use super::convert::Usv;
use super::url::{default_port, parser};
use canonicalize::Canonicalize;
use component::{Component, compile};
use init::{COMPONENTS, Init, Kind, Name, process};

/// Why there is no pattern: what is wrong with it, or what JavaScript threw.
enum Fault {
    Pattern(String),
    Js(rquickjs::Error),
}

impl Fault {
    fn throw(self, ctx: &Ctx<'_>) -> rquickjs::Error {
        match self {
            Fault::Pattern(message) => Exception::throw_type(ctx, &message),
            Fault::Js(error) => error,
        }
    }
}

/// A string, or the nine members of a `URLPatternInit`, the base URL last.
enum Input {
    Text(String),
    Init(Init),
}

impl Input {
    fn from_js(text: Option<Usv>, members: Option<Vec<Option<Usv>>>) -> Self {
        let Some(members) = members else { return Input::Text(text.map_or(String::new(), |text| text.0)) };
        let mut init = Init::default();
        for (i, member) in members.into_iter().enumerate() {
            let member = member.map(|member| member.0);
            match i < COMPONENTS {
                true => init.components[i] = member,
                false => init.base = member,
            }
        }
        Input::Init(init)
    }
}

/// "create" a URL pattern. `matches_special(regexp)` says whether it matches a special scheme.
fn create(
    input: Input,
    base: Option<String>,
    matches_special: impl Fn(&Component) -> std::result::Result<bool, Fault>,
) -> std::result::Result<[Component; COMPONENTS], Fault> {
    let given = match input {
        Input::Init(_) if base.is_some() => {
            return Err(Fault::Pattern("URLPattern: a base URL can only be given with a string.".to_owned()));
        }
        Input::Init(init) => init,
        Input::Text(text) => {
            let mut init = constructor_string::parse(&text, &matches_special)?;
            if base.is_none() && !init.has(Name::Protocol) {
                return Err(Fault::Pattern(format!("Invalid pattern: \"{text}\" is relative and needs a base URL.")));
            }
            init.base = base;
            init
        }
    };
    let init = process(&given, Kind::Pattern)?;
    let text = |name: Name| init.get(name).unwrap_or("*");
    let default = |name: Name, canonicalize| compile(text(name), parts::DEFAULT, canonicalize);

    let protocol = default(Name::Protocol, Canonicalize::Protocol)?;
    let special = matches_special(&protocol)?;
    let hostname = match text(Name::Hostname) {
        text if text.starts_with('[') || text.starts_with("{[") || text.starts_with("\\[") => Canonicalize::Ipv6,
        _ if special || protocol.pattern == "*" => Canonicalize::Domain,
        _ => Canonicalize::OpaqueHost,
    };
    let mut port = text(Name::Port);
    if default_port(text(Name::Protocol)).is_some_and(|default| default.to_string() == port) {
        port = "";
    }
    let pathname = match special {
        true => compile(text(Name::Pathname), parts::PATHNAME, Canonicalize::Pathname)?,
        false => default(Name::Pathname, Canonicalize::OpaquePathname)?,
    };
    Ok([
        protocol,
        default(Name::Username, Canonicalize::Userinfo)?,
        default(Name::Password, Canonicalize::Userinfo)?,
        compile(text(Name::Hostname), parts::HOSTNAME, hostname)?,
        compile(port, parts::DEFAULT, Canonicalize::Port)?,
        pathname,
        default(Name::Search, Canonicalize::Search)?,
        default(Name::Hash, Canonicalize::Hash)?,
    ])
}

/// The eight components, each as `[pattern, regexp, names, has regexp groups]`.
fn compile_pattern<'js>(
    ctx: Ctx<'js>,
    text: Option<Usv>,
    members: Option<Vec<Option<Usv>>>,
    base: Option<Usv>,
    matches_special: Function<'js>,
) -> Result<Array<'js>> {
    let matches = |component: &Component| matches_special.call((component.regexp.as_str(),)).map_err(Fault::Js);
    let components =
        create(Input::from_js(text, members), base.map(|base| base.0), matches).map_err(|fault| fault.throw(&ctx))?;
    let list = Array::new(ctx.clone())?;
    for (i, component) in components.into_iter().enumerate() {
        let entry = Array::new(ctx.clone())?;
        entry.set(0, component.pattern)?;
        entry.set(1, component.regexp)?;
        entry.set(2, component.names)?;
        entry.set(3, component.has_regexp_groups)?;
        list.set(i, entry)?;
    }
    Ok(list)
}

/// The eight components of what is matched; undefined when it can match nothing.
fn pattern_input(
    ctx: Ctx<'_>,
    text: Option<Usv>,
    members: Option<Vec<Option<Usv>>>,
    base: Option<Usv>,
) -> Result<Option<Vec<String>>> {
    match Input::from_js(text, members) {
        Input::Init(_) if base.is_some() => {
            Err(Exception::throw_type(&ctx, "URLPattern: a base URL can only be given with a string."))
        }
        Input::Init(init) => {
            let Ok(processed) = process(&init, Kind::Url) else { return Ok(None) };
            Ok(Some(processed.components.into_iter().map(Option::unwrap_or_default).collect()))
        }
        Input::Text(text) => Ok(url_components(&text, base.map(|base| base.0))),
    }
}

fn url_components(text: &str, base: Option<String>) -> Option<Vec<String>> {
    let base = match base {
        None => None,
        Some(base) => Some(parser::parse(&base, None)?),
    };
    let url = parser::parse(text, base.as_ref())?;
    let port = url.port.map_or(String::new(), |port| port.to_string());
    let [host, query, fragment] = [url.host, url.query, url.fragment].map(Option::unwrap_or_default);
    Some(vec![url.scheme, url.username, url.password, host, port, url.path, query, fragment])
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("compilePattern", Function::new(ctx.clone(), compile_pattern)?)?;
    native.set("patternInput", Function::new(ctx.clone(), pattern_input)?)
}
