//! Serves a worker with QuickJS as a native program: the interpreter that glowplug has, without WebAssembly, metering and
//! fresh sandboxes. One runtime answers all requests, one at a time, with as much of the web as the kernels ask for.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context as _, Result, anyhow, bail};
use rquickjs::{CatchResultExt, Context, Ctx, Function, Module, Object, Runtime};

/// What the kernels use of the web.
const WEB: &str = r#"
globalThis.URL = class { constructor(url) { this.pathname = new RegExp("^[^:]+://[^/]*([^?#]*)").exec(url)[1]; } };
globalThis.Response = class { constructor(body, { status = 200 } = {}) { this.body = body; this.status = status; } };
"#;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(script)) = (arguments.next(), arguments.next()) else {
        bail!("usage: native-quickjs PORT WORKER.js");
    };
    let source = std::fs::read_to_string(&script).with_context(|| format!("failed to read `{script}`"))?;
    let listener = TcpListener::bind(("127.0.0.1", port.parse::<u16>().context("PORT is a number")?))?;
    let runtime = Runtime::new()?;
    let context = Context::full(&runtime)?;
    context.with(|ctx| {
        let worker = load(&ctx, source).catch(&ctx).map_err(|error| anyhow!("{error}"))?;
        for stream in listener.incoming() {
            // A client that goes away ends its connection alone.
            if let Err(error) = serve(&ctx, &worker, stream?) {
                eprintln!("{error:#}");
            }
        }
        Ok(())
    })
}

/// The worker's object of handlers.
fn load<'js>(ctx: &Ctx<'js>, source: String) -> rquickjs::Result<Object<'js>> {
    ctx.eval::<(), _>(WEB)?;
    let (module, done) = Module::declare(ctx.clone(), "worker.js", source)?.eval()?;
    done.finish::<()>()?;
    module.get("default")
}

/// Answers until the client closes the connection.
fn serve<'js>(ctx: &Ctx<'js>, worker: &Object<'js>, mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(length) = request.parse(&read)? {
            let url = format!("http://localhost{}", request.path.unwrap_or("/"));
            let (status, body) = answer(ctx, worker, &url).catch(ctx).map_err(|error| anyhow!("{error}"))?;
            write!(stream, "HTTP/1.1 {status} OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
            read.drain(..length);
            continue;
        }
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(0) => return Ok(()),
            Ok(count) => read.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn answer<'js>(ctx: &Ctx<'js>, worker: &Object<'js>, url: &str) -> rquickjs::Result<(u16, String)> {
    let request = Object::new(ctx.clone())?;
    request.set("url", url)?;
    let response: Object = worker.get::<_, Function>("fetch")?.call((request,))?;
    Ok((response.get("status")?, response.get("body")?))
}
