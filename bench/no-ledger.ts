import type { Answer, Command } from '../src/decide/command.ts';
import type { Ledger } from '../src/contract/ledger.ts';
import { DEFAULT_STATION, newStation, StationSettings } from '../src/model/station.ts';
import { DEFAULT_LENGTH, generate, systemRandom } from '../src/model/claim-id.ts';

export function answerWithout<C extends Command>(command: C): Answer<C> {
  if (command.kind !== 'issue') return undefined as unknown as Answer<C>;
  const uci = generate(DEFAULT_LENGTH, systemRandom);
  return { uci, product: command.product, station: command.station, repeat: false } as Answer<C>;
}

/**
 * Opens a ledger that answers every request with a new Claim ID, and stores nothing. A server with this ledger shows
 * the request rate that HTTP alone allows.
 */
export function openNoLedger(): Ledger {
  const station = newStation({ name: DEFAULT_STATION, ...StationSettings.parse({}) });
  return {
    record: <C extends Command>(command: C) => Promise.resolve(answerWithout(command)),
    catchUp: async () => {},
    unit: () => Promise.resolve(undefined),
    units: () => Promise.resolve({ units: [], next: null }),
    exceptions: async () => ({ kinds: [], files: [], rolls: [], more: false }),
    returns: async () => [],
    returned: async () => undefined,
    scanned: async () => [],
    unitNumbers: async () => new Map(),
    bodies: () => Promise.resolve([]),
    printer: () => Promise.resolve(undefined),
    printers: () => Promise.resolve([]),
    printJobs: () => Promise.resolve([]),
    openPrintJobs: () => Promise.resolve([]),
    product: () => Promise.resolve(undefined),
    products: () => Promise.resolve([]),
    shippingList: () => Promise.resolve(undefined),
    shippingLists: () => Promise.resolve({ lists: [], next: null }),
    template: () => Promise.resolve(undefined),
    templates: () => Promise.resolve([]),
    templateRevisions: () => Promise.resolve([]),
    approvedTemplate: () => Promise.resolve(undefined),
    approvals: () => Promise.resolve([]),
    approvalRequests: () => Promise.resolve([]),
    renderSet: () => Promise.resolve(undefined),
    labelContent: () => Promise.resolve(undefined),
    logo: () => Promise.resolve(undefined),
    logos: () => Promise.resolve([]),
    shipments: () => Promise.resolve({ shipments: [], next: null }),
    station: () => Promise.resolve(station),
    stations: () => Promise.resolve([station]),
    hadName: async () => true,
    credential: () => Promise.resolve(undefined),
    credentials: () => Promise.resolve([]),
    person: () => Promise.resolve(undefined),
    people: () => Promise.resolve([]),
    times: async () => ({ median: undefined, right: undefined }),
    introduced: () => Promise.resolve({ at: 0, upgraded: false }),
    workOrder: () => Promise.resolve(undefined),
    signedOff: async () => undefined,
    closing: () => Promise.reject(new Error('there is no closed work order')),
    workOrders: () => Promise.resolve([]),
    head: () => Promise.resolve({ size: 0, root: new Uint8Array() }),
    accessEvents: () => Promise.resolve([]),
    feed: ({ after }) => Promise.resolve({ lines: [], seq: after, at: 0, size: 0 }),
    counters: () => Promise.resolve([]),
    importing: () => Promise.resolve(undefined),
    snoozes: () => Promise.resolve([]),
    rootAt: () => Promise.resolve(undefined),
    inclusion: () => Promise.resolve([]),
    consistency: () => Promise.resolve([]),
    checkpoint: () => Promise.resolve(undefined),
    problems: () => Promise.resolve([]),
    figures: () => ({ commits: 0, commitMs: 0, commands: 0, events: 0, waiting: 0, state: 'ready' }),
    close: () => Promise.resolve(),
  };
}
