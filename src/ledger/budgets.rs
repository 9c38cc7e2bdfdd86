//! Setting, raising and ending budgets.

use super::Ledger;
use super::book::{BUCKET, Budget, Stored, Subject};
use crate::storage::{self, Change, Expected};
use std::time::SystemTime;

impl Ledger {
    /// Gives `subject` a budget of `fuel`, of which nothing is spent yet, in place of one that it has.
    pub async fn set_budget(&self, subject: Subject, fuel: u64) -> Result<Budget, storage::Error> {
        let keeper = self.keeper.lock().await;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let stored = Stored { id: new_id()?, fuel, spent: 0, since };
        keeper.storage.commit(vec![stored.put(&subject)]).await?;
        self.book.open(subject.clone(), stored, 0);
        Ok(Budget { subject, fuel, spent: 0, reserved: 0, since })
    }

    /// Puts more fuel into a budget. None if there is none.
    pub async fn add_to_budget(&self, subject: &Subject, fuel: u64) -> Result<Option<Budget>, storage::Error> {
        let keeper = self.keeper.lock().await;
        let Some(before) = self.book.stored(subject) else { return Ok(None) };
        let stored = Stored { fuel: before.fuel.saturating_add(fuel), ..before };
        keeper.storage.commit(vec![stored.put(subject)]).await?;
        self.book.restore([(subject.clone(), stored)]);
        Ok(self.book.view(subject))
    }

    /// Ends a budget, and gives what it was. None if there is none.
    pub async fn remove_budget(&self, subject: &Subject) -> Result<Option<Budget>, storage::Error> {
        let keeper = self.keeper.lock().await;
        let Some(budget) = self.book.view(subject) else { return Ok(None) };
        keeper.storage.commit(vec![Change::delete(BUCKET, subject.key(), Expected::Any)]).await?;
        self.book.close(subject);
        Ok(Some(budget))
    }

    /// The budget of `subject`, if it has one.
    pub fn budget(&self, subject: &Subject) -> Option<Budget> {
        self.book.view(subject)
    }

    /// All budgets: those of workers, then those of tokens, by their names.
    pub fn budgets(&self) -> Vec<Budget> {
        self.book.list()
    }
}

/// A number that no budget has had.
fn new_id() -> Result<u64, storage::Error> {
    getrandom::u64().map_err(|cause| storage::Error::Io(format!("the system gives no random numbers: {cause}")))
}
