import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { becomeOwner, keptFiles } from '../../src/jobs/data-folder.ts';
import { tempFolder } from '../support/service.ts';

it('a data folder with a folder in the place of a file is refused with its path and what to do', async () => {
  for (const file of keptFiles('')) {
    const data = tempFolder();
    mkdirSync(join(data, file));
    await expect(becomeOwner(data)).rejects.toThrow(
      `${join(data, file)} is a folder, but must be a file: move the folder to another place`,
    );
  }
});
