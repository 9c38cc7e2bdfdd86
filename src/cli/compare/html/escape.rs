//! Text from anywhere as text of a page.

use std::fmt;

/// Writes a text so that it is nothing but text in HTML and SVG, in an element or in a quoted attribute.
pub(super) struct Text<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => write!(f, "{character}")?,
                // Neither HTML nor XML may hold these.
                control if control.is_control() => write!(f, "{}", char::REPLACEMENT_CHARACTER)?,
                '\u{fffe}' | '\u{ffff}' => write!(f, "{}", char::REPLACEMENT_CHARACTER)?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let shown = Text("<b a='1' c=\"2\">&amp;\u{1b}\n</b>ü").to_string();
        assert_eq!(shown, "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;\u{fffd}\n&lt;/b&gt;ü");
    }
}
