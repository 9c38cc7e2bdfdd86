//! `examples/itty-router`.

use crate::client::{Case, get, post, request};
use crate::compare::{Runtime, compare};
use crate::origin::Origin;
use crate::project::example;
use crate::support::Server;
use crate::workerd::Workerd;

#[tokio::test(flavor = "multi_thread")]
async fn itty_router_answers_as_on_workerd() {
    let (here, there) = (Origin::start().await, Origin::start().await);
    let (mine, theirs) = (example("itty-router", &here.base).await, example("itty-router", &there.base).await);
    let glowplug = Server::start(mine.path()).await;
    let workerd = Workerd::start(theirs.path()).await;
    let cases = cases();
    assert!(cases.len() >= 20);
    compare(
        &cases,
        &Runtime { name: "workerd", base: &workerd.base, origin: &there },
        &Runtime { name: "glowplug", base: &glowplug.base, origin: &here },
    )
    .await;
}

pub fn cases() -> Vec<Case> {
    [shop(), failures(), stock()].concat()
}

fn shop() -> Vec<Case> {
    vec![
        get("/"),
        get("/").header("origin", "https://shop.example"),
        get("/").header("origin", "https://evil.test"),
        request("OPTIONS", "/items")
            .header("origin", "https://admin.example")
            .header("access-control-request-method", "PATCH"),
        get("/items"),
        get("/items?tag=tea"),
        get("/items?tag=tea&tag=green"),
        request("HEAD", "/items"),
        get("/items/sencha"),
        get("/items/sencha/"),
        get("/items/none"),
        get("/items/assam/price.json"),
        get("/files/a/b%20c.txt"),
        get("/greedy/x/y?z=1"),
        post("/items").json(r#"{"name":"Darjeeling","cents":800}"#),
        post("/items").json(r#"{"name":"Darjeeling"}"#),
        post("/content").json(r#"{"a":[1,2]}"#),
        post("/content").form("a=1&b=%C3%BC"),
        post("/content").body("neither").header("content-type", "text/plain"),
        post("/items").json("{tea"),
        post("/content")
            .header("content-type", "multipart/form-data; boundary=x")
            .body("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n"),
        request("PATCH", "/items/assam").json(r#"{"cents":700}"#),
        request("DELETE", "/items/assam"),
        get("/any/thing"),
        request("PUT", "/any").body("x"),
        get("/cart").header("cookie", "a=1; b=c=d; e"),
        get("/cart"),
        request("PUT", "/cart/t%C3%A9e"),
        get("/private/orders"),
        get("/private/orders").header("authorization", "Bearer x"),
        get("/label/%3Cb%3E"),
        get("/old"),
        get("/empty"),
        get("/number"),
        get("/null"),
        get("/text"),
    ]
}

fn failures() -> Vec<Case> {
    vec![
        get("/fail/status"),
        get("/fail/error"),
        get("/fail/handled"),
        get("/fail/json"),
        get("/fail"),
        post("/fail/error"),
    ]
}

fn stock() -> Vec<Case> {
    vec![
        get("/stock/all").leads_to(3),
        get("/stock/first").leads_to(3),
        get("/stock/stream/6/500").leads_to(1),
        get("/stock/lines").leads_to(1),
        post("/stock/order").json(r#"{"item":"assam"}"#).leads_to(1),
        post("/stock/order").chunks(&["two ", "pieces"]).leads_to(1),
        post("/stock/note").leads_to(1),
        get("/stock/made"),
        get("/stock/gone").leads_to(1),
        get("/stock/moved").leads_to(3),
        get("/stock/none"),
    ]
}
