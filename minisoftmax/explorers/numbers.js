// The numbers behind the explorers: the functions of the package, for one list of logits at a time.
globalThis.minisoftmax ??= (() => {
  "use strict";

  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const dot = (a, b) => sum(a.map((x, i) => x * b[i]));

  // Distances from the largest logit in units of T: 0 for the largest, −Infinity for what has no share.
  function distances(logits, temperature = 1) {
    if (!(temperature >= 0)) throw new RangeError(`temperature must be >= 0, got ${temperature}`);
    const top = Math.max(...logits);
    if (top === -Infinity) return logits.map(() => NaN);
    return logits.map((z) => {
      const distance = z === top ? 0 : z - top;
      return distance === 0 || distance === -Infinity ? distance : distance / temperature;
    });
  }

  // The sum of the exponentials without that of the largest, which is 1: added to 1, it would lose its digits.
  function rest(shifted) {
    const top = shifted.indexOf(0);
    return sum(shifted.map((d, i) => (i === top ? 0 : Math.exp(d))));
  }

  function softmax(logits, temperature = 1) {
    const shifted = distances(logits, temperature);
    const total = 1 + rest(shifted);
    return shifted.map((d) => Math.exp(d) / total);
  }

  function logSoftmax(logits, temperature = 1) {
    const shifted = distances(logits, temperature);
    const log = Math.log1p(rest(shifted));
    return shifted.map((d) => d - log);
  }

  function logsumexp(logits) {
    const top = Math.max(...logits);
    return Number.isFinite(top) ? top + Math.log1p(rest(distances(logits))) : top;
  }

  // −Σ p log p is Σ p (log of the sum − distance): no term is negative, so no digit cancels.
  function entropy(logits, temperature = 1) {
    const shifted = distances(logits, temperature);
    const others = rest(shifted);
    return Math.log1p(others) + sum(shifted.map((d) => (d === -Infinity ? 0 : (Math.exp(d) * -d) / (1 + others))));
  }

  const keep = (logits, test) => logits.map((z, i) => (test(z, i) ? z : -Infinity));

  function topK(logits, k) {
    const border = [...logits].sort((a, b) => b - a)[Math.min(k, logits.length) - 1];
    return keep(logits, (z) => z >= border);
  }

  // The least go, the first of equals, as long as all that goes has at most 1 − p, to within 4 eps; one stays.
  function topP(logits, p) {
    if (p === 1) return logits;
    const weights = distances(logits).map(Math.exp);
    const most = (1 - p) * sum(weights) * (1 + 4 * Number.EPSILON); // as decimals such as 0.9 are no exact numbers
    const rising = logits.map((_, i) => i).sort((a, b) => logits[a] - logits[b] || a - b);
    const removed = new Set();
    let mass = 0;
    for (const i of rising.slice(0, -1)) {
      mass += weights[i];
      if (mass > most) break;
      removed.add(i);
    }
    return keep(logits, (_, i) => !removed.has(i));
  }

  // To within 4 eps of each logit, which is rounded, as logarithms are: in what it was before a shift, if that is given.
  function minP(logits, p, given = logits) {
    const top = Math.max(...logits);
    const slack = (z) => (p < 1 ? 4 * Number.EPSILON * Math.max(1, Math.abs(z)) : 0);
    return keep(logits, (z, i) => z === top || z - top >= Math.log(p) - slack(given[i]));
  }

  // Temperature, top-k, top-p, min-p, in this order; a filter that is null is off.
  function filtered(logits, { temperature = 1, topK: k = null, topP: p = null, minP: m = null } = {}) {
    let left = distances(logits, temperature);
    if (k !== null) left = topK(left, k);
    if (p !== null) left = topP(left, p);
    if (m !== null) left = minP(left, m, logits.map((z) => z / temperature || 0));
    return left;
  }

  // One row for each query; with `causal`, a query sees the keys up to its own place.
  function attention(query, key, { scale = 1 / Math.sqrt(query[0].length), causal = false } = {}) {
    return query.map((q, i) => softmax(key.map((k, j) => (causal && j > i ? -Infinity : dot(q, k) * scale))));
  }

  // The sum of some vectors, each times its weight.
  const mixture = (weights, vectors) => vectors[0].map((_, axis) => dot(weights, vectors.map((vector) => vector[axis])));

  // A linear congruential generator with a seed, so that the same draws come again.
  function random(seed) {
    let state = seed >>> 0;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }

  // Invert the cumulative sum; what has no probability is never drawn.
  function draw(probabilities, uniform) {
    let left = uniform * sum(probabilities);
    let last = 0;
    for (const [i, p] of probabilities.entries()) {
      if (p > 0) last = i;
      left -= p;
      if (left < 0) break;
    }
    return last;
  }

  return {
    attention, distances, dot, draw, entropy, filtered, logSoftmax, logsumexp, minP, mixture, random, softmax, sum, topK, topP,
  };
})();
