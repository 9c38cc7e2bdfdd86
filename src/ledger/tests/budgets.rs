//! Budgets: never overshot, used up exactly, kept through crashes.

use super::*;
use crate::ledger::book::PATIENCE;
use rand_core::{Rng as _, SeedableRng as _};

const LIMIT: u64 = 75_000_000_000;

fn worker(name: &str) -> Subject {
    Subject::Worker(name.to_owned())
}

/// An invocation of `a` that ended with its grant.
fn ended(grant: Option<Grant>, fuel: u64) -> Entry {
    Entry { grant, ..entry(fuel) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_requests_never_overshoot_and_leave_nothing() {
    for seed in 0..4 {
        let ledger = Arc::new(Ledger::unwritten(Storage::in_memory()).await.unwrap());
        let whole = 50_000_000_000 + seed * 7_777_777_777;
        ledger.set_budget(worker("a"), whole).await.unwrap();
        ledger.set_budget(Subject::Token("t".to_owned()), whole * 2).await.unwrap();
        let clients = (0..16).map(|client| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let mut random = rand_chacha::ChaCha8Rng::from_seed([(seed * 16 + client) as u8; 32]);
                let mut used = 0;
                loop {
                    let grant = match ledger.take("a", "t", LIMIT).await {
                        Ok(grant) => grant.expect("there is a budget"),
                        Err(refusal) => {
                            assert_eq!(refusal, Refusal::Empty(worker("a")));
                            return used;
                        }
                    };
                    assert!(grant.fuel() > 0 && grant.fuel() <= LIMIT);
                    // What it wants may be more than it is granted: then it is stopped there.
                    let fuel = (random.next_u64() % 400_000_000).min(grant.fuel());
                    tokio::task::yield_now().await;
                    let budget = ledger.budget(&worker("a")).unwrap();
                    assert!(budget.spent + budget.reserved <= budget.fuel, "{budget:?}");
                    used += fuel;
                    ledger.count(ended(Some(grant), fuel));
                    if random.next_u64() % 64 == 0 {
                        ledger.flush().await.unwrap();
                    }
                }
            })
        });
        let mut used = 0;
        for client in clients.collect::<Vec<_>>() {
            used += client.await.unwrap();
        }
        assert_eq!(used, whole, "all of it was used, and no more");
        let token = ledger.budget(&Subject::Token("t".to_owned())).unwrap();
        assert_eq!((token.spent, token.reserved, token.left()), (whole, 0, whole));
        assert_eq!(total(&ledger).await.fuel, u128::from(whole));
    }
}

#[tokio::test]
async fn nothing_limits_a_worker_without_a_budget() {
    let ledger = Ledger::unwritten(Storage::in_memory()).await.unwrap();
    assert!(ledger.take("a", "t", LIMIT).await.unwrap().is_none());
    ledger.set_budget(worker("b"), 1).await.unwrap();
    assert!(ledger.take("a", "t", LIMIT).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_spent_outlives_the_process() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
    ledger.set_budget(worker("a"), 1000).await.unwrap();
    for fuel in [100, 50] {
        let grant = ledger.take("a", "t", 400).await.unwrap();
        ledger.count(ended(grant, fuel));
    }
    ledger.flush().await.unwrap();
    let grant = ledger.take("a", "t", 400).await.unwrap();
    ledger.count(ended(grant, 7));
    // One under way when the process ends: what it took is not spent.
    let _lost = ledger.take("a", "t", 400).await.unwrap();
    ledger.add_to_budget(&worker("a"), 5000).await.unwrap();
    let dead = ledger;
    for _ in 0..2 {
        let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
        let budget = ledger.budget(&worker("a")).unwrap();
        assert_eq!((budget.fuel, budget.spent, budget.reserved), (6000, 157, 0));
    }
    drop(dead);
}

#[tokio::test]
async fn a_budget_that_is_set_anew_owes_nothing_for_the_old_one() {
    let ledger = Ledger::unwritten(Storage::in_memory()).await.unwrap();
    ledger.set_budget(worker("a"), 1000).await.unwrap();
    let grant = ledger.take("a", "t", 400).await.unwrap();
    ledger.set_budget(worker("a"), 500).await.unwrap();
    ledger.count(ended(grant, 300));
    ledger.flush().await.unwrap();
    let budget = ledger.budget(&worker("a")).unwrap();
    assert_eq!((budget.fuel, budget.spent, budget.reserved), (500, 0, 0));
    assert_eq!(ledger.remove_budget(&worker("a")).await.unwrap().map(|budget| budget.left()), Some(500));
    assert_eq!((ledger.budgets(), ledger.remove_budget(&worker("a")).await.unwrap()), (Vec::new(), None));
    assert!(ledger.take("a", "t", 400).await.unwrap().is_none());
}

#[tokio::test]
async fn who_finds_nothing_free_waits_for_others_for_a_while() {
    let ledger = Arc::new(Ledger::unwritten(Storage::in_memory()).await.unwrap());
    ledger.set_budget(worker("a"), 1000).await.unwrap();
    let first = ledger.take("a", "t", LIMIT).await.unwrap().unwrap();
    assert_eq!(first.fuel(), 1000, "so little is not shared out");
    let begin = tokio::time::Instant::now();
    assert_eq!(ledger.take("a", "t", LIMIT).await.unwrap_err(), Refusal::Held(worker("a")));
    assert_eq!(begin.elapsed().as_secs(), PATIENCE.as_secs());

    let waiting = tokio::spawn({
        let ledger = ledger.clone();
        async move { ledger.take("a", "t", LIMIT).await }
    });
    tokio::task::yield_now().await;
    ledger.count(ended(Some(first), 400));
    let second = waiting.await.unwrap().unwrap().unwrap();
    assert_eq!(second.fuel(), 600);
    // Given back whole, since nobody said what was used.
    drop(second);
    let third = ledger.take("a", "t", LIMIT).await.unwrap().unwrap();
    ledger.count(ended(Some(third), 600));
    assert_eq!(ledger.take("a", "t", LIMIT).await.unwrap_err(), Refusal::Empty(worker("a")));
    ledger.add_to_budget(&worker("a"), 5).await.unwrap();
    assert_eq!(ledger.take("a", "t", LIMIT).await.unwrap().unwrap().fuel(), 5);
}

#[tokio::test]
async fn requests_run_side_by_side_until_little_is_left() {
    let ledger = Ledger::unwritten(Storage::in_memory()).await.unwrap();
    ledger.set_budget(worker("a"), 4 * LIMIT).await.unwrap();
    let mut grants = Vec::new();
    for _ in 0..6 {
        grants.push(ledger.take("a", "t", LIMIT).await.unwrap().unwrap());
    }
    let fuels: Vec<_> = grants.iter().map(Grant::fuel).collect();
    assert_eq!(fuels, [LIMIT, LIMIT, LIMIT, LIMIT / 2, LIMIT / 4, LIMIT / 8]);
}
