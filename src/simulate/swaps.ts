import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt } from './agent.ts';
import { holds, macFor, newDevice, type Device } from './device.ts';
import type { Dice } from './dice.ts';
import type { LineOptions } from './options.ts';
import type { Segment } from './segment.ts';
import type { Nest } from './stations.ts';

/*
 * Devices on a network segment that send no identity. Each device has the address of its station. Before a device is
 * finished, another device may take its place and its address. The other device is either the previous device or a new
 * one. The service can tell the two devices apart only by their link addresses.
 */

/** The share of devices that are replaced with another device. */
const SWAPPED = 0.2;

export interface SwapFigures {
  /** How many devices got the address of a device that was not finished. */
  swaps: number;
  /** How many of these devices are new. An open slot must refuse new devices. */
  newcomers: number;
  /** How many of these devices got a Claim ID that is not their own. */
  othersServed: number;
}

export interface Swaps {
  figures: SwapFigures;
  /** Puts the device into the nest, and takes it out when `work` is done. */
  plugIn: <T>(device: Device, nest: Nest, work: () => Promise<T>) => Promise<T>;
  /**
   * Sometimes replaces the device with another one, and then puts the first device back in. When the first device is
   * put back in, it has lost its Claim ID.
   */
  swap: (device: Device, nest: Nest, dice: Dice) => Promise<boolean>;
}

/** The number of the first new device. No device on the line has such a high number (MAX_DEVICES). */
const NEWCOMERS = 3_000_000;

/**
 * How long (in ms) a person needs, at least, to put in another device. For about this long (locktime), the kernel of
 * the service's machine keeps the old MAC of an address, and the new device could not be reached.
 */
const SWAP_MS = 1200;

interface Ways {
  options: LineOptions;
  segment: Segment;
  askOnce: (nest: Nest, device: Device) => Promise<Attempt>;
}

export function openSwaps({ options, segment, askOnce }: Ways): Swaps {
  const figures: SwapFigures = { swaps: 0, newcomers: 0, othersServed: 0 };
  /** For each nest, the device that was finished last. */
  const former = new Map<number, Device>();

  const connect = async (device: Device, { localAddress }: Nest): Promise<() => Promise<void>> => {
    await sleep(SWAP_MS);
    const mac = macFor(options.seed, device.number);
    const { send, reboot, unplug } = await segment.plug({ mac, addresses: [`${localAddress}/24`] });
    device.link = { send, reboot };
    return async () => {
      delete device.link;
      await unplug();
    };
  };
  const otherFor = (nest: Nest, dice: Dice): Device | undefined => {
    const before = former.get(nest.number);
    // In open mode, no new device is used as a replacement, because the service correctly gives a new device a Claim
    // ID.
    if (nest.mode === 'open' || (before !== undefined && dice() < 0.5)) return before;
    return newDevice(NEWCOMERS + ++figures.newcomers, options);
  };
  const ends = new Map<Device, () => Promise<void>>();
  return {
    figures,
    async plugIn(device, nest, work) {
      ends.set(device, await connect(device, nest));
      try {
        return await work();
      } finally {
        await ends.get(device)?.();
        ends.delete(device);
        former.set(nest.number, device);
      }
    },
    async swap(device, nest, dice) {
      const other = dice() < SWAPPED ? otherFor(nest, dice) : undefined;
      if (other === undefined) return false;
      figures.swaps++;
      await ends.get(device)?.();
      const end = await connect(other, nest);
      const attempt = await askOnce(nest, other);
      if (attempt.result === 'answered' && attempt.id !== holds(other)) figures.othersServed++;
      await end();
      ends.set(device, await connect(device, nest));
      delete device.saved;
      return true;
    },
  };
}
