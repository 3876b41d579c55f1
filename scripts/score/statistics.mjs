// The few statistics that targets share.

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, equal scores counting half
 * (the Mann–Whitney statistic divided by the number of pairs). NaN without both kinds.
 */
export function areaUnderCurve(positives, negatives) {
  if (positives.length === 0 || negatives.length === 0) return NaN;
  let wins = 0;
  for (const p of positives) for (const n of negatives) wins += p > n ? 1 : p === n ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
}

/** Harmonic mean of precision and recall; 1 when there was nothing to find and nothing was claimed. */
export function f1({ hits, falseAlarms, misses }) {
  const denominator = 2 * hits + falseAlarms + misses;
  return denominator === 0 ? 1 : (2 * hits) / denominator;
}
