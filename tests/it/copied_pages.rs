//! How much of snapshots was copied because requests wrote to it.

/// Pages of 4 KiB that were copied since they were mapped, in mappings whose line in `/proc/self/smaps` is one of a snapshot. A slot
/// keeps what it has copied for the next request, unless that lies in more than 32 places: then the last ones are not counted.
/// None where the kernel does not tell.
pub fn copied_pages(is_snapshot: impl Fn(&str) -> bool) -> Option<u64> {
    let maps = std::fs::read_to_string("/proc/self/smaps").ok()?;
    let (mut in_snapshot, mut kilobytes) = (false, 0);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        match words.next()? {
            "Anonymous:" if in_snapshot => kilobytes += words.next()?.parse::<u64>().ok()?,
            key if key.ends_with(':') => {}
            _ => in_snapshot = is_snapshot(line),
        }
    }
    Some(kilobytes / 4)
}
