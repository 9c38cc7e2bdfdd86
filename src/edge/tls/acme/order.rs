//! One certificate, from the order to the chain.

use super::{Challenge, Challenges};
use anyhow::{Context, Result, bail};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rustls::crypto::aws_lc_rs;
use std::time::Duration;

/// How long the authority may take to look, and to issue.
const PATIENCE: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).timeout(Duration::from_secs(90));

/// What an authority has issued, as PEM.
pub struct Issued {
    pub chain: String,
    pub key: String,
}

/// Gets a certificate for these names.
pub async fn order(account: &Account, names: &[String], by: Challenge, challenges: &Challenges) -> Result<Issued> {
    let identifiers: Vec<_> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await.context("the order was refused")?;
    let shown = show(&mut order, by, challenges).await;
    let looked = match shown {
        Ok(()) => order.poll_ready(&PATIENCE).await.context("the authority did not look at the challenge"),
        Err(error) => Err(error),
    };
    challenges.clear();
    let status = looked?;
    if status != OrderStatus::Ready {
        bail!(
            "the authority did not find what it looked for: {}\n\
             hint: the names must lead to this server, on port {}",
            why(&mut order).await,
            if by == Challenge::Http { 80 } else { 443 }
        );
    }
    let key = order.finalize().await.context("the order was not completed")?;
    let chain = order.poll_certificate(&PATIENCE).await.context("the certificate was not issued")?;
    Ok(Issued { chain, key })
}

/// Shows the authority what it wants to see for each name that it has not seen yet.
async fn show(order: &mut Order, by: Challenge, challenges: &Challenges) -> Result<()> {
    let kind = match by {
        Challenge::Http => ChallengeType::Http01,
        Challenge::TlsAlpn => ChallengeType::TlsAlpn01,
    };
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Pending => {}
            AuthorizationStatus::Valid => continue,
            status => bail!("an authorization is {status:?}"),
        }
        let mut challenge = authorization.challenge(kind.clone()).with_context(|| {
            format!("the authority does not offer {kind:?}\nhint: `acme.challenge` may be \"http-01\" or \"tls-alpn-01\"; names with `*` have neither")
        })?;
        let answer = challenge.key_authorization();
        match by {
            Challenge::Http => challenges.set_answer(&challenge.token, answer.as_str()),
            Challenge::TlsAlpn => {
                let name = challenge.identifier().to_string();
                challenges.set_certificate(&name, answer.digest().as_ref(), &aws_lc_rs::default_provider())?;
            }
        }
        challenge.set_ready().await?;
    }
    Ok(())
}

/// What the authority says went wrong.
async fn why(order: &mut Order) -> String {
    let mut authorizations = order.authorizations();
    while let Some(Ok(authorization)) = authorizations.next().await {
        if let Some(problem) = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return problem.to_string();
        }
    }
    "it does not say why".to_owned()
}
