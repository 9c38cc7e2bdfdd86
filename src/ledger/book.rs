//! Budgets as they are in effect: what is left of each, and what is set aside for invocations under way.
//!
//! ## Why
//! A budget that is looked at before a run and charged after it is overshot by all that runs at the same time. Here an
//! invocation takes what it may use at the most before it runs, and gives back what it did not use. It takes its whole
//! limit while the rest of the budget is twice that. Near the end it takes half of the rest, so that requests still run
//! side by side and a worker that calls another one leaves something for it. The last one takes what there is: a budget
//! is used up to its last unit of fuel, and never beyond it.

use super::batch::{Batch, BudgetId};
use crate::storage::{Change, Entry, Expected};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// SUBJECT -> budget.
pub(super) const BUCKET: &str = "budgets";
/// Near the end of a budget an invocation waits for others rather than run with less than this: 20 ms of CPU.
const ENOUGH: u64 = crate::limits::fuel_of_cpu_ms(20);
/// How long it waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Whose fuel a budget limits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The worker of this name.
    Worker(String),
    /// All versions that the token of this name published.
    Token(String),
}

impl Subject {
    /// Its key in the store.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Worker(name) => format!("worker/{name}"),
            Self::Token(name) => format!("token/{name}"),
        }
    }

    fn of_key(key: &str) -> Option<Self> {
        match key.split_once('/')? {
            ("worker", name) => Some(Self::Worker(name.to_owned())),
            ("token", name) => Some(Self::Token(name.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker(name) => write!(f, "worker `{name}`"),
            Self::Token(name) => write!(f, "token `{name}`"),
        }
    }
}

/// A budget, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    pub subject: Subject,
    /// All fuel that was put into it.
    pub fuel: u64,
    pub spent: u64,
    /// Set aside for invocations under way.
    pub reserved: u64,
    /// When it was set, in seconds since the epoch.
    pub since: u64,
}

impl Budget {
    /// What is not spent.
    pub fn left(&self) -> u64 {
        self.fuel.saturating_sub(self.spent)
    }
}

/// A budget as it is stored under its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub id: BudgetId,
    pub fuel: u64,
    pub spent: u64,
    pub since: u64,
}

impl Stored {
    /// The change that writes it.
    pub fn put(&self, subject: &Subject) -> Change {
        let value = serde_json::to_vec(self).expect("it is made of numbers");
        Change::put(BUCKET, subject.key(), Expected::Any, value)
    }

    /// What an entry says. None if it is damaged.
    pub fn decode(entry: &Entry) -> Option<(Subject, Self)> {
        Some((Subject::of_key(&entry.key)?, serde_json::from_slice(&entry.value).ok()?))
    }
}

/// Why an invocation may not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is left.
    Empty(Subject),
    /// All that is left is set aside for others, who did not finish in time.
    Held(Subject),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(subject) => write!(f, "the fuel budget of {subject} is used up"),
            Self::Held(subject) => {
                write!(f, "what is left of the fuel budget of {subject} is set aside for requests under way")
            }
        }
    }
}

/// All budgets.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Whether there are any: all that a request looks at when there are none.
    any: AtomicBool,
    state: Mutex<State>,
    /// Told when something is given back or put in.
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    accounts: HashMap<BudgetId, Account>,
    workers: HashMap<String, BudgetId>,
    tokens: HashMap<String, BudgetId>,
}

#[derive(Debug)]
struct Account {
    subject: Subject,
    /// As it is in the store.
    stored: Stored,
    /// What is in the journal too.
    spent: u64,
    reserved: u64,
}

/// What an account has for an invocation.
enum Offer {
    Fuel(u64),
    Empty,
    Held,
}

/// Whether an invocation can wait for others to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Last,
}

impl Account {
    fn offer(&self, limit: u64, turn: Turn) -> Offer {
        let left = self.stored.fuel.saturating_sub(self.spent);
        let free = left.saturating_sub(self.reserved);
        let enough = limit.min(ENOUGH);
        match free {
            _ if left == 0 => Offer::Empty,
            0 => Offer::Held,
            _ if free < enough && self.reserved > 0 && turn == Turn::First => Offer::Held,
            _ => Offer::Fuel(limit.min(enough.max(free / 2)).min(free)),
        }
    }

    fn view(&self) -> Budget {
        let (Stored { fuel, since, .. }, subject) = (self.stored, self.subject.clone());
        Budget { subject, fuel, spent: self.spent, reserved: self.reserved, since }
    }
}

impl State {
    fn find(&self, subject: &Subject) -> Option<BudgetId> {
        match subject {
            Subject::Worker(name) => self.workers.get(name).copied(),
            Subject::Token(name) => self.tokens.get(name).copied(),
        }
    }

    fn remove(&mut self, subject: &Subject) {
        let id = match subject {
            Subject::Worker(name) => self.workers.remove(name),
            Subject::Token(name) => self.tokens.remove(name),
        };
        if let Some(id) = id {
            self.accounts.remove(&id);
        }
    }
}

