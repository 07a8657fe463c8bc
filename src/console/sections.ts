import type { Principal } from '../http/auth.ts';
import type { Permission } from '../model/role.ts';
import type { FRAME } from '../../words/console/frame.ts';
import type { DeskIcon } from './icons.tsx';

/*
 * The sections of the console, by kind of work. A person sees only pages that the person may open, and only sections
 * that contain such pages.
 */

type Words = keyof (typeof FRAME)['en'];

/** One page: its address, its name, and the permission that the page requires. */
export interface Place {
  address: string;
  words: Words;
  may: Permission;
  /** True if auditors may open the page. */
  auditor?: true;
  /** Other addresses whose pages belong to this page in the navigation. */
  also?: readonly string[];
}

export interface Section {
  words: Words;
  icon: DeskIcon;
  places: readonly Place[];
}

const SECTIONS: readonly Section[] = [
  {
    words: 'line',
    icon: 'line',
    places: [
      { address: '/now', words: 'now', may: 'units:list' },
      { address: '/stations', words: 'stations', may: 'stations:read', also: ['/station-settings'] },
      { address: '/exceptions', words: 'exceptions', may: 'units:list' },
      { address: '/charts', words: 'charts', may: 'units:list' },
      { address: '/reports', words: 'reports', may: 'units:list' },
      { address: '/hold', words: 'hold', may: 'ledger:resume' },
    ],
  },
  {
    words: 'units',
    icon: 'units',
    places: [
      { address: '/units', words: 'search', may: 'units:list', auditor: true },
      { address: '/returns', words: 'returns', may: 'units:return' },
      { address: '/units/end', words: 'endUnits', may: 'units:void' },
      { address: '/units/import', words: 'import', may: 'units:make' },
      { address: '/units/files', words: 'files', may: 'units:make' },
    ],
  },
  {
    words: 'orders',
    icon: 'orders',
    places: [
      { address: '/work-orders', words: 'workOrders', may: 'catalog:read', auditor: true },
      { address: '/shipping-lists', words: 'shippingLists', may: 'catalog:read' },
    ],
  },
  {
    words: 'printing',
    icon: 'printing',
    places: [
      { address: '/printers', words: 'printers', may: 'catalog:read', also: ['/printer-settings'] },
      { address: '/labels', words: 'labels', may: 'catalog:read', also: ['/labels-new', '/label-logos'] },
      { address: '/rolls', words: 'rolls', may: 'units:list' },
      { address: '/badges', words: 'badges', may: 'access:operators' },
    ],
  },
  {
    words: 'ledger',
    icon: 'ledger',
    places: [
      { address: '/ledger', words: 'proofs', may: 'ledger:read', auditor: true },
      { address: '/exports', words: 'exports', may: 'ledger:export', auditor: true },
      { address: '/audit', words: 'audit', may: 'access:read' },
    ],
  },
  {
    words: 'setUp',
    icon: 'setup',
    places: [
      { address: '/set-up', words: 'firstSteps', may: 'catalog:write' },
      { address: '/products', words: 'products', may: 'catalog:read', auditor: true, also: ['/product-settings'] },
      { address: '/forecasts', words: 'forecasts', may: 'forecasts:handle' },
      { address: '/health', words: 'health', may: 'forecasts:handle' },
      { address: '/settings', words: 'settings', may: 'settings:read' },
    ],
  },
  {
    words: 'access',
    icon: 'access',
    places: [
      { address: '/people', words: 'people', may: 'access:read' },
      { address: '/sign-ins', words: 'signIns', may: 'access:read' },
      { address: '/tokens', words: 'tokens', may: 'access:read' },
      { address: '/webhooks', words: 'webhooks', may: 'access:read' },
    ],
  },
];

/**
 * Returns the sections that a person sees, each with the pages that the person may open. Operators see only the pages
 * of their own stations.
 */
export function sectionsOf({ may, auditor }: Pick<Principal, 'may' | 'auditor'>): Section[] {
  return SECTIONS.flatMap((section) => {
    const places = section.places.filter((place) => may.has(place.may) && (auditor === undefined || place.auditor));
    return places.length === 0 ? [] : [{ ...section, places }];
  });
}

/** Returns the place that the page at `path` belongs to: the place with the longest address that `path` starts with. */
export function placeAt(sections: readonly Section[], path: string): { section: Section; place: Place } | undefined {
  const fits = sections.flatMap((section) =>
    section.places.flatMap((place) =>
      [place.address, ...(place.also ?? [])]
        .filter((address) => path === address || path.startsWith(`${address}/`))
        .map((address) => ({ section, place, length: address.length })),
    ),
  );
  return fits.toSorted((a, b) => b.length - a.length)[0];
}
