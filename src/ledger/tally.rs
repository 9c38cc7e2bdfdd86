//! What invocations used together.

use super::bytes::{Reader, put, put_wide};
use super::histogram::Histogram;
use crate::limits::FUEL_PER_CPU_MS;
use crate::meter::{Outcome, Usage};

/// Outcomes by the number that they are stored as: never reordered, only added to.
const OUTCOMES: [Outcome; 9] = [
    Outcome::Ok,
    Outcome::Exception,
    Outcome::ExceededCpu,
    Outcome::ExceededMemory,
    Outcome::ExceededWallTime,
    Outcome::Canceled,
    Outcome::LoadShed,
    Outcome::InternalError,
    Outcome::Refused,
];

/// The number that an outcome is stored as.
pub(super) fn code_of(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Exception => 1,
        Outcome::ExceededCpu => 2,
        Outcome::ExceededMemory => 3,
        Outcome::ExceededWallTime => 4,
        Outcome::Canceled => 5,
        Outcome::LoadShed => 6,
        Outcome::InternalError => 7,
        Outcome::Refused => 8,
    }
}

/// The outcome stored as `code`.
pub(super) fn outcome_of(code: u8) -> Option<Outcome> {
    OUTCOMES.get(usize::from(code)).copied()
}

/// Whether a worker ran.
fn ran(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::LoadShed | Outcome::InternalError | Outcome::Refused)
}

/// What one invocation used, as far as it is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    pub fuel: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub subrequests: u64,
    /// Microseconds.
    pub wall: u64,
    /// Bytes, at the most.
    pub memory: u64,
}

impl From<&Usage> for Work {
    fn from(usage: &Usage) -> Self {
        Self {
            fuel: usage.fuel,
            bytes_in: usage.bytes_in(),
            bytes_out: usage.bytes_out(),
            subrequests: usage.subrequests.into(),
            wall: u64::try_from(usage.wall.as_micros()).unwrap_or(u64::MAX),
            memory: usage.peak_memory,
        }
    }
}

/// What several invocations used together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    outcomes: [u64; OUTCOMES.len()],
    /// Requests that static assets answered, without a sandbox. They are no invocations.
    pub assets: u64,
    pub fuel: u128,
    pub bytes_in: u128,
    pub bytes_out: u128,
    pub subrequests: u128,
    /// Microseconds.
    pub wall: u128,
    /// Sum of what each sandbox held at the most, in bytes.
    pub memory: u128,
    /// What one sandbox held at the most, in bytes.
    pub most_memory: u64,
    /// Fuel of invocations that ran.
    spread: Histogram,
    least_fuel: u64,
    most_fuel: u64,
}

impl Tally {
    /// One more invocation.
    pub(super) fn add(&mut self, outcome: Outcome, work: &Work) {
        self.outcomes[usize::from(code_of(outcome))] += 1;
        self.fuel += u128::from(work.fuel);
        self.bytes_in += u128::from(work.bytes_in);
        self.bytes_out += u128::from(work.bytes_out);
        self.subrequests += u128::from(work.subrequests);
        self.wall += u128::from(work.wall);
        self.memory += u128::from(work.memory);
        self.most_memory = self.most_memory.max(work.memory);
        if ran(outcome) {
            let is_first = self.spread.is_empty();
            self.least_fuel = if is_first { work.fuel } else { self.least_fuel.min(work.fuel) };
            self.most_fuel = self.most_fuel.max(work.fuel);
            self.spread.add(work.fuel);
        }
    }

    /// All that another has.
    pub fn merge(&mut self, other: &Self) {
        self.outcomes.iter_mut().zip(other.outcomes).for_each(|(sum, more)| *sum += more);
        self.assets += other.assets;
        self.fuel += other.fuel;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.subrequests += other.subrequests;
        self.wall += other.wall;
        self.memory += other.memory;
        self.most_memory = self.most_memory.max(other.most_memory);
        if !other.spread.is_empty() {
            let is_first = self.spread.is_empty();
            self.least_fuel = if is_first { other.least_fuel } else { self.least_fuel.min(other.least_fuel) };
            self.most_fuel = self.most_fuel.max(other.most_fuel);
            self.spread.merge(&other.spread);
        }
    }

