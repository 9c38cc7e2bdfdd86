//! Which events a client wants.

use crate::admin::error::ApiError;
use crate::meter::Outcome;
use crate::tail::Event;
use serde::Deserialize;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// What a client asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Wanted {
    status: Option<Status>,
    method: Option<String>,
    search: Option<String>,
    sampling_rate: Option<f64>,
}

/// How an invocation ended, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Error,
    Canceled,
}

/// The same, checked.
#[derive(Debug)]
pub(super) struct Filter {
    status: Option<Status>,
    method: Option<String>,
    search: Option<String>,
    /// The part of all events, above 0 and up to 1.
    rate: f64,
}

impl Filter {
    pub fn new(Wanted { status, method, search, sampling_rate }: Wanted) -> Result<Self, ApiError> {
        let rate = sampling_rate.unwrap_or(1.0);
        if !(rate > 0.0 && rate <= 1.0) {
            let text = format!("`sampling_rate` is {rate}, but must be above 0 and up to 1");
            return Err(ApiError::bad_request(text));
        }
        Ok(Self { status, method, search, rate })
    }

    /// Whether the client wants this event.
    pub fn takes(&self, event: &Event) -> bool {
        self.status.is_none_or(|status| status == Status::of(event.outcome))
            && self.method.as_ref().is_none_or(|method| {
                event.event.asked().is_some_and(|asked| method.eq_ignore_ascii_case(&asked.method))
            })
            && self.search.as_ref().is_none_or(|text| mentions(event, text))
            && self.samples(&event.request_id)
    }

    /// The same request is in the sample of everybody who has the same rate.
    fn samples(&self, request_id: &str) -> bool {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(request_id);
        self.rate >= 1.0 || (hash as f64) < self.rate * u64::MAX as f64
    }
}

impl Status {
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::Ok,
            Outcome::Canceled => Self::Canceled,
            Outcome::Exception
            | Outcome::ExceededCpu
            | Outcome::ExceededMemory
            | Outcome::ExceededWallTime
            | Outcome::LoadShed
            | Outcome::InternalError
            | Outcome::Refused => Self::Error,
        }
    }
}

/// Whether the URL, a line of the console or an exception has this text.
fn mentions(event: &Event, text: &str) -> bool {
    event.event.asked().is_some_and(|asked| asked.url.contains(text))
        || event.logs.iter().any(|line| line.message.contains(text))
        || event.exceptions.iter().any(|exception| {
            exception.message.contains(text) || exception.stack.iter().any(|frame| frame.contains(text))
        })
}

#[cfg(test)]
pub(in crate::admin) mod tests {
    use super::*;
    use crate::tail::{Answered, Asked, Exception, Happened, Line, Request};
    use std::collections::BTreeMap;

    /// What a GET of `http://x/path` gave.
    pub fn event(worker: &str, request_id: &str, outcome: Outcome) -> Event {
        Event {
            script_name: worker.into(),
            script_version: "0123456789ab".into(),
            request_id: request_id.into(),
            event_timestamp: 1,
            event: Happened::Request(Request {
                request: Asked { method: "GET".into(), url: "http://x/path".into(), headers: BTreeMap::new() },
                response: Some(Answered { status: 200 }),
            }),
            outcome,
            logs: vec![Line { level: "log", message: "hello from inside".into(), timestamp: 1 }],
            exceptions: vec![Exception { message: "TypeError: no".into(), stack: vec!["at fetch (a.ts:1:2)".into()] }],
            fuel: 1,
            cpu_time: 0.5,
            wall_time: 1.5,
            receipt: None,
            signed_receipt: None,
        }
    }

    fn takes(wanted: Wanted, event: &Event) -> bool {
        Filter::new(wanted).unwrap().takes(event)
    }

    #[test]
    fn events_are_chosen_by_status_method_and_text() {
        let ok = event("w", "1", Outcome::Ok);
        assert!(takes(Wanted::default(), &ok));
        for (outcome, expected) in [
            (Outcome::Ok, Status::Ok),
            (Outcome::Exception, Status::Error),
            (Outcome::ExceededCpu, Status::Error),
            (Outcome::Canceled, Status::Canceled),
        ] {
            for status in [Status::Ok, Status::Error, Status::Canceled] {
                let wanted = Wanted { status: Some(status), ..Wanted::default() };
                assert_eq!(takes(wanted, &event("w", "1", outcome)), status == expected);
            }
        }
        let method = |method: &str| takes(Wanted { method: Some(method.into()), ..Wanted::default() }, &ok);
        assert!(method("GET") && method("get") && !method("POST"));
        let search = |text: &str| takes(Wanted { search: Some(text.into()), ..Wanted::default() }, &ok);
        assert!(search("inside") && search("x/path") && search("TypeError") && search("a.ts:1") && !search("absent"));
    }

    #[test]
    fn a_sample_has_its_share_and_is_the_same_each_time() {
        let wanted = |rate| Wanted { sampling_rate: Some(rate), ..Wanted::default() };
        let filter = Filter::new(wanted(0.25)).unwrap();
        let sampled: Vec<_> = (0..4000).filter(|n| filter.samples(&n.to_string())).collect();
        assert!((800..1200).contains(&sampled.len()), "{}", sampled.len());
        assert!(sampled.iter().all(|n| filter.samples(&n.to_string())));
        for rate in [0.0, -1.0, 1.1, f64::NAN] {
            assert!(Filter::new(wanted(rate)).is_err(), "{rate}");
        }
    }
}
