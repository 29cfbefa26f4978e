// Amounts are fen, as in the API.

/** Return yuan without zeros that say nothing: 19900 is 199, 10990 is 109.90. */
export function yuan(fen) {
  const text = (fen / 100).toFixed(2);
  return text.endsWith(".00") ? text.slice(0, -3) : text;
}

/** Return the parts of a price, which are shown in two sizes. */
export function priceParts(fen) {
  const [whole, rest] = yuan(fen).split(".");
  return { whole, rest: rest ? `.${rest}` : "" };
}
