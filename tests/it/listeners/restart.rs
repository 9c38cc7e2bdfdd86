//! A socket of systemd's stays open while the server restarts.

use super::WORKER;
use crate::load::Load;
use crate::node::Node;
use crate::support::glowplug;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;

/// What systemd does: the socket is descriptor 3, and the environment says so.
fn command(socket: &std::net::TcpListener, data: &Path) -> Command {
    let program = glowplug();
    let mut command = Command::new("bash");
    for (name, value) in program.as_std().get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let script =
        format!("exec 3<&{}; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec \"$0\" \"$@\"", socket.as_raw_fd());
    command.args(["-c", &script]).arg(program.as_std().get_program());
    command.args(["serve", "--listen", "systemd:web", "--admin", "127.0.0.1:0", "--data"]).arg(data);
    command.kill_on_drop(true).stdin(std::process::Stdio::null());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_under_load_fails_no_request() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // Descriptors of Rust are closed in programs that are started; this one must not be.
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty()).unwrap();
    let mut node = Node::spawn(command(&socket, &data), &data, None).await.unwrap();
    node.deploy_script("hello", WORKER).await;
    let token = node.token.clone();
    let read = |answer: &crate::support::Answer| match answer.status.as_u16() {
        200 => Ok(answer.header("connection").map(str::to_owned)),
        status => Err(format!("status {status}")),
    };
    let load = Load::start(&node.base, "hello", "/", 8, read);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let (status, stderr) = node.stop().await;
        assert!(status.success(), "{stderr}");
        node = Node::spawn(command(&socket, &data), &data, Some(&token)).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = load.stop().await;
    let failed: Vec<_> = seen.iter().filter_map(|seen| seen.got.as_ref().err()).collect();
    assert!(failed.is_empty(), "{} of {} failed: {:?}", failed.len(), seen.len(), &failed[..failed.len().min(5)]);
    assert!(seen.len() > 100, "there were {} requests", seen.len());
    let closed = seen.iter().filter(|seen| matches!(&seen.got, Ok(Some(close)) if close == "close")).count();
    assert!(closed > 0, "clients are told when their connection ends");
}

#[tokio::test]
async fn a_socket_that_systemd_has_not_opened_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = glowplug();
    command.args(["serve", "--listen", "systemd:web", "--admin", "127.0.0.1:0", "--data"]).arg(dir.path());
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("called `web`") && said.contains("hint: "), "{said}");
}
