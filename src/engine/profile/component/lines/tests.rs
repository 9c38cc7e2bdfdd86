//! Tables that clang 22 wrote for this file, `x.c`, at `-O1`:
//!
//! ```c
//! typedef int i32;
//!
//! __attribute__((noinline)) static i32 leaf(i32 x) {
//!   i32 s = 0;
//!   for (i32 i = 0; i < x; i++)
//!     s = s * 31 + i;
//!   return s;
//! }
//!
//! __attribute__((noinline)) i32 middle(i32 x) {
//!   i32 a = leaf(x);
//!
//!   i32 b = leaf(x + 1);
//!   return a ^ b;
//! }
//!
//! __attribute__((export_name("run"))) i32 run(i32 x) {
//!   return middle(x) +
//!          leaf(3);
//! }
//! ```

use super::{LineTable, Sections};

const VERSION_4: &str = "9c00000004001b000000010101fb0e0d00010101010000000100000100782e6300000000\
    00050b0a00050203000000030a0106037582051206030d4a050b0620050c0667050306200201000101000502190000001405150a9205032006\
    29063506037920051b060817061b050bc0051b061f05153c0503582e5a0208000101050a0a0005026000000003110106036e820603132e0514\
    65050306200201000101";

const VERSION_5: &str = "c00000000500040037000000010101fb0e0d00010101010000000100000101011f010000000003011f020f051e\
    010a00000000f12c8524c2fa0171cd6659d87aa752dc0400050b0a00050203000000030a0106037582051206030d4a050b0620050c066705030620\
    02010001010400000502190000001405150a920503200629063506037920051b060817061b050bc0051b061f05153c0503582e5a02080001010400\
    050a0a0005026000000003110106036e820603132e051465050306200201000101";

/// `/src/demo` and `x.c`.
const LINE_STRINGS: &[u8] = b"/src/demo\0x.c\0";

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap();
    (0..hexadecimal.len()).step_by(2).map(digits).collect()
}

/// The line at each of some addresses; 0 where there is none.
fn lines(table: &LineTable, addresses: &[u64]) -> Vec<u32> {
    addresses.iter().map(|address| table.at(*address).map_or(0, |place| place.line)).collect()
}

#[test]
fn addresses_have_the_lines_that_the_compiler_wrote() {
    let tables = [(bytes(VERSION_4), "x.c"), (bytes(VERSION_5), "/src/demo/x.c")];
    for (line, file) in &tables {
        let table = LineTable::parse(Sections { line, line_str: LINE_STRINGS, str: &[] });
        let found = lines(&table, &[0, 3, 0xa, 0xb, 0xf, 0x10, 0x16, 0x18, 0x22, 0x46, 0x60, 0x6a, 0x72]);
        assert_eq!(found, [0, 11, 11, 0, 13, 13, 14, 0, 5, 6, 18, 19, 0], "{file}");
        assert_eq!(table.at(3).unwrap().file, *file);
        assert_eq!(table.first_in(0x19, 0x5e).unwrap().line, 3, "the first line of `leaf`");
        assert_eq!(table.first_in(0x5e, 0x60), None);
    }
}

#[test]
fn a_table_that_is_cut_off_or_wrong_gives_what_can_be_read_of_it() {
    for whole in [bytes(VERSION_4), bytes(VERSION_5)] {
        for length in 0..whole.len() {
            let table = LineTable::parse(Sections { line: &whole[..length], ..Sections::default() });
            assert_eq!(table.at(3), None, "a unit is read whole or not at all");
            let mut wrong = whole.clone();
            wrong[length] ^= 0xff;
            LineTable::parse(Sections { line: &wrong, line_str: LINE_STRINGS, str: &[] });
        }
    }
}
