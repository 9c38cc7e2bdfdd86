//! Decompressing an upload as it comes, to a limit: a small body that becomes a huge one is given up in time.

use flate2::write::MultiGzDecoder;
use std::fmt;
use std::io::{self, Write};

/// Compressed bytes decoded at a time, so that a step takes milliseconds at most: they may become a thousand times as
/// many.
const STEP: usize = 4096;

/// A gzip stream being decoded.
pub(super) struct Gunzip {
    decoder: MultiGzDecoder<Limited>,
}

/// Why it cannot be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GunzipError {
    /// The limit is passed.
    TooLarge,
    /// It is no gzip stream, is damaged, or ends too early: the text says which.
    Damaged(String),
}

/// Bytes up to a limit.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

/// The cause of the error that [`Limited`] gives.
#[derive(Debug)]
struct Full;

impl Gunzip {
    /// Of at most `limit` decoded bytes.
    pub fn new(limit: usize) -> Self {
        Self { decoder: MultiGzDecoder::new(Limited { bytes: Vec::new(), limit }) }
    }

    /// Decodes the next part. Lets other tasks run in between.
    pub async fn feed(&mut self, compressed: &[u8]) -> Result<(), GunzipError> {
        for step in compressed.chunks(STEP) {
            self.decoder.write_all(step).map_err(GunzipError::from)?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Bytes decoded so far.
    pub fn len(&self) -> usize {
        self.decoder.get_ref().bytes.len()
    }

    /// All of the decoded bytes, if the stream is complete.
    pub fn finish(self) -> Result<Vec<u8>, GunzipError> {
        match self.decoder.finish().map_err(GunzipError::from) {
            Ok(limited) => Ok(limited.bytes),
            Err(GunzipError::Damaged(why)) => Err(GunzipError::Damaged(format!("it ends too early ({why})"))),
            Err(too_large) => Err(too_large),
        }
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::Error::other(Full));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too large")
    }
}

impl std::error::Error for Full {}

impl From<io::Error> for GunzipError {
    fn from(error: io::Error) -> Self {
        match error.get_ref().is_some_and(|cause| cause.is::<Full>()) {
            true => Self::TooLarge,
            false => Self::Damaged(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    async fn gunzip(compressed: &[u8], limit: usize) -> Result<Vec<u8>, GunzipError> {
        let mut gunzip = Gunzip::new(limit);
        for part in compressed.chunks(1000) {
            gunzip.feed(part).await?;
        }
        gunzip.finish()
    }

    #[tokio::test]
    async fn a_stream_is_decoded_up_to_the_limit() {
        let bytes: Vec<u8> = (0..100_000u32).flat_map(|n| (n * 7919).to_le_bytes()).collect();
        let compressed = gzip(&bytes);
        assert_eq!(gunzip(&compressed, bytes.len()).await.as_deref(), Ok(&bytes[..]));
        assert_eq!(gunzip(&compressed, bytes.len() - 1).await, Err(GunzipError::TooLarge));
        assert_eq!(gunzip(&gzip(b""), 0).await, Ok(Vec::new()));
        let two = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(gunzip(&two, 7).await.as_deref(), Ok(&b"one two"[..]));
        assert_eq!(gunzip(&two, 6).await, Err(GunzipError::TooLarge));
    }

    #[tokio::test]
    async fn a_bomb_is_given_up_before_it_is_large() {
        let bomb = gzip(&vec![0; 32 << 20]);
        assert!(bomb.len() < 100_000);
        let mut gunzip = Gunzip::new(1 << 20);
        let mut fed = 0;
        let refused = loop {
            let end = bomb.len().min(fed + 512);
            match gunzip.feed(&bomb[fed..end]).await {
                Ok(()) => fed = end,
                Err(error) => break error,
            }
        };
        assert_eq!(refused, GunzipError::TooLarge);
        assert!(fed < 8192 && gunzip.decoder.get_ref().bytes.capacity() <= 2 << 20);
    }

    #[tokio::test]
    async fn what_is_no_whole_gzip_stream_is_refused() {
        let whole = gzip(b"some text that is compressed");
        for damaged in [&whole[..whole.len() - 1], &whole[..10], b"", b"plain text", &[&whole[..], b"junk"].concat()] {
            let result = gunzip(damaged, 1000).await;
            assert!(matches!(result, Err(GunzipError::Damaged(_))), "{damaged:?}: {result:?}");
        }
        let mut flipped = whole.clone();
        flipped[15] ^= 1;
        assert!(matches!(gunzip(&flipped, 1000).await, Err(GunzipError::Damaged(_))));
    }
}
