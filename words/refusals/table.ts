import { ACCESS } from './access.ts';
import { CATALOG } from './catalog.ts';
import { LINE } from './line.ts';
import { PRINTING } from './printing.ts';
import { REQUEST } from './request.ts';
import { RETURNS } from './returns.ts';
import { SERVICE } from './service.ts';
import { SHIPPING } from './shipping.ts';
import { SIGN_ON } from './sign-on.ts';

/** Every refusal code, each with one cause. A released code keeps its meaning. docs/api.md says what to do. */
export const REFUSALS = {
  ...REQUEST,
  ...ACCESS,
  ...SIGN_ON,
  ...CATALOG,
  ...LINE,
  ...RETURNS,
  ...PRINTING,
  ...SHIPPING,
  ...SERVICE,
};

export type ErrorCode = keyof typeof REFUSALS;