    /// All invocations, those that were refused among them.
    pub fn requests(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Invocations in which a worker ran.
    pub fn runs(&self) -> u64 {
        self.spread.count()
    }

    /// How many had each outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        OUTCOMES.into_iter().zip(self.outcomes)
    }

    /// Fuel that `share` of the runs did not use more of, to within a sixteenth. None if nothing ran.
    pub fn fuel_quantile(&self, share: f64) -> Option<u64> {
        Some(self.spread.quantile(share)?.clamp(self.least_fuel, self.most_fuel))
    }

    /// Estimate of the CPU milliseconds of the fuel.
    pub fn cpu_ms(&self) -> f64 {
        self.fuel as f64 / FUEL_PER_CPU_MS as f64
    }

    /// Wall-clock milliseconds.
    pub fn wall_ms(&self) -> f64 {
        self.wall as f64 / 1000.0
    }

    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        put(bytes, self.outcomes.iter().filter(|times| **times > 0).count() as u64);
        for (code, times) in self.outcomes.iter().enumerate().filter(|(_, times)| **times > 0) {
            put(bytes, code as u64);
            put(bytes, *times);
        }
        put(bytes, self.assets);
        for sum in [self.fuel, self.bytes_in, self.bytes_out, self.subrequests, self.wall, self.memory] {
            put_wide(bytes, sum);
        }
        for number in [self.most_memory, self.least_fuel, self.most_fuel] {
            put(bytes, number);
        }
        self.spread.encode(bytes);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Option<Self> {
        let mut tally = Self::default();
        for _ in 0..reader.number()? {
            let code = usize::try_from(reader.number()?).ok()?;
            *tally.outcomes.get_mut(code)? = reader.number()?;
        }
        tally.assets = reader.number()?;
        tally.fuel = reader.wide()?;
        tally.bytes_in = reader.wide()?;
        tally.bytes_out = reader.wide()?;
        tally.subrequests = reader.wide()?;
        tally.wall = reader.wide()?;
        tally.memory = reader.wide()?;
        tally.most_memory = reader.number()?;
        tally.least_fuel = reader.number()?;
        tally.most_fuel = reader.number()?;
        tally.spread = Histogram::decode(reader)?;
        Some(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(fuel: u64) -> Work {
        Work { fuel, bytes_in: 10, bytes_out: 20, subrequests: 1, wall: 1500, memory: 1 << 20 }
    }

    #[test]
    fn outcomes_keep_their_numbers() {
        for (code, outcome) in OUTCOMES.into_iter().enumerate() {
            assert_eq!(usize::from(code_of(outcome)), code);
            assert_eq!(outcome_of(code as u8), Some(outcome));
        }
        assert_eq!(outcome_of(9), None);
    }

    #[test]
    fn sums_are_the_same_however_they_are_put_together() {
        let (mut whole, mut first, mut second) = (Tally::default(), Tally::default(), Tally::default());
        for fuel in 0..1000 {
            let outcome = OUTCOMES[fuel as usize % OUTCOMES.len()];
            whole.add(outcome, &work(u64::MAX - fuel));
            if fuel % 3 == 0 { &mut first } else { &mut second }.add(outcome, &work(u64::MAX - fuel));
        }
        first.merge(&second);
        assert_eq!(first, whole);
        assert_eq!((whole.requests(), whole.runs()), (1000, 667));
        assert_eq!(whole.fuel, 1000 * u128::from(u64::MAX) - 499_500);
        let mut bytes = Vec::new();
        whole.encode(&mut bytes);
        assert_eq!(Tally::decode(&mut Reader(&bytes)), Some(whole));
    }

    #[test]
    fn equal_runs_have_exact_quantiles() {
        let mut tally = Tally::default();
        assert_eq!(tally.fuel_quantile(0.5), None);
        (0..10).for_each(|_| tally.add(Outcome::Ok, &work(5_012_345)));
        tally.add(Outcome::Refused, &Work::default());
        assert_eq!((tally.fuel_quantile(0.5), tally.fuel_quantile(0.99)), (Some(5_012_345), Some(5_012_345)));
        assert_eq!(tally.wall_ms(), 15.0);
    }
}
