import type { Dictionary } from '../sentence.ts';

const en = {
  charts: 'Charts',
  show: 'Show',
  perHour: 'Units per hour, by station',
  hour: 'Hour',
  firstPass: 'First-pass yield',
  firstPassHint: 'Of the units scanned in this period, the share that passed at the first scan.',
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
    firstPassHint: 'Porcentaje de las unidades escaneadas cuyo primer escaneo en este periodo dio APROBADO.',
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
    firstPassHint: '在此期间扫描过标签的设备中，首次扫描即合格的比例。',
    reprints: '重印标签数（按原因）',
    figure: '数值',
    noFigures: '此期间没有数据',
    leftOut: '仅统计量产设备。此期间未计入：工程 {engineering} 台，样品 {sample} 台，基准设备 {reference} 台。',
  },
};
