//! `wasi:keyvalue`: the worker's KV namespaces for components in any language.
//!
//! A bucket is a namespace, and its identifier the name of the KV binding. The data and the rules are those of
//! [`crate::kv`], so a value written here is read by a JavaScript worker that is bound to the same namespace. What
//! `wasi:keyvalue` cannot say is left alone: `set` writes no metadata and no expiration.

#[cfg(test)]
mod tests;

use super::binding::Bindings;
use super::clock::FrozenClock;
use super::http::Count;
use super::meter::Meter;
use super::tape::Tape;
use crate::kv::{Error, ListOptions, Namespace, PutOptions, Revision, Swap};
use crate::meter::Operation;
use crate::recording::{Base64, Event};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::future::Future;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

mod bindings {
    wasmtime::component::bindgen!({
        path: "guest-sdk/wit",
        world: "wasi:keyvalue/imports@0.2.0-draft2",
        imports: {
            "wasi:keyvalue/store.open": trappable,
            "wasi:keyvalue/store.[drop]bucket": trappable,
            "wasi:keyvalue/atomics.[drop]cas": trappable,
            default: async | trappable,
        },
        with: {
            "wasi:keyvalue/store.bucket": crate::kv::Namespace,
            "wasi:keyvalue/atomics.cas": super::Cas,
        },
    });
}

pub use self::bindings::wasi::keyvalue::{atomics, batch, store};

/// View of the request's state that `wasi:keyvalue` works on.
pub struct Keyvalue<'a> {
    pub table: &'a mut ResourceTable,
    pub clock: &'a FrozenClock,
    /// Holds the worker's namespaces by the names of their bindings.
    pub bindings: &'a Bindings,
    /// Counts operations.
    pub count: &'a Count,
    pub meter: &'a mut Meter,
    pub tape: &'a mut Tape,
}

/// Names [`Keyvalue`] to the linker.
pub struct HasKeyvalue;

impl HasData for HasKeyvalue {
    type Data<'a> = Keyvalue<'a>;
}

/// A compare-and-swap that has begun.
pub struct Cas {
    namespace: Namespace,
    key: String,
    /// What the swap expects; none if the key was not there.
    revision: Option<Revision>,
}

/// Makes the interfaces known to the linker; `view` gives what they work on.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> Keyvalue<'_>) -> Result<()> {
    store::add_to_linker::<_, HasKeyvalue>(linker, view)?;
    atomics::add_to_linker::<_, HasKeyvalue>(linker, view)?;
    batch::add_to_linker::<_, HasKeyvalue>(linker, view)
}

impl Keyvalue<'_> {
    fn namespace(&self, bucket: &Resource<Namespace>) -> Result<Namespace> {
        Ok(self.table.get(bucket)?.clone())
    }

    /// Carries out one operation of the guest. All of them come through here: it is what a subrequest is for HTTP, and
    /// the guest's time moves on when it is over. `bytes` are those of keys and values that the guest gives.
    async fn operation<T: Serialize + DeserializeOwned>(
        &mut self,
        operation: Operation,
        bytes: usize,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<Result<T, store::Error>> {
        if let Err(why) = self.count.add_one() {
            return Ok(Err(store::Error::Other(why)));
        }
        self.meter.charge(operation, bytes as u64);
        match self.tape.given("keyvalue")? {
            Some(Event::Kv(told)) => {
                let told: Result<T, String> = serde_json::from_value(told)?;
                return Ok(told.map_err(store::Error::Other));
            }
            Some(event) => self.tape.differs("keyvalue", &event)?,
            None => {}
        }
        let done = work.await.map_err(|error| error.public_message().into_owned());
        self.clock.advance();
        self.tape.note(|| Event::Kv(serde_json::to_value(&done).unwrap_or_default()));
        Ok(done.map_err(store::Error::Other))
    }

    /// Charges for bytes that the guest is given.
    fn gave(&mut self, bytes: usize) {
        self.meter.charge(Operation::StreamRead, bytes as u64);
    }

    /// Reads a value and the commit that wrote it.
    async fn read(
        &mut self,
        namespace: Namespace,
        key: &str,
    ) -> Result<Result<Option<(Base64, Revision)>, store::Error>> {
        let work = async {
            let value = namespace.get(key).await?;
            Ok(value.map(|value| (Base64::from(&value.bytes[..]), value.revision)))
        };
        let read = self.operation(Operation::KvRead, key.len(), work).await?;
        if let Ok(Some((bytes, _))) = &read {
            self.gave(bytes.0.len());
        }
        Ok(read)
    }
}

impl store::Host for Keyvalue<'_> {
    fn open(&mut self, identifier: String) -> Result<Result<Resource<Namespace>, store::Error>> {
        let Some(namespace) = self.bindings.kv(&identifier) else { return Ok(Err(store::Error::NoSuchStore)) };
        let pushed = self.table.push(namespace.clone());
        Ok(pushed.map_err(|_| store::Error::Other("too many buckets are open".into())))
    }
}

