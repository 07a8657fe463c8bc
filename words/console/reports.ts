import type { Dictionary } from '../sentence.ts';

const en = {
  reports: 'Reports',
  hint: 'The figures of a day, shift by shift. Units for engineering, samples and reference devices are not counted.',
  day: 'Day',
  show: 'Show',
  production: 'Production of {day}',
  pdf: 'Report (PDF)',
  reconciliation: 'Reconciliation of the day (PDF)',
  shift: 'Shift from {from} to {to}',
  counted: 'Period counted, here and in the reconciliation:',
  ofOrders: 'Units issued in this shift by work order –',
};

/** The words of the page with the reports of a day. */
export const REPORTS: Dictionary<keyof typeof en> = {
  en,
  es: {
    reports: 'Informes',
    hint: 'Las cifras de un día, turno por turno. No cuentan las unidades de ingeniería, las muestras ni los dispositivos de referencia.',
    day: 'Día',
    show: 'Mostrar',
    production: 'Producción del {day}',
    pdf: 'Informe (PDF)',
    reconciliation: 'Conciliación del día (PDF)',
    shift: 'Turno de {from} a {to}',
    counted: 'Periodo contado, aquí y en la conciliación:',
    ofOrders: 'Unidades emitidas en este turno por orden de trabajo –',
  },
  zh: {
    reports: '报告',
    hint: '一天的数据，按班次列出。不计工程用设备、样品和基准设备。',
    day: '日期',
    show: '显示',
    production: '{day} 的产量',
    pdf: '报告（PDF）',
    reconciliation: '当日核对（PDF）',
    shift: '班次 {from} 至 {to}',
    counted: '统计时段（本页与核对报告相同）：',
    ofOrders: '本班次各工单发放的数量 –',
  },
};
