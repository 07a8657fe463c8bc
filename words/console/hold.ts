import type { Dictionary } from '../sentence.ts';

const en = {
  hold: 'Hold',
  none: 'There is no hold: the service issues Claim IDs.',
  code: 'Hold code',
  codeHint: 'From the sealed envelope. The code works once, and the ledger records who used it.',
  accept: 'Accept this ledger',
  accepted: 'The ledger is accepted. The service issues Claim IDs again.',
  codes: 'Hold codes',
  codesHint:
    'With a hold code, a lead accepts a restored ledger when no admin is there. Make the code beforehand, print it, and seal it. A backup from before the code was made does not accept the code. A backup from before the code was used still accepts it.',
  state: 'State',
  valid: 'valid until',
  used: 'used',
  withdrawn: 'withdrawn',
  ended: 'expired',
  newCode: 'New hold code',
  make: 'Make a code',
  withdraw: 'Withdraw',
  codeFor: 'Hold code {name}',
};

/** The words of the page for a hold. */
export const HOLD: Dictionary<keyof typeof en> = {
  en,
  es: {
    hold: 'Retención',
    none: 'No hay ninguna retención: el servicio emite Claim ID.',
    code: 'Código de reanudación',
    codeHint: 'El del sobre sellado. Sirve una sola vez, y el registro anota quién lo usó.',
    accept: 'Aceptar este registro',
    accepted: 'El registro está aceptado. El servicio vuelve a emitir Claim ID.',
    codes: 'Códigos de reanudación',
    codesHint:
      'Con un código de reanudación, un jefe de línea acepta un registro restaurado cuando no hay ningún administrador. Créelo de antemano, imprímalo y guárdelo en un sobre sellado. Una copia de seguridad anterior al código no lo conoce, y una anterior a su uso todavía lo acepta.',
    state: 'Estado',
    valid: 'válido hasta',
    used: 'usado',
    withdrawn: 'retirado',
    ended: 'caducado',
    newCode: 'Nuevo código de reanudación',
    make: 'Crear un código',
    withdraw: 'Retirar',
    codeFor: 'Código de reanudación {name}',
  },
  zh: {
    hold: '停发',
    none: '没有停发：服务正在签发 Claim ID。',
    code: '恢复码',
    codeHint: '密封信封中的恢复码。只能使用一次，台账会记录使用者。',
    accept: '接受此台账',
    accepted: '台账已被接受。服务重新签发 Claim ID。',
    codes: '恢复码',
    codesHint:
      '没有管理员在场时，班组长可凭恢复码接受所恢复的台账。请事先生成并打印，然后密封保存。早于恢复码的备份不认识它，早于其使用的备份仍会接受它。',
    state: '状态',
    valid: '有效期至',
    used: '已使用',
    withdrawn: '已撤销',
    ended: '已过期',
    newCode: '新恢复码',
    make: '生成恢复码',
    withdraw: '撤销',
    codeFor: '恢复码 {name}',
  },
};
