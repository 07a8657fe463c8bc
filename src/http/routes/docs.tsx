import type { Hono } from 'hono';
import { PERMISSIONS, permissionsOf, PERSON_ROLES } from '../../model/role.ts';
import { openApiDocument, type Document, type DocumentedOperation } from '../openapi.ts';
import type { Operation } from '../operation.ts';
import { Page } from '../page.tsx';
import { PROBLEMS, problemType } from '../problems.ts';
import { keysOf } from '../../platform/own.ts';

/** Describes the API in two forms: a document for programs, and a page without scripts for people. */
export function documentRoutes(app: Hono, operations: Operation[]): void {
  // The document and the page are each made only once. Making the page delays agents for about 20 ms, and anyone can
  // request it.
  let document: Document | undefined;
  let page: string | undefined;
  const said = (): Document => (document ??= openApiDocument(operations));
  app.get('/openapi.json', (c) => c.json(said()));
  app.get('/docs', async (c) => {
    page ??= await (await c.html(<Docs document={said()} />)).text();
    return c.html(page);
  });
}

function Docs({ document }: { document: Document }) {
  const { tags, components } = document;
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  return (
    <Page title="API">
      <h1>Claimstamp API</h1>
      <p>
        Send a token as <code>Authorization: Bearer …</code>; <code>claimstamp token create</code> makes one. Bodies and
        answers are JSON; errors are <a href="#problems">problem details</a> (RFC 9457). For programs:{' '}
        <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).
      </p>
      <nav aria-label="Contents">
        <ul>
          {tags.map(({ name, description }) => (
            <li>
              <a href={`#${name}`}>{name}</a>: {description}
            </li>
          ))}
          <li>
            <a href="#roles">roles</a>: who may do what
          </li>
        </ul>
      </nav>
      {tags.map(({ name, description }) => (
        <section id={name}>
          <h2>{description}</h2>
          {all
            .filter(({ operation }) => operation.tags.includes(name))
            .map((one) => (
              <OneOperation {...one} />
            ))}
        </section>
      ))}
      <Roles />
      <Problems />
      <h2 id="schemas">Schemas</h2>
      {Object.entries(components.schemas).map(([name, schema]) => (
        <details class="operation" id={`schema-${name}`}>
          <summary>{name}</summary>
          <div>
            <Json value={schema} />
          </div>
        </details>
      ))}
    </Page>
  );
}

/** Only the operations for print agents require a token but no permission. */
function whoMay({ 'x-permission': permission, security }: DocumentedOperation): string {
  if (permission !== undefined) return `Needs the permission ${permission}.`;
  return JSON.stringify(security).includes('bearer') ? 'Requires the token of a printer.' : 'No token needed.';
}

function OneOperation({ method, path, operation }: { method: string; path: string; operation: DocumentedOperation }) {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return (
    <details class="operation" id={operationId}>
      <summary>
        <span class="method">{method.toUpperCase()}</span> <code>{path}</code> – {summary}
      </summary>
      <div>
        {description === undefined ? null : (
          <p>
            <Said text={description} />
          </p>
        )}
        <p class="soft">{whoMay(operation)}</p>
        {parameters.length === 0 ? null : <Parameters parameters={parameters} />}
        <pre>{curl(method, path, operation)}</pre>
        {Object.values(requestBody?.content ?? {}).map(({ schema }) => (
          <>
            <h3>Body</h3>
            <Json value={schema} />
          </>
        ))}
        <h3>Answers</h3>
        <table>
          <tbody>
            {Object.entries(responses).map(([status, { description: what, content = {} }]) => (
              <tr>
                <th scope="row">{status}</th>
                <td>
                  {what.split('; ').map((one) => (
                    <div>
                      <Said text={one} />
                    </div>
                  ))}
                  {status.startsWith('2')
                    ? Object.entries(content).map(([type, { schema }]) => <Answer type={type} schema={schema} />)
                    : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Answer({ type, schema }: { type: string; schema: object }) {
  return (
    <>
      {' '}
      <code>{type}</code>
      {Object.keys(schema).length === 0 ? null : <Json value={schema} />}
    </>
  );
}

function Parameters({ parameters }: { parameters: NonNullable<DocumentedOperation['parameters']> }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Parameter</th>
          <th scope="col">In</th>
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>
        {parameters.map(({ name, in: place, description, schema }) => (
          <tr>
            <td>
              <code>{name}</code>
            </td>
            <td>{place}</td>
            <td>
              <Said text={description ?? ''} /> <code class="soft">{JSON.stringify(schema)}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Roles() {
  const columns = PERSON_ROLES;
  return (
    <section id="roles">
      <h2>Who may do what</h2>
      <p>A service token has the permissions that its scopes name.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Permission</th>
            {columns.map((role) => (
              <th scope="col">{role}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {keysOf(PERMISSIONS).map((permission) => (
            <tr>
              <td>
                <code>{permission}</code> {PERMISSIONS[permission]}
              </td>
              {columns.map((role) => (
                <td>{permissionsOf(role).has(permission) ? 'yes' : '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Problems() {
  return (
    <section id="problems">
      <h2>Problems</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Status</th>
            <th scope="col">Title</th>
          </tr>
        </thead>
        <tbody>
          {keysOf(PROBLEMS).map((code) => (
            <tr>
              <td>
                <code>{problemType(code)}</code>
              </td>
              <td>{PROBLEMS[code][0]}</td>
              <td>{PROBLEMS[code][1]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Shows a text in which backticks mark names, as in Markdown. */
function Said({ text }: { text: string }) {
  return <>{text.split('`').map((part, index) => (index % 2 === 0 ? part : <code>{part}</code>))}</>;
}

function Json({ value }: { value: object }) {
  return <pre>{JSON.stringify(value, null, 2)}</pre>;
}

/** Makes a curl command from the examples in the document. */
function curl(method: string, path: string, { parameters = [], requestBody, security }: DocumentedOperation): string {
  const filled = parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce(
      (url, { name, example }) => url.replace(`{${name}}`, typeof example === 'string' ? example : `{${name}}`),
      path,
    );
  const token = Array.isArray(security) && security.length === 0 ? '' : ` -H "Authorization: Bearer $TOKEN"`;
  const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`;
  const example = Object.values(requestBody?.content ?? {})[0]?.example;
  const body = example === undefined ? '' : ` -d '${JSON.stringify(example)}'`;
  return `curl${verb}${token} $URL${filled}${body}`;
}
