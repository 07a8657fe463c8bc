import { refused } from '../sentence.ts';

/* Gates, shipping lists and results of tests. */

export const SHIPPING = {
  'gate-station': refused(409, 'The station is a gate', {
    device: [
      '{station} is a gate and gives out no Claim ID: connect the device at another station',
      '{station} es un punto de salida y no entrega ningún Claim ID: conecte el dispositivo en otra estación',
      '{station} 是出货口，不发放 Claim ID：请在其他工位连接此设备',
    ],
    noDevices: [
      '{station} is a gate and only checks labels: use another station',
      '{station} es un punto de salida y solo comprueba etiquetas: use otra estación',
      '{station} 是出货口，只核对标签：请使用其他工位',
    ],
    oneScan: [
      '{station} is a gate: send only the label, without the code of the device',
      '{station} es un punto de salida: envíe solo la etiqueta, sin el código del dispositivo',
      '{station} 是出货口：只需发送标签，不要附带设备代码',
    ],
  }),
  'shipping-list-closed': refused(409, 'The shipping list is closed', {
    closed: [
      'shipping list {list} is already closed',
      'la lista de envío {list} ya está cerrada',
      '出货清单 {list} 已经关闭',
    ],
    set: [
      'shipping list {list} is closed: make a new list',
      'la lista de envío {list} está cerrada: cree otra lista',
      '出货清单 {list} 已关闭：请新建清单',
    ],
    unship: [
      'shipping list {list} is closed, so its units have left the factory: if a unit came back, record its return',
      'la lista de envío {list} está cerrada y sus unidades ya salieron: registre una devolución si una unidad ha vuelto',
      '出货清单 {list} 已关闭，其中的设备已经出货：若设备退回，请登记退货',
    ],
  }),
  'shipping-list-started': refused(409, 'The shipping list has units', {
    filter: [
      'shipping list {list} has {units} units, so its product and its work order cannot change: make a new list',
      'la lista de envío {list} tiene {units} unidades, por lo que su producto y su orden de trabajo no pueden cambiar: cree otra lista',
      '出货清单 {list} 已有 {units} 台设备，不能再更改产品和工单：请新建清单',
    ],
    target: [
      'shipping list {list} has {units} units: its target cannot be {target}',
      'la lista de envío {list} tiene {units} unidades: su objetivo no puede ser {target}',
      '出货清单 {list} 已有 {units} 台设备：目标数量不能是 {target}',
    ],
  }),
  'not-shipped': refused(409, 'The unit is not on a shipping list', {
    noList: [
      'unit {unit} is not on a shipping list',
      'la unidad {unit} no está en ninguna lista de envío',
      '设备 {unit} 不在任何出货清单上',
    ],
  }),
  'too-many-procedures': refused(409, 'The unit has results of too many test procedures', {
    unit: [
      'unit {unit} already has results of {max} test procedures, the maximum: use one of their names, and do not put dates or counters into names',
      'la unidad {unit} ya tiene resultados de {max} procedimientos de prueba: use el nombre de uno de ellos, sin fecha ni contador',
      '设备 {unit} 已有 {max} 个测试程序的结果：请使用已有的程序名称，不要加日期或序号',
    ],
  }),
};
