//! [`MicroBatcher`]: work that arrives one by one from many threads, done several at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Gathers items until there are enough or the first has waited long enough, then runs them together. No thread of
/// its own: whoever comes first runs the batch, the others wait for it.
///
/// For graphs with a batch dimension whose results do not depend on what else is in the batch.
pub struct MicroBatcher<T, R> {
    most: usize,
    wait: Duration,
    state: Mutex<State<T, R>>,
    changed: Condvar,
}

/// One result for each item of a batch, until its owner has taken it.
type Taken<R> = Vec<Option<Result<R, String>>>;

struct State<T, R> {
    /// The batch that is being gathered.
    open: Vec<T>,
    /// Its number.
    number: u64,
    /// Results of batches, by number, until all of their owners have taken theirs.
    done: Vec<(u64, Taken<R>)>,
}

impl<T, R> std::fmt::Debug for MicroBatcher<T, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MicroBatcher")
            .field("most", &self.most)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

impl<T, R> MicroBatcher<T, R> {
    /// Batches of at most `most` items; the first item of one waits at most `wait` for others.
    pub fn new(most: usize, wait: Duration) -> Self {
        let state = State { open: Vec::new(), number: 0, done: Vec::new() };
        Self { most: most.max(1), wait, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The result for `item`, from a call of `run` by this thread or another. `run` gives one result per item, in
    /// order; its error is everybody's, and names `model`.
    pub fn run(&self, model: &str, item: T, run: impl FnOnce(Vec<T>) -> Result<Vec<R>>) -> Result<R> {
        let mut state = self.lock();
        // The open batch is full, and its runner has not fetched it yet.
        while state.open.len() >= self.most {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (number, position) = (state.number, state.open.len());
        state.open.push(item);
        if position > 0 {
            self.changed.notify_all();
            return self.result_of(model, state, number, position);
        }
        let until = Instant::now() + self.wait;
        while state.open.len() < self.most {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let items = std::mem::take(&mut state.open);
        state.number += 1;
        drop(state);
        self.changed.notify_all();

        let mut guard = Publish { batcher: self, number, count: items.len(), results: None };
        let mut results = run(items).map_err(|error| error.to_string());
        if let Ok(found) = &results
            && found.len() != guard.count
        {
            results = Err(format!("{} results for {} items", found.len(), guard.count));
        }
        guard.results = Some(results);
        drop(guard);
        self.result_of(model, self.lock(), number, position)
    }

    fn result_of(
        &self,
        model: &str,
        mut state: MutexGuard<'_, State<T, R>>,
        number: u64,
        position: usize,
    ) -> Result<R> {
        loop {
            if let Some(at) = state.done.iter().position(|(done, _)| *done == number) {
                let results = &mut state.done[at].1;
                let result = results.get_mut(position).and_then(Option::take);
                if results.iter().all(Option::is_none) {
                    state.done.swap_remove(at);
                }
                let lost = || Err("the batch was lost".to_owned());
                return result
                    .unwrap_or_else(lost)
                    .map_err(|reason| Error::Batch { model: model.to_owned(), reason });
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands results to those who wait, also when the run unwound.
struct Publish<'a, T, R> {
    batcher: &'a MicroBatcher<T, R>,
    number: u64,
    count: usize,
    results: Option<Result<Vec<R>, String>>,
}

impl<T, R> Drop for Publish<'_, T, R> {
    fn drop(&mut self) {
        let results = self.results.take().unwrap_or_else(|| Err("the batch panicked".to_owned()));
        let each = match results {
            Ok(results) => results.into_iter().map(|result| Some(Ok(result))).collect(),
            Err(reason) => (0..self.count).map(|_| Some(Err(reason.clone()))).collect(),
        };
        self.batcher.lock().done.push((self.number, each));
        self.batcher.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_full_batch_runs_at_once() {
        // Nobody would wait that long: the test ends because batches fill up.
        let batcher = MicroBatcher::new(4, Duration::from_hours(1));
        let runs = AtomicUsize::new(0);
        let double = |items: Vec<u32>| {
            runs.fetch_add(1, Ordering::Relaxed);
            assert_eq!(items.len(), 4);
            Ok(items.into_iter().map(|item| item * 2).collect())
        };
        std::thread::scope(|scope| {
            for item in 0..12 {
                let (batcher, double) = (&batcher, &double);
                scope.spawn(move || assert_eq!(batcher.run("m", item, double).unwrap(), item * 2));
            }
        });
        assert_eq!(runs.into_inner(), 3);
        assert!(batcher.lock().done.is_empty(), "nothing is kept");
    }

    #[test]
    fn one_alone_runs_after_the_wait() {
        let batcher = MicroBatcher::new(8, Duration::from_millis(1));
        for item in 0..3 {
            assert_eq!(batcher.run("m", item, |items| Ok(vec![items[0] + 1])).unwrap(), item + 1);
        }
    }

    #[test]
    fn an_error_is_everybodys() {
        let batcher: MicroBatcher<u32, u32> = MicroBatcher::new(3, Duration::from_hours(1));
        let fail = |_| Err(Error::Tensor { detail: "no".to_owned() });
        std::thread::scope(|scope| {
            for item in 0..3 {
                let batcher = &batcher;
                scope.spawn(move || {
                    assert_eq!(batcher.run("m", item, fail).unwrap_err().to_string(), "model m: no");
                });
            }
        });
        let short: MicroBatcher<u32, u32> = MicroBatcher::new(1, Duration::ZERO);
        assert!(short.run("m", 1, |_| Ok(Vec::new())).unwrap_err().to_string().contains("0 results for 1"));
    }

    #[test]
    fn a_panic_is_not_waited_for() {
        let batcher: MicroBatcher<u32, u32> = MicroBatcher::new(2, Duration::from_hours(1));
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2)
                .map(|item| {
                    let batcher = &batcher;
                    scope.spawn(move || batcher.run("m", item, |_| panic!("in the batch")))
                })
                .collect();
            let outcomes: Vec<_> = threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1, "the runner panicked");
            let other = outcomes.into_iter().find_map(std::result::Result::ok).unwrap();
            assert!(other.unwrap_err().to_string().contains("the batch panicked"));
        });
    }
}
