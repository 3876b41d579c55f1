//! The memory level of the feature store: least recently used values, bounded by their bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lru::LruCache;
use tintype_core::FeatureValue;

use crate::model::feature::MemoryStats;

/// What a value is found by: picture and feature key's row.
pub(super) type MemoryKey = (Vec<u8>, i64);

/// Allowance for the key and the bookkeeping of one entry, in bytes.
const ENTRY_BYTES: usize = 160;

struct Entry {
    value: Arc<FeatureValue>,
    bytes: usize,
    since: Instant,
}

/// Values in memory.
///
/// It must never serve what was removed. So it carries a stamp, the database's count of removals, which every
/// lookup compares with the current one: a removal by any process empties it.
pub(super) struct Memory {
    entries: LruCache<MemoryKey, Entry>,
    limit: usize,
    ttl: Option<Duration>,
    bytes: usize,
    stamp: i64,
    hits: u64,
    misses: u64,
}

impl Memory {
    pub(super) fn new(limit: usize, ttl: Option<Duration>) -> Self {
        Self { entries: LruCache::unbounded(), limit, ttl, bytes: 0, stamp: -1, hits: 0, misses: 0 }
    }

    /// Says what the database's count of removals is now; all values go if it moved on.
    pub(super) fn at(&mut self, stamp: i64) {
        if stamp > self.stamp {
            self.entries.clear();
            self.bytes = 0;
            self.stamp = stamp;
        }
    }

    pub(super) fn get(&mut self, key: &MemoryKey) -> Option<Arc<FeatureValue>> {
        let expired = self
            .ttl
            .is_some_and(|ttl| self.entries.peek(key).is_some_and(|entry| entry.since.elapsed() > ttl));
        if expired {
            self.remove(key);
        }
        let found = self.entries.get(key).map(|entry| Arc::clone(&entry.value));
        if found.is_some() {
            self.hits += 1;
        } else {
            self.misses += 1;
        }
        found
    }

    /// Keeps a value that was read when the count of removals was `stamp`; a value from before a removal is not kept.
    pub(super) fn put(&mut self, stamp: i64, key: MemoryKey, value: Arc<FeatureValue>) {
        let bytes = value.approximate_bytes() + ENTRY_BYTES;
        if stamp != self.stamp || bytes > self.limit {
            return;
        }
        self.remove(&key);
        self.entries.put(key, Entry { value, bytes, since: Instant::now() });
        self.bytes += bytes;
        while self.bytes > self.limit {
            let Some((_, entry)) = self.entries.pop_lru() else { break };
            self.bytes -= entry.bytes;
        }
    }

    /// Drops everything, and whatever is being read right now.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
        self.stamp = -1;
    }

    pub(super) fn remove(&mut self, key: &MemoryKey) {
        if let Some(entry) = self.entries.pop(key) {
            self.bytes -= entry.bytes;
        }
    }

    pub(super) fn stats(&self) -> MemoryStats {
        let lookups = self.hits + self.misses;
        MemoryStats {
            entries: self.entries.len() as u64,
            bytes: self.bytes as u64,
            hits: self.hits,
            misses: self.misses,
            hit_rate: if lookups == 0 { 0.0 } else { self.hits as f64 / lookups as f64 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(i: u8) -> MemoryKey {
        (vec![i; 33], 1)
    }

    #[test]
    fn bytes_are_bounded_and_the_oldest_goes_first() {
        let mut memory = Memory::new(3 * (ENTRY_BYTES + 100), None);
        memory.at(0);
        for i in 0..3 {
            memory.put(0, key(i), Arc::new(FeatureValue::Blob(vec![i; 100])));
        }
        assert!(memory.get(&key(0)).is_some());
        memory.put(0, key(3), Arc::new(FeatureValue::Blob(vec![3; 100])));
        assert!(memory.get(&key(1)).is_none());
        assert!(memory.get(&key(0)).is_some() && memory.get(&key(3)).is_some());
        memory.put(0, key(4), Arc::new(FeatureValue::Blob(vec![4; 100_000])));
        assert!(memory.get(&key(4)).is_none());
        assert!(memory.stats().bytes <= 3 * (ENTRY_BYTES as u64 + 100));
    }

    #[test]
    fn a_value_from_before_a_removal_is_not_kept() {
        let mut memory = Memory::new(1 << 20, None);
        memory.at(1);
        memory.put(1, key(0), Arc::new(FeatureValue::Number(1.0)));
        memory.at(2);
        assert!(memory.get(&key(0)).is_none());
        memory.put(1, key(0), Arc::new(FeatureValue::Number(1.0)));
        assert!(memory.get(&key(0)).is_none());
    }

    #[test]
    fn values_expire() {
        let mut memory = Memory::new(1 << 20, Some(Duration::ZERO));
        memory.at(0);
        memory.put(0, key(0), Arc::new(FeatureValue::Number(1.0)));
        std::thread::sleep(Duration::from_millis(1));
        assert!(memory.get(&key(0)).is_none());
        assert_eq!(memory.stats().bytes, 0);
    }
}
