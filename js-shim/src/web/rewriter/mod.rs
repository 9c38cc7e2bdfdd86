//! `HTMLRewriter`: lol_html, with handlers that are JavaScript functions.
//!
//! ## Why
//!
//! lol_html calls its handlers in the middle of a write and goes on when they return. A handler that returns a promise is
//! waited for right there: the prelude's callback runs the event loop (`native.settle`) before it returns. So everything
//! of lol_html stays on the stack, and nothing of it has to be saved, recorded or run twice.

mod call;
mod token;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use encoding_rs::Encoding;
use lol_html::errors::RewritingError;
use lol_html::html_content::{Comment, Doctype, DocumentEnd, Element, TextChunk};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, MemorySettings, Selector,
    Settings,
};
use rquickjs::class::Trace;
use rquickjs::{Array, Class, Ctx, Exception, Function, JsLifetime, Object, Result, TypedArray, Value};

use super::convert::{Usv, bytes_of};
use token::{Token, Unit};

/// What lol_html may hold of one document, as in Workers: it is full when one tag or comment is that long.
const MAX_MEMORY: usize = 3 << 20;

/// QuickJS cuts the messages of errors that are thrown by functions of its own.
const QUICKJS_MESSAGE: usize = 256;

type Sink = Box<dyn FnMut(&[u8])>;

/// A document on its way through lol_html.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Rewriter {
    /// `None` while it is written to, and after the end or an error.
    #[qjs(skip_trace)]
    rewriter: RefCell<Option<Parser>>,
    #[qjs(skip_trace)]
    output: Rc<RefCell<Vec<u8>>>,
}

#[rquickjs::methods]
impl Rewriter {
    /// `handlers` is a list of `[selector, element, comments, text]` and `[null, doctype, comments, text, end]`, in
    /// which a handler is the number that the callback is given for it, or null.
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, encoding: Usv, handlers: Array<'_>) -> Result<Self> {
        let label = Encoding::for_label_no_replacement(encoding.0.as_bytes());
        let Some(encoding) = label else {
            return Err(parser_error(&ctx, "Unknown character encoding has been provided."));
        };
        let Some(encoding) = AsciiCompatibleEncoding::new(encoding) else {
            return Err(parser_error(&ctx, "Expected ASCII-compatible encoding."));
        };
        let memory = MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY);
        let mut settings = Settings::new().with_encoding(encoding).with_memory_settings(memory).with_strict(true);
        for entry in handlers.iter::<Array>() {
            settings = register(&ctx, settings, &entry?)?;
        }
        let output = Rc::new(RefCell::new(Vec::new()));
        let written = Rc::clone(&output);
        let sink: Sink = Box::new(move |bytes| written.borrow_mut().extend_from_slice(bytes));
        Ok(Rewriter { rewriter: RefCell::new(Some(HtmlRewriter::new(settings, sink))), output })
    }

    /// Parses a chunk. `dispatch(handler, token)` is called for what the handlers want to see, and `dispatch(stream)` for
    /// a chunk of the content that was inserted as that stream; it gives null at the end.
    fn write<'js>(&self, ctx: Ctx<'js>, chunk: TypedArray<'js, u8>, dispatch: Function<'js>) -> Result<()> {
        // handlers run JavaScript, which may write to the buffer
        let chunk = bytes_of(&chunk).to_vec();
        self.run(&ctx, dispatch, |mut rewriter| rewriter.write(&chunk).map(|()| Some(rewriter)))
    }

    /// Parses what was held back.
    fn end<'js>(&self, ctx: Ctx<'js>, dispatch: Function<'js>) -> Result<()> {
        self.run(&ctx, dispatch, |rewriter| rewriter.end().map(|()| None))
    }

    /// What was written since the last call, or null; it may be called while a handler runs.
    fn take<'js>(&self, ctx: Ctx<'js>) -> Result<Option<TypedArray<'js, u8>>> {
        let output = self.output.take();
        if output.is_empty() {
            return Ok(None);
        }
        TypedArray::new(ctx, output).map(Some)
    }
}

