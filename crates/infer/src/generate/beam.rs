//! Choosing tokens: greedily, or by following several sentences at a time.

use crate::error::{Error, Result};

use super::{Generated, Generation, Stopping};

/// Something that knows how likely each token is to come next.
pub(super) trait NextTokens {
    /// One row of raw scores over the vocabulary for each of `sequences`. `parents[i]` is the place of sequence `i`
    /// without its last token among the sequences of the step before; on the first step there was one.
    fn step(&mut self, sequences: &[Vec<u32>], parents: &[usize]) -> Result<Vec<Vec<f32>>>;
}

/// A sentence that is being written.
#[derive(Debug, Clone)]
struct Beam {
    ids: Vec<u32>,
    /// Sum of the log-probabilities.
    sum: f32,
}

/// A way to go on: which beam, with which token, and the sum then.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    beam: usize,
    token: u32,
    sum: f32,
}

/// The likeliest sentence that begins with `prompt`.
pub(super) fn search(
    model: &mut impl NextTokens,
    prompt: &[u32],
    end: u32,
    rules: &Generation,
) -> Result<Generated> {
    if rules.beams <= 1 { greedy(model, prompt, end, rules) } else { beams(model, prompt, end, rules) }
}

fn greedy(model: &mut impl NextTokens, prompt: &[u32], end: u32, rules: &Generation) -> Result<Generated> {
    let mut ids = prompt.to_vec();
    let mut sum = 0.0;
    while ids.len() < rules.max_length {
        let mut scores = single_row(model.step(std::slice::from_ref(&ids), &[0])?)?;
        let plain = log_softmax(scores.clone());
        restrain(&mut scores, &ids, end, rules);
        let best = (0u32..).zip(&scores).max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)));
        let Some((token, _)) = best else { break };
        sum += plain[token as usize];
        ids.push(token);
        if token == end {
            break;
        }
    }
    let score = sum / (ids.len() - prompt.len()).max(1) as f32;
    Ok(Generated { ids, score })
}

fn beams(model: &mut impl NextTokens, prompt: &[u32], end: u32, rules: &Generation) -> Result<Generated> {
    let mut finished = Finished::new(rules, prompt.len());
    let mut open = vec![Beam { ids: prompt.to_vec(), sum: 0.0 }];
    let mut parents = vec![0];
    let mut is_done = false;
    while !is_done && open[0].ids.len() < rules.max_length {
        let sequences: Vec<Vec<u32>> = open.iter().map(|beam| beam.ids.clone()).collect();
        let rows = model.step(&sequences, &parents)?;
        let candidates = best_candidates(rows, &open, end, rules);
        let Some(best) = candidates.first() else { break };
        let (best_sum, len) = (best.sum, open[0].ids.len());

        let mut next = Vec::with_capacity(rules.beams);
        let mut next_parents = Vec::with_capacity(rules.beams);
        for (rank, candidate) in candidates.iter().enumerate() {
            let ids = &open[candidate.beam].ids;
            if candidate.token == end {
                // An end among the worse half of the candidates is no sentence to keep.
                if rank < rules.beams {
                    finished.add(ids.clone(), candidate.sum, len + 1 - prompt.len(), true);
                }
            } else {
                let mut ids = ids.clone();
                ids.push(candidate.token);
                next.push(Beam { ids, sum: candidate.sum });
                next_parents.push(candidate.beam);
            }
            if next.len() == rules.beams {
                break;
            }
        }
        is_done = finished.is_done(best_sum, len + 1);
        if next.is_empty() {
            break;
        }
        (open, parents) = (next, next_parents);
    }
    if !is_done {
        for beam in open {
            let len = beam.ids.len() - prompt.len();
            finished.add(beam.ids, beam.sum, len, false);
        }
    }
    Ok(finished.best(end, rules.max_length))
}

