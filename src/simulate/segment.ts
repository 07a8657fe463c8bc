import { spawn, spawnSync } from 'node:child_process';
import type { Wire } from './agent.ts';

/*
 * A separate network segment with real Ethernet frames (Linux, iproute2). The segment consists of a bridge and devices.
 * Each device has its own network namespace. The process that uses the segment must also run in its own network
 * namespace (see `inOwnNetwork`).
 */

/** The beginning of a command line. The command that follows runs in its own network namespace. */
export const inOwnNetwork = ['unshare', '--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];

/** If this machine cannot make a network segment, returns a sentence that says what is missing. */
export function whyNoSegment(): string | undefined {
  const needs =
    'network namespaces need Linux, root (or user namespaces), and the programs ip, unshare and bash (Debian: iproute2, util-linux, bash)';
  if (process.platform !== 'linux') return needs;
  const [command = '', ...args] = inOwnNetwork;
  const pair = ['ip', 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1'];
  const { status, stderr, error } = spawnSync(command, [...args, ...pair], { encoding: 'utf8' });
  if (status === 0) return undefined;
  const said = error?.message ?? stderr.trim();
  return said === '' ? needs : `${needs}: ${said}`;
}

/** A shell that stays open, either in the network namespace of this process or in its own. */
export interface Shell {
  pid: number;
  /** Runs commands and returns their output. Rejects if the last command fails. */
  run: (commands: string) => Promise<string>;
  close: () => void;
}

const END = '@@end';

export function openShell(isolated: boolean): Shell {
  const [command = '', ...args] = isolated ? ['unshare', '--net', 'bash'] : ['bash'];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  let waiting: ((text: string) => void) | undefined;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (!/@@end \d+\n$/.test(text)) return;
    const all = text;
    text = '';
    waiting?.(all);
  });
  // A shell can run only one list of commands at a time.
  let former: Promise<unknown> = Promise.resolve();
  const runNow = (commands: string): Promise<string> =>
    new Promise((resolve, reject) => {
      waiting = (all) => {
        const at = all.lastIndexOf(END);
        const status = Number(all.slice(at + END.length));
        if (status === 0) resolve(all.slice(0, at));
        else reject(new Error(`"${commands}" ended with ${status}: ${all.slice(0, at)}`));
      };
      child.stdin.write(`{ ${commands}\n} 2>&1; echo "${END} $?"\n`);
    });
  return {
    pid: child.pid ?? 0,
    run(commands) {
      const ran = former.then(() => runNow(commands));
      former = ran.catch(() => {});
      return ran;
    },
    close: () => void child.kill('SIGKILL'),
  };
}

export interface Reply {
  /** The HTTP status, or 0 if there was no answer. */
  status: number;
  id?: string;
  /** The last part of the problem type, such as `slot-held`. */
  code?: string;
}

export interface Device {
  shell: Shell;
  /** Opens a new connection and asks for a Claim ID. */
  ask: (body: object, to?: string) => Promise<Reply>;
  /** Asks for a Claim ID, and closes the connection without reading the answer. */
  askInVain: (body: object) => Promise<void>;
  /** Opens a new connection and sends the bytes of a request. Resolves with the bytes of the reply. */
  send: Wire;
  /** Switches the device off and back on, so that it loses what it knows about the network. */
  reboot: () => Promise<void>;
  unplug: () => Promise<void>;
}

/**
 * Returns the address that devices at this station have. Each device at this station gets the same address as the
 * device before it.
 */
export function addressAt(station: number): string {
  return `10.77.0.${FIRST + station}`;
}

/** The first addresses of the segment belong to this machine and to routers. */
const FIRST = 20;
/** The segment has addresses for this many stations. */
export const MAX_SEGMENT_STATIONS = 200;

export interface Plug {
  mac: string;
  /** Addresses with the length of their prefix, such as `10.77.0.50/24`. */
  addresses: string[];
  /** Commands to run in the device when its network is up. */
  after?: string;
}

export interface Segment {
  shell: Shell;
  plug: (plug: Plug) => Promise<Device>;
  close: () => void;
}

