//! Primes for RSA keys: a sieve over the odd numbers from a random one on, and a Baillie-PSW test of what is left.
//!
//! ## Why
//!
//! The crate with the test has a sieve as well, but with tables of 28 KB, which would be in every worker's snapshot.

use crypto_primes::{Flavor, is_prime};
use rand_core::Rng;
use rsa::BoxedUint;

use super::random::SeededRng;

/// Only numbers without a prime factor below this are tested.
const SMALL: usize = 1 << 14;
/// How many odd numbers a sieve covers: about one in 355 numbers of 1024 bits is prime among the odd ones.
const WINDOW: usize = 4096;

/// A random prime of exactly so many bits, of which the first two are set: then a product of two has all its bits.
pub fn generate(rng: &mut SeededRng, bits: usize) -> BoxedUint {
    let small = small_primes();
    loop {
        let start = random_odd(rng, bits);
        if let Some(prime) = first_prime(&start, bits, &small) {
            return prime;
        }
    }
}

/// The odd primes below `SMALL`.
fn small_primes() -> Vec<u32> {
    let composite = (3..SMALL).step_by(2).take_while(|n| n * n < SMALL).fold(vec![false; SMALL], |mut composite, n| {
        if !composite[n] {
            (n * n..SMALL).step_by(2 * n).for_each(|multiple| composite[multiple] = true);
        }
        composite
    });
    (3..SMALL).step_by(2).filter(|n| !composite[*n]).map(|n| n as u32).collect()
}

/// Big-endian.
fn random_odd(rng: &mut SeededRng, bits: usize) -> Vec<u8> {
    let mut bytes = vec![0; bits.div_ceil(8)];
    rng.fill_bytes(&mut bytes);
    let last = bytes.len() - 1;
    bytes[0] &= 0xff >> (bytes.len() * 8 - bits);
    for bit in [0, bits - 2, bits - 1] {
        bytes[last - bit / 8] |= 1 << (bit % 8);
    }
    bytes
}

fn first_prime(start: &[u8], bits: usize, small: &[u32]) -> Option<BoxedUint> {
    let mut composite = vec![false; WINDOW];
    for &prime in small {
        let rest = start.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
        // the first i for which start + 2i is a multiple; half of prime + 1 is the inverse of 2
        let first = (prime - rest) % prime * prime.div_ceil(2) % prime;
        (first as usize..WINDOW).step_by(prime as usize).for_each(|index| composite[index] = true);
    }
    (0..WINDOW).filter(|index| !composite[*index]).find_map(|index| {
        let candidate = BoxedUint::from_be_slice(&add(start, 2 * index)?, bits as u32).ok()?;
        is_prime(Flavor::Any, &candidate).then_some(candidate)
    })
}

/// None when the sum does not fit.
fn add(bytes: &[u8], addend: usize) -> Option<Vec<u8>> {
    let mut sum = bytes.to_vec();
    let mut carry = addend;
    for byte in sum.iter_mut().rev() {
        carry += usize::from(*byte);
        *byte = carry as u8;
        carry >>= 8;
    }
    (carry == 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_primes_are_those_below_the_limit() {
        let small = small_primes();
        assert_eq!(small[..8], [3, 5, 7, 11, 13, 17, 19, 23]);
        assert_eq!((small.len(), small.last()), (1899, Some(&16_381)));
    }

    #[test]
    fn the_sieve_misses_no_prime() {
        let start = 0xffff_ffff_0000_0001u64;
        let prime = first_prime(&start.to_be_bytes(), 64, &small_primes());
        let next = (start..).step_by(2).find(|n| is_prime(Flavor::Any, &BoxedUint::from(*n)));
        assert_eq!(prime, next.map(BoxedUint::from));
    }

    #[test]
    fn a_prime_has_its_bits_and_starts_with_two_ones() {
        let mut rng = SeededRng::new(b"seed");
        for bits in [512, 513, 515] {
            let prime = generate(&mut rng, bits);
            assert_eq!(prime.bit_width_vartime() as usize, bits);
            assert!(prime.bit(bits as u32 - 2).to_bool() && is_prime(Flavor::Any, &prime));
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_none() {
        assert_eq!(add(&[0x12, 0xff], 0x102), Some(vec![0x14, 0x01]));
        assert_eq!(add(&[0xff, 0xff], 1), None);
    }
}
