//! The list behind `URLSearchParams`.

use rquickjs::{
    Ctx, JsLifetime, Object, Result,
    class::{Class, Trace},
    object::Filter,
};
use url::form_urlencoded;

use super::convert::Usv;

/// Names and values in order, as `application/x-www-form-urlencoded` has them.
#[derive(Default, Trace, JsLifetime)]
#[rquickjs::class]
pub struct ParamList {
    #[qjs(skip_trace)]
    pairs: Vec<(String, String)>,
}

#[rquickjs::methods(rename_all = "camelCase")]
impl ParamList {
    #[qjs(constructor)]
    fn new() -> Self {
        ParamList::default()
    }

    #[qjs(get)]
    fn size(&self) -> usize {
        self.pairs.len()
    }

    /// Replaces everything by what `query` says; `query` has no leading `?`.
    fn parse(&mut self, query: Usv) {
        self.pairs = form_urlencoded::parse(query.0.as_bytes()).into_owned().collect();
    }

    fn append(&mut self, name: Usv, value: Usv) {
        self.pairs.push((name.0, value.0));
    }

    /// Takes the own enumerable properties of a plain object; a later duplicate replaces an earlier one. False, and
    /// nothing done, for a proxy.
    fn append_record<'js>(&mut self, record: Object<'js>) -> Result<bool> {
        if record.is_proxy() {
            return Ok(false);
        }
        for property in record.own_props::<Usv, Usv>(Filter::new().string().enum_only()) {
            let (name, value) = property?;
            self.set(name, value);
        }
        Ok(true)
    }

    fn delete(&mut self, name: Usv, value: Option<Usv>) {
        self.pairs.retain(|(n, v)| *n != name.0 || value.as_ref().is_some_and(|value| *v != value.0));
    }

    fn get(&self, name: Usv) -> Option<&str> {
        self.pairs.iter().find(|(n, _)| *n == name.0).map(|(_, v)| v.as_str())
    }

    fn get_all(&self, name: Usv) -> Vec<&str> {
        self.pairs.iter().filter(|(n, _)| *n == name.0).map(|(_, v)| v.as_str()).collect()
    }

    fn has(&self, name: Usv, value: Option<Usv>) -> bool {
        self.pairs.iter().any(|(n, v)| *n == name.0 && value.as_ref().is_none_or(|value| *v == value.0))
    }

    fn set(&mut self, name: Usv, value: Usv) {
        match self.pairs.iter().position(|(n, _)| *n == name.0) {
            Some(first) => {
                let mut index = 0;
                self.pairs.retain(|(n, _)| {
                    index += 1;
                    index - 1 <= first || *n != name.0
                });
                self.pairs[first].1 = value.0;
            }
            None => self.append(name, value),
        }
    }

    /// By UTF-16 code units, keeping the order of equal names.
    fn sort(&mut self) {
        self.pairs.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
    }

    /// The pair at `index`, or undefined: iterators are live.
    fn at(&self, index: usize) -> Option<Vec<&str>> {
        self.pairs.get(index).map(|(name, value)| vec![name.as_str(), value.as_str()])
    }

    fn serialize(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish()
    }
}

pub(super) fn install(_ctx: &Ctx<'_>, native: &Object<'_>) -> Result<()> {
    Class::<ParamList>::define(native)
}
