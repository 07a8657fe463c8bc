import { existsSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { ClaimstampError } from '../../platform/error.ts';
import { parseJson5 } from '../../platform/json5.ts';
import type { Api } from '../api.ts';
import { readFileBytes, readText } from '../read-text.ts';
import { hint, print, table, wholeNumber, withApi } from '../run.ts';

/* Commands for the label templates that are saved in the ledger. */

/** The content of a file that `label export` makes. */
const Exported = z.object({
  name: z.string(),
  source: z.string(),
  needs: z.array(z.object({ file: z.string(), sha256: z.string().optional() })),
  pictures: z.array(z.object({ file: z.string(), content: z.string() })).optional(),
});

interface SaveOptions {
  revision?: number;
  note?: string;
}

export function templateCommands(): Command[] {
  return [
    new Command('templates')
      .description('list the label templates: the files in labels/, and those saved in the ledger')
      .option('--json', 'as JSON')
      .action((options: { json?: true }) => withApi((api) => list(api, options))),
    new Command('show')
      .description('print the source of a label template')
      .argument('<template>')
      .option('--revision <n>', 'revision in the ledger (default: the newest)', wholeNumber)
      .action((name: string, query: { revision?: number }) =>
        withApi(async (api) => print((await sourceOf(api, name, query)).source.trimEnd())),
      ),
    new Command('save')
      .description('save the next revision of a label template in the ledger')
      .argument('<template>')
      .argument('<file>', 'JSON5, as in labels/; - for standard input')
      .option('--revision <n>', 'the revision that your change is based on (default: 0, a new template)', wholeNumber)
      .option('--note <text>', 'what was changed, and why')
      .action((name: string, file: string, options: SaveOptions) =>
        withApi((api) => save(api, name, { source: readText(file === '-' ? 0 : file) }, options)),
      ),
    new Command('remove')
      .description('remove a label template that no product uses; its revisions stay in the ledger')
      .argument('<template>')
      .action((name: string) =>
        withApi(async (api) => {
          await api.call('DELETE /v1/label-templates/{name}', { params: { name } });
          print(`${name} is removed`);
        }),
      ),
    new Command('revisions')
      .description('list the revisions of a label template, newest first')
      .argument('<template>')
      .option('--json', 'as JSON')
      .action((name: string, options: { json?: true }) => withApi((api) => revisions(api, name, options))),
    new Command('changes')
      .description('list what differs between two revisions of a label template')
      .argument('<template>')
      .argument('<from>', 'a revision', wholeNumber)
      .argument('<to>', 'a revision', wholeNumber)
      .option('--json', 'as JSON')
      .action((name: string, from: number, to: number, { json }: { json?: true }) =>
        withApi(async (api) => {
          const call = { params: { name }, query: { from, to } };
          const { changes } = await api.call('GET /v1/label-templates/{name}/changes', call);
          const rows = changes.map(({ box = '-', property, before = '-', after = '-' }) => [
            box,
            property,
            before,
            after,
          ]);
          print(
            json ? JSON.stringify(changes) : table(['BOX', 'PROPERTY', `REVISION ${from}`, `REVISION ${to}`], rows),
          );
        }),
      ),
    ...approvalCommands(),
    ...exchangeCommands(),
    ...logoCommands(),
  ];
}

/** Returns the commands for the pictures that templates use. */
function logoCommands(): Command[] {
  return [
    new Command('logos')
      .description('list the pictures for labels, with the products and templates that use them')
      .option('--json', 'as JSON')
      .action(({ json }: { json?: true }) =>
        withApi(async (api) => {
          const { logos } = await api.call('GET /v1/label-logos', {});
          const rows = logos.map(({ name, origin, width, height, products, templates }) => [
            name,
            origin === 'file' ? 'file' : `${width} x ${height}`,
            [...products, ...templates].join(', '),
          ]);
          print(json ? JSON.stringify(logos) : table(['PICTURE', 'PIXELS', 'USED BY'], rows));
        }),
      ),
    new Command('logo-add')
      .description('upload a PNG, JPEG or SVG for labels')
      .argument('<file>')
      .option('--as <name>', 'another name')
      .action((file: string, { as }: { as?: string }) =>
        withApi(async (api) => {
          const name = as ?? basename(file);
          const body = { picture: readFileBytes(file).toString('base64') };
          const { revision, width, height } = await api.call('PUT /v1/label-logos/{name}', { params: { name }, body });
          print(`${name}: revision ${revision}, ${width} x ${height} pixels`);
        }),
      ),
    new Command('logo-remove')
      .description('remove an uploaded picture that no product and no template uses')
      .argument('<name>')
      .action((name: string) =>
        withApi(async (api) => {
          await api.call('DELETE /v1/label-logos/{name}', { params: { name } });
          print(`${name} is removed`);
        }),
      ),
  ];
}

/** Returns the commands for approvals: one person asks for an approval, and a second person approves. */
function approvalCommands(): Command[] {
  return [
    new Command('ask-approval')
      .description(
        'ask for the approval of a revision; people who may approve see the request in the list of templates',
      )
      .argument('<template>')
      .argument('<revision>', 'a revision', wholeNumber)
      .option('--note <text>', 'what should be checked')
      .action((name: string, revision: number, { note }: { note?: string }) =>
        withApi(async (api) => {
          const body = { revision, ...(note === undefined ? {} : { note }) };
          await api.call('POST /v1/label-templates/{name}/ask-approval', { params: { name }, body });
          print(`revision ${revision} of ${name} waits for approval`);
        }),
      ),
    new Command('approve')
      .description('approve a revision of a label template that someone else saved')
      .argument('<template>')
      .argument('<revision>', 'a revision', wholeNumber)
      .option('--note <text>', 'what was checked')
      .action((name: string, revision: number, { note }: { note?: string }) =>
        withApi(async (api) => {
          const { codes } = await api.call('GET /v1/label-templates/{name}/codes', {
            params: { name },
            query: { revision },
          });
          print(
            table(
              ['CODE', 'CONTENT', 'READ'],
              codes.map((one) => [one.symbology, one.content, one.isRead ? 'yes' : 'NO']),
            ),
          );
          const body = { revision, ...(note === undefined ? {} : { note }) };
          const said = await api.call('POST /v1/label-templates/{name}/approve', { params: { name }, body });
          print(
            `revision ${said.revision} of ${name} is approved; products that require approval now print revision ${said.prints}`,
          );
        }),
      ),
    new Command('revoke')
      .description(
        'revoke the approval of a revision; products then print the approved revision with the highest number',
      )
      .argument('<template>')
      .argument('<revision>', 'a revision', wholeNumber)
      .requiredOption('--reason <text>', 'why')
      .action((name: string, revision: number, { reason }: { reason: string }) =>
        withApi(async (api) => {
          const call = { params: { name }, body: { revision, reason } };
          const { prints } = await api.call('POST /v1/label-templates/{name}/revoke', call);
          print(
            prints === null
              ? `no revision of ${name} is approved`
              : `revision ${revision} of ${name} is not approved; products that require approval now print revision ${prints}`,
          );
        }),
      ),
  ];
}

/** Returns the commands that copy a template from one service to another. */
function exchangeCommands(): Command[] {
  return [
    new Command('export')
      .description('write a label template to a file, for `label import` at another service')
      .argument('<template>')
      .requiredOption('--out <file>', 'a new file')
      .option('--revision <n>', 'revision in the ledger (default: the newest)', wholeNumber)
      .action((name: string, { out, ...query }: { out: string; revision?: number }) =>
        withApi(async (api) => {
          if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
          writeFileSync(
            out,
            `${JSON.stringify(await sourceOf(api, name, { ...query, pictures: 'true' }), null, 2)}\n`,
            { flag: 'wx' },
          );
        }),
      ),
    new Command('import')
      .description('read a file from `label export`, and save its template in the ledger')
      .argument('<file>')
      .option('--as <template>', 'another name')
      .option('--revision <n>', 'the revision that it replaces (default: 0, a new template)', wholeNumber)
      .option('--note <text>', 'what was changed, and why')
      .action((file: string, { as, ...options }: SaveOptions & { as?: string }) =>
        withApi((api) => {
          const { name, source, needs, pictures } = exported(file);
          const brought = pictures === undefined ? {} : { pictures };
          return save(api, as ?? name, { source, needs, ...brought }, options);
        }),
      ),
  ];
}

function exported(file: string): z.infer<typeof Exported> {
  const read = Exported.safeParse(parseJson5(readText(file)));
  if (!read.success) throw new ClaimstampError('invalid', `${file} is not a file from \`claimstamp label export\``);
  return read.data;
}

function sourceOf(api: Api, name: string, query: { revision?: number; pictures?: 'true' }) {
  return api.call('GET /v1/label-templates/{name}/source', { params: { name }, query });
}

async function save(
  api: Api,
  name: string,
  template: Pick<z.infer<typeof Exported>, 'source'> & Partial<Pick<z.infer<typeof Exported>, 'needs' | 'pictures'>>,
  { revision = 0, note }: SaveOptions,
): Promise<void> {
  const body = { ...template, revision, ...(note === undefined ? {} : { note }) };
  const { revision: saved, check } = await api.call('PUT /v1/label-templates/{name}', { params: { name }, body });
  print(`${name}: revision ${saved}`);
  for (const problem of check.problems) hint(`problem: ${problem}`);
  for (const warning of check.warnings) hint(`warning: ${warning}`);
}

async function list(api: Api, { json }: { json?: true }): Promise<void> {
  const answer = await api.call('GET /v1/label-templates', {});
  if (json) return print(JSON.stringify(answer));
  const rows = answer.templates.map((name) => {
    const saved = answer.saved.find((one) => one.name === name);
    return saved ? [name, String(saved.revision), saved.at, saved.by] : [name, 'file', '', ''];
  });
  print(table(['TEMPLATE', 'REVISION', 'SAVED', 'BY'], rows));
}

async function revisions(api: Api, name: string, { json }: { json?: true }): Promise<void> {
  const query = { limit: LISTED };
  const answer = await api.call('GET /v1/label-templates/{name}/revisions', { params: { name }, query });
  const rows = answer.revisions.map(({ revision, at, by, hash, note = '', approved, asked }) => [
    String(revision),
    at,
    by,
    approved?.by ?? (asked === undefined ? '-' : 'waits'),
    hash.slice(0, SHOWN_HASH),
    note,
  ]);
  print(json ? JSON.stringify(answer.revisions) : table(['REVISION', 'SAVED', 'BY', 'APPROVED', 'HASH', 'NOTE'], rows));
}

/** The maximum number of revisions that are shown in a terminal. */
const LISTED = 1000;
/** How many characters of a hash are shown, so that people can compare hashes. */
const SHOWN_HASH = 12;
