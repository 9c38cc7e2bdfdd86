//! Metadata of an entry, read with a bound on how many values it is made of.
//!
//! ## Why
//! `[0,0,…]` takes sixteen times as much memory when it is read as it takes as text. Metadata is limited to a kilobyte, but
//! that can be seen only once it is read; in a body of 100 MB there would be room for gigabytes.

use crate::kv::limits::METADATA;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// Any JSON that could be within the limit of metadata: each value takes a byte at least.
pub(super) struct Metadata(pub Value);

/// By this name serde_json gives a number, as text, with `arbitrary_precision`, which the bundler turns on for the whole
/// program.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads a value, as long as there is some of the budget left.
#[derive(Clone, Copy)]
struct Budget<'a>(&'a Cell<u64>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let left = Cell::new(METADATA.maximum);
        Budget(&left).deserialize(deserializer).map(Self)
    }
}

impl Budget<'_> {
    fn spend<E: Error>(self) -> Result<(), E> {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.ok_or_else(|| E::custom(format!("metadata is limited to {} bytes", METADATA.maximum)))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Budget<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Budget<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if name == NUMBER && map.is_empty() {
                let text: String = entries.next_value()?;
                let number = text.parse::<Number>();
                return number.map(Value::Number).map_err(|_| A::Error::custom(format!("`{name}` cannot be a name")));
            }
            map.insert(name, entries.next_value_seed(self)?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_as_it_is_unless_it_cannot_be_within_the_limit() {
        let text = r#"{"z":1.5,"a":"ü\"","n":[-1,18446744073709551616000,1.0,null,true,{}]}"#;
        let Metadata(read) = serde_json::from_str(text).unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(text).unwrap());
        let list = |length: usize| format!("[{}]", vec!["0"; length].join(","));
        let most = METADATA.maximum as usize;
        assert!(serde_json::from_str::<Metadata>(&list(most - 1)).is_ok());
        let error = serde_json::from_str::<Metadata>(&list(most)).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("metadata is limited to 1024 bytes")));
    }
}
