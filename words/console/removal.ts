import type { Dictionary } from '../sentence.ts';

const en = {
  station: 'Remove station',
  stationHint:
    'Its key and its screens stop working at once. Units that were made here still show the name of the station.',
  stationAsk: 'Remove the station {name}? Its key and its screens stop working at once.',
  stationHeld: 'The station holds a unit: verify it, press Next or cancel the arming first.',
  stationDefault: 'This station serves the devices that no other station knows, so it cannot be removed.',
  printer: 'Remove printer',
  printerHint:
    'Its password and the token of its print agent are removed too. Earlier print jobs still show the name of the printer.',
  printerAsk: 'Remove the printer {name}? Afterwards, nothing can be printed on this printer.',
  printerUsed: 'These stations print on this printer: {names}. First choose another printer for these stations.',
  order: 'Remove work order',
  orderHint: 'Only a work order without units can be removed.',
  orderAsk: 'Remove the work order {name}?',
  orderUsed: 'These stations work on this work order: {names}. First give these stations another work order.',
  inFile: 'It is in the configuration file: remove it there.',
};

/** Words of the parts that remove stations, printers and work orders. */
export const REMOVAL: Dictionary<keyof typeof en> = {
  en,
  es: {
    station: 'Eliminar la estación',
    stationHint:
      'Su clave y sus pantallas dejan de funcionar enseguida. Las unidades hechas aquí siguen mostrando el nombre de la estación.',
    stationAsk: '¿Eliminar la estación {name}? Su clave y sus pantallas dejan de funcionar enseguida.',
    stationHeld: 'La estación tiene una unidad: primero verifíquela, pulse Siguiente o cancele la preparación.',
    stationDefault: 'Esta estación atiende a los dispositivos que ninguna otra conoce, así que no se puede eliminar.',
    printer: 'Eliminar la impresora',
    printerHint:
      'También se eliminan su contraseña y el token de su agente. Los trabajos anteriores siguen mostrando el nombre de la impresora.',
    printerAsk: '¿Eliminar la impresora {name}? Después no se podrá imprimir en ella.',
    printerUsed:
      'Estas estaciones imprimen en esta impresora: {names}. Elija antes otra impresora para estas estaciones.',
    order: 'Eliminar la orden de trabajo',
    orderHint: 'Solo se puede eliminar una orden sin unidades.',
    orderAsk: '¿Eliminar la orden de trabajo {name}?',
    orderUsed: 'Estas estaciones trabajan en esta orden: {names}. Asígneles antes otra orden.',
    inFile: 'Está en el archivo de configuración: elimínela allí.',
  },
  zh: {
    station: '移除工位',
    stationHint: '其密钥和屏幕会立即失效。在此制造的设备仍显示该工位的名称。',
    stationAsk: '移除工位 {name}？其密钥和屏幕会立即失效。',
    stationHeld: '该工位有一台设备：请先验证、按“下一台”或取消预分配。',
    stationDefault: '它处理其他工位都不认识的设备，因此无法移除。',
    printer: '移除打印机',
    printerHint: '其密码和打印代理的令牌也会移除。以前的打印任务仍显示该打印机的名称。',
    printerAsk: '移除打印机 {name}？此后无法再用它打印。',
    printerUsed: '这些工位使用它：{names}。请先为其选择其他打印机。',
    order: '移除工单',
    orderHint: '只能移除没有设备记录的工单。',
    orderAsk: '移除工单 {name}？',
    orderUsed: '这些工位正在处理它：{names}。请先为其安排其他工单。',
    inFile: '它在配置文件中：请在那里移除。',
  },
};
