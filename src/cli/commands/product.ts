import { Command } from 'commander';
import type { Answer } from '../../http/client.ts';
import type { Api } from '../api.ts';
import { print, table, wholeNumber, withApi } from '../run.ts';

interface Options {
  name?: string;
  code?: string;
  claimIdLength?: number;
  serialPattern?: string;
  company?: string;
  logo?: string;
  label?: string;
  qr?: string;
  release?: string;
  repeat?: string;
}

export function productCommand(): Command {
  const command = new Command('product').description('products and their settings');
  command
    .command('list')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const { products } = await api.call('GET /v1/products');
        const rows = products.map(({ id, name, code, claimIdLength, serialPattern, repeat }) => {
          return [id, name ?? '', code ?? '', String(claimIdLength), serialPattern ?? '(none)', repeat];
        });
        print(
          json
            ? JSON.stringify(products)
            : table(['PRODUCT', 'NAME', 'CODE', 'LETTERS', 'S/N PATTERN', 'REPEAT'], rows),
        );
      }),
    );
  command
    .command('set')
    .description('set up a product, or change the settings named')
    .argument('<id>', "the vendor's product id")
    .option('--name <name>', 'what people call it')
    .option('--code <code>', 'short code for {code} in the S/N pattern')
    .option('--claim-id-length <n>', '10 to 20 letters, 5 bits each', wholeNumber)
    .option('--serial-pattern <pattern>', 'such as {code}{yy}{ww}-{seq:5}; "none" for no S/N')
    .option('--company <name>', "the label's company")
    .option('--logo <file>', 'a PNG or SVG in labels/logos')
    .option('--label <template>', 'a template in labels/')
    .option('--qr <pattern>', 'what the QR says, such as https://example.com/claim/{uci}')
    .option('--release <fact>', 'what makes a unit released: verified (default), registered or both')
    .option('--repeat <policy>', 'once verified or registered: same, refuse or replace')
    .action((id: string, options: Options) =>
      withApi(async (api) => {
        const { id: _id, ...before } = (await find(api, id)) ?? { id };
        const pattern =
          options.serialPattern === undefined
            ? {}
            : { serialPattern: options.serialPattern === 'none' ? null : options.serialPattern };
        print(
          JSON.stringify(
            await api.call('PUT /v1/products/{id}', {
              params: { id },
              body: { ...before, ...options, ...pattern },
            }),
          ),
        );
      }),
    );
  return command;
}

async function find(api: Api, id: string): Promise<Answer<'PUT /v1/products/{id}'> | undefined> {
  const { products } = await api.call('GET /v1/products');
  return products.find((product) => product.id === id);
}
