/**
 * Returns a random number from 0 up to, but not including, 1. The same seed always gives the same numbers. Claim IDs
 * are never made with these numbers.
 */
export type Dice = () => number;

/**
 * The generator is mulberry32. The generator's 32 bits of state are enough for choosing the faults of a simulation.
 * Each device has its own generator. So the faults of a device do not depend on how fast other devices are.
 */
export function throwDice(seed: number, device: number): Dice {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(device + 1, 0xc2b2ae35);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