/// The likeliest ways to go on, twice as many as beams (each beam may propose its end), best first.
fn best_candidates(rows: Vec<Vec<f32>>, open: &[Beam], end: u32, rules: &Generation) -> Vec<Candidate> {
    let wanted = 2 * rules.beams;
    let mut best: Vec<Candidate> = Vec::with_capacity(wanted + 1);
    for (at, (row, beam)) in rows.into_iter().zip(open).enumerate() {
        let mut scores = log_softmax(row);
        restrain(&mut scores, &beam.ids, end, rules);
        for (token, score) in (0u32..).zip(scores) {
            let sum = score + beam.sum;
            if best.len() == wanted && best.last().is_some_and(|last| sum <= last.sum) || sum.is_nan() {
                continue;
            }
            let place = best.partition_point(|candidate| candidate.sum >= sum);
            best.insert(place, Candidate { beam: at, token, sum });
            best.truncate(wanted);
        }
    }
    best
}

/// Applies the rules against repeating and against ending early to scores or log-probabilities.
fn restrain(scores: &mut [f32], ids: &[u32], end: u32, rules: &Generation) {
    if rules.repetition_penalty != 1.0 {
        let mut seen = ids.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for id in seen {
            if let Some(score) = scores.get_mut(id as usize) {
                *score = if *score < 0.0 {
                    *score * rules.repetition_penalty
                } else {
                    *score / rules.repetition_penalty
                };
            }
        }
    }
    if rules.no_repeat > 0 && ids.len() >= rules.no_repeat {
        let (_, last) = ids.split_at(ids.len() + 1 - rules.no_repeat);
        for window in ids.windows(rules.no_repeat) {
            if let Some((repeated, beginning)) = window.split_last()
                && beginning == last
                && let Some(score) = scores.get_mut(*repeated as usize)
            {
                *score = f32::NEG_INFINITY;
            }
        }
    }
    if ids.len() < rules.min_length
        && let Some(score) = scores.get_mut(end as usize)
    {
        *score = f32::NEG_INFINITY;
    }
}

fn log_softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = scores.iter().map(|score| f64::from((score - largest).exp())).sum();
    let shift = sum.ln() as f32;
    for score in &mut scores {
        *score = *score - largest - shift;
    }
    scores
}

fn single_row(mut rows: Vec<Vec<f32>>) -> Result<Vec<f32>> {
    match rows.pop() {
        Some(row) if rows.is_empty() => Ok(row),
        _ => Err(Error::Tensor { detail: "one row of scores expected".to_owned() }),
    }
}

/// The best sentences that have ended.
struct Finished<'r> {
    rules: &'r Generation,
    prompt_len: usize,
    sentences: Vec<Sentence>,
    worst: f32,
}

struct Sentence {
    ids: Vec<u32>,
    score: f32,
    has_ended: bool,
}

impl<'r> Finished<'r> {
    fn new(rules: &'r Generation, prompt_len: usize) -> Self {
        Self { rules, prompt_len, sentences: Vec::new(), worst: f32::INFINITY }
    }

    fn score(&self, sum: f32, len: usize) -> f32 {
        sum / (len as f32).powf(self.rules.length_penalty)
    }

    /// Keeps a sentence if it is among the best. `len` counts its tokens after the prompt, the end among them.
    fn add(&mut self, ids: Vec<u32>, sum: f32, len: usize, has_ended: bool) {
        let score = self.score(sum, len);
        if self.sentences.len() >= self.rules.beams && score <= self.worst {
            return;
        }
        self.sentences.push(Sentence { ids, score, has_ended });
        let scores = || self.sentences.iter().map(|sentence| sentence.score);
        let worst = scores().fold(f32::INFINITY, f32::min);
        if self.sentences.len() > self.rules.beams
            && let Some(at) = scores().position(|score| score == worst)
        {
            self.sentences.remove(at);
        }
        self.worst = self.sentences.iter().map(|sentence| sentence.score).fold(f32::INFINITY, f32::min);
    }

