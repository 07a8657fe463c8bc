import type { Dictionary } from '../sentence.ts';

const en = {
  charts: 'Charts',
  show: 'Show',
  perHour: 'Units per hour, by station',
  hour: 'Hour',
  firstPass: 'First-pass yield',
  firstPassHint: 'Of the units whose label was scanned in this time: those whose first scan said PASS.',
  reprints: 'Labels printed again, by reason',
  figure: 'Figure',
  noFigures: 'nothing in this time',
};

/** Words of the charts. */
export const CHARTS: Dictionary<keyof typeof en> = {
  en,
  es: {
    charts: 'Gráficos',
    show: 'Mostrar',
    perHour: 'Unidades por hora y estación',
    hour: 'Hora',
    firstPass: 'Rendimiento a la primera',
    firstPassHint:
      'De las unidades cuya etiqueta se escaneó en este tiempo: aquellas cuyo primer escaneo dio APROBADO.',
    reprints: 'Etiquetas impresas de nuevo, por motivo',
    figure: 'Valor',
    noFigures: 'nada en este tiempo',
  },
  zh: {
    charts: '图表',
    show: '显示',
    perHour: '各工位每小时设备数',
    hour: '小时',
    firstPass: '一次合格率',
    firstPassHint: '在此期间扫描过标签的设备中，首次扫描即合格者。',
    reprints: '按原因统计的重新打印',
    figure: '数值',
    noFigures: '此期间没有',
  },
};
