import type { Command } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import { balanceOf } from '../../report/words.ts';
import type { Api } from '../api.ts';
import { download } from '../download.ts';
import { LISTED, told } from './reconcile.ts';
import { hint, print, withApi } from '../run.ts';

/** Adds the commands `work-order reconcile`, `close`, `reopen` and `report`. */
export function addClosing(command: Command): void {
  command
    .command('reconcile')
    .description('reconcile the units of a work order; counts each unit once')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string, { json }: { json?: true }) =>
      withApi(async (api) => {
        const report = await api.call('GET /v1/work-orders/{id}/reconciliation', {
          params: { id },
          query: { limit: LISTED },
        });
        print(json ? JSON.stringify(report) : told(report));
      }),
    );
  command
    .command('close')
    .description('close a work order; refused while any unit is unaccounted for and not signed off')
    .argument('<id>')
    .option('--sign-off-all <reason>', 'sign off all unaccounted units')
    .option('--sign-off <claim-id=reason...>', 'sign off individual units, each with its reason')
    .action((id: string, options: { signOffAll?: string; signOff?: string[] }) =>
      withApi((api) => close(api, id, options)),
    );
  command
    .command('reopen')
    .argument('<id>')
    .requiredOption('--reason <text>', 'reason, recorded in the ledger')
    .action((id: string, { reason }: { reason: string }) =>
      withApi(async (api) =>
        print(JSON.stringify(await api.call('POST /v1/work-orders/{id}/reopen', { params: { id }, body: { reason } }))),
      ),
    );
  command
    .command('report')
    .description('write the reconciliation with complete lists, as a PDF to sign or as JSON')
    .argument('<id>')
    .requiredOption('--out <file>', 'such as WO-1.pdf or WO-1.json')
    .action((id: string, { out }: { out: string }) =>
      withApi(async (api) => {
        const format = out.endsWith('.json') ? 'json' : 'pdf';
        await download(out, () => api.file(`GET /v1/work-orders/{id}/report.${format}`, { params: { id } }));
        hint(`the report of ${id} is in ${out}`);
      }),
    );
}

async function close(api: Api, id: string, { signOffAll, signOff }: { signOffAll?: string; signOff?: string[] }) {
  if (signOffAll !== undefined && signOff !== undefined)
    throw new ClaimstampError('invalid', 'use either --sign-off-all or --sign-off, not both');
  const named = signOff?.map((pair) => {
    const [, uci, reason] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (uci === undefined || reason === undefined)
      throw new ClaimstampError('invalid', `"${pair}": write it as JT08FFQXWQ=reason`);
    return { uci, reason };
  });
  const body = { signOff: signOffAll === undefined ? named : { all: signOffAll } };
  const closed = await api.call('POST /v1/work-orders/{id}/close', { params: { id }, body });
  print(`${id} is closed (event ${closed.seq}): issued ${balanceOf(closed)}, ${closed.signedOff} signed off`);
}
