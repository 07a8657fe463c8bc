import { Command } from 'commander';
import { labelPatch } from '../../model/labels/label-set.ts';
import { ProductSettings } from '../../model/product.ts';
import { addRemove } from '../remove.ts';
import { addList, hint } from '../run.ts';
import { addSet, entriesIn } from '../settings.ts';

export function productCommand(): Command {
  const command = new Command('product').description('products and their settings');
  addList(
    command,
    ['PRODUCT', 'NAME', 'CODE', 'ID LENGTH', 'S/N PATTERN', 'REPEAT'],
    async (api) => (await api.call('GET /v1/products')).products,
    ({ id, name = '', code = '', claimIdLength, serialPattern, repeat }) => {
      return [id, name, code, String(claimIdLength), serialPattern ?? '(none)', repeat];
    },
  );
  addSet(command, {
    description: 'add a product, or change settings',
    argument: ['id', "the vendor's product id"],
    shape: ProductSettings.shape,
    change: async (api, id, patch, { labels }) => {
      const body = Array.isArray(labels) && patch.labels === undefined ? { ...patch, labels: labelsIn(labels) } : patch;
      const { warnings = [], ...product } = await api.call('PATCH /v1/products/{id}', { params: { id }, body });
      for (const warning of warnings) hint(`warning: ${warning}`);
      return product;
    },
  });
  addRemove(command, {
    description: 'remove a product that has no units, for example one that an unknown device added',
    argument: ['id', "the vendor's product id"],
    remove: (api, id) => api.call('DELETE /v1/products/{id}', { params: { id } }),
  });
  return command;
}

/** Reads `--labels box=box-100x50,copies=2,release=yes`. */
function labelsIn(texts: string[]) {
  return Object.fromEntries(
    Object.entries(entriesIn(texts)).map(([role, text]) => [role, text === null ? null : labelPatch(text)]),
  );
}
