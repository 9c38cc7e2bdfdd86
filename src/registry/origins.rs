//! Routes that lead to an origin, without a worker.

use super::change::Plan;
use super::edit::problems_of;
use super::records::{bucket, decode, encode};
use super::route::{Claim, Route, RoutePattern};
use super::{Done, Error, Registry};
use crate::route_options::RouteOptions;
use crate::storage::{Change, Expected, Listing};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All of them.
pub type OriginRoutes = BTreeMap<RoutePattern, Arc<RouteOptions>>;

impl Registry {
    /// Makes a route to an origin, or changes its options. A worker's route is a conflict.
    pub async fn put_origin_route(&self, route: Route) -> Result<Done<Route>, Error> {
        let mut problems = problems_of(&route);
        if route.options.origin.is_none() {
            problems.push(format!(
                "route `{}` has no worker and no `origin`\nhint: give it an `origin`, or deploy a worker with this route",
                route.pattern
            ));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let mut attempts = self.begin(route.pattern.as_str()).await;
        loop {
            if let Some(done) = attempts.commit(self.plan_origin_route(&route).await?).await? {
                return Ok(done);
            }
        }
    }

    async fn plan_origin_route(&self, route: &Route) -> Result<Plan<Route>, Error> {
        let (expected, read) = match self.owner(&route.pattern).await? {
            None => (Expected::Absent, 0),
            Some((Claim::Origin(options), read)) if options == route.options => {
                return Ok(Plan { value: route.clone(), changes: Vec::new(), read });
            }
            Some((Claim::Origin(_), read)) => (Expected::Revision(read), read),
            Some((Claim::Worker(owner), _)) => {
                return Err(Error::Conflict(format!(
                    "route `{}` belongs to worker `{owner}` already\nhint: give its `origin` in that worker's `routes`",
                    route.pattern
                )));
            }
        };
        let claim = encode(&Claim::Origin(route.options.clone()));
        let change = Change::put(bucket::ROUTES, route.pattern.as_str(), expected, claim);
        Ok(Plan { value: route.clone(), changes: vec![change], read })
    }

    /// Removes a route to an origin. A worker's is a conflict.
    pub async fn delete_origin_route(&self, pattern: &RoutePattern) -> Result<Done<()>, Error> {
        let mut attempts = self.begin(pattern.as_str()).await;
        loop {
            if let Some(done) = attempts.commit(self.plan_end_of_origin_route(pattern).await?).await? {
                return Ok(done);
            }
        }
    }

    async fn plan_end_of_origin_route(&self, pattern: &RoutePattern) -> Result<Plan<()>, Error> {
        match self.owner(pattern).await? {
            None => Err(Error::NotFound { what: "route", name: pattern.to_string() }),
            Some((Claim::Worker(owner), _)) => Err(Error::Conflict(format!(
                "route `{pattern}` belongs to worker `{owner}`\nhint: remove it from that worker's `routes`"
            ))),
            Some((Claim::Origin(_), read)) => {
                let change = Change::delete(bucket::ROUTES, pattern.as_str(), Expected::Revision(read));
                Ok(Plan { value: (), changes: vec![change], read })
            }
        }
    }

    /// The options of the route to an origin with this pattern, if it is one.
    pub async fn origin_route(&self, pattern: &RoutePattern) -> Result<Option<Arc<RouteOptions>>, Error> {
        Ok(match self.owner(pattern).await? {
            Some((Claim::Origin(options), _)) => Some(Arc::new(options)),
            _ => None,
        })
    }

    /// All routes to an origin.
    pub async fn origin_routes(&self) -> Result<OriginRoutes, Error> {
        let mut routes = OriginRoutes::new();
        let mut pages = self.pages(bucket::ROUTES, "", Listing::Values);
        while let Some(page) = pages.next().await? {
            for entry in page {
                if let Claim::Origin(options) = decode(bucket::ROUTES, &entry)?
                    && let Ok(pattern) = entry.key.parse()
                {
                    routes.insert(pattern, Arc::new(options));
                }
            }
        }
        Ok(routes)
    }
}
