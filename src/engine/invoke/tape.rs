//! Recording an invocation, and running one as it was recorded.

use super::{Recorded, Report};
use crate::host::tape::{Play, Player, Recorder, Stop, Tape};
use crate::meter::Outcome;
use crate::recording::{Ended, Recording};
use std::sync::Arc;
use wasmtime_wasi_http::WasiBody;

/// What came from outside, the clock's end and the client's leaving, is no part of the run that plays a recording: it ended
/// so if it came to the same point.
fn end_as_recorded(report: &mut Report, recording: &Recording) {
    match (recording.ended, report.outcome) {
        (Ended::Cut(outcome), Outcome::Canceled | Outcome::ExceededCpu) => {
            report.outcome = outcome;
            report.trap = report.trap.take().filter(|trap| !trap.contains(&Stop::Cut.to_string()));
        }
        (Ended::Itself, Outcome::Ok) => {
            let left = recording.receipt.as_ref().is_some_and(|receipt| receipt.outcome == Outcome::Canceled);
            report.outcome = if left { Outcome::Canceled } else { Outcome::Ok };
        }
        _ => {}
    }
}

/// What an invocation has to do with recordings.
#[derive(Clone, Default)]
pub enum TapeUse {
    /// Nothing.
    #[default]
    Off,
    /// It is recorded.
    Record,
    /// It is given what the recording holds.
    Play(Arc<Recording>, Play),
}

impl TapeUse {
    /// Fuel of the grant that the invocation does not get.
    pub(super) fn withheld(&self) -> u64 {
        match self {
            Self::Play(recording, play) => withheld(recording, *play),
            Self::Off | Self::Record => 0,
        }
    }
}

/// A run that was cut off while it computed is cut off at the same place by having no more fuel than it had used; it is told
/// of all that it was granted.
fn withheld(recording: &Recording, play: Play) -> u64 {
    let granted = recording.given.fuel;
    match (&recording.receipt, recording.ended, play) {
        (Some(receipt), Ended::Cut(_), Play::Exactly) => granted.saturating_sub(receipt.fuel),
        _ => 0,
    }
}

/// The seed of an invocation, and what it does with the tape.
pub struct Reel {
    pub seed: [u8; 32],
    /// Fuel that the guest is told of and does not get.
    pub withheld: u64,
    played: Option<Arc<Recording>>,
}

impl Reel {
    /// The reel, the tape, and the request as the invocation is to have it.
    pub fn new(
        tape: TapeUse,
        seed: Option<[u8; 32]>,
        request: http::Request<WasiBody>,
    ) -> wasmtime::Result<(Self, Tape, http::Request<WasiBody>)> {
        match tape {
            TapeUse::Off => Ok((Self::plain(seed)?, Tape::Off, request)),
            TapeUse::Record => {
                let recorder = Recorder::default();
                let request = request.map(|body| recorder.request_body(body));
                Ok((Self::plain(seed)?, Tape::Record(recorder), request))
            }
            TapeUse::Play(recording, play) => {
                let given = &recording.given;
                let Ok(seed) = <[u8; 32]>::try_from(given.seed.0.as_slice()) else {
                    wasmtime::bail!("the recording's seed has {} bytes instead of 32", given.seed.0.len());
                };
                let player = Player::new(recording.clone(), play);
                let request = request.map(|_| player.request_body());
                let withheld = withheld(&recording, play);
                Ok((Self { seed, withheld, played: Some(recording) }, Tape::Play(Box::new(player)), request))
            }
        }
    }

    fn plain(seed: Option<[u8; 32]>) -> wasmtime::Result<Self> {
        let seed = match seed {
            Some(seed) => seed,
            None => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed)
                    .map_err(|error| wasmtime::format_err!("the system gives no random numbers: {error}"))?;
                seed
            }
        };
        Ok(Self { seed, withheld: 0, played: None })
    }

    /// Adds to the report what was recorded, or what became of the recording.
    pub async fn finish(&self, tape: &mut Tape, report: &mut Report, granted: u64, cut: bool) {
        match tape {
            Tape::Off => {}
            Tape::Record(recorder) => {
                let (seed, clock) = (self.seed, recorder.clock().epoch_ms());
                report.recorded =
                    Some(Arc::new(Recorded { seed, clock, fuel: granted, cut, taken: recorder.finish() }));
            }
            Tape::Play(player) => {
                let own_way = player.on_its_own();
                report.played = Some(Arc::new(player.finish().await));
                if let Some(recording) = self.played.as_ref().filter(|_| !own_way) {
                    end_as_recorded(report, recording);
                }
            }
        }
    }
}
