//! Distinguished names as text (RFC 4514), from their DER.

use super::der::take;
use std::fmt::Write as _;

/// Attributes that have short names, by the bytes of their OIDs.
const SHORT: &[(&[u8], &str)] = &[
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "STREET"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
];

/// `CN=alice,O=Example`, the last attribute first, of the content of a `Name`. What is malformed ends the text.
pub fn text(mut name: &[u8]) -> String {
    let mut parts = Vec::new();
    while let Some((_, mut set)) = take(&mut name) {
        let mut values = Vec::new();
        while let Some((_, mut attribute)) = take(&mut set) {
            let (Some((_, kind)), Some((tag, value))) = (take(&mut attribute), take(&mut attribute)) else { break };
            values.push(format!("{}={}", name_of(kind), escaped(&string(tag, value))));
        }
        parts.push(values.join("+"));
    }
    parts.reverse();
    parts.join(",")
}

fn name_of(oid: &[u8]) -> String {
    if let Some((_, short)) = SHORT.iter().find(|(known, _)| *known == oid) {
        return (*short).to_owned();
    }
    let mut arcs = Vec::new();
    let mut arc = 0_u64;
    for byte in oid {
        arc = arc.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let Some((first, rest)) = arcs.split_first() else { return String::new() };
    let root = (first / 40).min(2);
    rest.iter().fold(format!("{root}.{}", first - root * 40), |text, arc| format!("{text}.{arc}"))
}

fn string(tag: u8, value: &[u8]) -> String {
    const BMP: u8 = 0x1e;
    match tag {
        BMP => {
            let units: Vec<_> = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(value).into_owned(),
    }
}

/// With what has a meaning in such a text escaped.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', character]),
            '#' if index == 0 => text.push_str("\\#"),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            character if character.is_control() => {
                for byte in character.to_string().bytes() {
                    let _ = write!(text, "\\{byte:02x}");
                }
            }
            character => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, content.len() as u8], content].concat()
    }

    fn attribute(oid: &[u8], value: &str) -> Vec<u8> {
        element(0x31, &element(0x30, &[element(6, oid), element(0x0c, value.as_bytes())].concat()))
    }

    #[test]
    fn names_are_written_last_first_and_escaped() {
        let name = [
            attribute(&[0x55, 4, 6], "DE"),
            attribute(&[0x55, 4, 10], "A, B + C"),
            attribute(&[0x2a, 3, 0x81, 1], " x "),
            attribute(&[0x55, 4, 3], "älice"),
        ]
        .concat();
        assert_eq!(text(&name), r"CN=älice,1.2.3.129=\ x\ ,O=A\, B \+ C,C=DE");
        for length in 0..name.len() {
            text(&name[..length]);
        }
    }
}
