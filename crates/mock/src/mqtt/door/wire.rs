//! The bytes of one connection: a reading buffer, a bounded writing buffer, and an orderly end.

use super::decode::{self, Uncut};
use bytes::{Buf, Bytes, BytesMut};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;

/// With more than this waiting to be written, a session takes on nothing that makes more.
const HIGH_WATER: usize = 256 * 1024;
/// An idle connection keeps a buffer of this size; a busy one gets a larger.
const SMALL_READ: usize = 4 * 1024;
const LARGE_READ: usize = 64 * 1024;
/// For how long a closing connection may take to write what is left.
const FAREWELL: Duration = Duration::from_secs(1);

/// One connection.
pub(super) struct Wire<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    incoming: BytesMut,
    outgoing: BytesMut,
    /// Whether bytes were written that aren't known to be flushed (TLS keeps some back).
    unflushed: bool,
    /// All bytes that ever went into `outgoing`.
    queued: u64,
    /// What is to be sent byte by byte: from the first position to before the second.
    splits: VecDeque<(u64, u64)>,
    last_read: usize,
    /// Whether an end has to be told in the stream itself.
    encrypted: bool,
}

/// What a [`Wire::turn`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Read,
    Wrote,
    /// The other end won't send any more.
    End,
}

impl<S: AsyncRead + AsyncWrite> Wire<S> {
    pub(super) fn new(stream: S, encrypted: bool) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader,
            writer,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            unflushed: false,
            queued: 0,
            splits: VecDeque::new(),
            last_read: 0,
            encrypted,
        }
    }

    /// The next whole packet of those already read.
    pub(super) fn cut(&mut self, max_packet: usize) -> Result<Option<BytesMut>, Uncut> {
        decode::cut(&mut self.incoming, max_packet)
    }

    /// The head of what can't be cut: enough for a fixed header, too little for a password.
    pub(super) fn head(&self) -> Bytes {
        Bytes::copy_from_slice(&self.incoming[..self.incoming.len().min(5)])
    }

    /// How much memory the bytes that aren't cut yet take.
    #[cfg(test)]
    pub(super) fn reading_memory(&self) -> usize {
        self.incoming.capacity()
    }

    /// Queues bytes and returns the position behind them, to be compared with [`Wire::written`].
    pub(super) fn queue(&mut self, bytes: &[u8]) -> u64 {
        self.outgoing.extend_from_slice(bytes);
        self.queued += bytes.len() as u64;
        self.queued
    }

    /// Queues bytes that leave one by one.
    pub(super) fn queue_split(&mut self, bytes: &[u8]) -> u64 {
        let start = self.queued;
        self.splits.push_back((start, start + bytes.len() as u64));
        self.queue(bytes)
    }

    /// How many bytes may leave at once.
    fn stride(&mut self) -> usize {
        let at = self.written();
        while self.splits.front().is_some_and(|(_, end)| *end <= at) {
            self.splits.pop_front();
        }
        match self.splits.front() {
            None => usize::MAX,
            Some((start, _)) if *start > at => usize::try_from(start - at).unwrap_or(usize::MAX),
            Some(_) => 1,
        }
    }

    /// Forgets what was read.
    pub(super) fn ignore(&mut self) {
        self.incoming.clear();
    }

    /// How many of the bytes ever queued the socket has taken.
    pub(super) fn written(&self) -> u64 {
        self.queued - self.outgoing.len() as u64
    }

    /// Whether the writing buffer is full.
    pub(super) fn is_full(&self) -> bool {
        self.outgoing.len() >= HIGH_WATER
    }

    /// Reads or writes some, whichever can be done first. Reads nothing while the writing buffer is
    /// full: who doesn't listen isn't listened to. May be cancelled.
    pub(super) async fn turn(&mut self) -> io::Result<Turn> {
        let may_read = !self.is_full();
        if may_read {
            self.make_room();
        }
        let stride = self.stride();
        let Self { reader, writer, incoming, outgoing, unflushed, last_read, .. } = self;
        let must_write = *unflushed || !outgoing.is_empty();
        tokio::select! {
            done = write_some(writer, outgoing, unflushed, stride), if must_write => {
                done.map(|()| Turn::Wrote)
            }
            read = reader.read_buf(incoming), if may_read => {
                *last_read = read?;
                Ok(if *last_read == 0 { Turn::End } else { Turn::Read })
            }
        }
    }

    fn make_room(&mut self) {
        let busy = self.last_read >= SMALL_READ;
        if !busy && self.incoming.is_empty() && self.incoming.capacity() > 2 * SMALL_READ {
            self.incoming = BytesMut::new();
        }
        if self.incoming.capacity() - self.incoming.len() < SMALL_READ / 4 {
            self.incoming.reserve(if busy { LARGE_READ } else { SMALL_READ });
        }
    }

    /// Writes what is left and says goodbye. Then lingers until the other end has hung up too, because
    /// a socket that is closed with unread bytes in it destroys what was written last.
    pub(super) async fn finish(mut self, linger: Duration) {
        let farewell = timeout(FAREWELL, async {
            while self.unflushed || !self.outgoing.is_empty() {
                let stride = self.stride();
                write_some(&mut self.writer, &mut self.outgoing, &mut self.unflushed, stride).await?;
            }
            // Who has said goodbye waits for nothing; a socket says it by being closed.
            if linger.is_zero() && !self.encrypted { Ok(()) } else { self.writer.shutdown().await }
        });
        if !matches!(farewell.await, Ok(Ok(()))) || linger.is_zero() {
            return;
        }
        let mut sink = [0_u8; 512];
        let hangup = async { while matches!(self.reader.read(&mut sink).await, Ok(1..)) {} };
        let _ = timeout(linger, hangup).await;
    }
}

/// Writes once, `stride` bytes at most, and flushes when nothing is left and after a stride. All state
/// is outside, so it may be cancelled.
async fn write_some<W: AsyncWrite + Unpin>(
    writer: &mut W,
    outgoing: &mut BytesMut,
    unflushed: &mut bool,
    stride: usize,
) -> io::Result<()> {
    let in_strides = stride < usize::MAX;
    if in_strides && *unflushed {
        writer.flush().await?;
        *unflushed = false;
    }
    if !outgoing.is_empty() {
        *unflushed = true;
        let written = writer.write(&outgoing[..outgoing.len().min(stride)]).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        outgoing.advance(written);
    }
    if outgoing.is_empty() || in_strides {
        writer.flush().await?;
        *unflushed = false;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};
    use tokio::io::ReadBuf;

    /// A connection that writes down how it is written to: the bytes of each write, none for a flush.
    #[derive(Clone, Default)]
    struct Witness(Arc<Mutex<Vec<Vec<u8>>>>);

    impl AsyncRead for Witness {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Witness {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.lock().unwrap().push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.0.lock().unwrap().push(Vec::new());
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn splits_what_is_to_be_split_and_nothing_else() {
        let witness = Witness::default();
        let mut wire = Wire::new(witness.clone(), false);
        wire.queue(b"whole");
        wire.queue_split(b"abc");
        assert_eq!(wire.queue(b"rest"), 12);
        wire.finish(Duration::ZERO).await;
        let writes = witness.0.lock().unwrap();
        let wanted: [&[u8]; 10] = [b"whole", b"", b"a", b"", b"b", b"", b"c", b"", b"rest", b""];
        assert_eq!(*writes, wanted);
    }
}
