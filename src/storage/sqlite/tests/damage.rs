//! What is found when the folder is not as it should be.

use super::*;

fn blob_path(dir: &Path, digest: Digest) -> std::path::PathBuf {
    let name = digest.to_string();
    dir.join("blobs").join(&name[..2]).join(name)
}

#[tokio::test]
async fn damaged_and_strange_files_are_found_by_check() {
    let (storage, dir) = make().await;
    let digest = Digest::of(b"content");
    storage.put_blob(digest, "content".into()).await.unwrap();
    let path = blob_path(dir.path(), digest);
    fs::write(&path, "c0ntent").unwrap();
    fs::write(dir.path().join("blobs/readme"), "").unwrap();
    fs::write(dir.path().join("tmp/7"), "").unwrap();
    let shown = path.strip_prefix(dir.path()).unwrap().display().to_string();
    let expected = vec![
        format!("`{shown}` is damaged: its content has the digest {}", Digest::of(b"c0ntent")),
        "`blobs/readme` is not a blob: its name and place are not those of a digest".to_owned(),
        "`tmp/7` is left over from an interrupted write; the next start removes it".to_owned(),
    ];
    assert_eq!(storage.check().await.unwrap(), expected);
    assert_eq!(storage.blobs().await, Ok(vec![digest]));

    // Putting it again mends it.
    storage.put_blob(digest, "content".into()).await.unwrap();
    assert_eq!(storage.get_blob(digest).await.unwrap().unwrap(), "content");
    fs::remove_file(dir.path().join("blobs/readme")).unwrap();
    drop(storage);
    let storage = Storage::open(dir.path()).unwrap();
    assert_eq!(storage.check().await, Ok(vec![]));
    assert!(!dir.path().join("tmp/7").exists());
}

#[tokio::test]
async fn webassembly_is_compressed_and_found_where_older_versions_put_it() {
    let (storage, dir) = make().await;
    let wasm = Bytes::from([b"\0asm\x0d\0\x01\0".as_slice(), &[7; 100_000]].concat());
    let digest = Digest::of(&wasm);
    let plain = blob_path(dir.path(), digest);
    let compressed = plain.with_extension("zst");
    fs::create_dir_all(plain.parent().unwrap()).unwrap();
    fs::write(&plain, &wasm).unwrap();
    assert_eq!(storage.get_blob(digest).await, Ok(Some(wasm.clone())));
    assert_eq!(storage.has_blob(digest).await, Ok(true));

    storage.put_blob(digest, wasm.clone()).await.unwrap();
    assert!(!plain.exists());
    assert!(fs::metadata(&compressed).unwrap().len() < 1000);
    assert_eq!(storage.get_blob(digest).await, Ok(Some(wasm.clone())));
    assert_eq!(storage.has_blob(digest).await, Ok(true));
    assert_eq!(storage.blobs().await, Ok(vec![digest]));
    assert_eq!(storage.check().await, Ok(vec![]));

    fs::write(&compressed, "rubbish").unwrap();
    assert!(matches!(storage.get_blob(digest).await, Err(Error::Io(_))));
    let problems = storage.check().await.unwrap();
    assert!(problems.len() == 1 && problems[0].contains("cannot be read"), "{problems:?}");
    storage.put_blob(digest, wasm.clone()).await.unwrap();
    assert_eq!(storage.get_blob(digest).await, Ok(Some(wasm)));
    storage.delete_blob(digest).await.unwrap();
    assert_eq!(storage.blobs().await, Ok(vec![]));
}

#[test]
fn files_that_are_being_written_are_no_leftovers() {
    let dir = tempfile::tempdir().unwrap();
    let folder = crate::storage::folder::Folder::create(dir.path()).unwrap();
    let scratch = folder.scratch().unwrap();
    assert_eq!(folder.leftovers(), Ok(vec![]));
    assert_eq!(fs::read_dir(dir.path().join("tmp")).unwrap().count(), 1);
    drop(scratch);
    assert_eq!(fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_damaged_database_is_found_by_check() {
    let (storage, dir) = make().await;
    let changes = (0..2000).map(|index| put(&format!("key{index:04}"), "value")).collect();
    storage.commit(changes).await.unwrap();
    drop(storage);
    let path = dir.path().join("glowplug.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(7).rposition(|window| window == b"key0007").unwrap();
    bytes[at + 6] = b'X';
    fs::write(&path, bytes).unwrap();
    let storage = Storage::open_read_only(dir.path()).unwrap();
    let problems = storage.check().await.unwrap();
    assert!(!problems.is_empty());
    assert!(problems.iter().all(|line| line.starts_with("`glowplug.db`: ") && !line.contains('\n')), "{problems:?}");
}

#[tokio::test]
async fn a_revision_that_was_never_given_is_found_by_check() {
    let (storage, _dir) = make().await;
    storage.commit(vec![put("k", "v")]).await.unwrap();
    with_connection(&storage, |connection| {
        connection.execute("UPDATE entries SET revision = 7", []).unwrap();
    })
    .await;
    assert_eq!(storage.check().await.unwrap(), ["`glowplug.db`: an entry is of commit 7, but the last commit was 1"]);
}

fn message(result: Result<Storage, Error>) -> String {
    result.err().expect("it cannot be opened").to_string()
}

#[test]
fn what_is_no_database_of_ours_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("glowplug.db");
    fs::write(&path, "no database at all, but some text that is long enough".repeat(100)).unwrap();
    let shown = path.display();
    assert!(matches!(Storage::open(dir.path()), Err(Error::Corrupt(_))));
    assert!(message(Storage::open_read_only(dir.path())).starts_with(&format!("stored data is damaged: `{shown}`")));

    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    let expected = format!("`{shown}` is not a database of glowplug\nhint: choose another folder with `--data`");
    assert_eq!(message(Storage::open(dir.path())), expected);
    assert_eq!(message(Storage::open_read_only(dir.path())), expected);
}

#[test]
fn a_newer_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(Storage::open(dir.path()).unwrap());
    let path = dir.path().join("glowplug.db");
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let expected = format!(
        "`{}` has format 2, and this glowplug knows format 1 only\nhint: run the glowplug that wrote it, or a newer one",
        path.display()
    );
    assert_eq!(message(Storage::open(dir.path())), expected);
    assert_eq!(message(Storage::open_read_only(dir.path())), expected);
}

#[test]
fn a_folder_that_cannot_be_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let message = message(Storage::open(&path));
        assert!(message.starts_with(&format!("failed to create folder `{}`: ", file.display())), "{message}");
    }
}
