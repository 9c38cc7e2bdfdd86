//! `Intl.ListFormat`.

use icu_list::options::{ListFormatterOptions, ListLength};
use icu_list::{ListFormatter as Formatter, parts};
use rquickjs::class::Trace;
use rquickjs::{Array, Ctx, Function, JsLifetime, Object, Result};
use writeable::Part;

use super::data;
use super::error::internal;
use super::locale;
use super::parts::collect;
use crate::web::convert::Usv;

/// A list format, behind an `Intl.ListFormat`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct ListFormatter {
    #[qjs(skip_trace)]
    inner: Formatter,
}

fn part_name(part: Option<Part>) -> &'static str {
    match part {
        Some(parts::ELEMENT) => "element",
        _ => "literal",
    }
}

#[rquickjs::methods]
impl ListFormatter {
    fn parts<'js>(&self, ctx: Ctx<'js>, items: Vec<Usv>) -> Result<Array<'js>> {
        let items = items.iter().map(|item| item.0.as_str());
        collect(&self.inner.format(items), part_name, None).to_js(&ctx)
    }
}

fn create<'js>(ctx: Ctx<'js>, tag: String, kind: String, style: String) -> Result<ListFormatter> {
    let locale = locale::parse(&ctx, &tag)?;
    let provider = data::data().map_err(|error| internal(&ctx, error))?;
    let length = match style.as_str() {
        "short" => ListLength::Short,
        "narrow" => ListLength::Narrow,
        _ => ListLength::Wide,
    };
    let options = ListFormatterOptions::default().with_length(length);
    let inner = match kind.as_str() {
        "disjunction" => Formatter::try_new_or_with_buffer_provider(provider, (&locale).into(), options),
        "unit" => Formatter::try_new_unit_with_buffer_provider(provider, (&locale).into(), options),
        _ => Formatter::try_new_and_with_buffer_provider(provider, (&locale).into(), options),
    };
    Ok(ListFormatter { inner: inner.map_err(|error| internal(&ctx, error))? })
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<ListFormatter>::define(native)?;
    native.set("listFormat", Function::new(ctx.clone(), create)?)
}
