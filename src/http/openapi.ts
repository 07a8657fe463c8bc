import { z } from 'zod';
import { PERMISSIONS, type Permission } from '../model/role.ts';
import type { ErrorCode } from '../platform/error.ts';
import { version } from '../platform/package-root.ts';
import type { Operation, Tag } from './operation.ts';
import { PROBLEMS, ProblemAnswer, problemType } from './problems.ts';

/** An OpenAPI 3.1 document, as plain JSON. */
export interface Document {
  openapi: string;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, object>; [part: string]: unknown };
  [part: string]: unknown;
}
export interface DocumentedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: {
    name: string;
    in: string;
    required: boolean;
    schema: object;
    description?: string;
    example?: unknown;
  }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, DocumentedResponse>;
  'x-permission'?: Permission;
  [part: string]: unknown;
}

export interface DocumentedResponse {
  description: string;
  headers?: Record<string, { description: string; schema: object }>;
  content?: Record<string, { schema: object }>;
  links?: Record<string, { operationId: string; parameters: Record<string, string> }>;
}

const TAGS: Record<Tag, string> = {
  agents: 'Requests of devices on the production line',
  units: 'Claim IDs and their history',
  labels: 'Labels as files',
  stations: 'Station actions',
  catalog: 'Products, stations, work orders',
  printing: 'Printers and their jobs',
  ledger: 'Exports and proofs for QA',
  access: 'People, tokens, keys and permissions',
  service: 'Health and metrics',
};

/**
 * GUARDED: the refusals of all operations that need a token. ALWAYS: the refusals of all operations. CHANGING: the
 * refusals of all operations that change something.
 */
const GUARDED: ErrorCode[] = ['unauthorized', 'forbidden', 'kiosk-station', 'not-for-auditors', 'form-token'];
const ALWAYS: ErrorCode[] = ['invalid', 'ledger-unavailable'];
const CHANGING: ErrorCode[] = ['request-broken', 'too-large', 'disk-full', 'busy', 'stopping'];

/** Makes /openapi.json from the declarations of the operations. */
export function openApiDocument(operations: Operation[]): Document {
  const schemas: Record<string, object> = {};
  const paths: Document['paths'] = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method] = documented(operation, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Claimstamp',
      version,
      description:
        'Gives every device on a factory line its Claim ID, prints the matching label, and records every step in a ledger. ' +
        'Errors are problem details of RFC 9457 with a stable `type`.',
    },
    servers: [{ url: '/', description: 'The service that sent this document' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token: `claimstamp token create`' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'claimstamp',
          description:
            'The cookie of a signed-in person or kiosk. Over TLS, the name of this cookie is `__Host-claimstamp`. A request that changes something must also send the form token of its page in the header `X-CSRF-Token`',
        },
      },
    },
  };
}

function documented(operation: Operation, schemas: Record<string, object>): DocumentedOperation {
  const { method, path, tag, summary, description, may, body, example, kiosk, auditor } = operation;
  const parameters = [
    ...parametersOf(operation.params, 'path', schemas),
    ...parametersOf(operation.query, 'query', schemas),
    ...(operation.once ? [ONCE_HEADER] : []),
  ];
  const schema = body === undefined ? undefined : schemaOf(body, 'input', schemas);
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...guardOf(may),
    ...(operation.confirmed ? { 'x-confirmed': true } : {}),
    ...(kiosk === undefined ? {} : { 'x-kiosk': kiosk }),
    ...(auditor === undefined ? {} : { 'x-auditor': auditor }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema === undefined
      ? {}
      : {
          requestBody: { required: true, content: contentOf(method, { schema, ...(example ? { example } : {}) }) },
        }),
    responses: responsesOf(operation, schemas),
  };
}

function guardOf(may: Operation['may']): Pick<DocumentedOperation, 'security'> & object {
  if (may === 'anybody') return { security: [] };
  if (may === 'print-agent') return { security: [{ bearer: [] }] };
  if (may === 'person') return { security: [{ session: [] }] };
  const security = [{ bearer: [may] }, { session: [may] }];
  const meaning = { 'x-permission': may, 'x-permission-means': PERMISSIONS[may] };
  return { security, ...meaning };
}

/**
 * Returns the body under its media types. The body of a PATCH is a merge patch (RFC 7396), even if it is sent as plain
 * JSON.
 */
