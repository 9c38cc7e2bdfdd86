use super::atomics::{CasError, Host as _, HostCas};
use super::batch::Host as _;
use super::store::{Host as _, HostBucket};
use super::*;
use crate::host::Target;
use wasmtime_wasi::HostMonotonicClock;

/// What a request would hold.
struct State {
    table: ResourceTable,
    clock: FrozenClock,
    bindings: Bindings,
    count: Count,
    meter: Meter,
    tape: Tape,
}

impl State {
    /// A worker with the bindings `A` and `B`.
    fn new() -> Self {
        let targets = ["A", "B"].map(|name| (name.to_owned(), Target::Kv(Namespace::in_memory()))).into();
        let bindings = Bindings { targets, ..Bindings::default() };
        Self {
            table: ResourceTable::new(),
            clock: FrozenClock::new(),
            bindings,
            count: Count::new(10_000),
            meter: Meter::default(),
            tape: Tape::Off,
        }
    }

    fn view(&mut self) -> Keyvalue<'_> {
        Keyvalue {
            table: &mut self.table,
            clock: &self.clock,
            bindings: &self.bindings,
            count: &self.count,
            meter: &mut self.meter,
            tape: &mut self.tape,
        }
    }

    fn open(&mut self, identifier: &str) -> Handle {
        Handle(self.view().open(identifier.into()).unwrap().unwrap().rep())
    }
}

/// An open bucket: each call borrows it, as a guest's calls do.
#[derive(Clone, Copy)]
struct Handle(u32);

impl Handle {
    fn borrow(self) -> Resource<Namespace> {
        Resource::new_borrow(self.0)
    }
}

fn borrow(cas: &Resource<Cas>) -> Resource<Cas> {
    Resource::new_borrow(cas.rep())
}

