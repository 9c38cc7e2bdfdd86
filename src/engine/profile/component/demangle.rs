//! Names of functions as their authors wrote them, from the symbols that compilers make of them.
//!
//! Rust's two schemes and plain C++ names are understood; generic arguments and parameter types are left out, and the
//! instances of a generic function are told as one. A symbol that is none of these is shown as it is.

mod v0;

/// What a function with this symbol is called.
pub(super) fn demangled(symbol: &str) -> String {
    let name = if let Some(rest) = symbol.strip_prefix("_R") {
        v0::name(rest)
    } else if let Some(rest) = symbol.strip_prefix("_ZN") {
        nested(rest)
    } else if let Some(rest) = symbol.strip_prefix("_ZSt") {
        identifier(rest).map(|(name, _)| format!("std::{name}"))
    } else if let Some(rest) = symbol.strip_prefix("_Z") {
        identifier(rest).map(|(name, _)| name.to_owned())
    } else {
        None
    };
    name.unwrap_or_else(|| symbol.to_owned())
}

/// A length in decimal and as many bytes.
fn identifier(text: &str) -> Option<(&str, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let length: usize = text.get(..digits)?.parse().ok()?;
    Some((text.get(digits..digits + length)?, text.get(digits + length..)?))
}

/// Names one inside the other, up to an `E`: Itanium C++, and Rust's older scheme, which ends with a hash.
fn nested(text: &str) -> Option<String> {
    let mut rest = text.trim_start_matches(['K', 'V', 'r']);
    let mut names = Vec::new();
    while !rest.starts_with('E') {
        if let Some(arguments) = rest.strip_prefix('I') {
            rest = after_arguments(arguments)?;
            continue;
        }
        if let Some(after) = rest.strip_prefix("St").filter(|_| names.is_empty()) {
            names.push("std".to_owned());
            rest = after;
            continue;
        }
        if let Some((_, after)) = rest.strip_prefix('B').and_then(identifier) {
            rest = after;
            continue;
        }
        let Some((name, after)) = identifier(rest) else {
            // A constructor, destructor or operator: what is known already names it well enough.
            return (!names.is_empty()).then(|| names.join("::"));
        };
        if !is_hash(name) {
            names.push(rust_escapes(name));
        }
        rest = after;
    }
    (!names.is_empty()).then(|| names.join("::"))
}

/// What comes after C++ template arguments, up to their `E`.
fn after_arguments(mut text: &str) -> Option<&str> {
    let mut depth = 1;
    while depth > 0 {
        let first = text.chars().next()?;
        if first.is_ascii_digit() {
            text = identifier(text)?.1;
            continue;
        }
        match first {
            'I' | 'N' | 'X' | 'L' | 'J' | 'F' => depth += 1,
            'E' => depth -= 1,
            _ => {}
        }
        text = text.get(first.len_utf8()..)?;
    }
    Some(text)
}

fn is_hash(name: &str) -> bool {
    name.len() == 17 && name.starts_with('h') && name[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `$LT$` and the like, by which Rust's older scheme writes what symbols may not hold.
fn rust_escapes(name: &str) -> String {
    const ESCAPES: [(&str, &str); 14] = [
        ("$SP$", "@"),
        ("$BP$", "*"),
        ("$RF$", "&"),
        ("$LT$", "<"),
        ("$GT$", ">"),
        ("$LP$", "("),
        ("$RP$", ")"),
        ("$C$", ","),
        ("$u20$", " "),
        ("$u27$", "'"),
        ("$u5b$", "["),
        ("$u5d$", "]"),
        ("$u7b$", "{"),
        ("$u7d$", "}"),
    ];
    let name = match name.strip_prefix('_') {
        Some(rest) if rest.starts_with('$') => rest,
        _ => name,
    };
    let plain = ESCAPES.iter().fold(name.to_owned(), |text, (escape, plain)| text.replace(escape, plain));
    plain.replace("..", "::")
}

#[cfg(test)]
mod tests {
    use super::demangled;

    #[test]
    fn symbols_become_the_names_their_authors_gave() {
        for (symbol, name) in [
            ("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"),
            (
                "_ZN55_$LT$$RF$T$u20$as$u20$core..convert..AsRef$LT$U$GT$$GT$6as_ref17h0123456789abcdefE",
                "<&T as core::convert::AsRef<U>>::as_ref",
            ),
            ("_ZN3app4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "app::main::{{closure}}"),
            ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
            ("_RNCNvCs1_3app4main0B3_", "app::main::{closure#0}"),
            ("_RNvMs_NtCs1_3app3fooNtB4_3Bar3baz", "<app::foo::Bar>::baz"),
            ("_RNvXNtCs1_3app3fooNtB2_3BarNtNtCs2_4core3fmt5Debug3fmt", "<app::foo::Bar as core::fmt::Debug>::fmt"),
            ("_RINvNtCs1_3app3foo3maxmKj3_E", "app::foo::max"),
            (
                "_RNvNCNKNvNtCs1_3std2io3OUT0023___RUST_STD_INTERNAL_VAL",
                "std::io::OUT::{closure#0}::__RUST_STD_INTERNAL_VAL",
            ),
            (
                "_RNvXCs1_3appDNtNtCs2_4core3any3AnyNtNtBf_6marker4SendEL_NtB2_3Run3run",
                "<dyn core::any::Any + core::marker::Send as app::Run>::run",
            ),
            ("_RNvMCs1_3appFUKCReEl3run", "<fn(&str) -> i32>::run"),
            ("_Z3fooi", "foo"),
            ("_ZN3foo3barIiE3bazEv", "foo::bar::baz"),
            (
                "_ZNKSt7__cxx1112basic_stringIwSt11char_traitsIwESaIwEE12find_last_ofERKS4_m",
                "std::__cxx11::basic_string::find_last_of",
            ),
            ("_ZSt9terminatev", "std::terminate"),
            ("main.main", "main.main"),
            ("_Zxyz", "_Zxyz"),
            ("_R", "_R"),
            ("_RB_", "_RB_"),
            ("_ZN99x", "_ZN99x"),
        ] {
            assert_eq!(demangled(symbol), name, "{symbol}");
        }
    }
}
