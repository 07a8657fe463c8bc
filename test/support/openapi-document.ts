import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Document, DocumentedOperation } from '../../src/http/openapi.ts';

/** What /openapi.json promises, held against what was answered. */
export interface Promised {
  operations: { method: string; path: string; operation: DocumentedOperation }[];
  /** Throws where an answer is not as the document says; addresses that are not in it are not looked at. */
  check: (method: string, path: string, answer: { status: number; type: string | null; body: unknown }) => void;
}

export function readDocument(document: Document): Promised {
  const ajv = new Ajv2020({ strict: false, allErrors: true, discriminator: false });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  const compiled = new Map<string, ValidateFunction>();
  const validator = (pointer: string): ValidateFunction => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` });
    compiled.set(pointer, known);
    return known;
  };

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation, matches: patternOf(path) })),
  );
  // Of two addresses that fit, the one with fewer parameters is meant, as in the router.
  operations.sort((a, b) => a.path.split('{').length - b.path.split('{').length);

  return {
    operations: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    ),
    check(method, address, { status, type, body }) {
      const path = address.split('?')[0] as string;
      const found = operations.find((one) => one.method === method.toLowerCase() && one.matches.test(path));
      if (found === undefined) return;
      const said = `${method} ${found.path} answered ${status}`;
      const content = found.operation.responses[status]?.content;
      if (content === undefined) throw new Error(`${said}, which is not in the document: ${JSON.stringify(body)}`);
      const media = type?.split(';')[0] ?? '';
      if (!(media in content))
        throw new Error(`${said} with ${type}, the document says ${Object.keys(content).join()}`);
      if (!media.endsWith('json')) return;
      const pointer = ['paths', found.path, found.method, 'responses', `${status}`, 'content', media, 'schema']
        .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
        .join('');
      const fits = validator(pointer);
      if (!fits(body)) throw new Error(`${said}, not as the document has it: ${ajv.errorsText(fits.errors)}`);
    },
  };
}

function patternOf(path: string): RegExp {
  const literal = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{\w+\}/g, '[^/]+')}$`);
}
