import { z } from 'zod';
import { ORIGIN, readSigningKey, type Verifier } from '../proof/checkpoint.ts';
import { readWitnessKey } from '../proof/cosignature.ts';
import { list, path, url } from '../model/setting-types.ts';
import { hasUrlLeadingZeros } from '../platform/leading-zeros.ts';
import { messageOf } from '../platform/error.ts';

/* Settings that say who signs checkpoints, and where checkpoints are sent. */

/** A witness in the settings: its name, its key and its address. */
export interface Witness {
  verifier: Verifier;
  /** The address prefix for submissions (C2SP tlog-witness). */
  url: string;
}

/** Reads a text of the form `vkey url`. If the text is wrong, throws an error that says why. */
export function readWitness(text: string): Witness {
  const [key = '', url = '', ...more] = text.trim().split(/\s+/);
  if (more.length > 0 || !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '') || /[?#]/.test(url))
    throw new Error('must be a verifier key, a space, and an http or https address');
  if (hasUrlLeadingZeros(url)) throw new Error('has an IPv4 address with leading zeros: omit the zeros');
  return { verifier: readWitnessKey(key), url };
}

const WitnessSetting = z.string().superRefine((text, context) => {
  try {
    readWitness(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});

function isSigningKey(pem: string): boolean {
  try {
    readSigningKey(pem);
    return true;
  } catch {
    return false;
  }
}

const PLACES = 'admin.md#checkpoints-that-leave-the-machine';

export const PROOF_SETTINGS = {
  checkpointFolder: path
    .optional()
    .meta({ description: `Folder to which the service copies each [checkpoint](${PLACES})` }),
  checkpointWebhook: url.optional().meta({
    description: `Address to which the service sends each [checkpoint](${PLACES}) in a POST request`,
    'x-secret': true,
  }),
  witnesses: list(WitnessSetting)
    .default([])
    .describe(
      '[Witnesses](admin.md#witnesses) that sign checkpoints: pairs of verifier key and address, separated by commas',
    ),
  signingKey: z
    .string()
    .refine(isSigningKey, 'must be an Ed25519 private key in PEM: openssl genpkey -algorithm ed25519')
    .optional()
    .meta({
      description:
        'Ed25519 private key in PEM (`openssl genpkey -algorithm ed25519`) that signs [checkpoints](qa.md#proof)',
      'x-default': '`<data>/signing-key.pem`, made at the first start',
      'x-secret': true,
    }),
  origin: z
    .string()
    .regex(ORIGIN, 'must be a name without spaces or "+", such as serials.example.com/plant-2')
    .optional()
    .meta({
      description: "The ledger's name in checkpoints, such as `serials.example.com/plant-2`",
      'x-default': 'derived from the key',
    }),
};
