//! `multipart/form-data`, read and written (RFC 7578).

use memchr::memmem::{Finder, find};
use rquickjs::{Array, Ctx, Exception, Function, Object, Result, TypedArray, Value};

use super::convert::{Usv, bytes_of};

/// One part as it stands in a body.
struct Part<'a> {
    name: String,
    file: Option<(String, String)>,
    content: &'a [u8],
}

/// Splits a body at its boundary lines. `None` when it is not the multipart it claims to be.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let dash = format!("--{boundary}");
    let delimiter = format!("\r\n{dash}");
    let finder = Finder::new(delimiter.as_bytes());
    let mut rest = match body.starts_with(dash.as_bytes()) {
        true => &body[dash.len()..],
        // a preamble may stand before the first boundary (RFC 2046 section 5.1.1)
        false => &body[finder.find(body)? + delimiter.len()..],
    };
    let mut found = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(found);
        }
        let line_end = find(rest, b"\r\n")?;
        rest = &rest[line_end + 2..];
        let (headers, content) = match rest.starts_with(b"\r\n") {
            true => (&rest[..0], &rest[2..]),
            false => {
                let end = find(rest, b"\r\n\r\n")?;
                (&rest[..end], &rest[end + 4..])
            }
        };
        let end = finder.find(content)?;
        found.push(part(headers, &content[..end])?);
        rest = &content[end + delimiter.len()..];
    }
}

fn part<'a>(headers: &[u8], content: &'a [u8]) -> Option<Part<'a>> {
    let headers = String::from_utf8_lossy(headers);
    let mut disposition = None;
    let mut media_type = None;
    for line in headers.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => disposition = Some(value.trim()),
            "content-type" => media_type = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let disposition = disposition?;
    let name = parameter(disposition, "name")?;
    let file = parameter(disposition, "filename")
        .map(|filename| (filename, media_type.unwrap_or_else(|| "text/plain".to_owned())));
    Some(Part { name, file, content })
}

/// A parameter of a content-disposition, with the three escapes of the HTML standard undone.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.trim_matches([' ', ';', '\t']).eq_ignore_ascii_case(wanted) {
            let value = value.trim().replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
            return Some(value);
        }
        rest = next;
    }
}

/// `[name, text]` for a field, `[name, undefined, start, end, filename, media type]` for a file.
fn parse_multipart<'js>(ctx: Ctx<'js>, body: TypedArray<'js, u8>, boundary: Usv) -> Result<Array<'js>> {
    let body = bytes_of(&body);
    let Some(parts) = parts(body, &boundary.0) else {
        return Err(Exception::throw_type(
            &ctx,
            "Parsing a multipart/form-data body failed: it is malformed or cut off.",
        ));
    };
    let list = Array::new(ctx.clone())?;
    for (i, part) in parts.into_iter().enumerate() {
        let entry = Array::new(ctx.clone())?;
        entry.set(0, part.name)?;
        match part.file {
            None => entry.set(1, String::from_utf8_lossy(part.content).as_ref())?,
            Some((filename, media_type)) => {
                let start = part.content.as_ptr() as usize - body.as_ptr() as usize;
                entry.set(2, start as f64)?;
                entry.set(3, (start + part.content.len()) as f64)?;
                entry.set(4, filename)?;
                entry.set(5, media_type)?;
            }
        }
        list.set(i, entry)?;
    }
    Ok(list)
}

fn escape(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

/// HTML standard, "multipart/form-data encoding algorithm": line breaks become CR LF.
fn normalize_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// The body, in pieces, for entries that are `[name, text]` or `[name, bytes, filename, media type]`: `bytes` are pieces as they are.
fn write_multipart<'js>(ctx: Ctx<'js>, entries: Array<'js>, boundary: String) -> Result<Vec<TypedArray<'js, u8>>> {
    let mut pieces = Vec::new();
    let mut body = Vec::new();
    for entry in entries.iter::<Array>() {
        let entry = entry?;
        let name = escape(&normalize_breaks(&entry.get::<Usv>(0)?.0));
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
        let value = entry.get::<Value>(1)?;
        if value.is_string() {
            let text = normalize_breaks(&entry.get::<Usv>(1)?.0);
            body.extend_from_slice(format!("\r\n\r\n{text}").as_bytes());
        } else {
            let filename = escape(&entry.get::<Usv>(2)?.0);
            let media_type = entry.get::<Usv>(3)?.0;
            body.extend_from_slice(
                format!("; filename=\"{filename}\"\r\nContent-Type: {media_type}\r\n\r\n").as_bytes(),
            );
            pieces.push(TypedArray::new(ctx.clone(), std::mem::take(&mut body))?);
            pieces.push(entry.get(1)?);
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    pieces.push(TypedArray::new(ctx, body)?);
    Ok(pieces)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("parseMultipart", Function::new(ctx.clone(), parse_multipart)?)?;
    native.set("writeMultipart", Function::new(ctx.clone(), write_multipart)?)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn multipart_keeps_content_with_line_breaks_and_dashes() {
        let body = b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--2\r\n--x\r\n\
            Content-Disposition: form-data; name=\"f\"; filename=\"f;1.txt\"\r\nContent-Type: a/b\r\n\r\n\xff\r\n--x--\r\n";
        let found = parts(body, "x").expect("well-formed");
        assert_eq!(found[0].content, b"1\r\n--2");
        assert_eq!(found[1].name, "f");
        assert_eq!(found[1].file, Some(("f;1.txt".to_owned(), "a/b".to_owned())));
        assert_eq!(found[1].content, b"\xff");
    }

    #[test]
    fn multipart_cut_off_is_malformed() {
        assert!(parts(b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1", "x").is_none());
        assert!(parts(b"", "x").is_none());
    }
}
