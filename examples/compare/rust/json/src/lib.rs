//! Reads an order as JSON, and answers with a summary of it.

use std::collections::{BTreeMap, BTreeSet};

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::{Context, OrError, Request, Response, Result};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    name: String,
    price: i64,
    quantity: i64,
    tags: BTreeSet<String>,
}

#[derive(Serialize)]
struct Summary<'a> {
    count: usize,
    total: i64,
    names: Vec<String>,
    /// How many items have the tag.
    tags: BTreeMap<&'a str, usize>,
}

impl<'a> Summary<'a> {
    fn of(order: &'a Order) -> Self {
        let mut names: Vec<_> = order.items.iter().map(|item| item.name.to_ascii_uppercase()).collect();
        names.sort_unstable();
        let mut tags = BTreeMap::new();
        for tag in order.items.iter().flat_map(|item| &item.tags) {
            *tags.entry(tag.as_str()).or_default() += 1;
        }
        Self {
            count: order.items.len(),
            total: order.items.iter().map(|item| item.price * item.quantity).sum(),
            names,
            tags,
        }
    }
}

async fn handle(mut request: Request, _ctx: Context) -> Result<Response> {
    let order: Order = request.json().await.or_error(StatusCode::BAD_REQUEST, "bad request")?;
    Response::from_json(&Summary::of(&order))
}

glowplug_sdk::export!(handle);
