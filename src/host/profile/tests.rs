use super::{Recorder, Spent, Tree, Way};
use std::ops::Range;
use std::sync::Arc;

/// Bytecode of two functions with a gap between.
const F: u32 = 100;
const G: u32 = 200;

fn functions() -> Arc<[Range<u32>]> {
    Arc::new([F..F + 10, G..G + 10])
}

/// A recorder that is told of `fuel` used up to each event.
struct Run {
    recorder: Recorder,
    left: u64,
}

impl Run {
    fn new() -> Self {
        Self { recorder: Recorder::new(functions(), 1_000_000), left: 1_000_000 }
    }

    fn used(&mut self, fuel: u64) -> u64 {
        self.left -= fuel;
        self.left
    }

    fn enter(&mut self, used: u64) {
        let left = self.used(used);
        self.recorder.enter(left);
    }

    fn at(&mut self, pc: u32, used: u64) {
        let left = self.used(used);
        self.recorder.at(pc, left);
    }

    fn leave(&mut self, used: u64) {
        let left = self.used(used);
        self.recorder.leave(left);
    }

    fn finish(mut self, used: u64) -> Vec<(Way, Vec<Option<u32>>, Spent)> {
        let left = self.used(used);
        places(&self.recorder.finish(left))
    }
}

fn places(tree: &Tree) -> Vec<(Way, Vec<Option<u32>>, Spent)> {
    let mut places = Vec::new();
    tree.for_each(|way, path, spent| places.push((way, path.to_vec(), spent)));
    places
}

fn told(path: &[u32], guest: u64) -> (Way, Vec<Option<u32>>, Spent) {
    (Way::Told, path.iter().copied().map(Some).collect(), Spent { guest, host: 0 })
}

#[test]
fn fuel_between_two_opcodes_is_the_earlier_ones() {
    let mut run = Run::new();
    run.enter(5);
    run.at(F, 10);
    run.at(F + 3, 20);
    run.leave(40);
    assert_eq!(run.finish(80), [told(&[], 85), told(&[F], 30), told(&[F + 3], 40)]);
}

#[test]
fn a_called_function_is_on_top_of_its_call_until_it_returns() {
    let mut run = Run::new();
    run.enter(0);
    run.at(F, 0);
    run.at(F + 2, 1);
    run.enter(2);
    run.at(G, 4);
    run.leave(8);
    run.at(F + 3, 16);
    run.leave(32);
    assert_eq!(run.finish(0), [told(&[F], 1), told(&[F + 2], 18), told(&[F + 3], 32), told(&[F + 2, G], 12)]);
}

#[test]
fn native_functions_count_to_the_place_that_called_them_and_call_back_from_there() {
    let mut run = Run::new();
    run.enter(0);
    run.at(F + 1, 0);
    // A native function, which calls one of bytecode.
    run.enter(1);
    run.enter(2);
    run.at(G + 1, 0);
    run.leave(4);
    run.leave(8);
    run.leave(16);
    assert_eq!(run.finish(0), [told(&[F + 1], 1 + 2 + 8 + 16), told(&[F + 1, G + 1], 4)]);
}

#[test]
fn a_function_that_calls_itself_is_on_the_stack_once() {
    let mut run = Run::new();
    for _ in 0..10_000 {
        run.enter(1);
        run.at(F, 1);
        run.at(F + 4, 1);
    }
    let places = run.finish(0);
    assert_eq!(places.iter().map(|(_, path, _)| path.len()).max(), Some(1));
    assert_eq!(places.iter().map(|(_, _, spent)| spent.guest).sum::<u64>(), 30_000);
}

#[test]
fn nothing_is_lost_in_very_deep_recursion() {
    let mut run = Run::new();
    for _ in 0..10_000 {
        run.enter(1);
        run.at(F, 1);
        run.enter(1);
        run.at(G, 1);
    }
    let places = run.finish(0);
    assert!(places.iter().all(|(_, path, _)| path.len() <= 256));
    assert_eq!(places.iter().map(|(_, _, spent)| spent.guest).sum::<u64>(), 40_000);
}

#[test]
fn bytecode_of_no_known_function_is_counted_as_such() {
    let mut run = Run::new();
    run.enter(0);
    run.at(F + 10, 1);
    run.at(F + 11, 1);
    run.leave(1);
    assert_eq!(run.finish(0), [(Way::Told, vec![None], Spent { guest: 3, host: 0 })]);
}

#[test]
fn what_the_host_charges_is_told_apart_from_what_the_guest_used() {
    let mut run = Run::new();
    run.enter(0);
    run.at(F, 0);
    run.recorder.charge(70);
    run.at(F + 1, 100);
    run.leave(1);
    let host = (Way::Told, vec![Some(F)], Spent { guest: 30, host: 70 });
    assert_eq!(run.finish(0), [host, told(&[F + 1], 1)]);
}
