import { variableOf, type Config } from '../config.ts';
import { HEALTH } from '../../words/console/health.ts';
import { Copyable } from './parts.tsx';
import type { PageContext } from './pages.tsx';

/*
 * The settings of the service are set outside of the console. These parts of pages say which line belongs in which
 * file, and how to restart the service.
 */

type Given = readonly (readonly [name: Parameters<typeof variableOf>[0], value: string])[];
type Started = Pick<Config, 'file' | 'startedBy'>;

const RESTARTS = {
  systemd: 'sudo systemctl restart claimstamp',
  container: 'docker compose up -d',
} as const;

/** The file with the environment of the service (deploy/claimstamp.service, compose.yaml). */
const FILES = { systemd: '/etc/claimstamp.env', container: '.env' } as const;

export function HowToSet({ page, config, given }: { page: PageContext; config: Started; given: Given }) {
  const { say } = page;
  const { file, startedBy = 'shell' } = config;
  const isManaged = startedBy === 'systemd' || startedBy === 'container';
  const variables = given.map(([name, value]) => `${variableOf(name)}=${value}`);
  if (file === undefined && !isManaged) {
    const command = startedBy === 'npm' ? 'npm start' : 'claimstamp serve';
    return (
      <>
        <p>{say(HEALTH, 'set.start')}</p>
        <Copyable page={page} text={`${variables.map(quoted).join(' ')} ${command}`} />
      </>
    );
  }
  const lines = file === undefined ? variables : given.map(([name, value]) => `${name}: '${value}',`);
  const where = file ?? (isManaged ? FILES[startedBy] : '');
  return (
    <>
      <p>{say(HEALTH, startedBy === 'container' ? 'set.compose' : 'set.file', { file: where })}</p>
      <Copyable page={page} text={lines.join('\n')} />
      <p>{say(HEALTH, isManaged ? 'set.restart' : 'set.again')}</p>
      {isManaged ? <Copyable page={page} text={RESTARTS[startedBy]} /> : null}
    </>
  );
}

/** Quotes a value with spaces, because a shell would read it as several words. */
function quoted(variable: string): string {
  return variable.includes(' ') ? `${variable.replace('=', "='")}'` : variable;
}
