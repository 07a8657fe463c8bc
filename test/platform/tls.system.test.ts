import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { readPair } from '../../src/platform/tls.ts';
import { tempFolder } from '../support/service.ts';

test("the key and certificate that docs/admin.md makes with openssl are the service's", () => {
  const deploy = readFileSync(join(packageRoot, 'docs', 'admin.md'), 'utf8');
  const [, commands = ''] = /```sh\n([^`]*factory-ca\.key.*?)```/s.exec(deploy) ?? [];
  const folder = tempFolder();
  // The CA's key is behind a password, which openssl asks for at a terminal.
  const answered = commands
    .replace('-aes-256-cbc', '-aes-256-cbc -pass pass:secret')
    .replace('-key factory-ca.key', '-key factory-ca.key -passin pass:secret')
    .replace('-CAkey factory-ca.key', '-CAkey factory-ca.key -passin pass:secret');
  execFileSync('sh', ['-ec', answered], { cwd: folder, stdio: 'pipe' });
  const [tlsCert, tlsKey] = [join(folder, 'claimstamp.pem'), join(folder, 'claimstamp.key')];
  expect(readConfig({ CLAIMSTAMP_TLS_CERT: tlsCert, CLAIMSTAMP_TLS_KEY: tlsKey })).toMatchObject({ tlsCert, tlsKey });
  expect(readPair(tlsCert, tlsKey)).toMatchObject({ names: 'DNS:claims.factory.example, IP Address:10.0.8.5' });
});
