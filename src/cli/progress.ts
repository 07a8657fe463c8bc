import cliProgress from 'cli-progress';

/**
 * Shows progress on standard error. On a terminal, the progress is a bar. Elsewhere, the progress is a line of text
 * every few seconds.
 */
export interface Progress {
  set: (done: number, note?: string) => void;
  end: () => void;
}

const LINE_EVERY_MS = 5000;

export function openProgress(what: string, total: number): Progress {
  if (!process.stderr.isTTY) return plainLines(what, total);
  const bar = new cliProgress.SingleBar({
    format: `${what} [{bar}] {value}/{total} {note}`,
    stream: process.stderr,
    clearOnComplete: false,
    hideCursor: true,
  });
  bar.start(total, 0, { note: '' });
  return { set: (done, note = '') => bar.update(done, { note }), end: () => bar.stop() };
}

function plainLines(what: string, total: number): Progress {
  let said = 0;
  return {
    set(done, note = '') {
      if (performance.now() - said < LINE_EVERY_MS) return;
      said = performance.now();
      process.stderr.write(`${what} ${done}/${total} ${note}\n`);
    },
    end: () => {},
  };
}
