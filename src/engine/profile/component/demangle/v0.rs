//! Symbols of Rust's newer scheme (RFC 2603), as far as names go.

/// What the function is called whose symbol goes on like this after `_R`.
pub(super) fn name(text: &str) -> Option<String> {
    Reader { text, at: 0, parts: 0 }.path().filter(|name| !name.is_empty())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Paths and types read so far.
    parts: usize,
}

/// Symbols may refer to parts of themselves again and again, so that short ones stand for endless names.
const MOST_PARTS: usize = 1000;

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.text.as_bytes().get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Whether `byte` comes next; if so, it is passed.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn path(&mut self) -> Option<String> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return None;
        }
        match self.next()? {
            b'C' => self.name().map(|(_, name)| name),
            b'N' => {
                let namespace = self.next()?;
                let outer = self.path()?;
                let (number, name) = self.name()?;
                Some(match namespace {
                    b'C' => format!("{outer}::{{closure#{number}}}"),
                    b'S' => format!("{outer}::{{shim:{name}#{number}}}"),
                    _ if name.is_empty() => outer,
                    _ => format!("{outer}::{name}"),
                })
            }
            b'M' => {
                self.impl_path()?;
                self.ty().map(|ty| format!("<{ty}>"))
            }
            b'X' => {
                self.impl_path()?;
                self.trait_of_type()
            }
            b'Y' => self.trait_of_type(),
            b'I' => {
                let name = self.path()?;
                while !self.eat(b'E') {
                    self.argument()?;
                }
                Some(name)
            }
            b'B' => self.back(Self::path),
            _ => None,
        }
    }

    fn trait_of_type(&mut self) -> Option<String> {
        let ty = self.ty()?;
        let of = self.path()?;
        Some(format!("<{ty} as {of}>"))
    }

    fn impl_path(&mut self) -> Option<()> {
        if self.eat(b's') {
            self.base_62()?;
        }
        self.path().map(drop)
    }

    /// An identifier and what tells it apart from others of its name.
    fn name(&mut self) -> Option<(u64, String)> {
        let mut number = 0;
        if self.eat(b's') {
            number = self.base_62()?.checked_add(1)?;
        }
        // Names in Punycode are shown as they are.
        self.eat(b'u');
        let rest = self.text.get(self.at..)?;
        // A length does not begin with 0, so one of 0 has no more digits.
        let digits = match rest.starts_with('0') {
            true => 1,
            false => rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len(),
        };
        let length: usize = rest.get(..digits)?.parse().ok()?;
        let start = digits + usize::from(rest.as_bytes().get(digits) == Some(&b'_'));
        let name = rest.get(start..start + length)?;
        self.at += start + length;
        Some((number, name.to_owned()))
    }

    fn base_62(&mut self) -> Option<u64> {
        let mut value: u64 = 0;
        for place in 0.. {
            let digit = match self.next()? {
                b'_' => return if place == 0 { Some(0) } else { value.checked_add(1) },
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'z' => digit - b'a' + 10,
                digit @ b'A'..=b'Z' => digit - b'A' + 36,
                _ => return None,
            };
            value = value.checked_mul(62)?.checked_add(u64::from(digit))?;
        }
        None
    }

    /// Reads at an earlier place, then goes on here.
    fn back<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let target = usize::try_from(self.base_62()?).ok()?;
        let here = std::mem::replace(&mut self.at, target);
        let found = read(self);
        self.at = here;
        found
    }

    fn argument(&mut self) -> Option<()> {
        match self.text.as_bytes().get(self.at)? {
            b'L' => {
                self.at += 1;
                self.base_62().map(drop)
            }
            b'K' => {
                self.at += 1;
                self.constant()
            }
            _ => self.ty().map(drop),
        }
    }

    fn constant(&mut self) -> Option<()> {
        match self.next()? {
            b'B' => self.back(Self::constant),
            b'p' => Some(()),
            _ => {
                while self.next()? != b'_' {}
                Some(())
            }
        }
    }

    fn ty(&mut self) -> Option<String> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return None;
        }
        Some(match self.next()? {
            byte @ (b'a'..=b'z') => basic(byte)?.to_owned(),
            b'A' => {
                let of = self.ty()?;
                self.constant()?;
                format!("[{of}; _]")
            }
            b'S' => format!("[{}]", self.ty()?),
            b'T' => format!("({})", self.types()?.join(", ")),
            kind @ (b'R' | b'Q') => {
                if self.eat(b'L') {
                    self.base_62()?;
                }
                format!("{}{}", if kind == b'R' { "&" } else { "&mut " }, self.ty()?)
            }
            b'P' => format!("*const {}", self.ty()?),
            b'O' => format!("*mut {}", self.ty()?),
            b'B' => return self.back(Self::ty),
            b'F' => return self.function_pointer(),
            b'D' => return self.trait_object(),
            _ => {
                self.at -= 1;
                return self.path();
            }
        })
    }

    /// Types up to an `E`.
    fn types(&mut self) -> Option<Vec<String>> {
        let mut types = Vec::new();
        while !self.eat(b'E') {
            types.push(self.ty()?);
        }
        Some(types)
    }

    /// `for<'a>`, which is left out.
    fn binder(&mut self) -> Option<()> {
        if self.eat(b'G') {
            self.base_62()?;
        }
        Some(())
    }

    fn function_pointer(&mut self) -> Option<String> {
        self.binder()?;
        self.eat(b'U');
        if self.eat(b'K') && !self.eat(b'C') {
            self.name()?;
        }
        let parameters = self.types()?.join(", ");
        let result = self.ty()?;
        Some(if result == "()" { format!("fn({parameters})") } else { format!("fn({parameters}) -> {result}") })
    }

    fn trait_object(&mut self) -> Option<String> {
        self.binder()?;
        let mut bounds = Vec::new();
        while !self.eat(b'E') {
            bounds.push(self.path()?);
            while self.eat(b'p') {
                self.name()?;
                self.ty()?;
            }
        }
        if self.eat(b'L') {
            self.base_62()?;
        }
        Some(format!("dyn {}", bounds.join(" + ")))
    }
}

fn basic(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'a' => "i8",
        b'b' => "bool",
        b'c' => "char",
        b'd' => "f64",
        b'e' => "str",
        b'f' => "f32",
        b'h' => "u8",
        b'i' => "isize",
        b'j' => "usize",
        b'l' => "i32",
        b'm' => "u32",
        b'n' => "i128",
        b'o' => "u128",
        b's' => "i16",
        b't' => "u16",
        b'u' => "()",
        b'v' => "...",
        b'x' => "i64",
        b'y' => "u64",
        b'z' => "!",
        b'p' => "_",
        _ => return None,
    })
}
