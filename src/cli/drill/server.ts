import { ClaimstampError } from '../../platform/error.ts';
import { backupsInFolder } from '../backup-folder.ts';
import { STATION, unitsOf, type Drill, type Line } from './training-station.ts';
import { counted } from '../counted.ts';

/**
 * In this drill, the server is lost. A copy of the ledger is restored from the backup folder, and a service runs on the
 * copy instead.
 */
export const serverDrill: Drill = {
  kind: 'server',
  about: [
    'The server is gone: its disk is dead, and it will not come back.',
    'Production stops until another machine takes over. In this drill, this machine is the spare machine.',
  ],
  async before({ coach, config }) {
    const { backupFolder } = config;
    if (backupFolder === undefined)
      throw new ClaimstampError(
        'invalid',
        'CLAIMSTAMP_BACKUP_FOLDER is not set, so this command has no backup to restore: set it to the backup folder',
      );
    const { files, writtenAt } = backupsInFolder(backupFolder, undefined, undefined);
    await coach.step({
      title: 'Take the old server off the network',
      todo: [
        'In an emergency: unplug the network cable of the old server, so that it cannot come back while the new one runs.',
        'In this drill: point at the cable, and do not unplug it.',
      ],
    });
    await coach.step({
      title: 'Decide which state to restore',
      todo: [
        `The backup folder is ${backupFolder}.`,
        `It has ${counted(files.length, 'backup')}. The service last wrote to this folder at ${new Date(writtenAt).toISOString()}.`,
        'claimstamp restore restores the newest state in the folder. Everything after that time is lost.',
      ],
    });
    coach.say('The copy is now being restored. In an emergency: claimstamp restore FOLDER');
    return backupFolder;
  },
  async steps({ coach, line }) {
    coach.say(`The copy is running at ${line.url} after ${coach.seconds()} seconds.`);
    const since = Date.now();
    await coach.step({
      title: 'Sign in',
      todo: [
        `Open ${line.firstLink ?? `${line.url}/sign-in`} and sign in with your own name and password.`,
        'All sessions ended with the old server. Screens at stations (kiosks) and station keys stay valid.',
      ],
      async worked() {
        const { events } = await line.api.call('GET /v1/access-events', { query: { type: 'signed-in', limit: 1 } });
        const [last] = events;
        return last !== undefined && Date.parse(last.at) >= since ? `${last.actor} signed in` : undefined;
      },
    });
    await letDeviceAsk({ coach, line });
    await coach.step({
      title: 'Find the new unit',
      todo: [
        `Open ${line.url}/stations/${STATION} and look at the unit.`,
        "In an emergency: give the old server's address to the new one (DNS or IP address). Then look at each",
        'station: its screen must be green, its printer must print a test label, and one device must pass.',
      ],
    });
  },
};

async function letDeviceAsk({ coach, line }: Line): Promise<void> {
  const before = (await unitsOf(line)).length;
  await coach.step({
    title: 'Let one device ask',
    todo: [
      'Point a test device at this address, or run this command on this machine:',
      `  curl -X POST ${line.address} -d '{"product":"${line.product}","mac":"02:00:00:00:00:01"}'`,
    ],
    play: () => line.device({ product: line.product, mac: '02:00:00:00:00:01' }, line.key),
    async worked() {
      const units = await unitsOf(line);
      return units.length > before ? `a device got a Claim ID, S/N ${units[0]?.serial ?? 'none'}` : undefined;
    },
  });
}
