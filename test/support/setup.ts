import { delimiter, join } from 'node:path';
import { afterAll } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { endFile } from './file-end.ts';

const BIN = join(packageRoot, 'test', 'support', 'bin');
const { PATH = '' } = process.env;
if (!PATH.startsWith(BIN)) process.env['PATH'] = `${BIN}${delimiter}${PATH}`;

afterAll(endFile);
