// Amounts as people read them.

/** Write fen (a BigInt) as yuan with separators, without going through floating point. */
export function yuan(fen) {
    const digits = (fen < 0n ? -fen : fen).toString().padStart(3, "0");
    const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${fen < 0n ? "-" : ""}¥${whole}.${digits.slice(-2)}`;
}
