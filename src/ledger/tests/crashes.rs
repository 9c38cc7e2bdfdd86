//! At whatever point the process ends: what was counted is counted, once.

use super::*;
use crate::ledger::journal::{replay, segments};
use crate::storage::{Change, Expected};
use std::fs;

/// Keeps a copy of the newest segment, as it is.
fn copied(folder: &Path) -> (PathBuf, Vec<u8>) {
    let (_, path) = segments(folder).unwrap().pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[tokio::test]
async fn what_was_not_stored_is_read_from_the_journal() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
    (1..=100).for_each(|fuel| ledger.count(entry(fuel)));
    drop(ledger);
    let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
    let found = total(&ledger).await;
    assert_eq!((found.requests(), found.fuel, found.bytes_out, found.wall), (100, 5050, 200, 400_000));
    assert_eq!(files(dir.path()).len(), 1, "what is stored is removed");
}

#[tokio::test]
async fn a_segment_that_was_stored_and_not_removed_is_not_counted_again() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
    (0..5).for_each(|_| ledger.count(entry(1)));
    let (path, bytes) = copied(dir.path());
    ledger.flush().await.unwrap();
    (0..7).for_each(|_| ledger.count(entry(1)));
    drop(ledger);
    assert!(!path.exists());
    fs::write(&path, bytes).unwrap();
    for _ in 0..2 {
        let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
        assert_eq!(total(&ledger).await.requests(), 12);
    }
}

#[tokio::test]
async fn several_segments_that_are_left_over_are_all_stored() {
    let (storage, dir, other) = (Storage::in_memory(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for times in [3, 4] {
        // A process that could not store what it counted leaves one segment more.
        let ledger = Ledger::open(Storage::in_memory(), other.path()).await.unwrap();
        (0..times).for_each(|_| ledger.count(entry(1)));
        let (path, bytes) = copied(other.path());
        drop(ledger);
        fs::write(dir.path().join(format!("{:016}.log", 10 + times)), bytes).unwrap();
        fs::remove_file(path).unwrap();
    }
    let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
    ledger.count(entry(1));
    drop(ledger);
    assert_eq!(files(dir.path()), ["0000000000000015.log"], "numbers go on where they were");
    let ledger = Ledger::open(storage, dir.path()).await.unwrap();
    assert_eq!(total(&ledger).await.requests(), 8);
}

#[tokio::test]
async fn a_record_that_is_cut_off_anywhere_is_dropped_and_those_before_it_are_kept() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(storage, dir.path()).await.unwrap();
    let mut lengths = vec![copied(dir.path()).1.len()];
    for fuel in 1..=6 {
        // Every second one defines a series first.
        let route = format!("{}", fuel / 2);
        ledger.count(Entry { series: series("a", "v", &route), ..entry(fuel) });
        lengths.push(copied(dir.path()).1.len());
    }
    let (_, bytes) = copied(dir.path());
    let torn = dir.path().join("torn");
    for length in 0..=bytes.len() {
        for rest in [&[][..], &[0; 40], &[0xff; 40]] {
            fs::write(&torn, [&bytes[..length], rest].concat()).unwrap();
            let found: u64 = replay(&torn).unwrap().batch.tallies().map(|(_, _, tally)| tally.requests()).sum();
            let whole = lengths[1..].iter().filter(|end| **end <= length).count() as u64;
            assert_eq!(found, whole, "cut off at {length} and followed by {rest:?}");
        }
    }
    for at in lengths[0]..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&torn, damaged).unwrap();
        let found: u64 = replay(&torn).unwrap().batch.tallies().map(|(_, _, tally)| tally.requests()).sum();
        let before = lengths[1..].iter().filter(|end| **end <= at).count() as u64;
        assert_eq!(found, before, "damaged at {at}");
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_kept_and_stored_later() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(storage.clone(), dir.path()).await.unwrap();
    ledger.count(entry(1));
    ledger.flush().await.unwrap();
    // Somebody else writes the mark, so the next commit is refused.
    storage.commit(vec![Change::put("ledger-journal", "done", Expected::Any, "1")]).await.unwrap();
    ledger.count(entry(1));
    assert!(ledger.flush().await.is_err());
    ledger.count(entry(1));
    assert_eq!(files(dir.path()).len(), 2, "the segment stays until it is stored");
    assert_eq!(total(&ledger).await.requests(), 3);
    assert_eq!(files(dir.path()).len(), 1);
}

#[tokio::test]
async fn an_attempt_that_was_given_up_and_made_all_the_same_is_not_made_again() {
    let storage = Storage::in_memory();
    // Both have the same number for their first batch, as an attempt and its repetition have.
    let first = Ledger::unwritten(storage.clone()).await.unwrap();
    let again = Ledger::unwritten(storage.clone()).await.unwrap();
    first.count(entry(5));
    again.count(entry(5));
    first.flush().await.unwrap();
    again.flush().await.unwrap();
    assert_eq!(total(&again).await.requests(), 1);
    again.count(entry(5));
    assert_eq!(total(&again).await.requests(), 2, "what comes after is counted");
}

#[tokio::test]
async fn without_a_journal_to_write_invocations_are_counted_all_the_same() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let folder = dir.path().join("ledger");
    let ledger = Ledger::open(storage.clone(), &folder).await.unwrap();
    ledger.count(entry(1));
    fs::remove_dir_all(&folder).unwrap();
    ledger.flush().await.unwrap();
    ledger.count(entry(1));
    assert!(!folder.exists());
    fs::create_dir(&folder).unwrap();
    ledger.flush().await.unwrap();
    ledger.count(entry(1));
    assert_eq!(files(&folder).len(), 1, "the next batch is written down again");
    drop(ledger);
    assert_eq!(total(&Ledger::open(storage, &folder).await.unwrap()).await.requests(), 3);
}

#[test]
fn no_segment_begins_on_a_full_disk_and_series_may_come_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", dir.path().join("0000000000000001.log")).unwrap();
    assert!(Segment::create(dir.path(), 1).is_err(), "no segment begins on a full disk");
    let mut segment = Segment::create(dir.path(), 2).unwrap();
    let series = series("a", "v", "r");
    let mut append = |id| {
        let record =
            Record { id, series: &series, minute: START, outcome: Outcome::Ok, work: &work(1), budgets: &[7, 8] };
        segment.append(&record)
    };
    append(1).unwrap();
    append(0).unwrap();
    append(1).unwrap();
    let replayed = replay(&dir.path().join("0000000000000002.log")).unwrap();
    assert_eq!((replayed.torn, replayed.batch.tallies().map(|(_, _, tally)| tally.requests()).sum()), (0, 3));
    let mut spent: Vec<_> = replayed.batch.spent().collect();
    spent.sort();
    assert_eq!(spent, [(7, 3), (8, 3)]);
}

#[tokio::test]
async fn counting_takes_microseconds() {
    let (storage, dir) = (Storage::in_memory(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(storage, dir.path()).await.unwrap();
    let times = 20_000;
    let series = entry(0).series;
    let timed = |what: &str, count: &dyn Fn()| {
        let begin = std::time::Instant::now();
        (0..times).for_each(|_| count());
        let each = begin.elapsed() / times;
        println!("{what}: {} ns", each.as_nanos());
        assert!(each < Duration::from_micros(200), "{what} took {each:?}");
    };
    timed("count", &|| ledger.count(Entry { series: series.clone(), ..entry(5_000_000) }));
    timed("count_asset", &|| ledger.count_asset(series.clone()));
    let found = total(&ledger).await;
    assert_eq!((found.requests(), found.assets), (times.into(), times.into()));
}