fn message<T: std::fmt::Debug>(result: Result<T, store::Error>) -> String {
    match result {
        Err(store::Error::Other(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_interfaces_can_be_linked() {
    let mut config = wasmtime::Config::new();
    config.wasm_component_model(true);
    let mut linker = Linker::new(&wasmtime::Engine::new(&config).unwrap());
    add_to_linker(&mut linker, State::view).unwrap();
    assert!(add_to_linker(&mut linker, State::view).is_err(), "they are there already");
}

#[test]
fn a_bucket_is_opened_by_the_name_of_its_binding() {
    let mut state = State::new();
    assert!(state.view().open("A".into()).unwrap().is_ok());
    for unknown in ["a", "C", "", "kv.test"] {
        let opened = state.view().open(unknown.into()).unwrap();
        assert!(matches!(opened, Err(store::Error::NoSuchStore)), "{unknown}");
    }
}

#[test]
fn more_buckets_than_a_sandbox_may_hold_are_an_error_of_the_guest() {
    let mut state = State::new();
    state.table.set_max_capacity(1);
    state.open("A");
    let opened = state.view().open("A".into()).unwrap();
    assert_eq!(message(opened.map(drop)), "too many buckets are open");
}

#[tokio::test]
async fn a_value_is_that_of_the_namespace() {
    let mut state = State::new();
    let (a, b) = (state.open("A"), state.open("B"));
    let namespace = state.bindings.kv("A").unwrap().clone();
    let mut view = state.view();
    assert_eq!(view.get(a.borrow(), "k".into()).await.unwrap().unwrap(), None);
    view.set(a.borrow(), "k".into(), b"\0\xff".to_vec()).await.unwrap().unwrap();
    assert_eq!(view.get(a.borrow(), "k".into()).await.unwrap().unwrap(), Some(b"\0\xff".to_vec()));
    assert!(view.exists(a.borrow(), "k".into()).await.unwrap().unwrap());
    assert!(!view.exists(b.borrow(), "k".into()).await.unwrap().unwrap());
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, &b"\0\xff"[..]);
    view.delete(a.borrow(), "k".into()).await.unwrap().unwrap();
    assert_eq!(namespace.get("k").await, Ok(None));
    HostBucket::drop(&mut view, Resource::new_own(a.0)).unwrap();
    assert!(view.get(a.borrow(), "k".into()).await.is_err(), "a handle that is gone is no bucket");
}

#[tokio::test]
async fn the_rules_of_kv_hold() {
    let mut state = State::new();
    let bucket = state.open("A");
    let mut view = state.view();
    assert_eq!(message(view.get(bucket.borrow(), String::new()).await.unwrap()), "Key names must not be empty");
    let long = view.set(bucket.borrow(), "x".repeat(513), Vec::new()).await.unwrap();
    assert_eq!(message(long), "UTF-8 encoded length of 513 exceeds key length limit of 512.");
    let many = view.get_many(bucket.borrow(), vec!["k".into(); 101]).await.unwrap();
    assert_eq!(message(many), "You can request a maximum of 100 keys");
    let foreign = view.list_keys(bucket.borrow(), Some("*".into())).await.unwrap();
    assert_eq!(message(foreign), "Invalid cursor. Please specify the cursor of an earlier list.");
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let mut state = State::new();
    let bucket = state.open("A");
    let mut view = state.view();
    let entries = (0..=1_000).map(|n| (format!("{n:04}"), Vec::new())).collect();
    view.set_many(bucket.borrow(), entries).await.unwrap().unwrap();
    let first = view.list_keys(bucket.borrow(), None).await.unwrap().unwrap();
    assert_eq!((first.keys.len(), first.keys[0].as_str()), (1_000, "0000"));
    let second = view.list_keys(bucket.borrow(), first.cursor).await.unwrap().unwrap();
    assert_eq!((second.keys, second.cursor), (vec!["1000".to_owned()], None));
}

#[tokio::test]
async fn a_batch_answers_for_each_key_in_order() {
    let mut state = State::new();
    let bucket = state.open("A");
    let mut view = state.view();
    let entries = vec![("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())];
    view.set_many(bucket.borrow(), entries).await.unwrap().unwrap();
    let keys = ["b", "none", "a"].map(String::from).to_vec();
    let values = view.get_many(bucket.borrow(), keys.clone()).await.unwrap().unwrap();
    assert_eq!(values, [("b".into(), Some(b"2".to_vec())), ("none".into(), None), ("a".into(), Some(b"1".to_vec()))]);
    assert_eq!(view.get_many(bucket.borrow(), Vec::new()).await.unwrap().unwrap(), []);
    view.delete_many(bucket.borrow(), keys).await.unwrap().unwrap();
    assert_eq!(view.list_keys(bucket.borrow(), None).await.unwrap().unwrap().keys, [""; 0]);
}

#[tokio::test]
async fn an_increment_counts_up_and_down_from_nothing() {
    let mut state = State::new();
    let bucket = state.open("A");
    let mut view = state.view();
    assert_eq!(view.increment(bucket.borrow(), "n".into(), 5).await.unwrap().unwrap(), 5);
    assert_eq!(view.increment(bucket.borrow(), "n".into(), -7).await.unwrap().unwrap(), -2);
    assert_eq!(view.get(bucket.borrow(), "n".into()).await.unwrap().unwrap(), Some(b"-2".to_vec()));
}

#[tokio::test]
async fn a_swap_fails_when_another_was_first_and_can_be_tried_again() {
    let mut state = State::new();
    let bucket = state.open("A");
    let namespace = state.bindings.kv("A").unwrap().clone();
    let mut view = state.view();
    let put = async |value: &'static str| namespace.put("k", value.into(), &PutOptions::default()).await.unwrap();

    let absent = HostCas::new(&mut view, bucket.borrow(), "k".into()).await.unwrap().unwrap();
    assert_eq!(view.current(borrow(&absent)).await.unwrap().unwrap(), None);
    put("other").await;
    let Err(CasError::CasFailed(retry)) = view.swap(absent, b"mine".to_vec()).await.unwrap() else {
        panic!("the key was written meanwhile")
    };
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, "other");
    assert_eq!(view.current(borrow(&retry)).await.unwrap().unwrap(), Some(b"other".to_vec()));
    view.swap(retry, b"mine".to_vec()).await.unwrap().unwrap();
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, "mine");

    let unread = HostCas::new(&mut view, bucket.borrow(), "k".into()).await.unwrap().unwrap();
    put("other").await;
    assert!(matches!(view.swap(unread, Vec::new()).await.unwrap(), Err(CasError::CasFailed(_))));

    // A value that was read after the handle was made is what the swap goes by.
    let read = HostCas::new(&mut view, bucket.borrow(), "k".into()).await.unwrap().unwrap();
    put("newer").await;
    assert_eq!(view.current(borrow(&read)).await.unwrap().unwrap(), Some(b"newer".to_vec()));
    view.swap(read, b"newest".to_vec()).await.unwrap().unwrap();
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, "newest");
}

#[tokio::test]
async fn an_operation_moves_the_frozen_clock() {
    let mut state = State::new();
    let bucket = state.open("A");
    let started = std::time::Instant::now();
    while started.elapsed().as_millis() < 2 {
        std::hint::spin_loop();
    }
    let before = state.clock.now();
    state.open("A");
    assert_eq!(state.clock.now(), before, "opening is no I/O");
    state.view().exists(bucket.borrow(), "k".into()).await.unwrap().unwrap();
    assert!(state.clock.now() > before);
}
