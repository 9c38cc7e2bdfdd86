use crate::{client, hono, itty_router, origin::Origin, project::example, workerd::Workerd};
#[tokio::test(flavor = "multi_thread")]
#[ignore]
async fn show() {
    for (name, cases) in [("hono", hono::cases()), ("itty-router", itty_router::cases())] {
        let origin = Origin::start().await;
        let dir = example(name, &origin.base).await;
        let workerd = Workerd::start(dir.path()).await;
        for case in &cases {
            let answer = client::send(&workerd.base, case, || origin.open_gate()).await;
            println!("== {}", case.name());
            match answer {
                Err(error) => println!("   ERROR {error}"),
                Ok(answer) => {
                    println!("   {}", answer.status);
                    for (name, value) in &answer.headers {
                        println!("   {name}: {}", value.escape_ascii());
                    }
                    println!("   {} {}", answer.broken, answer.body[..answer.body.len().min(700)].escape_ascii());
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(40)).await;
            for asked in origin.take() {
                println!("   > {}", asked.replace('\n', "").replace("  ", "").chars().take(400).collect::<String>());
            }
        }
    }
}
