//! What requests cost now beside what the lock file says.

use super::allowed::Allowed;
use super::lock::{Entry, Key, Lock, VARIES};
use super::measure::Measured;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// More than this fails.
    Check(Allowed),
    /// The figures are the new lock file's.
    Update,
}

/// What is to be said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// It costs less.
    Less,
    /// It costs more, as much as is allowed.
    More,
    /// It costs more than is allowed.
    Grown,
    /// The lock file does not have it.
    New,
    /// It got no good answer.
    Failed,
}

impl Verdict {
    /// Its name in JSON, which is also what people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Less => "less",
            Self::More => "more",
            Self::Grown => "grown",
            Self::New => "new",
            Self::Failed => "failed",
        }
    }
}

/// A request, then and now.
pub struct Row {
    pub key: Key,
    /// Short and unlike the others.
    pub label: String,
    pub before: Option<Entry>,
    /// Its figures, or why there are none.
    pub now: Result<Entry, String>,
    pub verdict: Verdict,
}

impl Row {
    /// What it cost and costs, where both are known.
    pub fn fuel(&self) -> Option<(u64, u64)> {
        Some((self.before.as_ref()?.fuel, self.now.as_ref().ok()?.fuel))
    }

    /// How the answer is another one than it was, if it is and should not be.
    pub fn other_answer(&self) -> Option<String> {
        let (before, now) = (self.before.as_ref()?, self.now.as_ref().ok()?);
        if before.status != now.status {
            return Some(format!("status {} instead of {}", now.status, before.status));
        }
        match (before.answer.as_str(), now.answer.as_str()) {
            (one, other) if one == other => None,
            (VARIES, _) => Some("the answer does not vary any more".to_owned()),
            (_, VARIES) => Some("the answer varies now".to_owned()),
            _ => Some("another body".to_owned()),
        }
    }
}

/// A whole comparison.
pub struct Report {
    pub purpose: Purpose,
    /// What the program is now: a lock file without requests.
    pub now: Lock,
    /// Why the figures of then and now cannot be compared.
    pub problem: Option<String>,
    /// What the lock file says of the program, without its requests; none if there is no file.
    pub before: Option<Lock>,
    pub rows: Vec<Row>,
    /// Requests of the lock file that are not asked for any more.
    pub dropped: Vec<Key>,
}

impl Report {
    /// Lays the lock file beside what was measured. Without a lock file everything is new.
    pub fn new(purpose: Purpose, now: Lock, mut before: Option<Lock>, measured: Vec<Measured>) -> Self {
        let problem = before.as_ref().and_then(|before| incomparable(before, &now));
        let entries = before.as_mut().map(|before| std::mem::take(&mut before.requests)).unwrap_or_default();
        let mut entries: BTreeMap<Key, Entry> = entries.into_iter().map(|entry| (entry.key.clone(), entry)).collect();
        let labels = labels(measured.iter().map(|measured| &measured.key));
        let rows = measured.into_iter().zip(labels).map(|(Measured { key, result }, label)| {
            let before = entries.remove(&key);
            let verdict = verdict(purpose, before.as_ref(), result.as_ref().ok());
            Row { key, label, before, now: result, verdict }
        });
        let rows = rows.collect();
        Self { purpose, now, problem, before, rows, dropped: entries.into_keys().collect() }
    }

    /// What all requests that are in both cost, then and now.
    pub fn total(&self) -> (u64, u64) {
        let pairs = self.rows.iter().filter_map(Row::fuel);
        pairs.fold((0, 0), |(before, now), pair| (before + pair.0, now + pair.1))
    }

    /// Fuel of the top-level code as the lock file has it.
    pub fn start_up_before(&self) -> Option<u64> {
        self.before.as_ref()?.start_up
    }

    /// The rows of one kind.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict == verdict)
    }

    /// Whether nothing stands in the way: of the change, or of the new lock file.
    pub fn is_good(&self) -> bool {
        let wrong = |row: &Row| match self.purpose {
            Purpose::Check(_) => matches!(row.verdict, Verdict::Grown | Verdict::New | Verdict::Failed),
            Purpose::Update => row.verdict == Verdict::Failed,
        };
        (self.problem.is_none() || self.purpose == Purpose::Update) && !self.rows.iter().any(wrong)
    }

    /// The lock file that says what is now; none while a request fails.
    pub fn lock(&self) -> Option<Lock> {
        let requests: Option<Vec<Entry>> = self.rows.iter().map(|row| row.now.as_ref().ok().cloned()).collect();
        let mut lock = self.now.clone();
        lock.requests = requests?;
        Some(lock)
    }
}

/// Why figures under these two cannot be compared: they count by different rules.
pub fn incomparable(before: &Lock, now: &Lock) -> Option<String> {
    if before.schedule != now.schedule {
        return Some(format!("the fuel schedule was `{}`, and is `{}` now", before.schedule, now.schedule));
    }
    match (&before.engine, &now.engine) {
        (Some(one), Some(other)) if one != other => {
            let short = |digest: &str| digest.chars().take(12).collect::<String>();
            let (versions, digests) = ([&before.glowplug, &now.glowplug], [short(one), short(other)]);
            Some(format!(
                "the JavaScript engine was `{}` (glowplug {}), and is `{}` now (glowplug {})",
                digests[0], versions[0], digests[1], versions[1]
            ))
        }
        _ => None,
    }
}

