//! Cron expressions, with the syntax of Cloudflare's cron triggers.
//!
//! Five fields: minute, hour, day of the month, month, day of the week; all in UTC. The days of the week count from 1,
//! Sunday, to 7. `L` stands for last, `W` for the nearest weekday, `#` for the nth day of the week in a month.

use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Minutes at which something is to happen.
#[derive(Debug, Clone)]
pub struct Cron(croner::Cron);

impl Cron {
    /// Reads an expression. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields = text.split_ascii_whitespace().count();
        if fields != 5 {
            return Err(format!("it has {fields} fields instead of 5"));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .alternative_weekdays(true)
            .build();
        let cron = parser.parse(text).map(Self).map_err(|error| error.to_string())?;
        // A date that there never is, such as 30 February.
        if cron.after(Timestamp::UNIX_EPOCH).is_none() {
            return Err("it is never due".into());
        }
        Ok(cron)
    }

    /// The first time after `time`, if there is one in the years that can be counted.
    pub fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self.0.find_next_occurrence(&time.to_zoned(TimeZone::UTC), false).ok()?;
        Some(next.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next times after a moment, as `MM-DD HH:MM`.
    fn next(text: &str, after: &str, count: usize) -> Vec<String> {
        let cron = Cron::parse(text).unwrap();
        let mut time: Timestamp = after.parse().unwrap();
        (0..count)
            .map(|_| {
                time = cron.after(time).unwrap();
                time.strftime("%m-%d %H:%M").to_string()
            })
            .collect()
    }

    #[test]
    fn the_next_times_are_those_of_cloudflares_documentation() {
        let from = "2026-01-01T00:00:00Z";
        for (text, times) in [
            ("* * * * *", vec!["01-01 00:01", "01-01 00:02"]),
            ("*/30 * * * *", vec!["01-01 00:30", "01-01 01:00"]),
            ("45 * * * *", vec!["01-01 00:45", "01-01 01:45"]),
            // 1 is Sunday; the 4th of January 2026 is one
            ("0 17 * * 1", vec!["01-04 17:00", "01-11 17:00"]),
            ("0 17 * * sun", vec!["01-04 17:00", "01-11 17:00"]),
            ("10 7 * * mon-fri", vec!["01-01 07:10", "01-02 07:10", "01-05 07:10"]),
            ("10 7 * * 2-6", vec!["01-01 07:10", "01-02 07:10", "01-05 07:10"]),
            ("0 15 1 * *", vec!["01-01 15:00", "02-01 15:00"]),
            ("0 18 * * 6L", vec!["01-30 18:00", "02-27 18:00"]),
            ("0 18 * * friL", vec!["01-30 18:00", "02-27 18:00"]),
            ("59 23 LW * *", vec!["01-30 23:59", "02-27 23:59"]),
            ("0 0 L * *", vec!["01-31 00:00", "02-28 00:00"]),
            ("0 9 * * 2#1", vec!["01-05 09:00", "02-02 09:00"]),
            ("0 12 15W * *", vec!["01-15 12:00", "02-16 12:00"]),
            ("15 10 1,15 feb *", vec!["02-01 10:15", "02-15 10:15"]),
            ("0 0 29 2 *", vec!["02-29 00:00"]),
        ] {
            assert_eq!(next(text, from, times.len()), times, "{text}");
        }
    }

    #[test]
    fn what_is_no_cron_expression_is_refused() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 32 * *",
            "* * * 13 *",
            "a * * * *",
            "0 0 30 2 *",
        ] {
            assert!(Cron::parse(text).is_err(), "{text}");
        }
    }
}