impl store::HostBucket for Keyvalue<'_> {
    async fn get(&mut self, bucket: Resource<Namespace>, key: String) -> Result<Result<Option<Vec<u8>>, store::Error>> {
        let namespace = self.namespace(&bucket)?;
        let value = self.read(namespace, &key).await?;
        Ok(value.map(|value| value.map(|(bytes, _)| bytes.0)))
    }

    async fn set(
        &mut self,
        bucket: Resource<Namespace>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), store::Error>> {
        let namespace = self.namespace(&bucket)?;
        let bytes = key.len() + value.len();
        let options = PutOptions::default();
        self.operation(Operation::KvWrite, bytes, namespace.put(&key, value.into(), &options)).await
    }

    async fn delete(&mut self, bucket: Resource<Namespace>, key: String) -> Result<Result<(), store::Error>> {
        let namespace = self.namespace(&bucket)?;
        self.operation(Operation::KvWrite, key.len(), namespace.delete(&key)).await
    }

    async fn exists(&mut self, bucket: Resource<Namespace>, key: String) -> Result<Result<bool, store::Error>> {
        let namespace = self.namespace(&bucket)?;
        self.operation(Operation::KvRead, key.len(), namespace.exists(&key)).await
    }

    async fn list_keys(
        &mut self,
        bucket: Resource<Namespace>,
        cursor: Option<String>,
    ) -> Result<Result<store::KeyResponse, store::Error>> {
        let namespace = self.namespace(&bucket)?;
        let options = ListOptions { cursor, ..ListOptions::default() };
        let work = async {
            let page = namespace.list(&options).await?;
            Ok((page.keys.into_iter().map(|key| key.name).collect::<Vec<_>>(), page.cursor))
        };
        let page = self.operation(Operation::KvRead, 0, work).await?;
        if let Ok((keys, _)) = &page {
            self.gave(keys.iter().map(String::len).sum());
        }
        Ok(page.map(|(keys, cursor)| store::KeyResponse { keys, cursor }))
    }

    fn drop(&mut self, bucket: Resource<Namespace>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for Keyvalue<'_> {
    async fn increment(
        &mut self,
        bucket: Resource<Namespace>,
        key: String,
        delta: i64,
    ) -> Result<Result<i64, store::Error>> {
        let namespace = self.namespace(&bucket)?;
        self.operation(Operation::KvWrite, key.len(), namespace.increment(&key, delta)).await
    }

    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> Result<Result<(), atomics::CasError>> {
        let Cas { namespace, key, revision } = self.table.delete(cas)?;
        let options = PutOptions::default();
        let bytes = key.len() + value.len();
        let swapped = self.operation(Operation::KvWrite, bytes, async {
            match namespace.compare_and_swap(&key, revision, value.into(), &options).await? {
                Swap::Done(_) => Ok(Swapped::Done),
                Swap::Changed => Ok(Swapped::Changed(namespace.revision(&key).await?)),
            }
        });
        let revision = match swapped.await? {
            Ok(Swapped::Done) => return Ok(Ok(())),
            Ok(Swapped::Changed(revision)) => revision,
            Err(error) => return Ok(Err(atomics::CasError::StoreError(error))),
        };
        let retry = self.table.push(Cas { namespace, key, revision })?;
        Ok(Err(atomics::CasError::CasFailed(retry)))
    }
}

/// How a swap ended, and what a retry has to expect.
#[derive(Serialize, Deserialize)]
enum Swapped {
    Done,
    Changed(Option<Revision>),
}

impl atomics::HostCas for Keyvalue<'_> {
    async fn new(&mut self, bucket: Resource<Namespace>, key: String) -> Result<Result<Resource<Cas>, store::Error>> {
        let namespace = self.namespace(&bucket)?;
        let revision = match self.operation(Operation::KvRead, key.len(), namespace.revision(&key)).await? {
            Ok(revision) => revision,
            Err(error) => return Ok(Err(error)),
        };
        let pushed = self.table.push(Cas { namespace, key, revision });
        Ok(pushed.map_err(|_| store::Error::Other("too many compare-and-swap operations are open".into())))
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Result<Result<Option<Vec<u8>>, store::Error>> {
        let Cas { namespace, key, .. } = self.table.get(&cas)?;
        let (namespace, key) = (namespace.clone(), key.clone());
        let value = match self.read(namespace, &key).await? {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        };
        // The swap depends on the value that the guest has seen last.
        self.table.get_mut(&cas)?.revision = value.as_ref().map(|(_, revision)| *revision);
        Ok(Ok(value.map(|(bytes, _)| bytes.0)))
    }

    fn drop(&mut self, cas: Resource<Cas>) -> Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}

impl batch::Host for Keyvalue<'_> {
    async fn get_many(
        &mut self,
        bucket: Resource<Namespace>,
        keys: Vec<String>,
    ) -> Result<Result<Vec<(String, Option<Vec<u8>>)>, store::Error>> {
        let namespace = self.namespace(&bucket)?;
        if keys.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let work = async {
            let values = namespace.get_many(&keys).await?;
            let bytes = values.into_iter().map(|value| value.map(|value| Base64::from(&value.bytes[..])));
            Ok(bytes.collect::<Vec<_>>())
        };
        let length = keys.iter().map(String::len).sum();
        let values = self.operation(Operation::KvRead, length, work).await?;
        if let Ok(values) = &values {
            self.gave(values.iter().flatten().map(|bytes| bytes.0.len()).sum());
        }
        Ok(values
            .map(|values| keys.into_iter().zip(values).map(|(key, value)| (key, value.map(|bytes| bytes.0))).collect()))
    }

    async fn set_many(
        &mut self,
        bucket: Resource<Namespace>,
        key_values: Vec<(String, Vec<u8>)>,
    ) -> Result<Result<(), store::Error>> {
        let namespace = self.namespace(&bucket)?;
        let bytes = key_values.iter().map(|(key, value)| key.len() + value.len()).sum();
        let entries = key_values.into_iter().map(|(key, value)| (key, value.into(), PutOptions::default())).collect();
        self.operation(Operation::KvWrite, bytes, namespace.put_many(entries)).await
    }

    async fn delete_many(
        &mut self,
        bucket: Resource<Namespace>,
        keys: Vec<String>,
    ) -> Result<Result<(), store::Error>> {
        let namespace = self.namespace(&bucket)?;
        let length = keys.iter().map(String::len).sum();
        self.operation(Operation::KvWrite, length, namespace.delete_many(keys)).await
    }
}