/** The addresses of this machine on the segment. */
export const HERE = '10.77.0.1';
export const HERE6 = 'fd77::1';

/**
 * If a bridge has no MAC of its own, it uses the MAC of one of its ports. The MAC of the bridge would then change
 * whenever devices change, and each time the kernel would forget its neighbours. The bridge also needs a permanent
 * port. Otherwise, the kernel would forget its neighbours when the last device is removed.
 */
const OWN_MAC = '02:00:5e:00:00:01';

export async function openSegment(port: number): Promise<Segment> {
  const shell = openShell(false);
  await shell.run(
    `ip link set lo up && ip link add br0 address ${OWN_MAC} type bridge forward_delay 0 && ` +
      `ip addr add ${HERE}/24 dev br0 && ip addr add ${HERE6}/64 dev br0 nodad && ip link set br0 up && ` +
      'ip link add keep0 type veth peer name keep1 && ip link set keep0 master br0 up && ip link set keep1 up',
  );
  let count = 0;
  const open = new Set<Shell>();
  return {
    shell,
    async plug({ mac, addresses, after = 'true' }) {
      const name = `p${count++}`;
      const own = openShell(true);
      open.add(own);
      // The shell answers only when it has its own network namespace.
      await own.run('true');
      await shell.run(
        `ip link add ${name} type veth peer name eth0 address ${mac} netns ${own.pid} && ip link set ${name} master br0 up`,
      );
      const up = [
        'ip link set lo up && ip link set eth0 up',
        ...addresses.map((one) => `ip addr add ${one} dev eth0${one.includes(':') ? ' nodad' : ''}`),
        after,
      ].join(' && ');
      await own.run(up);
      const device: Device = {
        shell: own,
        ask: async (body, to = HERE) => replyIn(await own.run(`${request(body, to, port)} && cat <&3; exec 3>&-`)),
        send: async (bytes, limits) => Buffer.from(await own.run(sending(bytes, port, limits)), 'latin1'),
        askInVain: async (body) => void (await own.run(`${request(body, HERE, port)}; exec 3>&-`)),
        reboot: async () => void (await own.run(`ip addr flush dev eth0 && ip link set eth0 down && ${up}`)),
        async unplug() {
          await shell.run(`ip link del ${name}`);
          open.delete(own);
          own.close();
        },
      };
      return device;
    },
    close() {
      for (const own of open) own.close();
      shell.close();
    },
  };
}

/** Returns shell commands that open a connection as file descriptor 3, and send the request over it. */
function request(body: object, to: string, port: number): string {
  const text = JSON.stringify(body);
  const host = to.includes(':') ? `[${to.split('%')[0]}]` : to;
  const lines = [
    'POST /ioto/serialize HTTP/1.1',
    `Host: ${host}:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
    '',
    text,
  ];
  return `exec 3<>/dev/tcp/${to}/${port} && printf '%s' $'${lines.join('\\r\\n')}' >&3`;
}

/**
 * Returns shell commands that send the bytes. If there is no `loss`, the commands read until the service closes the
 * connection. If there is a `loss`, the commands close the connection early.
 */
function sending(bytes: Buffer, port: number, { timeoutMs, loss }: Parameters<Wire>[1]): string {
  const text = bytes.toString('latin1').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  const quoted = text.replaceAll(/[\\']/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  const read = loss === undefined ? 'cat <&3' : `{ read -r -t ${seconds(loss.afterMs)} -u 3 line || true; }`;
  const open = `exec 3<>/dev/tcp/${HERE}/${port} && printf '%s' $'${quoted}' >&3`;
  // A shell cannot limit how long a connection lasts. So the commands run in a second process that has a time limit.
  return `timeout ${seconds(timeoutMs)} bash <<'@@request'\n${open} && ${read}\n@@request`;
}

function replyIn(text: string): Reply {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  const id = /"id":"(\w+)"/.exec(text)?.[1];
  const code = /urn:claimstamp:problem:([\w-]+)/.exec(text)?.[1];
  return { status, ...(id === undefined ? {} : { id }), ...(code === undefined ? {} : { code }) };
}
