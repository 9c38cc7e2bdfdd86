/// What a month of a workload costs on a platform, in US dollars. The first five lines make the total.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// Paid for the account, whatever it does.
    pub base_fee: f64,
    /// For requests, after the allowance.
    pub request_fee: f64,
    /// For time, memory and CPU as they were, after the allowance.
    pub compute: f64,
    /// What rounding time and memory up adds to that.
    pub rounding_loss: f64,
    /// For the gateway in front.
    pub gateway_fee: f64,
    /// All of it.
    pub total: f64,
    /// What the allowances covered, at list price; not part of the total.
    pub free: f64,
    /// The units behind the lines: requests first, then what compute is charged by.
    pub meters: Vec<Metered>,
    /// Why the platform would not take this workload, each reason in words. Empty when it would.
    pub refusals: Vec<String>,
    /// The figures behind this quote that nobody has held against the platform's documentation, and why.
    pub unverified: Vec<String>,
}

/// Units of something that is charged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metered {
    /// What the units are, such as `GB-seconds`.
    pub unit: &'static str,
    /// As they were.
    pub exact: f64,
    /// After rounding.
    pub charged: f64,
    /// How many of the charged ones an allowance covered.
    pub free: f64,
}

impl Quote {
    /// The lines that make the total, with their names.
    pub fn lines(&self) -> [(&'static str, f64); 5] {
        [
            ("base_fee", self.base_fee),
            ("request_fee", self.request_fee),
            ("compute", self.compute),
            ("rounding_loss", self.rounding_loss),
            ("gateway_fee", self.gateway_fee),
        ]
    }

    /// Whether the platform would take the workload.
    pub fn is_possible(&self) -> bool {
        self.refusals.is_empty()
    }
}
