//! The bytes of one connection: a reading buffer, a bounded writing buffer, and an orderly end.

use super::decode::{self, Fault};
use bytes::{Bytes, BytesMut};
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
    last_read: usize,
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
    pub(super) fn new(stream: S) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader,
            writer,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            unflushed: false,
            queued: 0,
            last_read: 0,
        }
    }

    /// The next whole packet of those already read.
    pub(super) fn cut(&mut self, max_packet: usize) -> Result<Option<BytesMut>, Fault> {
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
        let Self { reader, writer, incoming, outgoing, unflushed, last_read, .. } = self;
        let must_write = *unflushed || !outgoing.is_empty();
        tokio::select! {
            done = write_some(writer, outgoing, unflushed), if must_write => {
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
        let Self { writer, outgoing, unflushed, .. } = &mut self;
        let farewell = timeout(FAREWELL, async {
            while *unflushed || !outgoing.is_empty() {
                write_some(writer, outgoing, unflushed).await?;
            }
            writer.shutdown().await
        });
        if !matches!(farewell.await, Ok(Ok(()))) {
            return;
        }
        let mut sink = [0_u8; 512];
        let hangup = async { while matches!(self.reader.read(&mut sink).await, Ok(1..)) {} };
        let _ = timeout(linger, hangup).await;
    }
}

/// Writes once, and flushes when nothing is left. All state is outside, so it may be cancelled.
async fn write_some<W: AsyncWrite + Unpin>(
    writer: &mut W,
    outgoing: &mut BytesMut,
    unflushed: &mut bool,
) -> io::Result<()> {
    if !outgoing.is_empty() {
        *unflushed = true;
        if writer.write_buf(outgoing).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    if outgoing.is_empty() {
        writer.flush().await?;
        *unflushed = false;
    }
    Ok(())
}
