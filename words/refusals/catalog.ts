import { refused } from '../sentence.ts';

/* A name in the request does not exist, or does not fit the rest of the request. */

export const CATALOG = {
  'product-in-use': refused(409, 'The product is in use', {
    units: [
      'product {product} has or had units, and units are kept forever: it cannot be removed',
      'el producto {product} tiene o ha tenido unidades, que se conservan para siempre: no se puede eliminar',
      '产品 {product} 已有设备记录，设备记录永久保留：无法移除该产品',
    ],
    station: [
      'station {station} names product {product}: change the station first (claimstamp station set {station})',
      'la estación {station} usa el producto {product}: cambie primero la estación (claimstamp station set {station})',
      '工位 {station} 使用产品 {product}：请先更改工位（claimstamp station set {station}）',
    ],
    workOrder: [
      'work order {workOrder} is for product {product}, and work orders are kept: it cannot be removed',
      'la orden de trabajo {workOrder} es del producto {product} y las órdenes se conservan: no se puede eliminar',
      '工单 {workOrder} 属于产品 {product}，工单会保留：无法移除该产品',
    ],
    setting: [
      'CLAIMSTAMP_DEFAULT_PRODUCT is {product}: change that setting first',
      'CLAIMSTAMP_DEFAULT_PRODUCT es {product}: cambie primero ese ajuste',
      'CLAIMSTAMP_DEFAULT_PRODUCT 是 {product}：请先更改该设置',
    ],
  }),
  'station-in-use': refused(409, 'The station is in use', {
    default: [
      'station {station} serves the devices that no other station knows: it cannot be removed',
      'la estación {station} atiende a los dispositivos que ninguna otra estación conoce: no se puede eliminar',
      '工位 {station} 处理其他工位都不认识的设备：无法移除',
    ],
    unit: [
      'station {station} holds a unit: verify it, press Next or cancel the arming, then remove the station',
      'la estación {station} tiene una unidad: verifíquela, pulse Siguiente o cancele la preparación, y elimine después la estación',
      '工位 {station} 有一台设备：请先验证、按“下一台”或取消预分配，再移除工位',
    ],
    job: [
      'a label of station {station} waits for its printer: wait for it or cancel it, then remove the station',
      'una etiqueta de la estación {station} espera a su impresora: espere o cancélela, y elimine después la estación',
      '工位 {station} 的一张标签正在等待打印：请等待或取消，再移除工位',
    ],
  }),
  'printer-in-use': refused(409, 'The printer is in use', {
    stations: [
      '{stations} print on printer {printer}: choose another printer for them first',
      '{stations} imprimen en la impresora {printer}: elija antes otra impresora para ellas',
      '{stations} 使用打印机 {printer}：请先为其选择其他打印机',
    ],
    jobs: [
      '{jobs} print jobs wait for printer {printer}: wait for them or cancel them, then remove the printer',
      '{jobs} trabajos esperan a la impresora {printer}: espere o cancélelos, y elimine después la impresora',
      '打印机 {printer} 有 {jobs} 个任务在等待：请等待或取消，再移除打印机',
    ],
  }),
  'work-order-in-use': refused(409, 'The work order is in use', {
    units: [
      'work order {workOrder} has or had units, and units are kept forever: close it (claimstamp work-order close {workOrder})',
      'la orden de trabajo {workOrder} tiene o ha tenido unidades, que se conservan para siempre: ciérrela (claimstamp work-order close {workOrder})',
      '工单 {workOrder} 已有设备记录，设备记录永久保留：请关闭工单（claimstamp work-order close {workOrder}）',
    ],
    closed: [
      'work order {workOrder} is closed or being closed, and its report is kept: it cannot be removed',
      'la orden de trabajo {workOrder} está cerrada o se está cerrando y su informe se conserva: no se puede eliminar',
      '工单 {workOrder} 已关闭或正在关闭，其报告会保留：无法移除',
    ],
    stations: [
      '{stations} work on work order {workOrder}: give them another work order first',
      '{stations} trabajan en la orden de trabajo {workOrder}: asígneles antes otra orden',
      '{stations} 正在处理工单 {workOrder}：请先为其安排其他工单',
    ],
  }),
  'not-found': refused(404, 'Not found', {
    task: [
      'the result is no longer available: results are kept for an hour',
      'este trabajo ya no está aquí: su resultado se conservó una hora',
      '此任务已不存在：其结果只保留一小时',
    ],
    noUnits: [
      'the file has no units: it needs a header line and a line for each unit',
      'el archivo no tiene unidades: necesita una línea de encabezados y una línea por unidad',
      '文件中没有单元：需要一行标题，并且每个单元一行',
    ],
    backupFolder: [
      'no backup folder is set: set CLAIMSTAMP_BACKUP_FOLDER and restart the service',
      'no hay carpeta para copias de seguridad: defina CLAIMSTAMP_BACKUP_FOLDER y reinicie el servicio',
      '没有设置备份文件夹：请设置 CLAIMSTAMP_BACKUP_FOLDER 并重启服务',
    ],
    searchOff: [
      'partial-match search is off: set CLAIMSTAMP_SEARCH=on and restart the service',
      'la búsqueda por partes está desactivada: defina CLAIMSTAMP_SEARCH=on y reinicie el servicio',
      '按片段搜索已关闭：请设置 CLAIMSTAMP_SEARCH=on 并重启服务',
    ],
    session: [
      'this session has already ended or never existed: reload the list of sessions',
      'esta sesión ya terminó o nunca existió: vuelva a cargar la lista de sesiones',
      '此会话已结束或不存在：请重新加载会话列表',
    ],
    badge: [
      '{name} has no badge: give {name} a badge first',
      '{name} no tiene credencial: asígnele una primero',
      '{name} 没有工牌：请先分配工牌',
    ],
    webhook: ['there is no webhook {webhook}', 'no existe el webhook {webhook}', '没有 webhook {webhook}'],
    rma: [
      'no unit was received under RMA {rma}',
      'no se ha recibido ninguna unidad con la RMA {rma}',
      '没有按 RMA {rma} 收到任何设备',
    ],
    unit: ['there is no unit {unit}', 'no existe la unidad {unit}', '没有设备 {unit}'],
    unitNotPrinted: [
      'there is no unit {unit}: nothing was printed',
      'no existe la unidad {unit}; no se ha imprimido nada',
      '没有设备 {unit}；未打印任何标签',
    ],
    claimId: [
      'there is no unit with this Claim ID',
      'no existe ninguna unidad con este Claim ID',
      '没有使用此 Claim ID 的设备',
    ],
    notClaimId: [
      'this is not a Claim ID: 10 to 20 letters and digits without I, L, O and U',
      'esto no es un Claim ID: son de 10 a 20 letras y dígitos, sin I, L, O ni U',
      '这不是 Claim ID：应为 10 到 20 个字母和数字，不含 I、L、O、U',
    ],
    code: [
      'this is neither a Claim ID nor an S/N in this ledger',
      'este código no está en el registro, ni como Claim ID ni como n.º de serie',
      '台账中没有此 Claim ID 或序列号',
    ],
    rollLabel: [
      'this label is not from a roll: scan the last good label of the roll',
      'esta etiqueta no es de un rollo: escanee la última etiqueta buena del rollo',
      '此标签不属于任何标签卷：请扫描标签卷上最后一张完好的标签',
    ],
    leftStation: [
      'this unit is no longer at this station',
      'esta unidad ya no está en esta estación',
      '该设备已不在此工位',
    ],
    templateRevision: [
      'label template {template} has no revision {revision} in the ledger',
      'la plantilla {template} no tiene la revisión {revision} en el registro',
      '台账中没有标签模板 {template} 的修订版 {revision}',
    ],
    labelRole: [
      'product {product} has no label with the role {role}: its labels are {roles}',
      'el producto {product} no tiene ninguna etiqueta de tipo {role}: sus etiquetas son {roles}',
      '产品 {product} 没有角色为 {role} 的标签：其标签为 {roles}',
    ],
    noApproved: [
      'no revision of label template {template} is approved',
      'ninguna revisión de la plantilla {template} está aprobada',
      '标签模板 {template} 没有已批准的修订版',
    ],
    noPrint: [
      'no such label of this unit was printed',
      'no se imprimió esa etiqueta de esta unidad',
      '该设备没有打印过此标签',
    ],
    printUnknown: [
      'an earlier version printed the label of print job {job}, so it is unknown what it was printed with',
      'una versión anterior imprimió la etiqueta del trabajo {job}, así que no se sabe con qué se imprimió',
      '打印任务 {job} 的标签由旧版本打印，无法得知打印时使用的模板和字体',
    ],
    labelContents: [
      'the template or settings of render set {set} are missing: restore them from a backup, or use a bundle that has them',
      'faltan la plantilla o los ajustes del conjunto de impresión {set}: restáurelos desde una copia de seguridad o use un paquete que los contenga',
      '缺少打印集 {set} 的模板或设置：请从备份恢复，或使用包含它们的证据包',
    ],
    unitGone: ['the unit is not in the ledger', 'la unidad no está en el registro', '台账中没有该设备'],
    noMatch: [
      'no unit matches: no label was drawn',
      'ninguna unidad coincide: no se ha generado ninguna etiqueta',
      '没有符合条件的设备：未生成任何标签',
    ],
    station: ['there is no station {station}', 'no existe la estación {station}', '没有工位 {station}'],
    stationList: [
      'there is no station {station}: list the stations with claimstamp station list',
      'no existe la estación {station}: elija una de la lista de estaciones (claimstamp station list)',
      '没有工位 {station}：请从工位列表中选择（claimstamp station list）',
    ],
    stationSet: [
      'there is no station {station}: make it with claimstamp station set {station}',
      'no existe la estación {station}: créela primero (claimstamp station set {station})',
      '没有工位 {station}：请先建立（claimstamp station set {station}）',
    ],
    product: ['there is no product {product}', 'no existe el producto {product}', '没有产品 {product}'],
    importOrder: [
      'there is no work order {workOrder}: make it before the import (claimstamp work-order set {workOrder} --product {product})',
      'no existe la orden de trabajo {workOrder}: créela antes de importar (claimstamp work-order set {workOrder} --product {product})',
      '没有工单 {workOrder}：请在导入前建立（claimstamp work-order set {workOrder} --product {product}）',
    ],
    workOrder: [
      'there is no work order {workOrder}',
      'no existe la orden de trabajo {workOrder}',
      '没有工单 {workOrder}',
    ],
    workOrderSet: [
      'there is no work order {workOrder}: make it with claimstamp work-order set {workOrder}',
      'no existe la orden de trabajo {workOrder}: créela primero (claimstamp work-order set {workOrder})',
      '没有工单 {workOrder}：请先建立（claimstamp work-order set {workOrder}）',
    ],
    shippingList: [
      'there is no shipping list {list}: make it with claimstamp shipping-list set {list}',
      'no existe la lista de envío {list}: créela primero (claimstamp shipping-list set {list})',
      '没有出货清单 {list}：请先建立（claimstamp shipping-list set {list}）',
    ],
    reservation: [
      'there is no reservation {reservation}',
      'no existe la reserva {reservation}',
      '没有预留 {reservation}',
    ],
    lot: ['no work order has the lot {lot}', 'ninguna orden de trabajo tiene el lote {lot}', '没有批次为 {lot} 的工单'],
    printer: [
      'there is no printer {printer}: make it with claimstamp printer set {printer}',
      'no existe la impresora {printer}: créela primero (claimstamp printer set {printer})',
      '没有打印机 {printer}：请先建立（claimstamp printer set {printer}）',
    ],
    printerList: [
      'there is no printer {printer}: list the printers with claimstamp printer list',
      'no existe la impresora {printer}: elija una de la lista de impresoras (claimstamp printer list)',
      '没有打印机 {printer}：请从打印机列表中选择（claimstamp printer list）',
    ],
    forecast: [
      'there is no longer such a forecast ({code} {subject}): reload the list',
      'ahora no existe esa previsión ({code} {subject}): vuelva a cargar la lista',
      '目前没有该预警（{code} {subject}）：请刷新列表',
    ],
    printJob: ['there is no print job {job}', 'no existe el trabajo de impresión {job}', '没有打印任务 {job}'],
    holdCode: [
      'there is no hold code named {name}: list the hold codes with claimstamp hold-code list',
      'no existe ningún código de reanudación llamado {name}: elija uno de la lista (claimstamp hold-code list)',
      '没有名为 {name} 的恢复码：请从列表中选择（claimstamp hold-code list）',
    ],
    person: [
      'there is no person named {name}: list the people with claimstamp person list',
      'no existe ninguna persona llamada {name}: elija una de la lista (claimstamp person list)',
      '没有名为 {name} 的人员：请从人员列表中选择（claimstamp person list）',
    ],
    token: [
      'there is no token {name}: list the tokens with claimstamp token list',
      'no existe el token {name}: elija uno de la lista (claimstamp token list)',
      '没有令牌 {name}：请从令牌列表中选择（claimstamp token list）',
    ],
    template: [
      'there is no label template {template}: {names} are in labels/',
      'no existe la plantilla de etiqueta {template}: en labels/ están {names}',
      '没有标签模板 {template}：labels/ 中有 {names}',
    ],
    logo: [
      'no picture {logo} was uploaded: list the pictures with claimstamp label logos',
      'no se ha subido ninguna imagen {logo}: elija una de la lista (claimstamp label logos)',
      '没有上传过图片 {logo}：请从列表中选择（claimstamp label logos）',
    ],
    savedTemplate: [
      'no label template {template} is saved here: list the templates with claimstamp label templates',
      'aquí no hay guardada ninguna plantilla de etiqueta {template}: elija una de la lista (claimstamp label templates)',
      '此处没有保存标签模板 {template}：请从列表中选择（claimstamp label templates）',
    ],
    sheet: [
      'there is no sheet {sheet}: {names} are in labels/sheets/',
      'no existe la hoja {sheet}: en labels/sheets/ están {names}',
      '没有标签纸 {sheet}：labels/sheets/ 中有 {names}',
    ],
    address: [
      'there is nothing at this address for {method}',
      'en esta dirección no hay nada para {method}',
      '此地址没有可用 {method} 访问的内容',
    ],
    agentAddress: [
      'agents ask at /ioto/serialize or /ioto/serialize/<key>: correct api.serialize',
      'los agentes piden en /ioto/serialize o /ioto/serialize/<clave>: corrija api.serialize',
      '代理程序应访问 /ioto/serialize 或 /ioto/serialize/<密钥>：请更正 api.serialize',
    ],
    language: [
      'the console does not have this language',
      'la consola no está disponible en este idioma',
      '控制台不支持该语言',
    ],
  }),
  'read-only': refused(409, 'Set in the configuration file', {
    inFile: [
      '{what} {name} is set in the configuration file: change it there and restart',
      '{what} {name} se define en el archivo de configuración: haga el cambio allí y reinicie el servicio',
      '{what} {name} 由配置文件定义：请在文件中修改并重启服务',
    ],
    setting: [
      'the setting {setting} comes from {source}: change it there and restart',
      'el ajuste {setting} viene de {source}: haga el cambio allí y reinicie el servicio',
      '设置 {setting} 来自 {source}：请在那里修改并重启服务',
    ],
    shared: [
      'several processes share this ledger: set {setting} in the environment of each process',
      'varios procesos comparten este registro: defina {setting} en el entorno de cada proceso',
      '多个进程共用此账本：请在每个进程的环境中设置 {setting}',
    ],
  }),
  'wrong-product': refused(400, 'The work order is for another product', {
    workOrder: [
      'work order {workOrder} is for product {product}, not {other}',
      'la orden de trabajo {workOrder} es para el producto {product}, no para {other}',
      '工单 {workOrder} 用于产品 {product}，不是 {other}',
    ],
    rename: [
      'work order {workOrder} already exists for product {product}: for product {other}, use another name',
      'la orden de trabajo {workOrder} es para el producto {product}: dé otro nombre a la de {other}',
      '工单 {workOrder} 用于产品 {product}：请为 {other} 的工单另取名称',
    ],
  }),
  'work-order-started': refused(409, 'The work order has units', {
    lot: [
      'work order {workOrder} has {units} units: its lot cannot change',
      'la orden de trabajo {workOrder} ya tiene {units} unidades: su lote no se puede cambiar',
      '工单 {workOrder} 已有 {units} 台设备：批次不能再更改',
    ],
    purpose: [
      'work order {workOrder} has {units} units: its purpose cannot change; make another work order',
      'la orden de trabajo {workOrder} ya tiene {units} unidades: su finalidad no se puede cambiar; cree otra orden',
      '工单 {workOrder} 已有 {units} 台设备：用途不能再更改，请另建工单',
    ],
  }),
  'source-taken': refused(409, 'The source address belongs to another station', {
    station: [
      'the source {source} belongs to station {station}: remove it there first',
      'la dirección {source} pertenece a la estación {station}: quítela allí primero',
      '地址 {source} 属于工位 {station}：请先在该工位去掉它',
    ],
  }),
  'no-printer': refused(409, 'The station has no printer', {
    set: [
      'station {station} has no printer: set one',
      'la estación {station} no tiene impresora: asígnele una',
      '工位 {station} 没有打印机：请为它设置一台',
    ],
    autoPrint: [
      '{station} cannot print automatically without a printer: set one',
      '{station} no puede imprimir automáticamente sin impresora: indique una',
      '{station} 没有打印机，无法自动打印：请指定一台',
    ],
  }),
};
