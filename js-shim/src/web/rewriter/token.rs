//! What a handler is given: an element, a tag, a comment, a text, a doctype or the document's end.

use std::cell::Cell;
use std::ptr::NonNull;

use lol_html::html_content::{
    Comment, ContentType, Doctype, DocumentEnd, Element, EndTag, StreamingHandler, StreamingHandlerSink, TextChunk,
};
use rquickjs::class::Trace;
use rquickjs::{Array, Ctx, Exception, JsLifetime, Result};

use super::super::convert::Usv;
use super::{call, parser_error};

/// lol_html's own object; valid while the handler that it was given to runs.
#[derive(Clone, Copy)]
pub enum Unit {
    Element(NonNull<Element<'static, 'static>>),
    EndTag(NonNull<EndTag<'static>>),
    Comment(NonNull<Comment<'static>>),
    Text(NonNull<TextChunk<'static>>),
    Doctype(NonNull<Doctype<'static>>),
    DocumentEnd(NonNull<DocumentEnd<'static>>),
}

impl Unit {
    pub fn element(element: &mut Element<'_, '_>) -> Unit {
        Unit::Element(NonNull::from(element).cast())
    }

    pub fn end_tag(tag: &mut EndTag<'_>) -> Unit {
        Unit::EndTag(NonNull::from(tag).cast())
    }

    pub fn comment(comment: &mut Comment<'_>) -> Unit {
        Unit::Comment(NonNull::from(comment).cast())
    }

    pub fn text(text: &mut TextChunk<'_>) -> Unit {
        Unit::Text(NonNull::from(text).cast())
    }

    pub fn doctype(doctype: &mut Doctype<'_>) -> Unit {
        Unit::Doctype(NonNull::from(doctype).cast())
    }

    pub fn document_end(end: &mut DocumentEnd<'_>) -> Unit {
        Unit::DocumentEnd(NonNull::from(end).cast())
    }
}

/// A unit as the prelude's classes hold it.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Token {
    /// `None` when the handler has ended.
    #[qjs(skip_trace)]
    unit: Cell<Option<Unit>>,
}

/// A unit borrowed for one operation, in which no JavaScript runs.
enum Borrowed<'a> {
    Element(&'a mut Element<'static, 'static>),
    EndTag(&'a mut EndTag<'static>),
    Comment(&'a mut Comment<'static>),
    Text(&'a mut TextChunk<'static>),
    Doctype(&'a mut Doctype<'static>),
    DocumentEnd(&'a mut DocumentEnd<'static>),
}

/// Calls the method of that name on whatever kind of unit has it.
macro_rules! on_unit {
    ($self:ident, $ctx:ident, { $($kind:ident)|+ }, $unit:ident => $result:expr) => {
        match $self.borrow(&$ctx)? {
            $(Borrowed::$kind($unit) => Ok($result),)+
            _ => Err(not_there(&$ctx)),
        }
    };
}

fn not_there(ctx: &Ctx<'_>) -> rquickjs::Error {
    Exception::throw_type(ctx, "This content token has no such member.")
}

fn content_type(is_html: bool) -> ContentType {
    if is_html { ContentType::Html } else { ContentType::Text }
}

impl Token {
    pub fn new(unit: Unit) -> Token {
        Token { unit: Cell::new(Some(unit)) }
    }

    /// The handler has ended, and with it the unit.
    pub fn forget(&self) {
        self.unit.set(None);
    }

    fn borrow<'a>(&'a self, ctx: &Ctx<'_>) -> Result<Borrowed<'a>> {
        let Some(unit) = self.unit.get() else {
            return Err(Exception::throw_type(
                ctx,
                "This content token is no longer valid. Content tokens are only valid during the execution of the \
                 relevant content handler.",
            ));
        };
        // SAFETY: the unit is there until `forget` is called, by whoever has it borrowed from lol_html. That borrow rests
        // meanwhile, and no other one is made here: operations take their arguments ready, and run no JavaScript.
        unsafe {
            Ok(match unit {
                Unit::Element(mut unit) => Borrowed::Element(unit.as_mut()),
                Unit::EndTag(mut unit) => Borrowed::EndTag(unit.as_mut()),
                Unit::Comment(mut unit) => Borrowed::Comment(unit.as_mut()),
                Unit::Text(mut unit) => Borrowed::Text(unit.as_mut()),
                Unit::Doctype(mut unit) => Borrowed::Doctype(unit.as_mut()),
                Unit::DocumentEnd(mut unit) => Borrowed::DocumentEnd(unit.as_mut()),
            })
        }
    }

    fn element<'a>(&'a self, ctx: &Ctx<'_>) -> Result<&'a mut Element<'static, 'static>> {
        match self.borrow(ctx)? {
            Borrowed::Element(element) => Ok(element),
            _ => Err(not_there(ctx)),
        }
    }
}

#[rquickjs::methods(rename_all = "camelCase")]
impl Token {
    /// Throws when the handler has ended.
    fn check(&self, ctx: Ctx<'_>) -> Result<()> {
        self.borrow(&ctx).map(drop)
    }

    fn name(&self, ctx: Ctx<'_>) -> Result<Option<String>> {
        match self.borrow(&ctx)? {
            Borrowed::Element(element) => Ok(Some(element.tag_name())),
            Borrowed::EndTag(tag) => Ok(Some(tag.name())),
            Borrowed::Doctype(doctype) => Ok(doctype.name()),
            _ => Err(not_there(&ctx)),
        }
    }

    fn set_name(&self, ctx: Ctx<'_>, name: Usv) -> Result<()> {
        match self.borrow(&ctx)? {
            Borrowed::Element(element) => {
                element.set_tag_name(&name.0).map_err(|error| parser_error(&ctx, &error.to_string()))
            }
            Borrowed::EndTag(tag) => {
                tag.set_name_str(name.0);
                Ok(())
            }
            _ => Err(not_there(&ctx)),
        }
    }

    fn text(&self, ctx: Ctx<'_>) -> Result<String> {
        match self.borrow(&ctx)? {
            Borrowed::Comment(comment) => Ok(comment.text()),
            Borrowed::Text(text) => Ok(text.as_str().to_owned()),
            _ => Err(not_there(&ctx)),
        }
    }

    fn set_text(&self, ctx: Ctx<'_>, text: Usv) -> Result<()> {
        match self.borrow(&ctx)? {
            Borrowed::Comment(comment) => {
                comment.set_text(&text.0).map_err(|error| parser_error(&ctx, &error.to_string()))
            }
            _ => Err(not_there(&ctx)),
        }
    }

    fn last_in_text_node(&self, ctx: Ctx<'_>) -> Result<bool> {
        on_unit!(self, ctx, { Text }, unit => unit.last_in_text_node())
    }

    fn public_id(&self, ctx: Ctx<'_>) -> Result<Option<String>> {
        on_unit!(self, ctx, { Doctype }, unit => unit.public_id())
    }

    fn system_id(&self, ctx: Ctx<'_>) -> Result<Option<String>> {
        on_unit!(self, ctx, { Doctype }, unit => unit.system_id())
    }

    fn namespace_uri(&self, ctx: Ctx<'_>) -> Result<&'static str> {
        Ok(self.element(&ctx)?.namespace_uri())
    }

    /// `[name, value, name, value, …]`.
    fn attributes<'js>(&self, ctx: Ctx<'js>) -> Result<Array<'js>> {
        let list = Array::new(ctx.clone())?;
        for (index, attribute) in self.element(&ctx)?.attributes().iter().enumerate() {
            list.set(2 * index, attribute.name())?;
            list.set(2 * index + 1, attribute.value())?;
        }
        Ok(list)
    }

    fn get_attribute(&self, ctx: Ctx<'_>, name: Usv) -> Result<Option<String>> {
        Ok(self.element(&ctx)?.get_attribute(&name.0))
    }

    fn has_attribute(&self, ctx: Ctx<'_>, name: Usv) -> Result<bool> {
        Ok(self.element(&ctx)?.has_attribute(&name.0))
    }

    fn set_attribute(&self, ctx: Ctx<'_>, name: Usv, value: Usv) -> Result<()> {
        self.element(&ctx)?.set_attribute(&name.0, &value.0).map_err(|error| parser_error(&ctx, &error.to_string()))
    }

    fn remove_attribute(&self, ctx: Ctx<'_>, name: Usv) -> Result<()> {
        self.element(&ctx)?.remove_attribute(&name.0);
        Ok(())
    }

    fn removed(&self, ctx: Ctx<'_>) -> Result<bool> {
        on_unit!(self, ctx, { Element | Comment | Text }, unit => unit.removed())
    }

    fn remove(&self, ctx: Ctx<'_>) -> Result<()> {
        on_unit!(self, ctx, { Element | EndTag | Comment | Text }, unit => unit.remove())
    }

    fn remove_and_keep_content(&self, ctx: Ctx<'_>) -> Result<()> {
        self.element(&ctx)?.remove_and_keep_content();
        Ok(())
    }

    fn before(&self, ctx: Ctx<'_>, content: Usv, is_html: bool) -> Result<()> {
        let kind = content_type(is_html);
        on_unit!(self, ctx, { Element | EndTag | Comment | Text }, unit => unit.before(&content.0, kind))
    }

    fn after(&self, ctx: Ctx<'_>, content: Usv, is_html: bool) -> Result<()> {
        let kind = content_type(is_html);
        on_unit!(self, ctx, { Element | EndTag | Comment | Text }, unit => unit.after(&content.0, kind))
    }

    fn replace(&self, ctx: Ctx<'_>, content: Usv, is_html: bool) -> Result<()> {
        let kind = content_type(is_html);
        on_unit!(self, ctx, { Element | Comment | Text }, unit => unit.replace(&content.0, kind))
    }

    fn prepend(&self, ctx: Ctx<'_>, content: Usv, is_html: bool) -> Result<()> {
        self.element(&ctx)?.prepend(&content.0, content_type(is_html));
        Ok(())
    }

    fn append(&self, ctx: Ctx<'_>, content: Usv, is_html: bool) -> Result<()> {
        let kind = content_type(is_html);
        on_unit!(self, ctx, { Element | DocumentEnd }, unit => unit.append(&content.0, kind))
    }

    fn set_inner_content(&self, ctx: Ctx<'_>, content: Usv, is_html: bool) -> Result<()> {
        self.element(&ctx)?.set_inner_content(&content.0, content_type(is_html));
        Ok(())
    }

    /// As the method named `place`, with the content of the stream `id` of the callback.
    fn insert_stream(&self, ctx: Ctx<'_>, place: String, id: u32, is_html: bool) -> Result<()> {
        let kind = content_type(is_html);
        let write = move |sink: &mut StreamingHandlerSink<'_>| call::write_stream(id, kind, sink);
        let stream: Box<dyn StreamingHandler + Send> = Box::new(write);
        match place.as_str() {
            "before" => {
                on_unit!(self, ctx, { Element | EndTag | Comment | Text }, unit => unit.streaming_before(stream))
            }
            "after" => on_unit!(self, ctx, { Element | EndTag | Comment | Text }, unit => unit.streaming_after(stream)),
            "replace" => on_unit!(self, ctx, { Element | Comment | Text }, unit => unit.streaming_replace(stream)),
            "prepend" => on_unit!(self, ctx, { Element }, unit => unit.streaming_prepend(stream)),
            "append" => on_unit!(self, ctx, { Element }, unit => unit.streaming_append(stream)),
            "setInnerContent" => {
                on_unit!(self, ctx, { Element }, unit => unit.streaming_set_inner_content(stream))
            }
            _ => Err(not_there(&ctx)),
        }
    }

    /// Calls the handler `id` at the end tag, and no other.
    fn on_end_tag(&self, ctx: Ctx<'_>, id: u32) -> Result<()> {
        let element = self.element(&ctx)?;
        let Some(handlers) = element.end_tag_handlers() else {
            return Err(parser_error(&ctx, "No end tag."));
        };
        handlers.clear();
        handlers.push(Box::new(move |tag| call::handle(id, Unit::end_tag(tag))));
        Ok(())
    }
}