    /// `best_sum` is that of the best candidate; `len` counts its tokens with the prompt.
    fn is_done(&self, best_sum: f32, len: usize) -> bool {
        if self.sentences.len() < self.rules.beams {
            return false;
        }
        let len = match self.rules.stopping {
            Stopping::Full => return true,
            Stopping::Impossible if self.rules.length_penalty > 0.0 => self.rules.max_length,
            Stopping::Unlikely | Stopping::Impossible => len,
        };
        self.worst >= self.score(best_sum, len - self.prompt_len)
    }

    fn best(self, end: u32, max_length: usize) -> Generated {
        // Of equals the later one, as a sort that keeps their order would leave it last.
        let best = self.sentences.into_iter().max_by(|a, b| a.score.total_cmp(&b.score));
        let Some(Sentence { mut ids, score, has_ended }) = best else {
            return Generated { ids: Vec::new(), score: f32::NEG_INFINITY };
        };
        if has_ended && ids.len() < max_length {
            ids.push(end);
        }
        Generated { ids, score }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A language in which the chances depend on the last token alone.
    struct Chain(Vec<Vec<f32>>);

    impl NextTokens for Chain {
        fn step(&mut self, sequences: &[Vec<u32>], _: &[usize]) -> Result<Vec<Vec<f32>>> {
            Ok(sequences.iter().map(|ids| self.0[ids[ids.len() - 1] as usize].clone()).collect())
        }
    }

    /// Score of the best of all sentences of at most `max_length`, the slow way.
    fn exhaustive(chain: &Chain, ids: &[u32], sum: f32, rules: &Generation) -> f32 {
        let score = |len: usize| sum / (len as f32).powf(rules.length_penalty);
        if ids.len() == rules.max_length {
            return score(ids.len() - 1);
        }
        let row = log_softmax(chain.0[ids[ids.len() - 1] as usize].clone());
        let ends = if ids.len() > 1 {
            (sum + row[0]) / (ids.len() as f32).powf(rules.length_penalty)
        } else {
            f32::NEG_INFINITY
        };
        (1..row.len())
            .map(|token| exhaustive(chain, &[ids, &[token as u32]].concat(), sum + row[token], rules))
            .fold(ends, f32::max)
    }

    proptest! {
        #[test]
        fn enough_beams_find_the_best_sentence(
            rows in prop::collection::vec(prop::collection::vec(-3.0f32..3.0, 4), 4),
            length_penalty in prop_oneof![Just(0.0f32), Just(1.0), Just(2.0)],
        ) {
            // With as many beams as there are sentences nothing is ever dropped.
            let rules = Generation {
                max_length: 4, min_length: 2, beams: 40, length_penalty, stopping: Stopping::Impossible, ..Generation::default()
            };
            let mut chain = Chain(rows);
            let found = search(&mut chain, &[1], 0, &rules).unwrap();
            let best = exhaustive(&chain, &[1], 0.0, &rules);
            prop_assert!((found.score - best).abs() < 1e-4, "{found:?}, best {best}");
        }

        #[test]
        fn no_pair_comes_twice(rows in prop::collection::vec(prop::collection::vec(-3.0f32..3.0, 4), 4), beams in 1usize..4) {
            let rules = Generation { max_length: 14, beams, no_repeat: 2, ..Generation::default() };
            let found = search(&mut Chain(rows), &[1], 0, &rules).unwrap();
            let mut pairs: Vec<_> = found.ids.windows(2).collect();
            pairs.sort_unstable();
            prop_assert!(pairs.windows(2).all(|two| two[0] != two[1]), "{:?}", found.ids);
        }
    }

    #[test]
    fn numbers_that_are_none_do_no_harm() {
        for beams in [1, 3] {
            let rules = Generation { beams, ..Generation::default() };
            let rows = vec![vec![f32::NAN; 3]; 3];
            let found = search(&mut Chain(rows), &[1], 0, &rules).unwrap();
            assert!(found.ids.len() <= 20);
        }
    }
}
