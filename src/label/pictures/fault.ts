import { ClaimstampError, refusal } from '../../platform/error.ts';
import { phrase, type Words } from '../../platform/refusal-words.ts';

/** The reasons for refusing a picture. Every output format refuses the same pictures for the same reasons. */
export type PictureFault =
  | 'empty'
  | 'format'
  | 'truncated'
  | 'damaged'
  | 'pixels'
  | 'too-thin'
  | 'no-size'
  | 'nesting'
  | 'entities'
  | 'too-much'
  | 'external'
  | 'foreign-object'
  | 'letters';

/** A fault of a picture. `loadPicture` adds the file name. */
export class FaultyPicture extends Error {
  readonly fault: PictureFault;
  readonly values: { [name: string]: string | number };

  constructor(fault: PictureFault, values: { [name: string]: string | number } = {}) {
    super(fault);
    this.fault = fault;
    this.values = values;
  }
}

export function pictureRefusal(file: string, { fault, values }: FaultyPicture): ClaimstampError {
  return refusal('template-wrong', 'pictureFaulty', { file, why: wordsOf(fault, values) });
}

function wordsOf(fault: PictureFault, values: FaultyPicture['values']): Words {
  return { ...phrase(`picture-${fault}`), ...(Object.keys(values).length === 0 ? {} : { values }) };
}
