//! RFC 7541.

use super::client::Expect;
use super::frames::*;
use super::{Case, send};

const COMPRESSION: Expect = Expect::Connection(&[COMPRESSION_ERROR]);

/// A request that ends with these bytes.
fn ending(bytes: &[u8]) -> Vec<Vec<u8>> {
    vec![with(&[&get(&[])[..], bytes].concat())]
}

/// `x-test` with a value in Huffman's code.
fn coded(bytes: &[u8]) -> Vec<u8> {
    [&[0][..], &string("x-test"), &integer(7, 0x80, bytes.len()), bytes].concat()
}

pub const CASES: &[Case] = &[
    ("hpack/2.3.3/1 an index beyond the tables", || send(ending(&integer(7, 0x80, 70))), COMPRESSION),
    (
        "hpack/2.3.3/2 a name's index beyond the tables",
        || send(ending(&[&integer(6, 0x40, 70)[..], &string("empty")].concat())),
        COMPRESSION,
    ),
    ("hpack/4.2/1 a change of the table's size at the end", || send(ending(&integer(5, 0x20, 1))), COMPRESSION),
    // 18 c7 is «aaa» with seven bits of padding.
    ("hpack/5.2/1 padding of more than seven bits", || send(ending(&coded(&[0x18, 0xc7, 0xff]))), COMPRESSION),
    ("hpack/5.2/2 padding of zeros", || send(ending(&coded(&[0x18, 0xc0]))), COMPRESSION),
    ("hpack/5.2/3 the symbol for the end", || send(ending(&coded(&[0x1f, 0xff, 0xff, 0xff, 0xff]))), COMPRESSION),
    ("hpack/6.1/1 index 0", || send(ending(&[0x80])), COMPRESSION),
    (
        "hpack/6.3/1 a table larger than allowed",
        || send(vec![with(&[&integer(5, 0x20, 4097)[..], &get(&[])].concat())]),
        COMPRESSION,
    ),
];