impl Book {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes fuel for an invocation of `worker`, of a version that the token `author` published. None if no budget limits
    /// it; never more than `limit`.
    pub async fn take(self: &Arc<Self>, worker: &str, author: &str, limit: u64) -> Result<Option<Grant>, Refusal> {
        if !self.any.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let end = Instant::now() + PATIENCE;
        let mut turn = Turn::First;
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            match self.try_take(worker, author, limit, turn) {
                Err(Refusal::Held(_)) if turn == Turn::First => {}
                taken => return taken,
            }
            if timeout_at(end, freed).await.is_err() {
                turn = Turn::Last;
            }
        }
    }

    fn try_take(
        self: &Arc<Self>,
        worker: &str,
        author: &str,
        limit: u64,
        turn: Turn,
    ) -> Result<Option<Grant>, Refusal> {
        let mut state = self.state();
        let ids: Vec<_> =
            [state.workers.get(worker), state.tokens.get(author)].into_iter().flatten().copied().collect();
        let mut fuel = limit;
        for account in ids.iter().filter_map(|id| state.accounts.get(id)) {
            match account.offer(limit, turn) {
                Offer::Fuel(offered) => fuel = fuel.min(offered),
                Offer::Empty => return Err(Refusal::Empty(account.subject.clone())),
                Offer::Held => return Err(Refusal::Held(account.subject.clone())),
            }
        }
        for id in &ids {
            if let Some(account) = state.accounts.get_mut(id) {
                account.reserved += fuel;
            }
        }
        let book = self.clone();
        Ok((!ids.is_empty()).then_some(Grant { book, ids, fuel }))
    }

    /// Gives back what was set aside but for what was used. A budget that is gone by now has no part in it.
    fn give_back(&self, ids: &[BudgetId], granted: u64, used: u64) {
        let mut state = self.state();
        for id in ids {
            if let Some(account) = state.accounts.get_mut(id) {
                account.reserved = account.reserved.saturating_sub(granted);
                account.spent = account.spent.saturating_add(used);
            }
        }
        drop(state);
        self.freed.notify_waiters();
    }

    /// Puts a budget in effect, in place of one that the subject has. `spent` may be more than is stored yet.
    pub fn open(&self, subject: Subject, stored: Stored, spent: u64) {
        let mut state = self.state();
        state.remove(&subject);
        match &subject {
            Subject::Worker(name) => state.workers.insert(name.clone(), stored.id),
            Subject::Token(name) => state.tokens.insert(name.clone(), stored.id),
        };
        state.accounts.insert(stored.id, Account { subject, stored, spent, reserved: 0 });
        self.any.store(true, Ordering::Relaxed);
        drop(state);
        self.freed.notify_waiters();
    }

    /// What is stored of a budget.
    pub fn stored(&self, subject: &Subject) -> Option<Stored> {
        let state = self.state();
        Some(state.accounts.get(&state.find(subject)?)?.stored)
    }

    /// Says what is stored of budgets now, unless they are gone.
    pub fn restore(&self, budgets: impl IntoIterator<Item = (Subject, Stored)>) {
        let mut state = self.state();
        for (_, stored) in budgets {
            if let Some(account) = state.accounts.get_mut(&stored.id) {
                account.stored = stored;
            }
        }
        drop(state);
        self.freed.notify_waiters();
    }

    /// Ends a budget.
    pub fn close(&self, subject: &Subject) {
        let mut state = self.state();
        state.remove(subject);
        self.any.store(!state.accounts.is_empty(), Ordering::Relaxed);
        drop(state);
        self.freed.notify_waiters();
    }

    /// The budgets that a batch spent of, as they will be stored.
    pub fn after(&self, batch: &Batch) -> Vec<(Subject, Stored)> {
        let state = self.state();
        let after = |(id, fuel): (BudgetId, u64)| {
            let account = state.accounts.get(&id)?;
            let spent = account.stored.spent.saturating_add(fuel);
            Some((account.subject.clone(), Stored { spent, ..account.stored }))
        };
        batch.spent().filter_map(after).collect()
    }

    pub fn view(&self, subject: &Subject) -> Option<Budget> {
        let state = self.state();
        Some(state.accounts.get(&state.find(subject)?)?.view())
    }

    /// All budgets: those of workers, then those of tokens, by their names.
    pub fn list(&self) -> Vec<Budget> {
        let mut budgets: Vec<_> = self.state().accounts.values().map(Account::view).collect();
        budgets.sort_by(|a, b| a.subject.cmp(&b.subject));
        budgets
    }
}

/// Fuel that is set aside for an invocation. What is dropped without being settled is given back whole.
#[derive(Debug)]
pub struct Grant {
    book: Arc<Book>,
    ids: Vec<BudgetId>,
    fuel: u64,
}

impl Grant {
    /// The most that the invocation may use.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// The budgets that it is taken from.
    pub(super) fn budgets(&self) -> &[BudgetId] {
        &self.ids
    }

    /// The invocation has ended and used this much.
    pub(super) fn settle(mut self, used: u64) {
        let ids = std::mem::take(&mut self.ids);
        self.book.give_back(&ids, self.fuel, used);
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        if !self.ids.is_empty() {
            self.book.give_back(&self.ids, self.fuel, 0);
        }
    }
}
