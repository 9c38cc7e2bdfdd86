//! A map whose keys are looked up as prefixes of a text, the longest first.

use std::collections::BTreeMap;

/// Keys in their order, each with the longest other key that it begins with.
///
/// ## Why
/// Of all keys that a text begins with, the longest is the text's predecessor in the order of the keys, or one that
/// this predecessor begins with. So a lookup is one binary search and a walk along `shorter`.
#[derive(Debug)]
pub(super) struct Prefixes<V> {
    nodes: Vec<Node<V>>,
}

#[derive(Debug)]
struct Node<V> {
    key: Box<[u8]>,
    shorter: Option<u32>,
    value: V,
}

impl<V> Prefixes<V> {
    /// Freezes a map.
    pub fn new(map: BTreeMap<Vec<u8>, V>) -> Self {
        let mut nodes: Vec<Node<V>> = Vec::with_capacity(map.len());
        let mut open: Vec<u32> = Vec::new();
        for (index, (key, value)) in map.into_iter().enumerate() {
            while open.last().is_some_and(|&last| !key.starts_with(&nodes[last as usize].key)) {
                open.pop();
            }
            nodes.push(Node { key: key.into(), shorter: open.last().copied(), value });
            open.push(index as u32);
        }
        Self { nodes }
    }

    /// All keys that `text` begins with, the longest first, each as its length and its value.
    pub fn of(&self, text: &[u8]) -> impl Iterator<Item = (usize, &V)> {
        let nearest = self.nodes.partition_point(|node| &*node.key <= text).checked_sub(1).map(|at| &self.nodes[at]);
        let common = nearest.map_or(0, |node| node.key.iter().zip(text).take_while(|(a, b)| a == b).count());
        std::iter::successors(nearest, |node| node.shorter.map(|at| &self.nodes[at as usize]))
            .filter(move |node| node.key.len() <= common)
            .map(|node| (node.key.len(), &node.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_found_the_longest_first() {
        let keys = ["", "/", "/a", "/a/", "/ab", "/ab/c", "/b", "0"];
        let map = Prefixes::new(keys.iter().map(|key| (key.as_bytes().to_vec(), *key)).collect());
        for text in ["", "/", "/a", "/a/b", "/ab", "/ab/", "/ab/cd", "/abc", "/c", "0", "00", "/a/b/c/d", "~", " "] {
            let mut expected: Vec<_> = keys.iter().copied().filter(|key| text.starts_with(key)).collect();
            expected.sort_by_key(|key| std::cmp::Reverse(key.len()));
            let found: Vec<_> = map.of(text.as_bytes()).map(|(_, key)| *key).collect();
            assert_eq!(found, expected, "{text:?}");
        }
        assert_eq!(Prefixes::<()>::new(BTreeMap::new()).of(b"/").count(), 0);
    }
}
