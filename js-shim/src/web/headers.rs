//! Header lists: what `Headers` wraps, and what a request or response carries.

use rquickjs::{Array, Class, Ctx, Exception, Function, JsLifetime, Object, Result, class::Trace, object::Filter};

use super::convert::ByteString;

/// An ordered list of header names (lower case) and values. A value is kept as a `String` of chars below U+0100.
#[derive(Clone, Default, Trace, JsLifetime)]
#[rquickjs::class]
pub struct HeaderList {
    #[qjs(skip_trace)]
    entries: Vec<(String, String)>,
    /// Counts changes, so that an iterator knows when its sorted copy is stale.
    version: u32,
}

impl HeaderList {
    /// Takes over what came from the network. Names must be valid; they are lowered.
    pub fn from_bytes_pairs<N: Into<String>, V: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let entries = pairs
            .into_iter()
            .map(|(name, value)| {
                let mut name = name.into();
                name.make_ascii_lowercase();
                (name, isomorphic_decode(value.as_ref()))
            })
            .collect();
        HeaderList { entries, version: 0 }
    }

    /// The list as it goes to the network.
    pub fn to_bytes_pairs(&self) -> Vec<(String, Vec<u8>)> {
        self.entries.iter().map(|(name, value)| (name.clone(), isomorphic_encode(value))).collect()
    }

    fn push(&mut self, ctx: &Ctx<'_>, name: String, value: String) -> Result<()> {
        let name = valid_name(ctx, name)?;
        let value = valid_value(ctx, &name, value)?;
        self.entries.push((name, value));
        self.version += 1;
        Ok(())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|(n, _)| n == name)
    }

    fn sorted(&self) -> Vec<(&str, String)> {
        let mut order: Vec<&(String, String)> = self.entries.iter().collect();
        // stable: values of one name stay in the order they came
        order.sort_by(|a, b| a.0.cmp(&b.0));
        let mut combined: Vec<(&str, String)> = Vec::with_capacity(order.len());
        for (name, value) in order {
            match combined.last_mut() {
                Some((last, values)) if *last == name && name != "set-cookie" => {
                    values.push_str(", ");
                    values.push_str(value);
                }
                _ => combined.push((name, value.clone())),
            }
        }
        combined
    }
}

#[rquickjs::methods(rename_all = "camelCase")]
impl HeaderList {
    #[qjs(constructor)]
    fn new() -> Self {
        HeaderList::default()
    }

    #[qjs(get)]
    fn version(&self) -> u32 {
        self.version
    }

    fn get(&self, ctx: Ctx<'_>, name: ByteString) -> Result<Option<String>> {
        let name = valid_name(&ctx, name.0)?;
        let mut values = self.entries.iter().filter(|(n, _)| *n == name).map(|(_, v)| v);
        let Some(first) = values.next() else { return Ok(None) };
        let mut combined = first.clone();
        for value in values {
            combined.push_str(", ");
            combined.push_str(value);
        }
        Ok(Some(combined))
    }

    fn has(&self, ctx: Ctx<'_>, name: ByteString) -> Result<bool> {
        let name = valid_name(&ctx, name.0)?;
        Ok(self.position(&name).is_some())
    }

    fn append(&mut self, ctx: Ctx<'_>, name: ByteString, value: ByteString) -> Result<()> {
        self.push(&ctx, name.0, value.0)
    }

    fn set(&mut self, ctx: Ctx<'_>, name: ByteString, value: ByteString) -> Result<()> {
        let name = valid_name(&ctx, name.0)?;
        let value = valid_value(&ctx, &name, value.0)?;
        self.version += 1;
        match self.position(&name) {
            Some(first) => {
                let mut index = 0;
                self.entries.retain(|(n, _)| {
                    index += 1;
                    index - 1 <= first || *n != name
                });
                self.entries[first].1 = value;
            }
            None => self.entries.push((name, value)),
        }
        Ok(())
    }

    fn set_if_absent(&mut self, ctx: Ctx<'_>, name: ByteString, value: ByteString) -> Result<()> {
        match self.position(&name.0) {
            Some(_) => Ok(()),
            None => self.push(&ctx, name.0, value.0),
        }
    }

    fn delete(&mut self, ctx: Ctx<'_>, name: ByteString) -> Result<()> {
        let name = valid_name(&ctx, name.0)?;
        self.entries.retain(|(n, _)| *n != name);
        self.version += 1;
        Ok(())
    }

    fn get_set_cookie(&self) -> Vec<String> {
        self.entries.iter().filter(|(n, _)| n == "set-cookie").map(|(_, v)| v.clone()).collect()
    }

    /// Sorted and combined as the fetch standard says, `set-cookie` apart.
    fn entries<'js>(&self, ctx: Ctx<'js>) -> Result<Array<'js>> {
        let list = Array::new(ctx.clone())?;
        for (i, (name, value)) in self.sorted().into_iter().enumerate() {
            let pair = Array::new(ctx.clone())?;
            pair.set(0, name)?;
            pair.set(1, value)?;
            list.set(i, pair)?;
        }
        Ok(list)
    }

    fn copy(&self) -> HeaderList {
        HeaderList { entries: self.entries.clone(), version: 0 }
    }

    fn append_all(&mut self, other: Class<'_, HeaderList>) {
        self.entries.extend(other.borrow().entries.iter().cloned());
        self.version += 1;
    }

    /// Appends the own enumerable properties of a plain object; false, and nothing done, for a proxy.
    fn append_record<'js>(&mut self, ctx: Ctx<'js>, record: Object<'js>) -> Result<bool> {
        if record.is_proxy() {
            return Ok(false);
        }
        for property in record.own_props::<ByteString, ByteString>(Filter::new().string().enum_only()) {
            let (name, value) = property?;
            self.push(&ctx, name.0, value.0)?;
        }
        Ok(true)
    }
}

fn valid_name(ctx: &Ctx<'_>, mut name: String) -> Result<String> {
    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return Err(Exception::throw_type(ctx, &format!("Invalid header name: {name:?}.")));
    }
    name.make_ascii_lowercase();
    Ok(name)
}

fn valid_value(ctx: &Ctx<'_>, name: &str, value: String) -> Result<String> {
    let trimmed = value.trim_matches([' ', '\t', '\r', '\n']);
    if trimmed.contains(['\0', '\r', '\n']) {
        let message = format!("Invalid header value for \"{name}\": it has a line break or NUL.");
        return Err(Exception::throw_type(ctx, &message));
    }
    Ok(if trimmed.len() == value.len() { value } else { trimmed.to_owned() })
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn isomorphic_decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn isomorphic_encode(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        return text.as_bytes().to_vec();
    }
    // every char is below U+0100: `ByteString` and `isomorphic_decode` see to it
    text.chars().map(|c| c as u8).collect()
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    Class::<HeaderList>::define(native)?;
    native.set("toByteString", Function::new(ctx.clone(), |value: ByteString| value.0)?)
}
