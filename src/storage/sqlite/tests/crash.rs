//! What outlives a crash.

use super::*;
use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// Says to the test below, when it runs as another process, where to work.
const CHILD: &str = "GLOWPLUG_TEST_CRASH_DIR";

/// Copies what a crash would leave: all but the file that lives in memory.
fn copy_as_crashed(from: &Path, to: &Path) {
    for name in ["glowplug.db", "glowplug.db-wal"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[tokio::test]
async fn a_database_with_its_log_has_all_that_was_acknowledged() {
    let (storage, dir) = make().await;
    let crashed = tempfile::tempdir().unwrap();
    for index in 0..30 {
        let revision = storage.commit(vec![put("k", "v"), put(&index.to_string(), "v")]).await.unwrap();
        copy_as_crashed(dir.path(), crashed.path());
        let copy = Storage::open(crashed.path()).unwrap();
        assert_eq!(copy.get("b", "k").await.unwrap().unwrap().revision, revision);
        assert_eq!(copy.list("b", "", None, 100, Listing::Keys).await.unwrap().len(), index + 2);
        assert_eq!(copy.check().await, Ok(vec![]));
        assert!(copy.commit(vec![]).await.unwrap() > revision);
    }
}

#[tokio::test]
async fn a_log_cut_off_anywhere_leaves_whole_commits() {
    let (storage, dir) = make().await;
    for index in 0..20 {
        let value = index.to_string();
        let changes = ["x", "y"].map(|key| Change::put("b", key, Expected::Any, value.clone()));
        storage.commit(changes.into()).await.unwrap();
    }
    let log = fs::read(dir.path().join("glowplug.db-wal")).unwrap();
    let mut last = None;
    for length in (0..log.len()).step_by(5003) {
        let crashed = tempfile::tempdir().unwrap();
        fs::copy(dir.path().join("glowplug.db"), crashed.path().join("glowplug.db")).unwrap();
        fs::write(crashed.path().join("glowplug.db-wal"), &log[..length]).unwrap();
        let copy = Storage::open(crashed.path()).unwrap();
        let (x, y) = (value(&copy, "x").await, value(&copy, "y").await);
        assert_eq!(x, y, "{length}");
        assert_eq!(copy.check().await, Ok(vec![]));
        last = x;
    }
    assert!(last.is_some(), "some of the logs had commits");
}

/// Run by the test below in a process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "part of `acknowledged_commits_outlive_kill_9`"]
async fn commit_until_killed() {
    let Some(dir) = env::var_os(CHILD) else { return };
    let storage = Storage::open(Path::new(&dir)).unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..4 {
        let storage = storage.clone();
        tasks.spawn(async move {
            for index in 0.. {
                let key = format!("{task}/{index}");
                let blob = Bytes::from(key.clone().into_bytes().repeat(1000));
                let digest = Digest::of(&blob);
                storage.put_blob(digest, blob).await.unwrap();
                let twin = format!("twin/{key}");
                let changes =
                    [key.as_str(), &twin].map(|key| Change::put("b", key, Expected::Absent, digest.bytes().to_vec()));
                storage.commit(changes.into()).await.unwrap();
                println!("made {key}");
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn acknowledged_commits_outlive_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=4 {
        let data = dir.path().join(round.to_string());
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "storage::sqlite::tests::crash::commit_until_killed", "--ignored", "--nocapture"])
            .env(CHILD, &data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut made: Vec<_> = lines.by_ref().filter(|line| line.starts_with("made ")).take(round * 17).collect();
        child.kill().unwrap();
        // What it said before it died; a half line is no acknowledgement.
        made.extend(lines.filter(|line| line.starts_with("made ")));
        child.wait().unwrap();

        let storage = Storage::open(&data).unwrap();
        assert_eq!(storage.check().await, Ok(vec![]));
        assert!(made.len() >= round * 17);
        for line in &made[..made.len() - 1] {
            let key = line.strip_prefix("made ").unwrap();
            let digest = value(&storage, key).await.unwrap_or_else(|| panic!("{key} is lost"));
            assert_eq!(value(&storage, &format!("twin/{key}")).await.as_ref(), Some(&digest));
            let digest = Digest::from(<[u8; 32]>::try_from(&digest[..]).unwrap());
            assert!(storage.get_blob(digest).await.unwrap().is_some());
        }
        let all = storage.list("b", "", None, usize::MAX, Listing::Keys).await.unwrap();
        let twins = storage.list("b", "twin/", None, usize::MAX, Listing::Keys).await.unwrap();
        assert_eq!(all.len(), 2 * twins.len(), "no half of a commit");
    }
}