fn verdict(purpose: Purpose, before: Option<&Entry>, now: Option<&Entry>) -> Verdict {
    match (before, now, purpose) {
        (_, None, _) => Verdict::Failed,
        (None, Some(_), _) => Verdict::New,
        (Some(before), Some(now), _) if now.fuel == before.fuel => Verdict::Same,
        (Some(before), Some(now), _) if now.fuel < before.fuel => Verdict::Less,
        (Some(before), Some(now), Purpose::Check(allowed)) if !allowed.allows(before.fuel, now.fuel) => Verdict::Grown,
        _ => Verdict::More,
    }
}

/// The requests' titles, each with as much more as tells it from the others.
fn labels<'a>(keys: impl Iterator<Item = &'a Key> + Clone) -> Vec<String> {
    let mut titles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut same: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for Key { request, input, nth } in keys.clone() {
        titles.entry(request).or_default().insert(input);
        let most = same.entry((request, input)).or_default();
        *most = (*most).max(*nth);
    }
    let label = |Key { request, input, nth }: &Key| {
        let mut label = request.clone();
        if titles.get(request.as_str()).is_some_and(|inputs| inputs.len() > 1) {
            label.push_str(&format!(" [{input}]"));
        }
        if same.get(&(request.as_str(), input.as_str())).is_some_and(|most| *most > 1) {
            label.push_str(&format!(" #{nth}"));
        }
        label
    };
    keys.map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(request: &str, input: &str, nth: u32, fuel: u64) -> Entry {
        let key = Key { request: request.into(), input: input.into(), nth };
        Entry { key, status: 200, answer: "a".into(), fuel, least: None }
    }

    fn now(entry: Entry) -> Measured {
        Measured { key: entry.key.clone(), result: Ok(entry) }
    }

    fn lock(requests: Vec<Entry>) -> Lock {
        let mut lock = Lock::new("shop", "fuel-1", Some("engine-1".into()), Some(5));
        lock.requests = requests;
        lock
    }

    fn report(purpose: Purpose) -> Report {
        let before = lock(vec![
            entry("GET /same", "1", 1, 100),
            entry("GET /less", "1", 1, 100),
            entry("GET /more", "1", 1, 100),
            entry("GET /grown", "1", 1, 100),
            entry("GET /gone", "1", 1, 100),
        ]);
        let failed = Measured { key: entry("GET /fails", "1", 1, 0).key, result: Err("broken".into()) };
        let measured = vec![
            now(entry("GET /same", "1", 1, 100)),
            now(entry("GET /less", "1", 1, 50)),
            now(entry("GET /more", "1", 1, 105)),
            now(entry("GET /grown", "1", 1, 106)),
            now(entry("GET /same", "2", 1, 1)),
            failed,
        ];
        Report::new(purpose, lock(Vec::new()), Some(before), measured)
    }

    #[test]
    fn each_request_gets_its_verdict() {
        let checked = report(Purpose::Check("5%".parse().unwrap()));
        let verdicts: Vec<_> = checked.rows.iter().map(|row| row.verdict.name()).collect();
        assert_eq!(verdicts, ["same", "less", "more", "grown", "new", "failed"]);
        assert_eq!((checked.total(), checked.is_good()), ((400, 361), false));
        assert_eq!(checked.dropped.iter().map(|key| key.request.as_str()).collect::<Vec<_>>(), ["GET /gone"]);
        let mut update = report(Purpose::Update);
        assert!(!update.is_good() && update.lock().is_none() && update.rows[3].verdict == Verdict::More);
        update.rows.pop();
        assert!(update.is_good());
        assert_eq!(update.lock().unwrap().requests.len(), 5);
    }

    #[test]
    fn other_rules_are_no_basis() {
        let before = lock(Vec::new());
        let with = |change: fn(&mut Lock)| {
            let mut now = lock(Vec::new());
            change(&mut now);
            now
        };
        assert_eq!(incomparable(&before, &with(|_| ())), None);
        assert_eq!(incomparable(&before, &with(|now| now.engine = None)), None, "the worker was rewritten");
        let schedule = incomparable(&before, &with(|now| now.schedule = "fuel-2".into())).unwrap();
        assert_eq!(schedule, "the fuel schedule was `fuel-1`, and is `fuel-2` now");
        assert!(
            incomparable(&before, &with(|now| now.engine = Some("engine-2".into())))
                .unwrap()
                .contains("JavaScript engine")
        );
        assert_eq!(
            incomparable(&before, &with(|now| now.program = "cart".into())),
            None,
            "a folder may be called otherwise"
        );
    }

    #[test]
    fn labels_say_what_tells_requests_apart() {
        let keys = [("GET /", "1", 1), ("POST /", "1", 1), ("POST /", "2", 1), ("POST /", "2", 2)];
        let keys = keys.map(|(request, input, nth)| entry(request, input, nth, 0).key);
        assert_eq!(labels(keys.iter()), ["GET /", "POST / [1]", "POST / [2] #1", "POST / [2] #2"]);
    }

    #[test]
    fn changed_answers_are_told() {
        let row = |status, answer: &str| Row {
            now: Ok(Entry { status, answer: answer.into(), ..entry("GET /", "1", 1, 1) }),
            before: Some(entry("GET /", "1", 1, 1)),
            ..report(Purpose::Update).rows.remove(0)
        };
        assert_eq!(row(200, "a").other_answer(), None);
        assert_eq!(row(404, "a").other_answer().unwrap(), "status 404 instead of 200");
        assert_eq!(row(200, "b").other_answer().unwrap(), "another body");
        assert_eq!(row(200, VARIES).other_answer().unwrap(), "the answer varies now");
    }
}
