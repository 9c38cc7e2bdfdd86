//! What happens when there is no room left.

use super::*;
use std::env;
use std::process::Command;

/// Says to a test below, when it runs as another process, where to work.
const CHILD: &str = "GLOWPLUG_TEST_FULL_DIR";

fn large(key: &str) -> Change {
    Change::put("b", key, Expected::Any, vec![7; 512 * 1024])
}

/// Fills the storage until it says so, and gives the keys that were acknowledged.
async fn fill(storage: &Storage) -> Vec<String> {
    for index in 0..1000 {
        let key = format!("large/{index:03}");
        match storage.commit(vec![large(&key)]).await {
            Ok(_) => {}
            Err(Error::Full) => return (0..index).map(|index| format!("large/{index:03}")).collect(),
            Err(error) => panic!("{error}"),
        }
    }
    panic!("there was room for all");
}

/// Fills the storage and sees that nothing else changes by it. Gives the keys that were acknowledged.
async fn loses_nothing_when_full(storage: &Storage) -> Vec<String> {
    storage.commit(vec![put("before", "v")]).await.unwrap();
    let made = fill(storage).await;
    assert!(made.len() > 1, "{made:?}");
    assert_has(storage, &made).await;
    // Neither half of a commit that does not fit.
    assert_eq!(storage.commit(vec![put("before", "2"), large("x")]).await, Err(Error::Full));
    assert_has(storage, &made).await;
    assert_eq!(storage.check().await, Ok(vec![]));
    made
}

async fn assert_has(storage: &Storage, made: &[String]) {
    let listed = storage.list("b", "large/", None, 1000, Listing::Values).await.unwrap();
    assert!(listed.iter().all(|entry| entry.value == vec![7; 512 * 1024]));
    assert_eq!(listed.into_iter().map(|entry| entry.key).collect::<Vec<_>>(), made);
    assert_eq!(value(storage, "before").await.unwrap(), "v");
}

#[tokio::test]
async fn a_full_database_loses_nothing_and_works_again_after_deletes() {
    let (storage, dir) = make().await;
    with_connection(&storage, |connection| {
        connection.pragma_update_and_check(None, "max_page_count", 1024, |_| Ok(())).unwrap();
    })
    .await;
    let made = loses_nothing_when_full(&storage).await;
    let delete = |key: &String| Change::delete("b", key.as_str(), Expected::Any);
    storage.commit(made.iter().map(delete).collect()).await.unwrap();
    storage.commit(vec![large("large/again")]).await.unwrap();
    drop(storage);
    let storage = Storage::open(dir.path()).unwrap();
    assert_has(&storage, &["large/again".to_owned()]).await;
    assert_eq!(storage.check().await, Ok(vec![]));
}

#[tokio::test]
async fn a_commit_that_does_not_fit_does_not_fail_its_neighbours() {
    let (storage, _dir) = make().await;
    let (release, released) = mpsc::channel::<Infallible>();
    let released = Mutex::new(released);
    let held = {
        let storage = storage.clone();
        tokio::spawn(async move {
            with_connection(&storage, move |connection| {
                connection.pragma_update_and_check(None, "max_page_count", 256, |_| Ok(())).unwrap();
                let _ = released.lock().unwrap().recv();
            })
            .await;
        })
    };
    let mut commits = JoinSet::new();
    for index in 0..10 {
        let storage = storage.clone();
        let key = index.to_string();
        let value = if index == 5 { vec![7; 4 << 20] } else { vec![7; 7] };
        commits.spawn(async move { (index, storage.commit(vec![Change::put("b", key, Expected::Any, value)]).await) });
    }
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    drop(release);
    held.await.unwrap();
    for (index, result) in commits.join_all().await {
        assert_eq!(result.is_ok(), index != 5, "{index}: {result:?}");
    }
    assert_eq!(storage.list("b", "", None, 100, Listing::Keys).await.unwrap().len(), 9);
}

/// Run by the tests below in a process that has little room; a file `ballast` beside the folder can be removed for more.
#[tokio::test]
#[ignore = "part of the tests below"]
async fn fill_up() {
    let Some(dir) = env::var_os(CHILD) else { return };
    let dir = Path::new(&dir);
    let storage = Storage::open(dir).unwrap();
    let made = loses_nothing_when_full(&storage).await;
    let blob = Bytes::from(vec![7; 16 << 20]);
    assert_eq!(storage.put_blob(Digest::of(&blob), blob).await, Err(Error::Full));
    assert_eq!(storage.blobs().await, Ok(vec![]));
    assert_eq!(storage.check().await, Ok(vec![]));
    if fs::remove_file(dir.with_file_name("ballast")).is_ok() {
        storage.commit(vec![put("after", "v")]).await.unwrap();
        storage.put_blob(Digest::of(b"blob"), "blob".into()).await.unwrap();
        storage.commit(vec![large("again")]).await.unwrap();
    }
    println!("made {}", made.len());
}

/// Runs [`fill_up`] in another process after `prelude` in its shell, and looks at what it left.
#[cfg(unix)]
async fn fill_up_elsewhere(prelude: &str, data: &Path) {
    let output = Command::new("sh")
        .args(["-c", &format!("{prelude}; exec \"$0\" \"$@\""), env::current_exe().unwrap().to_str().unwrap()])
        .args(["--exact", "storage::sqlite::tests::full::fill_up", "--ignored", "--nocapture"])
        .env(CHILD, data)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let made = said.split_once("made ").and_then(|(_, rest)| rest.lines().next()?.parse::<usize>().ok());
    let made = made.unwrap_or_else(|| panic!("{said}\n{}", String::from_utf8_lossy(&output.stderr)));

    let storage = Storage::open(data).unwrap();
    let made: Vec<_> = (0..made).map(|index| format!("large/{index:03}")).collect();
    assert_has(&storage, &made).await;
    storage.commit(vec![put("last", "v")]).await.unwrap();
    assert_eq!(storage.check().await, Ok(vec![]));
}

/// EFBIG, which SQLite does not call full.
#[cfg(unix)]
#[tokio::test]
async fn files_at_their_largest_size_are_full() {
    let dir = tempfile::tempdir().unwrap();
    // 8 MiB in blocks of 512 bytes. The signal would end the process.
    fill_up_elsewhere("trap '' XFSZ; ulimit -f 16384", &dir.path().join("data")).await;
}

/// A file system that is unmounted when this is dropped.
#[cfg(target_os = "linux")]
struct Mounted(TempDir);

#[cfg(target_os = "linux")]
impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// ENOSPC on a real file system.
#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "mounts a file system, which needs root"]
async fn a_full_file_system_loses_nothing_and_works_again_with_room() {
    let mounted = Mounted(tempfile::tempdir().unwrap());
    let mount = ["-t", "tmpfs", "-o", "size=24m", "tmpfs"];
    assert!(Command::new("mount").args(mount).arg(mounted.0.path()).status().unwrap().success());
    fs::write(mounted.0.path().join("ballast"), vec![7; 12 << 20]).unwrap();
    fill_up_elsewhere(":", &mounted.0.path().join("data")).await;
}
