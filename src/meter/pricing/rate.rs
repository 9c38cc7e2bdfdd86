/// What units of something cost: an allowance, then tiers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rate {
    /// Units a month that cost nothing.
    pub(super) free: f64,
    /// Units that a tier's price is for.
    pub(super) per: f64,
    /// From the first unit that is charged; the last has no end.
    pub(super) tiers: Vec<Tier>,
}

/// A span of units with a price of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tier {
    /// Where it ends, counted in charged units.
    pub(super) up_to: f64,
    /// Price in US dollars.
    pub(super) usd: f64,
}

impl Rate {
    /// Price of `units`, after the allowance.
    pub(super) fn cost(&self, units: f64) -> f64 {
        self.tiered(units - self.covered(units))
    }

    /// Price of `units` if there were no allowance.
    pub(super) fn list_price(&self, units: f64) -> f64 {
        self.tiered(units)
    }

    /// How many of `units` the allowance covers.
    pub(super) fn covered(&self, units: f64) -> f64 {
        units.min(self.free)
    }

    fn tiered(&self, units: f64) -> f64 {
        let mut start = 0.0;
        let mut cost = 0.0;
        for tier in &self.tiers {
            if units <= start {
                break;
            }
            cost += (units.min(tier.up_to) - start) * tier.usd / self.per;
            start = tier.up_to;
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_start_after_the_allowance() {
        let tiers = vec![Tier { up_to: 10.0, usd: 3.0 }, Tier { up_to: f64::INFINITY, usd: 2.0 }];
        let rate = Rate { free: 5.0, per: 1.0, tiers };
        assert_eq!([0.0, 5.0, 6.0, 15.0, 16.0].map(|units| rate.cost(units)), [0.0, 0.0, 3.0, 30.0, 32.0]);
        assert_eq!([5.0, 16.0].map(|units| rate.list_price(units)), [15.0, 42.0]);
        assert_eq!([3.0, 16.0].map(|units| rate.covered(units)), [3.0, 5.0]);
    }
}
