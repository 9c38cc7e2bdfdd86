//! What a case is made of: requests of a client, answers of an origin, and what must come of them.

use std::time::Duration;

/// How much a cache may be expected to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The RFC says MUST, or nobody would call it a cache.
    Required,
    /// It is allowed, and a good cache does it.
    Optimal,
}

/// What the cache did with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The origin was not asked.
    Hit,
    /// The origin was asked, and its answer given.
    Forwarded,
    /// The origin was asked whether what is kept is still right, and it was.
    Validated,
    /// Either.
    Any,
}

/// A case, and where its rule stands.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
    pub section: &'static str,
    pub kind: Kind,
    pub steps: Vec<Step>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Step {
    pub method: String,
    /// After the case's own path.
    pub suffix: String,
    pub headers: Vec<(String, String)>,
    pub request_body: Option<String>,
    pub answer: Answer,
    pub expected: Expected,
    pub status: Option<u16>,
    pub body: Option<String>,
    pub has: Vec<(String, String)>,
    pub lacks: Vec<String>,
    /// Least and most that `Age` may be.
    pub age: Option<(u64, u64)>,
    pub origin_has: Vec<(String, String)>,
    pub origin_lacks: Vec<String>,
    /// The response breaks off.
    pub breaks: bool,
    pub wait: Duration,
}

/// What the origin answers with.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub dated: bool,
    /// None: the name of the case and the number of the step.
    pub body: Option<String>,
    pub manner: Manner,
    pub interim: Vec<u16>,
    pub delay: Duration,
    /// A request that asks whether something is still right is told that it is.
    pub may_validate: bool,
}

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Whole,
    /// In chunks, without a length.
    Chunked,
    /// It closes the connection in place of an answer.
    Closes,
    /// It closes the connection half-way through the body.
    BreaksOff,
}

/// A line of a header, `name: value`.
fn line(text: &str) -> (String, String) {
    let (name, value) = text.split_once(':').unwrap_or_else(|| panic!("`{text}` is no header line"));
    (name.trim().to_owned(), value.trim().to_owned())
}

/// A case of what must be.
pub fn required(section: &'static str, id: impl Into<String>) -> Case {
    Case { id: id.into(), section, kind: Kind::Required, steps: Vec::new() }
}

/// A case of what may be.
pub fn optimal(section: &'static str, id: impl Into<String>) -> Case {
    Case { kind: Kind::Optimal, ..required(section, id) }
}

impl Case {
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Whether it is about the cache: a worker is an origin of its own, which is no proxy and does not break off as one.
    pub fn holds_behind_a_worker(&self) -> bool {
        !self.section.starts_with("9110 7.6.")
            && self.id != "pass-method-foo"
            && self.steps.iter().all(|step| step.answer.manner != Manner::Closes || step.status == Some(200))
    }
}

pub fn method(method: &str) -> Step {
    Step {
        method: method.to_owned(),
        suffix: String::new(),
        headers: Vec::new(),
        request_body: None,
        answer: Answer {
            status: 200,
            headers: Vec::new(),
            dated: true,
            body: None,
            manner: Manner::Whole,
            interim: Vec::new(),
            delay: Duration::ZERO,
            may_validate: false,
        },
        expected: Expected::Any,
        status: None,
        body: None,
        has: Vec::new(),
        lacks: Vec::new(),
        age: None,
        origin_has: Vec::new(),
        origin_lacks: Vec::new(),
        breaks: false,
        wait: Duration::ZERO,
    }
}

pub fn get() -> Step {
    method("GET")
}

pub fn head() -> Step {
    method("HEAD")
}

/// A GET whose answer from the origin has these header lines. `@N` in one stands for the date N seconds from now.
pub fn fill(lines: &[&str]) -> Step {
    get().answers(lines).forwarded()
}

impl Step {
    pub fn with(mut self, text: &str) -> Self {
        self.headers.push(line(text));
        self
    }

    pub fn at(mut self, suffix: &str) -> Self {
        self.suffix = suffix.to_owned();
        self
    }

    pub fn sends(mut self, body: &str) -> Self {
        self.request_body = Some(body.to_owned());
        self
    }

    pub fn answers(mut self, lines: &[&str]) -> Self {
        self.answer.headers.extend(lines.iter().map(|text| line(text)));
        self
    }

    pub fn answers_status(mut self, status: u16) -> Self {
        self.answer.status = status;
        self
    }

    pub fn answers_body(mut self, body: &str) -> Self {
        self.answer.body = Some(body.to_owned());
        self
    }

    pub fn undated(mut self) -> Self {
        self.answer.dated = false;
        self
    }

    pub fn manner(mut self, manner: Manner) -> Self {
        self.answer.manner = manner;
        self
    }

    pub fn interim(mut self, status: u16) -> Self {
        self.answer.interim.push(status);
        self
    }

    pub fn delayed(mut self, milliseconds: u64) -> Self {
        self.answer.delay = Duration::from_millis(milliseconds);
        self
    }

    pub fn hit(mut self) -> Self {
        self.expected = Expected::Hit;
        self
    }

    pub fn forwarded(mut self) -> Self {
        self.expected = Expected::Forwarded;
        self
    }

    pub fn validated(mut self) -> Self {
        self.expected = Expected::Validated;
        self
    }

    /// The origin may validate it after the answer is given.
    pub fn validated_later(mut self) -> Self {
        self.answer.may_validate = true;
        self
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    pub fn has(mut self, text: &str) -> Self {
        self.has.push(line(text));
        self
    }

    pub fn lacks(mut self, name: &str) -> Self {
        self.lacks.push(name.to_owned());
        self
    }

    pub fn age(mut self, least: u64, most: u64) -> Self {
        self.age = Some((least, most));
        self
    }

    pub fn origin_has(mut self, text: &str) -> Self {
        self.origin_has.push(line(text));
        self
    }

    pub fn origin_lacks(mut self, name: &str) -> Self {
        self.origin_lacks.push(name.to_owned());
        self
    }

    pub fn breaks_off(mut self) -> Self {
        self.breaks = true;
        self
    }

    /// Waits after it.
    pub fn then(mut self, milliseconds: u64) -> Self {
        self.wait = Duration::from_millis(milliseconds);
        self
    }
}
