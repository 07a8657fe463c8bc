import { keysOf } from '../platform/own.ts';

/** All permissions, each with its help text. The permissions are also the scopes of a service token. */
export const PERMISSIONS = {
  'stations:read': 'see stations, their open units, their print jobs and the agents that they refused',
  'stations:operate': 'arm, cancel, verify, press Next or Same device',
  'labels:print': 'print, reprint with a reason, cancel print jobs, draw label files',
  'labels:approve': 'approve revisions of label templates, and revoke approvals',
  'units:read': 'look up one unit, its history and its label',
  'units:list': 'read many units at once',
  'units:make': 'issue, reserve and import units',
  'units:void': 'void units, release samples, mark reference devices',
  'units:end': 'void and scrap units',
  'units:return': 'receive returned units, and close returns (RMA)',
  'orders:close': 'close work orders, and open them again',
  'orders:plan': 'add and change work orders by the reference of an ERP',
  'orders:read': 'see work orders and how many units were made',
  'ledger:export': 'export units and events to files',
  'ledger:backup': 'make a copy of the entire ledger',
  'catalog:read': 'see products, work orders, printers and label templates',
  'catalog:write': 'set products, stations, work orders and printers',
  'stations:changeover': "change a station's work orders, product, printer and shipping list",
  'access:read': 'list tokens and people',
  'access:write': 'add and remove people, tokens, station keys, kiosks and webhooks',
  'access:operators': 'add, change and remove operators, and make their links',
  'ledger:read': 'read checkpoints, the public key and proofs',
  'ledger:accept': 'accept a ledger that was restored to an older state, and make hold codes',
  'ledger:resume': 'accept a ledger that was restored to an older state, with a hold code',
  'events:read': 'follow the events of the ledger, with masked Claim IDs',
  'metrics:read': 'read the metrics for monitoring',
  'shipping:manage': 'make and close shipping lists, and take units off them',
  'tests:report': 'record the results of tests',
  'forecasts:handle': 'see and snooze forecasts of what will run out',
  'drills:record': 'record drills, and see the last ones',
  'settings:read': 'see the settings of the service, and download a support bundle',
} as const;
export type Permission = keyof typeof PERMISSIONS;

/**
 * Each permission on the left includes the narrower ones on the right. So a token that was made with only the wider
 * permission keeps all its rights.
 */
const INCLUDED: { [wide in Permission]?: readonly Permission[] } = {
  'units:end': ['units:void'],
  'catalog:read': ['orders:read'],
  'catalog:write': ['stations:changeover', 'orders:plan'],
  'orders:plan': ['orders:read'],
  'access:write': ['access:operators'],
  'ledger:accept': ['ledger:resume'],
};

export const PERSON_ROLES = ['operator', 'lead', 'qa', 'auditor', 'admin'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];
export type Role = PersonRole | 'service';
/** The auditor role is missing here, because an auditor needs products and a last day, which only people have. */
export const TOKEN_ROLES = ['operator', 'lead', 'qa', 'admin', 'service'] as const satisfies Role[];
export type TokenRole = (typeof TOKEN_ROLES)[number];
/** The roles that the groups of an issuer can give. A group, like a token, cannot have products or a last day. */
export const SIGN_ON_ROLES = ['operator', 'lead', 'qa', 'admin'] as const satisfies PersonRole[];
export type SignOnRole = (typeof SIGN_ON_ROLES)[number];

const OPERATOR: Permission[] = ['stations:read', 'stations:operate', 'labels:print', 'units:read', 'catalog:read'];
const LEAD: Permission[] = [
  ...OPERATOR,
  'units:void',
  'units:return',
  'stations:changeover',
  'access:read',
  'access:operators',
  'ledger:resume',
  'forecasts:handle',
  'shipping:manage',
  'drills:record',
];
const QA: Permission[] = [
  'stations:read',
  'units:read',
  'units:list',
  'units:end',
  'units:return',
  'orders:close',
  'ledger:export',
  'catalog:read',
  'access:read',
  'ledger:read',
  'events:read',
  'metrics:read',
  'forecasts:handle',
  'shipping:manage',
  'drills:record',
  'labels:approve',
];

/**
 * An auditor may use these permissions only in operations that are marked as open to auditors (http/operation.ts).
 * These operations show masked Claim IDs, and only products that the auditor may see.
 */
const AUDITOR: Permission[] = ['units:read', 'units:list', 'ledger:export', 'catalog:read', 'ledger:read'];

/** The roles with fixed permissions, and the permissions of each. */
const OF_ROLE: Record<Exclude<Role, 'admin' | 'service'>, readonly Permission[]> = {
  operator: OPERATOR,
  lead: LEAD,
  qa: QA,
  auditor: AUDITOR,
};

/** Returns the permissions of a role. A service token has only the permissions in its scopes. */
export function permissionsOf(role: Role, scopes: readonly Permission[] = []): ReadonlySet<Permission> {
  if (role === 'admin') return new Set(keysOf(PERMISSIONS));
  const given = role === 'service' ? scopes : OF_ROLE[role];
  return new Set(given.flatMap((one) => [one, ...(INCLUDED[one] ?? [])]));
}
