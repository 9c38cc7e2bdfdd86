//! The origin that workers fetch from: `/slow` answers after a second, `/stream/N` with N bytes.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Result;
use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

/// How long `/slow` takes.
pub const SLOW: Duration = Duration::from_secs(1);

/// Bytes of one piece of a stream.
const PIECE: usize = 64 << 10;
static ZEROES: [u8; PIECE] = [0; PIECE];

/// Serves on all cores.
pub fn serve(port: u16) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], port).into())?;
        // Ten thousand may come at once.
        let listener = socket.listen(16_384)?;
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service_fn(answer)));
        }
    })
}

async fn answer(request: Request<Incoming>) -> Result<Response<Either<Full<Bytes>, Stream>>, Infallible> {
    let path = request.uri().path();
    if let Some(length) = path.strip_prefix("/stream/").and_then(|length| length.parse().ok()) {
        return Ok(Response::new(Either::Right(Stream(length))));
    }
    if path == "/slow" {
        tokio::time::sleep(SLOW).await;
    }
    Ok(Response::new(Either::Left(Full::from("origin"))))
}

/// So many bytes, in pieces.
struct Stream(u64);

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.min(PIECE as u64);
        self.0 -= piece;
        Poll::Ready((piece > 0).then(|| Ok(Frame::data(Bytes::from_static(&ZEROES[..piece as usize])))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}
