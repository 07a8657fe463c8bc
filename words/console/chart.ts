import type { Dictionary } from '../sentence.ts';

const en = {
  charts: 'Charts',
  show: 'Show',
  perHour: 'Units per hour, by station',
  hour: 'Hour',
  firstPass: 'First-pass yield',
  firstPassHint: 'Of the units that were first scanned in this period, the share that passed at that scan.',
  firstTests: 'First-pass yield by test procedure',
  firstTestsHint:
    'Of the units that had their first test with a procedure in this period, the share that passed this test. Tests that could not be completed do not count.',
  procedure: 'Test procedure',
  reprints: 'Reprinted labels by reason',
  figure: 'Figure',
  noFigures: 'No data for this period',
  leftOut:
    'Only production units. Not counted in this period: {engineering} for engineering, {sample} samples, {reference} reference devices.',
};

/** Words of the charts. */
export const CHARTS: Dictionary<keyof typeof en> = {
  en,
  es: {
    charts: 'Gráficos',
    show: 'Mostrar',
    perHour: 'Unidades por hora y estación',
    hour: 'Hora',
    firstPass: 'Rendimiento en la primera pasada',
    firstPassHint:
      'De las unidades escaneadas por primera vez en este periodo, porcentaje que dio APROBADO en ese escaneo.',
    firstTests: 'Rendimiento en la primera pasada, por procedimiento de prueba',
    firstTestsHint:
      'De las unidades que se probaron por primera vez con un procedimiento en este periodo, porcentaje que superó esa prueba. No cuentan las pruebas que no se pudieron completar.',
    procedure: 'Procedimiento de prueba',
    reprints: 'Etiquetas reimpresas, por motivo',
    figure: 'Valor',
    noFigures: 'No hay datos en este periodo',
    leftOut:
      'Solo unidades de producción. Sin contar en este periodo: {engineering} de ingeniería, {sample} muestras y {reference} dispositivos de referencia.',
  },
  zh: {
    charts: '图表',
    show: '显示',
    perHour: '各工位每小时设备数',
    hour: '小时',
    firstPass: '一次通过率',
    firstPassHint: '在此期间首次扫描标签的设备中，该次扫描即合格的比例。',
    firstTests: '一次通过率（按测试程序）',
    firstTestsHint: '在此期间首次进行某测试程序的设备中，该次测试即通过的比例。未能完成的测试不计入。',
    procedure: '测试程序',
    reprints: '重印标签数（按原因）',
    figure: '数值',
    noFigures: '此期间没有数据',
    leftOut: '仅统计量产设备。此期间未计入：工程 {engineering} 台，样品 {sample} 台，基准设备 {reference} 台。',
  },
};
