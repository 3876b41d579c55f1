//! Which bits form which chunk, and how far apart two chunks may be.

/// Widest chunk: its table of buckets has 2²⁰ entries, 4 MB.
const MAX_WIDTH: u32 = 20;
/// Most chunks tried.
const MAX_CHUNKS: u32 = 8;
/// Hashes looked at for the estimate.
const SAMPLE: usize = 4096;
/// Cost of visiting a pair of buckets, in comparisons of two hashes (measured: about 30 ns against 0.5 ns).
const VISIT: f64 = 60.0;

/// A run of bits and the number of them that may differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    shift: u32,
    width: u32,
    allowed: u32,
}

impl Chunk {
    /// The value of this chunk in `hash`.
    pub(super) fn key(self, hash: u64) -> u32 {
        // `checked_shr`: a chunk of no bits may start behind the last one.
        (hash.checked_shr(self.shift).unwrap_or(0) & ((1 << self.width) - 1)) as u32
    }

    /// The number of possible values.
    pub(super) fn keys(self) -> u32 {
        1 << self.width
    }

    /// Whether `a` and `b` meet in this chunk.
    pub(super) fn joins(self, a: u64, b: u64) -> bool {
        self.key(a ^ b).count_ones() <= self.allowed
    }

    /// Every difference between two values that meet, zero first.
    pub(super) fn masks(self) -> Vec<u32> {
        let mut masks: Vec<u32> = if self.width <= self.allowed {
            (0..self.keys()).collect()
        } else {
            // Each mask extends a lighter one by a bit above its highest.
            let mut all = vec![0];
            let mut start = 0;
            for _ in 0..self.allowed {
                let end = all.len();
                for i in start..end {
                    let mask: u32 = all[i];
                    all.extend((u32::BITS - mask.leading_zeros()..self.width).map(|bit| mask | 1 << bit));
                }
                start = end;
            }
            all
        };
        masks.sort_by_key(|mask| mask.count_ones());
        masks
    }
}

/// How a join is carried out.
#[derive(Debug)]
pub(super) struct Plan {
    /// Two permuted hashes within the radius meet in at least one of these.
    pub(super) chunks: Vec<Chunk>,
    /// Bit `i` of a permuted hash is bit `order[i]` of the hash.
    order: [u32; 64],
}

impl Plan {
    /// The plan with the lowest estimated cost for joining `left` with `right`.
    pub(super) fn new(left: &[u64], right: &[u64], radius: u32) -> Self {
        let sample = sample(left, right);
        let balanced = bits_by_balance(&sample);
        let everything = Self {
            chunks: vec![Chunk { shift: 0, width: 0, allowed: 0 }],
            order: std::array::from_fn(|i| i as u32),
        };
        let mut best = (left.len() as f64 * right.len() as f64, everything);
        for count in 2..=MAX_CHUNKS {
            let plan = Self::with_chunks(count, radius, &balanced);
            let cost = plan.cost(left.len(), right.len(), &sample);
            if cost < best.0 {
                best = (cost, plan);
            }
        }
        best.1
    }

    /// `count` chunks; the most telling bits are dealt to them in turn, and those that no chunk has room for come
    /// last, where only the final comparison sees them (hashes near in all bits are near in any selection).
    fn with_chunks(count: u32, radius: u32, balanced: &[u32; 64]) -> Self {
        let width = (64 / count).min(MAX_WIDTH);
        let mut order = *balanced;
        for (turn, &bit) in (0u32..).zip(balanced.iter().take((count * width) as usize)) {
            let (chunk, place) = (turn % count, turn / count);
            order[(chunk * width + place) as usize] = bit;
        }
        // If every chunk i differed in more than allowed_i bits, the hashes would differ in at least
        // Σ (allowed_i + 1) = radius + 1 bits. Chunks that get no share of that sum are not needed.
        let shares = (0..count).map(|i| (radius + 1) / count + u32::from(i < (radius + 1) % count));
        let chunks = shares
            .enumerate()
            .filter(|&(_, share)| share > 0)
            .map(|(i, share)| Chunk { shift: i as u32 * width, width, allowed: share - 1 })
            .collect();
        Self { chunks, order }
    }

    /// Expected cost in comparisons, from the collisions within the sample.
    fn cost(&self, left: usize, right: usize, sample: &[u64]) -> f64 {
        let permuted = self.permuted(sample);
        let pairs = (permuted.len() * permuted.len().saturating_sub(1)) as f64;
        let mut total = 0.0;
        for chunk in &self.chunks {
            let mut keys: Vec<u32> = permuted.iter().map(|&hash| chunk.key(hash)).collect();
            keys.sort_unstable();
            let collisions: usize = keys.chunk_by(|a, b| a == b).map(|run| run.len() * (run.len() - 1)).sum();
            let chance = (collisions as f64 / pairs.max(1.0)).max(1.0 / f64::from(chunk.keys()));
            let masks = ball(chunk.width, chunk.allowed);
            let occupied = f64::from(chunk.keys()).min(left as f64);
            total += masks * (chance * left as f64 * right as f64 + VISIT * occupied);
            total += 30.0 * (left + right) as f64; // sorting
        }
        total
    }

    /// `hashes` with their bits in the order of the chunks.
    pub(super) fn permuted(&self, hashes: &[u64]) -> Vec<u64> {
        // One table per byte: what its 256 values contribute.
        let mut tables = vec![[0u64; 256]; 8];
        for (to, &from) in self.order.iter().enumerate() {
            let table = &mut tables[from as usize / 8];
            for (value, entry) in table.iter_mut().enumerate() {
                *entry |= ((value as u64 >> (from % 8)) & 1) << to;
            }
        }
        hashes
            .iter()
            .map(|hash| {
                hash.to_le_bytes()
                    .iter()
                    .zip(&tables)
                    .fold(0, |out, (&byte, table)| out | table[byte as usize])
            })
            .collect()
    }
}

/// Number of values within `radius` bits of a value of `width` bits.
fn ball(width: u32, radius: u32) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 0..radius.min(width) {
        term *= f64::from(width - k) / f64::from(k + 1);
        sum += term;
    }
    sum
}

fn sample(left: &[u64], right: &[u64]) -> Vec<u64> {
    let half = SAMPLE / 2;
    let spread = |hashes: &[u64]| {
        let step = (hashes.len() / half).max(1);
        hashes.iter().copied().step_by(step).take(half).collect::<Vec<_>>()
    };
    let mut sample = spread(left);
    if !std::ptr::eq(left, right) {
        sample.extend(spread(right));
    }
    sample
}

/// The bits, those that are set in about half of the sample first.
fn bits_by_balance(sample: &[u64]) -> [u32; 64] {
    let mut bits: [u32; 64] = std::array::from_fn(|i| i as u32);
    bits.sort_by_key(|&bit| {
        let set = sample.iter().filter(|&&hash| hash >> bit & 1 == 1).count();
        (2 * set).abs_diff(sample.len())
    });
    bits
}
