import type { VerifyOptions } from '../jobs/verify-file.ts';
import { readText } from './read-text.ts';

/** Reads the files that are named in the options `--checkpoint`, `--key` and `--policy`. */
export function readOutside({
  checkpoint,
  key,
  policy,
}: {
  checkpoint?: string[] | undefined;
  key?: string[] | undefined;
  policy?: string | undefined;
}): Pick<VerifyOptions, 'checkpoints' | 'keys' | 'policy'> {
  return {
    ...(checkpoint === undefined
      ? {}
      : { checkpoints: checkpoint.map((file) => readText(file, `--checkpoint ${file}`)) }),
    ...(key === undefined ? {} : { keys: key.map(keyText) }),
    ...(policy === undefined ? {} : { policy: readText(policy, `--policy ${policy}`) }),
  };
}

/**
 * Returns the text of a key. A value that does not look like a verifier key is taken as the name of a file that
 * contains the key.
 */
function keyText(fileOrKey: string): string {
  return /^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(fileOrKey) ? fileOrKey : readText(fileOrKey, `--key ${fileOrKey}`);
}
