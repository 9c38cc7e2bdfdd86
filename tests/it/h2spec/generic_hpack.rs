//! Every form that a field may have.

use super::client::Expect;
use super::frames::*;
use super::{Case, send};

/// `user-agent` in the static table.
const USER_AGENT: usize = 58;
/// «a» and five bits of padding, three times: `a` is 00011 in Huffman's code, so `aaa` is 0001 1000 1100 0111 1.
const HUFFMAN_AAA: &[u8] = &[0x82, 0x18, 0xc7];

fn plain() -> Vec<u8> {
    string("aaa")
}

/// A request with one field more: a name by its index, or `x-test`, and a value.
fn field(bits: u32, first: u8, index: Option<usize>, value: &[u8]) -> Vec<Vec<u8>> {
    let name = match index {
        Some(index) => integer(bits, first, index),
        None => [&[first][..], &string("x-test")].concat(),
    };
    vec![with(&[&get(&[])[..], &name, value].concat())]
}

pub const CASES: &[Case] = &[
    (
        "generic/5/1 indexed",
        // GET, http, / and an authority by its index.
        || send(vec![with(&[&[0x82, 0x86, 0x84, 0x01][..], &string("a.test")].concat())]),
        Expect::Answer(1),
    ),
    ("generic/5/2 incremental, indexed name", || send(field(6, 0x40, Some(USER_AGENT), &plain())), Expect::Answer(1)),
    (
        "generic/5/3 incremental, indexed name, Huffman",
        || send(field(6, 0x40, Some(USER_AGENT), HUFFMAN_AAA)),
        Expect::Answer(1),
    ),
    ("generic/5/4 incremental, new name", || send(field(6, 0x40, None, &plain())), Expect::Answer(1)),
    ("generic/5/5 incremental, new name, Huffman", || send(field(6, 0x40, None, HUFFMAN_AAA)), Expect::Answer(1)),
    ("generic/5/6 without indexing, indexed name", || send(field(4, 0, Some(USER_AGENT), &plain())), Expect::Answer(1)),
    (
        "generic/5/7 without indexing, indexed name, Huffman",
        || send(field(4, 0, Some(USER_AGENT), HUFFMAN_AAA)),
        Expect::Answer(1),
    ),
    ("generic/5/8 without indexing, new name", || send(field(4, 0, None, &plain())), Expect::Answer(1)),
    ("generic/5/9 without indexing, new name, Huffman", || send(field(4, 0, None, HUFFMAN_AAA)), Expect::Answer(1)),
    (
        "generic/5/10 never indexed, indexed name",
        || send(field(4, 0x10, Some(USER_AGENT), &plain())),
        Expect::Answer(1),
    ),
    (
        "generic/5/11 never indexed, indexed name, Huffman",
        || send(field(4, 0x10, Some(USER_AGENT), HUFFMAN_AAA)),
        Expect::Answer(1),
    ),
    ("generic/5/12 never indexed, new name", || send(field(4, 0x10, None, &plain())), Expect::Answer(1)),
    ("generic/5/13 never indexed, new name, Huffman", || send(field(4, 0x10, None, HUFFMAN_AAA)), Expect::Answer(1)),
    (
        "generic/5/14 a change of the table's size",
        || send(vec![with(&[&integer(5, 0x20, 64)[..], &get(&[])].concat())]),
        Expect::Answer(1),
    ),
    (
        "generic/5/15 two changes of the table's size",
        || send(vec![with(&[&integer(5, 0x20, 0)[..], &integer(5, 0x20, 4096), &get(&[])].concat())]),
        Expect::Answer(1),
    ),
];
