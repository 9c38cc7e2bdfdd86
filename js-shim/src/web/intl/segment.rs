//! `Intl.Segmenter`.

use icu_segmenter::options::{SentenceBreakOptions, WordBreakOptions};
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use rquickjs::class::Trace;
use rquickjs::{Ctx, Function, JsLifetime, Object, Result};

use super::data;
use super::error::internal;
use crate::web::convert::Usv;

/// A segmenter, behind an `Intl.Segmenter`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct TextSegmenter {
    #[qjs(skip_trace)]
    kind: Kind,
}

enum Kind {
    Grapheme(GraphemeClusterSegmenter),
    Word(WordSegmenter),
    Sentence(SentenceSegmenter),
}

#[rquickjs::methods(rename_all = "camelCase")]
impl TextSegmenter {
    /// Where segments end, in UTF-16 code units; for words the last bit says whether the segment is like a word,
    /// and the place is the rest.
    fn breaks(&self, text: Usv) -> Vec<u32> {
        let text: Vec<u16> = text.0.encode_utf16().collect();
        let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        match &self.kind {
            Kind::Grapheme(segmenter) => segmenter.as_borrowed().segment_utf16(&text).skip(1).map(place).collect(),
            Kind::Sentence(segmenter) => segmenter.as_borrowed().segment_utf16(&text).skip(1).map(place).collect(),
            Kind::Word(segmenter) => segmenter
                .as_borrowed()
                .segment_utf16(&text)
                .iter_with_word_type()
                .skip(1)
                .map(|(index, kind)| 2 * place(index) + u32::from(kind.is_word_like()))
                .collect(),
        }
    }
}

fn create(ctx: Ctx<'_>, granularity: String) -> Result<TextSegmenter> {
    let provider = data::data().map_err(|error| internal(&ctx, error))?;
    let kind = match granularity.as_str() {
        "word" => {
            WordSegmenter::try_new_lstm_with_buffer_provider(provider, WordBreakOptions::default()).map(Kind::Word)
        }
        "sentence" => SentenceSegmenter::try_new_with_buffer_provider(provider, SentenceBreakOptions::default())
            .map(Kind::Sentence),
        _ => GraphemeClusterSegmenter::try_new_with_buffer_provider(provider).map(Kind::Grapheme),
    };
    Ok(TextSegmenter { kind: kind.map_err(|error| internal(&ctx, error))? })
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<TextSegmenter>::define(native)?;
    native.set("segmenter", Function::new(ctx.clone(), create)?)
}
