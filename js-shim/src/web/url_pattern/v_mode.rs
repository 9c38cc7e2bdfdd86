//! Regular expressions with the flag `v`, as QuickJS takes them.
//!
//! ## Why
//!
//! QuickJS (quickjs-ng 0.16) has what `v` forbids inside a class, a bare `-` or `/` and doubled punctuation like `::`,
//! forbidden outside of one too. So those characters are written as escapes there.

const DOUBLED: &[u8] = b"!#%&,:;<=>@`~";

/// The same expression, without what QuickJS would refuse wrongly.
pub fn rewrite(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = String::with_capacity(source.len());
    let mut copied = 0;
    let mut at = 0;
    let mut class_depth = 0usize;
    while let Some(&byte) = bytes.get(at) {
        let mut length = 1;
        match byte {
            b'\\' => length = 2,
            b'[' => class_depth += 1,
            b']' => class_depth = class_depth.saturating_sub(1),
            _ if class_depth > 0 => {}
            b'(' => length = 1 + group_header(&bytes[at + 1..]),
            _ => {
                let doubled = DOUBLED.contains(&byte) && bytes.get(at + 1) == Some(&byte);
                if matches!(byte, b'-' | b'/') || doubled {
                    out.push_str(&source[copied..at]);
                    out.push_str(&format!("\\x{byte:02x}"));
                    copied = at + 1;
                }
            }
        }
        at += length;
    }
    out.push_str(&source[copied..]);
    out
}

/// How much after a parenthesis says what the group is: `?:`, `?<!`, `?<name>`, `?i-m:`.
fn group_header(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'?') {
        return 0;
    }
    let ends = |byte: &u8| match rest.get(1) {
        Some(b'<') if !matches!(rest.get(2), Some(b'=' | b'!')) => *byte == b'>',
        _ => matches!(byte, b':' | b'=' | b'!'),
    };
    rest.iter().position(ends).map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn only_what_stands_outside_classes_and_headers_is_escaped() {
        assert_eq!(rewrite("^a-b/::c$"), "^a\\x2db\\x2f\\x3a:c$");
        assert_eq!(rewrite("[a-z--b]::"), "[a-z--b]\\x3a:");
        assert_eq!(rewrite("(?::a)(?<!!b)(?i-m:x-y)"), "(?::a)(?<!!b)(?i-m:x\\x2dy)");
        assert_eq!(rewrite("(?<n>--)\\--\u{e9}-"), "(?<n>\\x2d\\x2d)\\-\\x2d\u{e9}\\x2d");
    }
}
