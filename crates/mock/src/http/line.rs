//! A connection of the REST interface whose answers can be bent on the wire.
//!
//! hyper writes sound messages only. So each connection has a [`Line`] beside it: a handler that has to
//! answer unsoundly leaves the bytes there, as a [`Script`], and gives hyper an empty answer. The
//! stream under hyper ([`Wire`]) swallows that and plays the script in its place. Without a script it
//! only passes bytes on.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tower_service::Service;

/// What is written in the place of an answer.
#[derive(Debug)]
pub(super) struct Script {
    /// The bytes, in the pieces in which they are written.
    pub(super) pieces: VecDeque<Vec<u8>>,
    /// The pause between two pieces.
    pub(super) pause: Duration,
    /// How long nothing happens before the end.
    pub(super) hold: Duration,
    /// What then becomes of the connection.
    pub(super) end: End,
}

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It goes on.
    Keep,
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
}

/// The handler's end of a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Line(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether a script waits; the lock is only taken if so.
    waiting: AtomicBool,
    script: Mutex<Option<Script>>,
    /// Whether earlier answers may still be under way to the socket.
    unflushed: AtomicBool,
    flushed: Notify,
}

impl Line {
    /// Has `script` played in the place of the next answer.
    pub(super) async fn play(&self, script: Script) {
        // Bytes of an earlier answer must not be swallowed: a client may send requests ahead.
        while self.0.unflushed.load(Ordering::Acquire) {
            self.0.flushed.notified().await;
        }
        *self.0.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
        self.0.waiting.store(true, Ordering::Release);
    }

    fn take(&self) -> Option<Script> {
        self.0.waiting.store(false, Ordering::Release);
        self.0.script.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A stream that knows its socket.
pub(crate) trait Socket {
    /// The socket.
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// The stream under hyper.
pub(crate) struct Wire<S> {
    stream: S,
    line: Line,
    playing: Option<Playing>,
}

/// A script that is being played.
struct Playing {
    script: Script,
    /// How much of the first piece is written.
    written: usize,
    sleep: Option<Pin<Box<Sleep>>>,
    held: bool,
}

impl<S: AsyncWrite + Unpin + Socket> Wire<S> {
    /// Plays what is to be played; ready when bytes may pass again.
    fn poll_play(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(playing) = &mut self.playing else { return Poll::Ready(Ok(())) };
        loop {
            if let Some(sleep) = &mut playing.sleep {
                ready!(sleep.as_mut().poll(cx));
                playing.sleep = None;
            }
            if let Some(piece) = playing.script.pieces.front() {
                if playing.written < piece.len() {
                    let rest = &piece[playing.written..];
                    match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                        0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                        written => playing.written += written,
                    }
                    continue;
                }
                ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
                playing.script.pieces.pop_front();
                playing.written = 0;
                if !playing.script.pieces.is_empty() && !playing.script.pause.is_zero() {
                    playing.sleep = Some(Box::pin(tokio::time::sleep(playing.script.pause)));
                }
                continue;
            }
            if !playing.held && !playing.script.hold.is_zero() {
                playing.held = true;
                playing.sleep = Some(Box::pin(tokio::time::sleep(playing.script.hold)));
                continue;
            }
            let end = playing.script.end;
            self.playing = None;
            return Poll::Ready(self.end(end));
        }
    }

    /// An error is how hyper is told to let go of the connection at once.
    fn end(&self, end: End) -> io::Result<()> {
        match end {
            End::Keep => Ok(()),
            End::Close => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "closed by order")),
            End::Reset => {
                self.stream.tcp().set_zero_linger()?;
                Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset by order"))
            }
        }
    }

    /// Whether the bytes that come now belong to the answer that a script stands for.
    fn swallows(&self) -> bool {
        self.playing.is_none() && self.line.0.waiting.load(Ordering::Acquire)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin + Socket> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.swallows() {
            return Poll::Ready(Ok(buf.len()));
        }
        ready!(self.poll_play(cx))?;
        self.line.0.unflushed.store(true, Ordering::Release);
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.swallows() {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        ready!(self.poll_play(cx))?;
        self.line.0.unflushed.store(true, Ordering::Release);
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.swallows()
            && let Some(script) = self.line.take()
        {
            // Each piece is to be seen by itself.
            self.stream.tcp().set_nodelay(true)?;
            self.playing = Some(Playing { script, written: 0, sleep: None, held: false });
        }
        ready!(self.poll_play(cx))?;
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.line.0.unflushed.swap(false, Ordering::AcqRel) {
            self.line.0.flushed.notify_one();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A service that tells every request on which line it came.
#[derive(Debug, Clone)]
pub(crate) struct OnLine<S> {
    service: S,
    line: Line,
}

impl<S, B> Service<axum::http::Request<B>> for OnLine<S>
where
    S: Service<axum::http::Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: axum::http::Request<B>) -> S::Future {
        request.extensions_mut().insert(self.line.clone());
        self.service.call(request)
    }
}

/// Puts a wire under every connection that `A` accepts.
#[derive(Debug, Clone)]
pub(crate) struct Lines<A>(pub(crate) A);

type Accepting<T, S> = Pin<Box<dyn Future<Output = io::Result<(Wire<T>, OnLine<S>)>> + Send>>;

impl<A, S> Accept<TcpStream, S> for Lines<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
{
    type Stream = Wire<A::Stream>;
    type Service = OnLine<A::Service>;
    type Future = Accepting<A::Stream, A::Service>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // A long answer goes out in pieces, and none of them should wait for the acknowledgement of another.
        let prompt = stream.set_nodelay(true);
        let accepted = self.0.accept(stream, service);
        Box::pin(async move {
            prompt?;
            let (stream, service) = accepted.await?;
            let line = Line::default();
            Ok((Wire { stream, line: line.clone(), playing: None }, OnLine { service, line }))
        })
    }
}
