//! `Cache-Control` of requests and responses, and the targeted fields that stand in its place (RFC 9111, 5.2; RFC 9213).

use http::header::{CACHE_CONTROL, PRAGMA};
use http::{HeaderMap, HeaderName};
use sfv::{BareItem, Dictionary, ListEntry, Parser};

/// Fields for this cache, the most specific first; the first that is valid and not empty stands for all that follow.
const TARGETED: [HeaderName; 3] = [GLOWPLUG, CLOUDFLARE, HeaderName::from_static("cdn-cache-control")];
const GLOWPLUG: HeaderName = HeaderName::from_static("glowplug-cdn-cache-control");
const CLOUDFLARE: HeaderName = HeaderName::from_static("cloudflare-cdn-cache-control");

/// What Fastly, Varnish and Akamai took before those; it counts where none of them is there.
const SURROGATE: HeaderName = HeaderName::from_static("surrogate-control");

/// Fields that are for this cache alone, and so are not sent on.
pub const OURS: [HeaderName; 3] = [GLOWPLUG, CLOUDFLARE, SURROGATE];

/// Seconds that stand for all larger numbers (RFC 9111, 1.2.2).
pub const MOST_SECONDS: u64 = 1 << 31;

/// What a directive says that may name fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Extent {
    #[default]
    Absent,
    /// It is meant for the whole response.
    Whole,
    /// It is meant for these fields.
    Fields(Vec<HeaderName>),
}

/// What a response says of caches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseControl {
    pub no_store: bool,
    pub must_understand: bool,
    pub no_cache: Extent,
    pub private: Extent,
    pub public: bool,
    pub must_revalidate: bool,
    pub proxy_revalidate: bool,
    pub max_age: Option<u64>,
    pub s_maxage: Option<u64>,
    pub stale_while_revalidate: Option<u64>,
    pub stale_if_error: Option<u64>,
    /// It comes from a targeted field: `Cache-Control` and `Expires` say nothing here.
    pub targeted: bool,
    /// There is a `Cache-Control`, or a field in its place.
    pub present: bool,
}

impl ResponseControl {
    /// Reads a response's head.
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(control) = TARGETED.iter().find_map(|name| Self::targeted(headers, name)) {
            return control;
        }
        if let Some(control) = Self::surrogate(headers) {
            return control;
        }
        let mut control = Self { present: headers.contains_key(CACHE_CONTROL), ..Self::default() };
        for directive in directives(headers, &CACHE_CONTROL) {
            control.add(&directive);
        }
        control
    }

    fn targeted(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        if !headers.contains_key(name) {
            return None;
        }
        let lines: Vec<_> = headers.get_all(name).iter().map(http::HeaderValue::as_bytes).collect();
        let dictionary: Dictionary = Parser::new(&lines.join(&b", "[..])).parse().ok()?;
        if dictionary.is_empty() {
            return None;
        }
        let mut control = Self { targeted: true, present: true, ..Self::default() };
        for (name, member) in &dictionary {
            let ListEntry::Item(item) = member else { continue };
            let value = match &item.bare_item {
                BareItem::Boolean(true) => None,
                BareItem::Integer(number) => Some(number.to_string()),
                BareItem::String(text) => Some(text.as_str().to_owned()),
                // No directive has such a value.
                _ => continue,
            };
            // Seconds are integers here, whatever they look like.
            if is_seconds(name.as_str()) && !matches!(item.bare_item, BareItem::Integer(_)) {
                continue;
            }
            control.add(&Directive { name: name.as_str().to_owned(), value });
        }
        Some(control)
    }

    /// `Surrogate-Control` as the Edge Architecture has it: seconds may be two numbers, fresh and then stale, and a
    /// directive may be for those alone that it names after a `;`. None if nothing in it is for this cache.
    fn surrogate(headers: &HeaderMap) -> Option<Self> {
        let mut control = Self { targeted: true, present: true, ..Self::default() };
        let mut any = false;
        for Directive { name, value } in directives(headers, &SURROGATE) {
            let last = value.as_deref().unwrap_or(&name);
            let mut targets = last.split(';').skip(1).map(str::trim).peekable();
            if targets.peek().is_some() && !targets.any(|target| target.eq_ignore_ascii_case("glowplug")) {
                continue;
            }
            let name = name.split(';').next().unwrap_or_default().trim();
            let value = value.as_deref().map(|value| value.split(';').next().unwrap_or_default().trim());
            match name {
                "max-age" => {
                    let (fresh, stale) = value.unwrap_or_default().split_once('+').unzip();
                    control.max_age = seconds(fresh.or(value)).or(Some(0));
                    control.stale_while_revalidate = stale.and_then(|stale| seconds(Some(stale)));
                }
                "no-store" => control.no_store = true,
                _ => continue,
            }
            any = true;
        }
        any.then_some(control)
    }

    fn add(&mut self, directive: &Directive) {
        let value = directive.value.as_deref();
        // Of a directive that is there twice the first counts (RFC 9111, 4.2.1); what is no number is stale.
        let seconds = |slot: &mut Option<u64>| _ = slot.get_or_insert_with(|| seconds(value).unwrap_or(0));
        match directive.name.as_str() {
            "no-store" => self.no_store = true,
            "must-understand" => self.must_understand = true,
            "no-cache" => self.no_cache.add(value),
            "private" => self.private.add(value),
            "public" => self.public = true,
            "must-revalidate" => self.must_revalidate = true,
            "proxy-revalidate" => self.proxy_revalidate = true,
            "max-age" => seconds(&mut self.max_age),
            "s-maxage" => seconds(&mut self.s_maxage),
            "stale-while-revalidate" => seconds(&mut self.stale_while_revalidate),
            "stale-if-error" => seconds(&mut self.stale_if_error),
            _ => {}
        }
    }
}

