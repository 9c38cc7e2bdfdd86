//! The percent-encode sets of the URL standard (section 1.3).

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub const C0_CONTROL: &AsciiSet = CONTROLS;
pub const FRAGMENT: &AsciiSet = &C0_CONTROL.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
pub const QUERY: &AsciiSet = &C0_CONTROL.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
pub const SPECIAL_QUERY: &AsciiSet = &QUERY.add(b'\'');
pub const PATH: &AsciiSet = &QUERY.add(b'?').add(b'^').add(b'`').add(b'{').add(b'}');
pub const USERINFO: &AsciiSet =
    &PATH.add(b'/').add(b':').add(b';').add(b'=').add(b'@').add(b'[').add(b'\\').add(b']').add(b'|');

/// Appends `text` to `out`, with what `set` names percent-encoded as UTF-8.
pub fn push_encoded(out: &mut String, text: &str, set: &'static AsciiSet) {
    out.extend(utf8_percent_encode(text, set));
}

pub fn encoded(text: &str, set: &'static AsciiSet) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(&mut out, text, set);
    out
}
