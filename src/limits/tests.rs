use super::*;

fn settings(cpu_ms: i64) -> Settings {
    Settings { cpu_ms: Some(cpu_ms), ..Settings::default() }
}

#[test]
fn defaults_are_within_their_ranges_and_have_reasons() {
    for limit in ALL {
        assert!(limit.minimum <= limit.default && limit.default <= limit.maximum, "{limit:?}");
        assert!(!limit.reason.is_empty(), "{limit:?}");
        assert_eq!(
            limit.key.is_none(),
            limit.minimum == limit.maximum,
            "only a limit with a key has a range: {limit:?}"
        );
    }
}

#[test]
fn defaults_are_what_the_documentation_says() {
    let limits = Limits::default();
    assert_eq!(limits.fuel, 5_000 * FUEL_PER_CPU_MS);
    assert_eq!(limits.startup_fuel, 1_000 * FUEL_PER_CPU_MS);
    assert_eq!(limits.wall, Duration::from_secs(60));
    assert_eq!(limits.wait_until, Duration::from_secs(30));
    assert_eq!(limits.memory, 128 << 20);
    assert_eq!(limits.request_body, 100 << 20);
    assert_eq!(limits.url, 16 << 10);
}

#[test]
fn settings_at_the_ends_of_their_range_are_accepted_and_past_them_refused() {
    for limit in ALL.iter().filter(|limit| limit.key.is_some()) {
        let (minimum, maximum) = (limit.minimum as i64, limit.maximum as i64);
        assert_eq!(limit.check(minimum), Ok(limit.minimum));
        assert_eq!(limit.check(maximum), Ok(limit.maximum));
        assert!(limit.check(minimum - 1).is_err());
        assert!(limit.check(maximum + 1).is_err());
        assert!(limit.check(i64::MIN).is_err());
    }
}

#[test]
fn settings_replace_defaults() {
    let limits =
        Limits::new(&Settings { cpu_ms: Some(50), wall_ms: Some(2_000), memory_mb: Some(64), subrequests: Some(0) })
            .unwrap();
    assert_eq!(limits.fuel, 50 * FUEL_PER_CPU_MS);
    assert_eq!(limits.wall, Duration::from_secs(2));
    assert_eq!(limits.memory, 64 << 20);
    assert_eq!(limits.subrequests, 0);
}

#[test]
fn an_error_names_the_key_the_value_and_the_range() {
    let errors = Limits::new(&settings(400_000)).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), "`limits.cpu_ms` is 400000, but must be from 1 to 300000 milliseconds");
    assert_eq!(
        SUBREQUESTS.check(-1).unwrap_err().to_string(),
        "`limits.subrequests` is -1, but must be from 0 to 10000"
    );
}

#[test]
fn every_setting_out_of_range_is_reported() {
    let errors = Limits::new(&Settings { memory_mb: Some(0), ..settings(0) }).unwrap_err();
    let keys: Vec<_> = errors.iter().map(|error| error.limit.key).collect();
    assert_eq!(keys, [CPU.key, MEMORY.key]);
}

#[test]
fn fuel_and_milliseconds_convert_both_ways() {
    assert_eq!(cpu_ms_of_fuel(fuel_of_cpu_ms(250)), 250.0);
    assert_eq!(fuel_of_cpu_ms(u64::MAX), u64::MAX);
}