impl Extent {
    fn add(&mut self, value: Option<&str>) {
        let named: Vec<HeaderName> = match value {
            Some(value) => value.split(',').filter_map(|name| name.trim().to_ascii_lowercase().parse().ok()).collect(),
            None => Vec::new(),
        };
        match self {
            _ if named.is_empty() => *self = Self::Whole,
            Self::Absent => *self = Self::Fields(named),
            Self::Fields(fields) => fields.extend(named),
            Self::Whole => {}
        }
    }

    /// The fields that it names.
    pub fn fields(&self) -> &[HeaderName] {
        match self {
            Self::Fields(fields) => fields,
            Self::Absent | Self::Whole => &[],
        }
    }
}

/// What a request asks of caches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestControl {
    pub no_cache: bool,
    pub no_store: bool,
    pub only_if_cached: bool,
    pub max_age: Option<u64>,
    pub min_fresh: Option<u64>,
    /// How stale a response may be; the most for any.
    pub max_stale: Option<u64>,
    pub stale_if_error: Option<u64>,
}

impl RequestControl {
    /// Reads a request's head.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut control = Self::default();
        if !headers.contains_key(CACHE_CONTROL) {
            let lines = headers.get_all(PRAGMA).iter().filter_map(|value| value.to_str().ok());
            control.no_cache = lines.flat_map(split).any(|word| word.trim().eq_ignore_ascii_case("no-cache"));
            return control;
        }
        for Directive { name, value } in directives(headers, &CACHE_CONTROL) {
            let value = value.as_deref();
            match name.as_str() {
                "no-cache" => control.no_cache = true,
                "no-store" => control.no_store = true,
                "only-if-cached" => control.only_if_cached = true,
                "max-age" => control.max_age = control.max_age.or(seconds(value)),
                "min-fresh" => control.min_fresh = control.min_fresh.or(seconds(value)),
                "max-stale" if value.is_none() => control.max_stale = Some(MOST_SECONDS),
                "max-stale" => control.max_stale = control.max_stale.or(seconds(value)),
                "stale-if-error" => control.stale_if_error = control.stale_if_error.or(seconds(value)),
                _ => {}
            }
        }
        control
    }

    /// Whether a response that is fresh must be validated for it all the same.
    pub fn wants_validation(&self) -> bool {
        self.no_cache || self.max_age == Some(0)
    }
}

/// One directive, its name in lower case, its value without quotes.
struct Directive {
    name: String,
    value: Option<String>,
}

fn directives(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = Directive> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(split).filter_map(|part| {
        let part = part.trim();
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name, Some(unquoted(value))),
            None => (part, None),
        };
        (!name.is_empty()).then(|| Directive { name: name.to_ascii_lowercase(), value })
    })
}

/// The parts between commas, of which quotes may hold some.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |character| {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        character == ',' && !quoted
    })
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

fn is_seconds(name: &str) -> bool {
    matches!(name, "max-age" | "s-maxage" | "stale-while-revalidate" | "stale-if-error")
}

