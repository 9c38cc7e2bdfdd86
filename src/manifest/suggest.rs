//! "Did you mean": the nearest of a few known words.

/// The word of `known` that `word` is most likely a misspelling of.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    // A third of the letters may differ: enough for two slips in a usual key, too few to turn one word into another.
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap two neighbours) that turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_found() {
        let known = ["routes", "rules", "name", "vars", "compatibility_date"];
        assert_eq!(nearest("route", known), Some("routes"));
        assert_eq!(nearest("nmae", known), Some("name"));
        assert_eq!(nearest("Vars", known), Some("vars"));
        assert_eq!(nearest("compatability_date", known), Some("compatibility_date"));
    }

    #[test]
    fn another_word_is_not_suggested() {
        assert_eq!(nearest("database", ["name", "main", "vars"]), None);
        assert_eq!(nearest("x", ["name", "ab"]), None);
        assert_eq!(nearest("", ["name"]), None);
    }
}
