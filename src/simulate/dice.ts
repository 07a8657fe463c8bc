/**
 * Returns a random number that is at least 0 and less than 1. The same seed gives the same numbers. The numbers of this
 * generator are never used for Claim IDs.
 */
export type Dice = () => number;

/**
 * The generator is mulberry32. 32 bits of state are enough to choose the faults of a simulation. Each device has its
 * own generator, so that its faults do not depend on the speed of other devices.
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