/// Digits alone; more than can be counted are as good as the most.
pub fn seconds(text: Option<&str>) -> Option<u64> {
    let text = text?;
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().unwrap_or(u64::MAX).min(MOST_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn control(lines: &[&'static str]) -> ResponseControl {
        ResponseControl::of(&headers(&lines.iter().map(|line| ("cache-control", *line)).collect::<Vec<_>>()))
    }

    #[test]
    fn directives_are_read_whatever_their_case_and_their_quotes() {
        assert_eq!(control(&["MaX-aGe=\"5\", S-MaxAge=7"]).max_age, Some(5));
        assert_eq!(control(&["extension=\"max-age=3600\", max-age=1"]).max_age, Some(1));
        assert_eq!(control(&["max-age=1", "max-age=1800"]).max_age, Some(1), "the first counts");
        assert_eq!(control(&["max-age=99999999999999999999"]).max_age, Some(MOST_SECONDS));
        for invalid in ["max-age=a5", "max-age=5a", "max-age=-5", "max-age='5'", "max-age=5.0", "max-age= 5", "max-age"]
        {
            assert_eq!(control(&[invalid]).max_age, Some(0), "{invalid}");
        }
        assert_eq!(control(&["max-age =5"]).max_age, None);
        assert_eq!(control(&["no-cache=\"a, B\", no-cache=c"]).no_cache.fields(), ["a", "b", "c"]);
        assert_eq!(control(&["no-cache=\"a\", no-cache"]).no_cache, Extent::Whole);
        assert_eq!(control(&["private=\"\""]).private, Extent::Whole);
        assert!(!control(&["x=\"a\\\", no-store\""]).no_store);
    }

    #[test]
    fn a_targeted_field_stands_for_cache_control_if_it_is_valid() {
        let of = |lines: &[(&'static str, &'static str)]| ResponseControl::of(&headers(lines));
        let both = of(&[("cdn-cache-control", "max-age=10, foo"), ("cache-control", "no-store")]);
        assert!(both.targeted && !both.no_store && both.max_age == Some(10));
        for invalid in ["max-age=10, &&&&", "", "Max-Age=10"] {
            let other = of(&[("cdn-cache-control", invalid), ("cache-control", "no-store")]);
            assert!(!other.targeted && other.no_store, "{invalid}");
        }
        let wrong = of(&[("cdn-cache-control", "max-age=\"10\""), ("cache-control", "max-age=5")]);
        assert_eq!((wrong.targeted, wrong.max_age), (true, None));
        let ours = of(&[("cdn-cache-control", "max-age=10"), ("glowplug-cdn-cache-control", "max-age=20")]);
        assert_eq!(ours.max_age, Some(20));
        let two = of(&[("cdn-cache-control", "max-age=10"), ("cdn-cache-control", "no-cache")]);
        assert_eq!((two.max_age, two.no_cache), (Some(10), Extent::Whole));
    }

    #[test]
    fn surrogate_control_counts_where_no_targeted_field_does() {
        let of = |lines: &[(&'static str, &'static str)]| ResponseControl::of(&headers(lines));
        let both = of(&[("surrogate-control", "MaX-aGe=60+30, content=\"ESI/1.0\""), ("cache-control", "no-store")]);
        assert_eq!((both.targeted, both.max_age, both.stale_while_revalidate), (true, Some(60), Some(30)));
        assert!(!both.no_store && of(&[("surrogate-control", "no-store"), ("cache-control", "max-age=5")]).no_store);
        assert_eq!(of(&[("surrogate-control", "max-age=60;glowplug")]).max_age, Some(60));
        for other in ["max-age=60;varnish", "content=\"ESI/1.0\"", "no-store-remote", "no-store;varnish", ""] {
            let ours = of(&[("surrogate-control", other), ("cache-control", "max-age=5")]);
            assert_eq!((ours.targeted, ours.max_age, ours.no_store), (false, Some(5), false), "{other}");
        }
        assert_eq!(of(&[("surrogate-control", "max-age=x"), ("cache-control", "max-age=5")]).max_age, Some(0));
        let newer = of(&[("surrogate-control", "max-age=60"), ("cdn-cache-control", "max-age=10")]);
        assert_eq!(newer.max_age, Some(10));
    }

    #[test]
    fn pragma_counts_where_there_is_no_cache_control() {
        assert!(RequestControl::of(&headers(&[("pragma", "x, No-Cache")])).no_cache);
        assert!(!RequestControl::of(&headers(&[("pragma", "no-cache"), ("cache-control", "max-age=5")])).no_cache);
        let request = RequestControl::of(&headers(&[("cache-control", "max-stale, min-fresh=3, only-if-cached")]));
        assert_eq!((request.max_stale, request.min_fresh, request.only_if_cached), (Some(MOST_SECONDS), Some(3), true));
    }
}
