//! Credentials, tokens and looking after the store.

use super::{command, failure, piped, stderr, success};
use crate::node::Node;
use crate::support::glowplug;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio::process::Command;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A command that knows nothing but what is stored below `home`.
fn stored(home: &Path, arguments: &[&str]) -> Command {
    let mut command = glowplug();
    command.args(arguments).env("XDG_CONFIG_HOME", home).env_remove("GLOWPLUG_SERVER").env_remove("GLOWPLUG_TOKEN");
    command
}

#[tokio::test]
async fn a_login_is_kept_for_its_owner_alone() {
    let node = Node::start().await;
    let home = tempfile::tempdir().unwrap();
    let login = ["login", "--server", &node.admin, "--token", "-"];
    let wrong = piped(stored(home.path(), &login), b"gp_000000000000_1\n").await;
    assert!(failure(&wrong).contains("does not accept the token"), "{}", stderr(&wrong));
    assert!(!home.path().join("glowplug").exists());

    let output = piped(stored(home.path(), &login), format!("{}\n", node.token).as_bytes()).await;
    assert!(success(&output).is_empty() && !stderr(&output).contains(&node.token));
    let file = home.path().join("glowplug/credentials.toml");
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    let output = stored(home.path(), &["workers", "list", "--json"]).output().await.unwrap();
    assert_eq!(success(&output).trim(), "[]");

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = stored(home.path(), &["workers", "list"]).output().await.unwrap();
    assert!(failure(&output).contains("chmod 600"), "{}", stderr(&output));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();

    success(&stored(home.path(), &["logout"]).output().await.unwrap());
    assert!(!std::fs::read_to_string(&file).unwrap().contains("gp_"));
    let output = stored(home.path(), &["workers", "list"]).output().await.unwrap();
    assert!(failure(&output).contains("glowplug login"), "{}", stderr(&output));
    assert!(failure(&stored(home.path(), &["logout"]).output().await.unwrap()).contains("no server is the default"));
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_is_revoked() {
    let node = Node::start().await;
    let arguments = ["tokens", "create", "--name", "ci", "--scope", "read", "--expires", "30d"];
    let output = node.cli(&arguments).await;
    let token = success(&output).trim().to_owned();
    let id = token.split('_').nth(1).unwrap().to_owned();
    let with = async |arguments: &[&str]| {
        let mut command = command(&node, arguments);
        command.env("GLOWPLUG_TOKEN", &token).output().await.unwrap()
    };
    success(&with(&["workers", "list"]).await);
    for beyond in [&["delete", "x", "--yes"][..], &["tokens", "list"], &["secret", "list", "--name", "x"]] {
        let output = with(beyond).await;
        assert!(failure(&output).contains(&format!("the token `{id}` from")), "{}", stderr(&output));
        assert!(stderr(&output).contains("is not enough") && !stderr(&output).contains(&token));
    }
    let listed = node.cli_json(Path::new("."), &["tokens", "list", "--json"]).await;
    let ours = listed.as_array().unwrap().iter().find(|token| token["id"] == id.as_str()).unwrap();
    assert_eq!((&ours["name"], &ours["scopes"]), (&json!("ci"), &json!(["read"])));
    assert!(!listed.to_string().contains(&token));

    success(&node.cli(&["tokens", "revoke", &id]).await);
    assert!(failure(&with(&["workers", "list"]).await).contains("does not accept the token"));
    let never = node.cli(&["tokens", "create", "--name", "x", "--scope", "read", "--expires", "soon"]).await;
    assert!(stderr(&never).contains("`soon` is no duration"), "{}", stderr(&never));
}

#[tokio::test]
async fn the_store_is_checked_by_its_server_or_when_that_is_stopped() {
    let node = Node::start().await;
    node.deploy_script("hello", &super::saying("x")).await;
    let online = node.cli_json(Path::new("."), &["store", "check", "--json"]).await;
    assert_eq!(online, json!({ "problems": [] }));
    let data = node.data().to_str().unwrap().to_owned();
    let busy = node.cli(&["store", "check", "--data", &data]).await;
    assert!(failure(&busy).contains("stop the server first"), "{}", stderr(&busy));

    let (folder, token, dir) = node.kill().await;
    let check = async |arguments: &[&str]| {
        glowplug().args([&["store", "check", "--data", &data], arguments].concat()).output().await.unwrap()
    };
    success(&check(&[]).await);
    let blob = find_blob(&folder.join("blobs"));
    std::fs::write(&blob, "other bytes").unwrap();
    let output = check(&["--json"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!found["problems"].as_array().unwrap().is_empty());
    let nowhere = glowplug().args(["store", "check", "--data", "/nowhere/at/all"]).output().await.unwrap();
    assert!(failure(&nowhere).contains("is no data folder"));
    drop((token, dir));
}

fn find_blob(folder: &Path) -> std::path::PathBuf {
    let entry = std::fs::read_dir(folder).unwrap().next().expect("there is a blob").unwrap().path();
    if entry.is_dir() { find_blob(&entry) } else { entry }
}