type Parser = HtmlRewriter<'static, Sink>;
type Rules = Settings<'static, 'static>;

impl Rewriter {
    fn run<'js>(
        &self,
        ctx: &Ctx<'js>,
        dispatch: Function<'js>,
        parse: impl FnOnce(Parser) -> std::result::Result<Option<Parser>, RewritingError>,
    ) -> Result<()> {
        let Some(rewriter) = self.rewriter.take() else {
            return Err(Exception::throw_type(ctx, "This document's rewriter has ended."));
        };
        match call::run(ctx, dispatch, || parse(rewriter)) {
            (Ok(rewriter), _) => {
                self.rewriter.replace(rewriter);
                Ok(())
            }
            (Err(_), Some(thrown)) => Err(ctx.throw(thrown)),
            (Err(error), None) => Err(parser_error(ctx, &error.to_string())),
        }
    }
}

fn parser_error(ctx: &Ctx<'_>, message: &str) -> rquickjs::Error {
    let message = format!("Parser error: {message}");
    let error = Exception::throw_type(ctx, &message);
    if message.len() < QUICKJS_MESSAGE {
        return error;
    }
    let thrown = ctx.catch();
    if let Some(object) = thrown.as_object()
        && let Err(error) = object.set("message", message)
    {
        return error;
    }
    ctx.throw(thrown)
}

fn parse_selector(ctx: &Ctx<'_>, selector: &str) -> Result<Selector> {
    selector.parse().map_err(|error: lol_html::errors::SelectorError| parser_error(ctx, &error.to_string()))
}

/// Adds the handlers of one call of `on` or `onDocument`.
fn register(ctx: &Ctx<'_>, settings: Rules, entry: &Array<'_>) -> Result<Rules> {
    let selector: Option<Usv> = entry.get(0)?;
    let handler = |index: usize| entry.get::<Option<u32>>(index);
    let (first, comments, text) = (handler(1)?, handler(2)?, handler(3)?);
    if let Some(selector) = selector {
        let mut handlers = ElementContentHandlers::default();
        if let Some(id) = first {
            handlers = handlers.element(move |unit: &mut Element<'_, '_>| call::handle(id, Unit::element(unit)));
        }
        if let Some(id) = comments {
            handlers = handlers.comments(move |unit: &mut Comment<'_>| call::handle(id, Unit::comment(unit)));
        }
        if let Some(id) = text {
            handlers = handlers.text(move |unit: &mut TextChunk<'_>| call::handle(id, Unit::text(unit)));
        }
        let selector = parse_selector(ctx, &selector.0)?;
        return Ok(settings.append_element_content_handler((Cow::Owned(selector), handlers)));
    }
    let mut handlers = DocumentContentHandlers::default();
    if let Some(id) = first {
        handlers = handlers.doctype(move |unit: &mut Doctype<'_>| call::handle(id, Unit::doctype(unit)));
    }
    if let Some(id) = comments {
        handlers = handlers.comments(move |unit: &mut Comment<'_>| call::handle(id, Unit::comment(unit)));
    }
    if let Some(id) = text {
        handlers = handlers.text(move |unit: &mut TextChunk<'_>| call::handle(id, Unit::text(unit)));
    }
    if let Some(id) = handler(4)? {
        handlers = handlers.end(move |unit: &mut DocumentEnd<'_>| call::handle(id, Unit::document_end(unit)));
    }
    Ok(settings.append_document_content_handler(handlers))
}

/// Throws what is wrong with a selector.
fn check_selector(ctx: Ctx<'_>, selector: Usv) -> Result<()> {
    parse_selector(&ctx, &selector.0).map(drop)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    // Registers the prototype now, so that no request has to.
    drop(Class::<Token>::prototype(ctx)?);
    Class::<Rewriter>::define(native)?;
    let check: Value<'js> = Function::new(ctx.clone(), check_selector)?.into_value();
    native.set("checkSelector", check)
}
