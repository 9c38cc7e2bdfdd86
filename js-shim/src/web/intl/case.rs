//! `toLocaleUpperCase` and `toLocaleLowerCase` for the languages that have rules of their own.

use icu_casemap::CaseMapper;
use rquickjs::{Ctx, Function, Object, Result};

use super::data;
use super::error::internal;
use super::locale;
use crate::web::convert::Usv;

fn convert(ctx: Ctx<'_>, text: Usv, tag: String, upper: bool) -> Result<String> {
    let locale = locale::parse(&ctx, &tag)?;
    let provider = data::data().map_err(|error| internal(&ctx, error))?;
    let mapper = CaseMapper::try_new_with_buffer_provider(provider).map_err(|error| internal(&ctx, error))?;
    let mapper = mapper.as_borrowed();
    let converted = if upper {
        mapper.uppercase_to_string(&text.0, &locale.id)
    } else {
        mapper.lowercase_to_string(&text.0, &locale.id)
    };
    Ok(converted.into_owned())
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("convertCase", Function::new(ctx.clone(), convert)?)
}
