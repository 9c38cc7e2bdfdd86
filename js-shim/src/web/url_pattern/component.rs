//! Components: what parts come to as a regular expression and as a pattern string (URL Pattern standard section 2.1).

use super::Fault;
use super::canonicalize::Canonicalize;
use super::parts::{self, FULL_WILDCARD, Modifier, Options, Part, PartKind, segment_wildcard};
use super::tokenizer::is_name_char;
use super::v_mode;

/// A compiled component; the regular expression is for QuickJS.
pub struct Component {
    pub pattern: String,
    pub regexp: String,
    pub names: Vec<String>,
    pub has_regexp_groups: bool,
}

pub fn compile(input: &str, options: Options, canonicalize: Canonicalize) -> Result<Component, Fault> {
    let parts = parts::parse(input, options, canonicalize)?;
    Ok(Component {
        pattern: pattern_string(&parts, options),
        regexp: regexp(&parts, options),
        names: parts.iter().filter(|part| part.kind != PartKind::FixedText).map(|part| part.name.clone()).collect(),
        has_regexp_groups: parts.iter().any(|part| part.kind == PartKind::Regexp),
    })
}

fn push_escaped(out: &mut String, text: &str, special: &str) {
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
}

fn escape_regexp(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text, ".+*?^${}()[]|/\\");
    out
}

/// "escape a pattern string"
pub fn escape_pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text, "+*?:{}()\\");
    out
}

fn regexp(parts: &[Part], options: Options) -> String {
    let segment = segment_wildcard(options);
    let mut out = String::from("^");
    for part in parts {
        let modifier = part.modifier.text();
        let once = matches!(part.modifier, Modifier::None | Modifier::Optional);
        let matcher = match part.kind {
            PartKind::FixedText => {
                let text = escape_regexp(&part.value);
                match part.modifier {
                    Modifier::None => out.push_str(&text),
                    _ => out.push_str(&format!("(?:{text}){modifier}")),
                }
                continue;
            }
            PartKind::Regexp => &part.value,
            PartKind::SegmentWildcard => segment.as_str(),
            PartKind::FullWildcard => FULL_WILDCARD,
        };
        let (prefix, suffix) = (escape_regexp(&part.prefix), escape_regexp(&part.suffix));
        out.push_str(&match (part.prefix.is_empty() && part.suffix.is_empty(), once) {
            (true, true) => format!("({matcher}){modifier}"),
            (true, false) => format!("((?:{matcher}){modifier})"),
            (false, true) => format!("(?:{prefix}({matcher}){suffix}){modifier}"),
            (false, false) => {
                let optional = if part.modifier == Modifier::ZeroOrMore { "?" } else { "" };
                format!("(?:{prefix}((?:{matcher})(?:{suffix}{prefix}(?:{matcher}))*){suffix}){optional}")
            }
        });
    }
    out.push('$');
    v_mode::rewrite(&out)
}

fn is_number(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit())
}

fn starts_like_name(text: &str) -> bool {
    text.starts_with(|c| is_name_char(c, false))
}

fn pattern_string(parts: &[Part], options: Options) -> String {
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let modifier = part.modifier.text();
        if part.kind == PartKind::FixedText {
            let text = escape_pattern(&part.value);
            match part.modifier {
                Modifier::None => out.push_str(&text),
                _ => out.push_str(&format!("{{{text}}}{modifier}")),
            }
            continue;
        }
        let previous = i.checked_sub(1).map(|i| &parts[i]);
        let named = !is_number(&part.name);
        let grouped = needs_grouping(part, previous, parts.get(i + 1), options);
        if grouped {
            out.push('{');
        }
        out.push_str(&escape_pattern(&part.prefix));
        if named {
            out.push(':');
            out.push_str(&part.name);
        }
        match part.kind {
            PartKind::Regexp => out.push_str(&format!("({})", part.value)),
            PartKind::SegmentWildcard if !named => out.push_str(&format!("({})", segment_wildcard(options))),
            PartKind::FullWildcard => {
                let clear = previous
                    .is_none_or(|other| other.kind == PartKind::FixedText || other.modifier != Modifier::None)
                    || grouped
                    || !part.prefix.is_empty();
                out.push_str(if !named && clear { "*" } else { "(.*)" });
            }
            _ => {}
        }
        if part.kind == PartKind::SegmentWildcard && named && starts_like_name(&part.suffix) {
            out.push('\\');
        }
        out.push_str(&escape_pattern(&part.suffix));
        if grouped {
            out.push('}');
        }
        out.push_str(modifier);
    }
    out
}

fn needs_grouping(part: &Part, previous: Option<&Part>, next: Option<&Part>, options: Options) -> bool {
    if !part.suffix.is_empty() || !part.prefix.is_empty() && part.prefix != options.prefix {
        return true;
    }
    let bare_name = !is_number(&part.name) && part.kind == PartKind::SegmentWildcard && part.modifier == Modifier::None;
    if let Some(next) = next.filter(|next| bare_name && next.prefix.is_empty() && next.suffix.is_empty()) {
        let runs_on = match next.kind {
            PartKind::FixedText => starts_like_name(&next.value),
            _ => is_number(&next.name),
        };
        if runs_on {
            return true;
        }
    }
    // the text before would be taken for the prefix
    part.prefix.is_empty()
        && !options.prefix.is_empty()
        && previous.is_some_and(|other| other.kind == PartKind::FixedText && other.value.ends_with(options.prefix))
}
