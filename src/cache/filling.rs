//! A body on its way into the cache, which any number of clients read while it comes.
//!
//! ## Why
//! Whoever asks first must not decide how fast the others are served, nor whether the response is kept: the body is read
//! by a task of its own, as fast as the origin sends, up to the size that is kept. Past that size it is only passed
//! through: what all readers have is dropped, and the origin waits for the slowest.

use super::{BoxError, CacheBody};
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// Bytes that bodies on their way hold together, and the most they may.
pub struct Room {
    held: AtomicU64,
    most: u64,
}

impl Room {
    pub fn new(most: u64) -> Self {
        Self { held: AtomicU64::new(0), most }
    }

    fn take(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    fn give(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether one more response can be taken in.
    pub fn is_left(&self) -> bool {
        self.held.load(Ordering::Relaxed) < self.most
    }
}

/// How a body ended.
#[derive(Debug, Clone)]
enum End {
    Whole(Option<HeaderMap>),
    Broken(Arc<str>),
}

struct State {
    chunks: VecDeque<Bytes>,
    /// Number of the first of `chunks`.
    first: usize,
    /// Bytes in `chunks`.
    held: u64,
    /// Bytes that have come.
    length: u64,
    /// It is too long to be kept.
    passing: bool,
    end: Option<End>,
    /// The next chunk of each reader.
    readers: HashMap<u64, usize>,
    next_reader: u64,
}

/// What became of a chunk.
enum Added {
    Yes,
    Unwanted,
    /// It is given back.
    NoRoom(Bytes),
}

/// See the module.
pub struct Filling {
    state: Mutex<State>,
    /// Changes whenever there is more.
    news: watch::Sender<()>,
    /// Told whenever something was read while it is only passed through.
    read: Notify,
    most: u64,
    room: Arc<Room>,
}

impl Filling {
    /// One that is kept up to `most` bytes.
    pub fn new(most: u64, room: Arc<Room>) -> Arc<Self> {
        let state = State {
            chunks: VecDeque::new(),
            first: 0,
            held: 0,
            length: 0,
            passing: false,
            end: None,
            readers: HashMap::new(),
            next_reader: 0,
        };
        Arc::new(Self { state: Mutex::new(state), news: watch::Sender::new(()), read: Notify::new(), most, room })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads `body` to its end, and has it kept if it is whole and not too long. `expected` is the length that the head
    /// states. It is kept before readers get the last of it: who has all of a response finds it in the cache.
    pub async fn fill<F>(&self, mut body: CacheBody, expected: Option<u64>, keep: impl FnOnce(Bytes) -> F)
    where
        F: Future<Output = ()>,
    {
        let (last, end) = loop {
            let frame = match body.frame().await {
                None => break (None, End::Whole(None)),
                Some(Err(error)) => break (None, End::Broken(error.to_string().into())),
                Some(Ok(frame)) => frame,
            };
            match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                // With these bytes it is whole, whatever else its sender has to do.
                Ok(data) if expected.is_some_and(|expected| self.is_last(&data, expected)) => {
                    break (Some(data), End::Whole(None));
                }
                Ok(data) => {
                    if !self.add(data).await {
                        break (None, End::Broken("nobody reads it any more".into()));
                    }
                }
                Err(frame) => break (None, End::Whole(frame.into_trailers().ok())),
            }
        };
        let end = match end {
            End::Whole(_) if last.is_none() && expected.is_some_and(|expected| expected != self.lock().length) => {
                End::Broken("it is not as long as its head says".into())
            }
            end => end,
        };
        if let Some(bytes) = matches!(end, End::Whole(_)).then(|| self.whole(last.as_ref())).flatten() {
            keep(bytes).await;
        }
        if let Some(last) = last {
            self.add(last).await;
        }
        self.lock().end = Some(end);
        self.news.send_replace(());
    }

    fn is_last(&self, data: &Bytes, expected: u64) -> bool {
        self.lock().length + data.len() as u64 == expected
    }

    /// All of it, if it is not too long.
    fn whole(&self, last: Option<&Bytes>) -> Option<Bytes> {
        let state = self.lock();
        let length = state.length + last.map_or(0, |last| last.len() as u64);
        (!state.passing && length <= self.most).then(|| joined(state.chunks.iter().chain(last)))
    }

    /// Adds a chunk, when there is room; false if nobody wants it.
    async fn add(&self, mut data: Bytes) -> bool {
        loop {
            // Before the look, so that what is read right after it is not missed.
            let read = self.read.notified();
            match self.try_add(data) {
                Added::Yes => return true,
                Added::Unwanted => return false,
                Added::NoRoom(back) => data = back,
            }
            read.await;
        }
    }

    fn try_add(&self, data: Bytes) -> Added {
        let mut state = self.lock();
        let length = data.len() as u64;
        if state.length + length > self.most && !state.passing {
            state.passing = true;
            self.trim(&mut state);
        }
        if state.passing && state.readers.is_empty() {
            return Added::Unwanted;
        }
        if state.passing && state.held >= self.most {
            return Added::NoRoom(data);
        }
        state.length += length;
        state.held += length;
        self.room.take(length);
        state.chunks.push_back(data);
        drop(state);
        self.news.send_replace(());
        Added::Yes
    }

    /// Drops what every reader has.
    fn trim(&self, state: &mut State) {
        let Some(slowest) = state.readers.values().min().copied() else { return };
        while state.first < slowest {
            let Some(chunk) = state.chunks.pop_front() else { return };
            state.first += 1;
            state.held -= chunk.len() as u64;
            self.room.give(chunk.len() as u64);
        }
    }

    /// The body for one more client; none if its beginning is gone.
    pub fn body(self: &Arc<Self>) -> Option<CacheBody> {
        let reader = {
            let mut state = self.lock();
            if state.passing {
                return None;
            }
            let number = state.next_reader;
            state.next_reader += 1;
            state.readers.insert(number, 0);
            Reader { filling: self.clone(), number, news: self.news.subscribe(), ended: false }
        };
        let frames = futures_util::stream::unfold(reader, |mut reader| async move {
            let frame = reader.next().await?;
            Some((frame, reader))
        });
        Some(StreamBody::new(frames).boxed_unsync())
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        let held = self.lock().held;
        self.room.give(held);
    }
}

fn joined<'a>(chunks: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let chunks: Vec<&Bytes> = chunks.collect();
    if let [chunk] = chunks[..] {
        return chunk.clone();
    }
    let mut bytes = BytesMut::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
    chunks.iter().for_each(|chunk| bytes.extend_from_slice(chunk));
    bytes.freeze()
}

/// One client's place in a body.
struct Reader {
    filling: Arc<Filling>,
    number: u64,
    news: watch::Receiver<()>,
    ended: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Result<Frame<Bytes>, BoxError>> {
        if self.ended {
            return None;
        }
        loop {
            self.news.mark_unchanged();
            {
                let mut state = self.filling.lock();
                let at = state.readers.get(&self.number).copied().unwrap_or_default();
                if let Some(chunk) = state.chunks.get(at - state.first).cloned() {
                    state.readers.insert(self.number, at + 1);
                    if state.passing {
                        self.filling.trim(&mut state);
                        self.filling.read.notify_one();
                    }
                    return Some(Ok(Frame::data(chunk)));
                }
                if let Some(end) = &state.end {
                    self.ended = true;
                    return match end {
                        End::Whole(trailers) => trailers.clone().map(|trailers| Ok(Frame::trailers(trailers))),
                        End::Broken(why) => Some(Err(format!("the response broke off: {why}").into())),
                    };
                }
            }
            // The sender lives as long as `filling`.
            let _ = self.news.changed().await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.filling.lock();
        state.readers.remove(&self.number);
        if state.passing {
            self.filling.trim(&mut state);
            self.filling.read.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn source(chunks: usize, size: usize) -> CacheBody {
        let frames = (0..chunks).map(move |index| Ok::<_, BoxError>(Frame::data(Bytes::from(vec![index as u8; size]))));
        StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync()
    }

    async fn length(body: CacheBody) -> usize {
        body.collect().await.unwrap().to_bytes().len()
    }

    /// Fills, and gives what was kept.
    async fn filled(filling: &Filling, body: CacheBody, expected: Option<u64>) -> Option<Bytes> {
        let kept = Mutex::new(None);
        filling.fill(body, expected, async |bytes| *kept.lock().unwrap() = Some(bytes)).await;
        kept.into_inner().unwrap()
    }

    #[tokio::test]
    async fn every_reader_gets_all_of_it_and_it_is_kept() {
        let room = Arc::new(Room::new(1000));
        let filling = Filling::new(100, room.clone());
        let (one, two) = (filling.body().unwrap(), filling.body().unwrap());
        let (kept, one, two) = tokio::join!(filled(&filling, source(10, 10), Some(100)), length(one), length(two));
        assert_eq!((kept.unwrap().len(), one, two), (100, 100, 100));
        assert_eq!(length(filling.body().unwrap()).await, 100, "who comes late");
        drop(filling);
        assert_eq!(room.held.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn what_is_too_long_is_passed_through_in_bounded_memory() {
        let room = Arc::new(Room::new(1000));
        let filling = Filling::new(100, room.clone());
        let mut one = filling.body().unwrap();
        let task = tokio::spawn({
            let filling = filling.clone();
            async move { filled(&filling, source(100, 10), None).await }
        });
        let mut read = 0;
        while let Some(frame) = one.frame().await {
            read += frame.unwrap().into_data().unwrap().len();
            tokio::task::yield_now().await;
            assert!(room.held.load(Ordering::Relaxed) <= 110);
        }
        assert_eq!((read, task.await.unwrap()), (1000, None));
        assert!(filling.body().is_none(), "its beginning is gone");
    }

    #[tokio::test]
    async fn what_breaks_off_is_not_kept() {
        let filling = Filling::new(100, Arc::new(Room::new(1000)));
        let body = filling.body().unwrap();
        assert_eq!(filled(&filling, source(2, 10), Some(30)).await, None);
        assert!(body.collect().await.is_err());
        let filling = Filling::new(15, Arc::new(Room::new(1000)));
        let fill = filled(&filling, source(2, 10), None);
        assert_eq!(tokio::time::timeout(Duration::from_secs(5), fill).await, Ok(None), "nobody reads");
    }
}
