//! Budgets, as a request meets them: fuel taken before the run, and what is said when there is none.

use super::Site;
use super::error_page::{Details, ErrorCode};
use super::load::Ready;
use crate::ledger::{Grant, Refusal};

impl Site {
    /// Takes up to `limit` fuel for an invocation from the budgets of its worker and of the token that published it.
    /// None if there are none.
    pub(super) async fn grant(&self, ready: &Ready, limit: u64) -> Result<Option<Grant>, (ErrorCode, Details)> {
        let Some(ledger) = &self.ledger else { return Ok(None) };
        ledger.take(&ready.name, &ready.author, limit).await.map_err(|refusal| {
            let (code, hint) = match &refusal {
                Refusal::Empty(_) => (ErrorCode::BudgetEmpty, "`glowplug budget add` puts more fuel into it"),
                Refusal::Held(_) => (
                    ErrorCode::Overloaded,
                    "a lower `limits.cpu_ms` lets more requests share a small rest; `glowplug budget add` puts more in",
                ),
            };
            (code, Details { error: refusal.to_string(), hint: Some(hint.to_owned()), ..Details::default() })
        })
    }
}