function contentOf<T>(method: string, body: T): Record<string, T> {
  return { ...(method === 'patch' ? { 'application/merge-patch+json': body } : {}), 'application/json': body };
}

/** For example, the id of `POST /v1/stations/{name}/key` is postV1StationsNameKey. */
function operationId(method: string, path: string): string {
  return `${method}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_match, letter: string) => letter.toUpperCase())}`;
}

const ONCE_HEADER: NonNullable<DocumentedOperation['parameters']>[number] = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description:
    'If a client repeats a request with the same key within a day, the service sends the first answer again and does nothing else',
};

function parametersOf(
  of: z.ZodType | undefined,
  place: 'path' | 'query',
  schemas: Record<string, object>,
): NonNullable<DocumentedOperation['parameters']> {
  if (of === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(of, 'input', schemas);
  return Object.entries(properties).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return [];
    const { description, examples, ...schema } = property;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema,
      ...(description === undefined ? {} : { description }),
      ...(examples === undefined ? {} : { example: examples[0] }),
    };
  });
}

function responsesOf(operation: Operation, schemas: Record<string, object>): DocumentedOperation['responses'] {
  const { answer, file, status = 200, links } = operation;
  const content =
    file === undefined
      ? { 'application/json': { schema: answer === undefined ? {} : schemaOf(answer, 'output', schemas) } }
      : Object.fromEntries(file.types.map((type) => [type, { schema: {} }]));
  const said = file?.description ?? 'Done';
  const done = {
    description: said,
    ...(file?.headers === undefined ? {} : { headers: headersOf(file.headers) }),
    content,
    ...(links === undefined ? {} : { links: linksOf(links) }),
  };
  const responses: DocumentedOperation['responses'] = { [String(status)]: done };
  if (operation.path === '/readyz') responses['503'] = { description: 'Not ready, with the reasons', content };
  for (const [refused, codes] of byStatus(operation)) {
    const titles = codes.map((code) => `\`${problemType(code)}\`: ${PROBLEMS[code][1]}`);
    responses[refused] ??= {
      description: titles.join('; '),
      content: { 'application/problem+json': { schema: schemaOf(ProblemAnswer, 'output', schemas) } },
    };
  }
  return responses;
}

function headersOf(headers: { [name: string]: string }): NonNullable<DocumentedResponse['headers']> {
  const documented = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return Object.fromEntries(documented);
}

function linksOf(links: NonNullable<Operation['links']>): NonNullable<DocumentedResponse['links']> {
  const linked = Object.entries(links).map(([operation, parameters]) => {
    const [method = '', path = ''] = operation.split(' ');
    const expressions = Object.entries(parameters).map(([name, property]) => [name, `$response.body#/${property}`]);
    const link = { operationId: operationId(method.toLowerCase(), path), parameters: Object.fromEntries(expressions) };
    return [link.operationId, link];
  });
  return Object.fromEntries(linked);
}

function byStatus({
  may,
  method,
  refusals = [],
  params,
  once,
  lookup,
  confirmed,
  kiosk,
}: Operation): Map<string, ErrorCode[]> {
  const codes = new Set<ErrorCode>([
    ...ALWAYS,
    ...(may === 'anybody' ? [] : GUARDED),
    ...(method === 'get' ? [] : CHANGING),
    ...(params === undefined ? [] : (['not-found'] as const)),
    ...(once ? (['key-reused', 'in-flight'] as const) : []),
    ...(lookup ? (['lookups-throttled'] as const) : []),
    ...(confirmed ? (['confirm-password'] as const) : []),
    ...(kiosk !== undefined && method !== 'get' ? (['badge-required'] as const) : []),
    ...refusals,
  ]);
  const statuses = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const status = String(PROBLEMS[code][0]);
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return statuses;
}

type Schema = z.core.JSONSchema.BaseSchema;

/** Makes JSON Schema 2020-12, as OpenAPI 3.1 requires. A schema that has an id goes into the document's components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, object>): Schema {
  const {
    $schema: _dialect,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  const moved: { own: Schema; $defs: Record<string, Schema> } = JSON.parse(
    JSON.stringify({ own, $defs }).replaceAll('"#/$defs/', '"#/components/schemas/'),
  );
  for (const [name, { id: _id, ...definition }] of Object.entries(moved.$defs)) schemas[name] = definition;
  const { id, ...top } = moved.own;
  if (id === undefined) return top;
  schemas[id] = top;
  return { $ref: `#/components/schemas/${id}` };
}
