import { refused } from '../sentence.ts';

/* The request is valid, but the rules of the line refuse it. */

export const LINE = {
  'product-missing': refused(400, 'No product is named', {
    body: [
      'the body names no "product": put it into device.json5, or set CLAIMSTAMP_DEFAULT_PRODUCT',
      'el cuerpo no indica "product": añádalo a device.json5 o defina CLAIMSTAMP_DEFAULT_PRODUCT',
      '请求正文没有写明 "product"：请写入 device.json5，或设置 CLAIMSTAMP_DEFAULT_PRODUCT',
    ],
    line: ['names no product', 'no indica ningún producto', '没有写明产品'],
  }),
  'product-unknown': refused(422, 'The product is not known', {
    missing: [
      'there is no product {product}: make it with claimstamp product set {product}',
      'no existe el producto {product}: créelo primero (claimstamp product set {product})',
      '没有产品 {product}：请先建立该产品（claimstamp product set {product}）',
    ],
    code: [
      'no product has the ID or the code {code}: set the code of the product',
      'ningún producto tiene el ID o el código {code}: ponga el código al producto',
      '没有 ID 或代码为 {code} 的产品：请为产品设置代码',
    ],
    codes: [
      'several products have the code {code}: name the ID of the product',
      'varios productos tienen el código {code}: indique el ID del producto',
      '有多个产品使用代码 {code}：请指定产品 ID',
    ],
    notSetUp: [
      'product {product} is not set up ({why}): make it with claimstamp product set {product}',
      'el producto {product} no está configurado ({why}): créelo primero (claimstamp product set {product})',
      '产品 {product} 尚未配置（{why}）：请先建立该产品（claimstamp product set {product}）',
    ],
  }),
  'identity-conflict': refused(409, 'The identity names another unit', {
    twoUnits: [
      "the body's identity names two units ({unit} and {other}): correct {names}",
      'los datos de identidad del dispositivo corresponden a dos unidades ({unit} y {other}): corrija {names}',
      '请求中的标识对应两台设备（{unit} 和 {other}）：请更正 {names}',
    ],
    twoSpellings: [
      'units {unit} and {other} have the same "{property}" in two spellings: void the unit that does not belong to the device',
      'las unidades {unit} y {other} tienen el mismo valor de "{property}" escrito de dos formas: anule la unidad que no es la del dispositivo',
      '{unit} 和 {other} 的 "{property}" 相同，只是写法不同：请作废不属于此设备的那一个',
    ],
    placeholder: [
      'the device sends only a placeholder as "{property}", and an earlier version made unit {unit} for this placeholder: if {unit} is the unit of this device, arm the station with it; if not, arm the station with another unit',
      'el dispositivo solo envía un valor genérico en "{property}", y una versión anterior creó la unidad {unit} con ese valor: si {unit} es la unidad de este dispositivo, prepare la estación con ella; si no, prepare la estación con otra unidad',
      '设备的 "{property}" 只是占位值，而旧版本曾用它创建了设备 {unit}：如果正是此设备，请在工位上指定 {unit}；否则请指定另一个设备',
    ],
    otherUnit: [
      'the device\'s "{property}" is not that of unit {unit}: is it the right device?',
      'el valor de "{property}" del dispositivo no es el de la unidad {unit}: ¿es el dispositivo correcto?',
      '设备的 "{property}" 与设备 {unit} 的不符：请确认是否拿错了设备',
    ],
  }),
  'serial-ambiguous': refused(409, 'The S/N belongs to units of several products', {
    scanId: [
      'S/N {serial} belongs to units of {count} products: scan the Claim ID',
      'el n.º de serie {serial} corresponde a unidades de {count} productos: escanee el Claim ID',
      '序列号 {serial} 属于 {count} 种产品的设备：请扫描 Claim ID',
    ],
    identity: [
      'the value of "{property}" belongs to {count} units: scan the Claim ID',
      'el valor de "{property}" corresponde a {count} unidades: escanee el Claim ID',
      '"{property}" 的值属于 {count} 台设备：请扫描 Claim ID',
    ],
  }),
  'scan-not-clear': refused(422, 'The scan is not clear', {
    again: [
      'the scan is only part of a code, or two codes mixed: scan again',
      'se leyó solo una parte de un código, o dos códigos mezclados: escanee de nuevo',
      '只读到代码的一部分，或混入了另一个代码：请重新扫描',
    ],
    'layout-qwertz': [
      'the keyboard layouts of scanner and computer differ (y and z are swapped): set the scanner to the layout of the computer',
      'el escáner y el equipo tienen distinta disposición de teclado (y y z intercambiadas): configure en el escáner la del equipo',
      '扫描枪与计算机的键盘布局不同（y 与 z 互换）：请把扫描枪设为计算机的布局',
    ],
    'layout-azerty': [
      'the keyboard layouts of scanner and computer differ (a and q are swapped): set the scanner to the layout of the computer',
      'el escáner y el equipo tienen distinta disposición de teclado (a y q intercambiadas): configure en el escáner la del equipo',
      '扫描枪与计算机的键盘布局不同（a 与 q 互换）：请把扫描枪设为计算机的布局',
    ],
    'layout-other': [
      'the keyboard layouts of scanner and computer differ: set the scanner to the layout of the computer',
      'el escáner y el equipo tienen distinta disposición de teclado: configure en el escáner la del equipo',
      '扫描枪与计算机的键盘布局不同：请把扫描枪设为计算机的布局',
    ],
    ambiguous: [
      'several units have this code if upper and lower case are treated as the same: scan the Claim ID',
      'varias unidades tienen este código si no se distinguen mayúsculas y minúsculas: escanee el Claim ID',
      '不区分大小写时，多台设备有此代码：请扫描 Claim ID',
    ],
    'too-long': [
      'the scan is too long for a unit code: scan the label',
      'lo leído es más largo que cualquier código de una unidad: escanee la etiqueta',
      '扫描内容比任何设备代码都长：请扫描标签',
    ],
  }),
  'device-code-needed': refused(409, 'The product has no device code', {
    station: [
      'station {station} has {nests} nests in open mode, and product {product} has no device code: set deviceCode of the product, or use slot mode with a station for each nest',
      'la estación {station} tiene {nests} puestos en modo abierto y el producto {product} no tiene código de dispositivo: defina deviceCode en el producto, o use el modo de puesto con una estación por puesto',
      '工位 {station} 在开放模式下有 {nests} 个夹具位，而产品 {product} 没有设备代码：请设置产品的 deviceCode，或改用单槽模式并为每个夹具位设一个工位',
    ],
    printed: [
      'the label template {template} prints "{property}", so it proves nothing about the device: choose a property that is not on the label',
      'la plantilla {template} imprime «{property}», así que no demuestra nada sobre el dispositivo: elija una propiedad que no esté en la etiqueta',
      '标签模板 {template} 会打印“{property}”，不能证明是哪台设备：请选择不在标签上的属性',
    ],
    notIdentity: [
      '"{property}" is not an identity property, so units cannot be found by it: use one of {properties}',
      '«{property}» no es una propiedad de identidad, así que no identifica unidades: use una de {properties}',
      '“{property}”不是标识属性，无法据此找到设备：请使用 {properties} 之一',
    ],
  }),
  'serial-like-claim-id': refused(400, 'The S/N can be mistaken for a Claim ID', {
    change: [
      'S/N {serial} can be mistaken for a Claim ID: use another S/N, or give the product another Claim ID length',
      'el n.º de serie {serial} puede confundirse con un Claim ID: use otro, o cambie la longitud del Claim ID del producto',
      '序列号 {serial} 可能被误读为 Claim ID：请换一个序列号，或更改产品的 Claim ID 长度',
    ],
    pattern: ['{problems}', '{problems}', '{problems}'],
  }),
  'serial-taken': refused(409, 'The S/N belongs to another unit', {
    reserved: [
      'S/N {serial} belongs to unit {unit}: scan its label to arm the station',
      'el n.º de serie {serial} pertenece a la unidad {unit}: escanee su etiqueta para preparar la estación',
      '序列号 {serial} 属于设备 {unit}：请在工位扫描它的标签进行预分配',
    ],
    issued: [
      'S/N {serial} belongs to unit {unit}: no two units of a product may have the same S/N',
      'el n.º de serie {serial} pertenece a la unidad {unit}: un producto no puede tener dos unidades con el mismo número',
      '序列号 {serial} 属于设备 {unit}：同一产品的两台设备不能使用同一序列号',
    ],
    otherProduct: [
      'S/N {serial} belongs to unit {unit} of product {other}: units of two products cannot have the same S/N; use another S/N, or void that unit if it no longer exists',
      'el n.º de serie {serial} pertenece a la unidad {unit} del producto {other}: dos productos no pueden tener unidades con el mismo número; use otro, o anule esa unidad si ya no existe',
      '序列号 {serial} 属于产品 {other} 的设备 {unit}：不同产品的设备不能使用同一序列号；请使用其他序列号，如果该设备已不存在，请将其作废',
    ],
    otherCase: [
      'S/N {serial} differs from S/N {held} of unit {unit} ({product}) only in upper and lower case, which scanners may change: use another S/N, or the spelling {held} if it is the same device',
      'el n.º de serie {serial} solo se diferencia por las mayúsculas de {held}, que ya tiene la unidad {unit} ({product}), y un lector puede cambiar las mayúsculas: use otro número o, si es el mismo dispositivo, escriba {held}',
      '序列号 {serial} 与设备 {unit}（{product}）的序列号 {held} 仅大小写不同，而扫码器可能改变大小写：请使用其他序列号；如果是同一台设备，请写作 {held}',
    ],
  }),
  'serial-of-pattern': refused(409, 'Only the service assigns S/Ns of this pattern', {
    brought: [
      'S/N {serial} fits the pattern {pattern}, and only the service assigns S/Ns of this pattern: do not send such S/Ns, or, if the devices bring their own S/Ns, set the S/N pattern of product {product} to "none"',
      'el n.º de serie {serial} sigue el patrón {pattern}, cuyos números solo asigna el servicio: no envíe números de ese patrón o, si los dispositivos traen los suyos, ponga el patrón de n.º de serie del producto {product} en "none"',
      '序列号 {serial} 符合格式 {pattern}，该格式的号码只由本服务分配：请不要发送此类序列号；如果设备自带序列号，请把产品 {product} 的序列号格式设为 "none"',
    ],
  }),
  'site-missing': refused(409, 'The service has no site', {
    pattern: [
      'the S/N pattern {pattern} has {site}, but this service has no site: set {setting} to two capital letters or digits such as P2 and restart the service, or use a pattern without {site}',
      'el patrón de n.º de serie {pattern} contiene {site}, pero este servicio no tiene planta: ponga en {setting} dos mayúsculas o cifras, por ejemplo P2, y reinicie el servicio, o use un patrón sin {site}',
      '序列号格式 {pattern} 含有 {site}，但本服务没有设置厂区代码：请把 {setting} 设为两位大写字母或数字（例如 P2）并重启服务，或使用不含 {site} 的格式',
    ],
    product: [
      'the S/N pattern {pattern} of product {product} has {site}, but this service has no site: set {setting} to two capital letters or digits such as P2, and start the service again',
      'el patrón de n.º de serie {pattern} del producto {product} contiene {site}, pero este servicio no tiene planta: ponga en {setting} dos mayúsculas o cifras, por ejemplo P2, e inicie de nuevo el servicio',
      '产品 {product} 的序列号格式 {pattern} 含有 {site}，但本服务没有设置厂区代码：请把 {setting} 设为两位大写字母或数字（例如 P2），然后重新启动服务',
    ],
  }),
  'serials-shared': refused(409, 'Two products could make the same S/N', {
    pattern: [
      'the S/N pattern {pattern} of product {product} can make the same S/N as {otherPattern} of product {other}: use {code} in the pattern and give each product its own code',
      'el patrón de n.º de serie {pattern} del producto {product} puede dar el mismo número que {otherPattern} del producto {other}: use {code} en el patrón y dé a cada producto su propio código',
      '产品 {product} 的序列号格式 {pattern} 可能与产品 {other} 的格式 {otherPattern} 产生相同的序列号：请在格式中使用 {code}，并为每个产品设置不同的代码',
    ],
  }),
  'serials-exhausted': refused(409, 'The S/N counter is exhausted', {
    atEnd: [
      'product {product}: all {used} S/Ns of the counter "{prefix}" are used (pattern {pattern}). Give the product a pattern with more digits on its page under Products (claimstamp product set {product} --serial-pattern \'{wider}\'). No restart is needed, and devices can ask again immediately',
      'producto {product}: se han usado los {used} números de serie del contador "{prefix}" (patrón {pattern}). Dé al producto un patrón con más dígitos en su página de Productos (claimstamp product set {product} --serial-pattern \'{wider}\'). No hace falta reiniciar, y los dispositivos pueden pedir de nuevo enseguida',
      "产品 {product}：计数器“{prefix}”的 {used} 个序列号已全部用完（格式 {pattern}）。请在“产品”的该产品页面上，或用 claimstamp product set {product} --serial-pattern '{wider}' 设置位数更多的格式。无需重启，设备可以立即重新申请",
    ],
    room: [
      'product {product}: the S/N counter "{prefix}" (pattern {pattern}) has {left} numbers left, but {wanted} are needed. Make fewer units, or give the product a pattern with more digits on its page under Products (claimstamp product set {product} --serial-pattern \'{wider}\')',
      'producto {product}: al contador de n.º de serie "{prefix}" (patrón {pattern}) le quedan {left} y se piden {wanted}. Pida menos, o dé al producto un patrón con más dígitos en su página de Productos (claimstamp product set {product} --serial-pattern \'{wider}\')',
      "产品 {product}：序列号计数器“{prefix}”（格式 {pattern}）只剩 {left} 个，需要 {wanted} 个。请减少数量，或在“产品”的该产品页面上，或用 claimstamp product set {product} --serial-pattern '{wider}' 设置位数更多的格式",
    ],
  }),
  'pool-wrong': refused(400, 'The pool cannot be used', {
    range: [
      'pool {property}: {range} is not a range: write A4C138000000-A4C1380FFFFF for MACs, 16 digits on each side for EUI-64s, or a pattern such as {pattern}',
      'reserva {property}: {range} no es un rango: escriba A4C138000000-A4C1380FFFFF para direcciones MAC, 16 dígitos a cada lado para EUI-64, o un patrón como {pattern}',
      '号码池 {property}：{range} 不是号段：MAC 请写 A4C138000000-A4C1380FFFFF，EUI-64 每边写 16 位，或写格式，例如 {pattern}',
    ],
    order: [
      'range {range} ends before it begins: write its first number first',
      'el rango {range} acaba antes de empezar: escriba primero su primer número',
      '号段 {range} 的结尾在开头之前：请先写第一个号码',
    ],
    oui: [
      'range {range} contains addresses of more than one OUI: write one range for each OUI, with "+" between them',
      'el rango {range} contiene direcciones de más de un OUI: escriba un rango por OUI, con "+" entre ellos',
      '号段 {range} 跨越多个 OUI：请为每个 OUI 写一个号段，用“+”分隔',
    ],
    multicast: [
      'range {range} contains group addresses such as {number}: a device needs a range of your own OUI',
      'el rango {range} contiene direcciones de grupo, como {number}: un dispositivo necesita un rango de su propio OUI',
      '号段 {range} 含有组播地址，例如 {number}：设备需要贵公司 OUI 的号段',
    ],
    local: [
      'range {range} contains locally administered addresses such as {number}, which are not unique: use a range of your own OUI',
      'el rango {range} contiene direcciones administradas localmente, como {number}, que no son únicas: use un rango de su propio OUI',
      '号段 {range} 含有本地管理地址，例如 {number}，这种地址不唯一：请使用贵公司 OUI 的号段',
    ],
    placeholder: [
      'range {range} contains {number}, which firmware uses as a placeholder and which identifies no device: write two ranges that leave it out',
      'el rango {range} contiene {number}, que el firmware usa como marcador y no identifica a ningún dispositivo: escriba dos rangos que lo excluyan',
      '号段 {range} 含有 {number}，固件把它用作占位值，不能标识设备：请分成两个号段将其排除',
    ],
    lookalike: [
      'numbers such as {number} of range {range} can be read as Claim IDs: add a letter U, a "." or "/", or make the pattern shorter or longer',
      'números como {number} del rango {range} pueden confundirse con un Claim ID: añada una letra U, un "." o una "/", o haga el patrón más corto o más largo',
      '号段 {range} 的号码（例如 {number}）可能被误读为 Claim ID：请加入字母 U、"." 或 "/"，或改变格式的长度',
    ],
    digits: [
      'range {range} ends at {number}, which has more digits than the count of the pattern',
      'el rango {range} acaba en {number}, que tiene más dígitos que el contador del patrón',
      '号段 {range} 的结尾 {number} 的位数超过了格式中的计数位数',
    ],
    first: [
      'range {range} begins with {number}: begin with 1 or more, and use a letter in the pattern',
      'el rango {range} empieza con {number}: empiece con 1 o más y use una letra en el patrón',
      '号段 {range} 以 {number} 开头：请从 1 或更大的数开始，并在格式中使用字母',
    ],
    property: [
      'a pool cannot have the property {property}, because the service uses it itself: use another one, such as mac',
      'una reserva no puede tener la propiedad {property}, porque la usa el propio servicio: use otra, por ejemplo mac',
      '号码池不能使用属性 {property}，因为本服务自己要用：请使用其他属性，例如 mac',
    ],
    twice: [
      'the property {property} has two pools: write one pool, with "+" between its ranges',
      'la propiedad {property} tiene dos reservas: escriba una sola, con "+" entre sus rangos',
      '属性 {property} 有两个号码池：请只写一个，用“+”分隔其号段',
    ],
    answers: [
      'poolAnswers names {property}, which is not a pool of this product: add the pool, or remove the name',
      'poolAnswers nombra {property}, que no es una reserva de este producto: añada la reserva o quite el nombre',
      'poolAnswers 中的 {property} 不是此产品的号码池：请添加该号码池，或删除该名称',
    ],
    notIdentity: [
      'the pool {property} is not an identity property ({properties}): add it to CLAIMSTAMP_IDENTITY_PROPERTIES first, so that units are found by its numbers',
      'la reserva {property} no es una propiedad de identidad ({properties}): añádala antes a CLAIMSTAMP_IDENTITY_PROPERTIES para que las unidades se encuentren por sus números',
      '号码池 {property} 不是标识属性（{properties}）：请先将其加入 CLAIMSTAMP_IDENTITY_PROPERTIES，以便按号码查找设备',
    ],
  }),
  'pools-shared': refused(409, 'Two pools could give the same number', {
    range: [
      'range {range} of product {product} overlaps with {otherRange} of product {other}, whose numbers are in use or reserved: use another range',
      'el rango {range} del producto {product} se solapa con {otherRange} del producto {other}, cuyos números están en uso o reservados: use otro rango',
      '产品 {product} 的号段 {range} 与产品 {other} 的 {otherRange} 重叠，后者的号码已使用或已保留：请使用其他号段',
    ],
  }),
  'pool-exhausted': refused(409, 'The pool has no number left', {
    atEnd: [
      'the pool {property} of product {product} has no number left: add a range to the pool; no restart is needed, and devices can ask again at once',
      'la reserva {property} del producto {product} está agotada: añádale un rango; no hace falta reiniciar, y los dispositivos pueden pedir de nuevo enseguida',
      '产品 {product} 的号码池 {property} 已用完：请为其添加号段；无需重启，设备可以立即重新申请',
    ],
    room: [
      'the pool {property} of product {product} has {left} numbers left, but {wanted} are needed: make fewer, or add a range to the pool',
      'a la reserva {property} del producto {product} le quedan {left} números y se piden {wanted}: pida menos o añádale un rango',
      '产品 {product} 的号码池 {property} 只剩 {left} 个号码，需要 {wanted} 个：请减少数量，或为其添加号段',
    ],
  }),
  'number-of-pool': refused(409, 'Only the service assigns numbers of this pool', {
    brought: [
      'the device sent {property} {value}, which is in a pool of product {product}, but which the service has not given out: let the service give the number, or take it out of the range',
      'el dispositivo envió {property} {value}, que está en una reserva del producto {product}, pero que el servicio aún no ha dado: deje que el servicio dé el número, o quítelo del rango',
      '设备发送了 {property} {value}，这是产品 {product} 号码池中尚未分配的号码：请由本服务分配号码，或将该号码移出号段',
    ],
  }),
  'lot-missing': refused(400, 'The S/N pattern needs a lot', {
    workOrder: [
      'the S/N pattern of {product} needs {lot}: give the station a work order with a lot',
      'el patrón de n.º de serie de {product} necesita {lot}: asigne a la estación una orden de trabajo con lote',
      '{product} 的序列号格式需要 {lot}：请为工位分配带批次的工单',
    ],
  }),
  'repeat-refused': refused(409, 'The device has its Claim ID', {
    rework: [
      'this device already has the Claim ID {unit}, and the product refuses repeats: for rework, arm the station with its label and the reason rework',
      'este dispositivo ya tiene su Claim ID {unit} y el producto no admite repeticiones: para retrabajarlo, pulse Retrabajo y escanee su etiqueta',
      '此设备已有 Claim ID {unit}，该产品不允许重复申请：如需返工，请按“返工”并扫描它的标签',
    ],
  }),
  'other-source': refused(409, 'The device asked from another source before', {
    arm: [
      "the device of unit {unit} previously asked from a different source, which the product's settings do not allow: if it is the right device, arm the station with the device's label and the reason rework",
      'el dispositivo de la unidad {unit} pidió antes desde otro origen y el producto no admite cambios: si es el dispositivo correcto, pulse Retrabajo y escanee su etiqueta',
      '设备 {unit} 之前从另一来源发出请求，该产品不允许更换来源：如果确认是这台设备，请按“返工”并扫描它的标签',
    ],
    replace: [
      "the device of unit {unit} got its Claim ID at another source: to give it a new Claim ID, void the unit; to let it keep its Claim ID, arm the station with the device's label and the reason rework",
      'el dispositivo de la unidad {unit} recibió su Claim ID desde otro origen: para darle uno nuevo, anule la unidad; para que conserve el suyo, pulse Retrabajo y escanee su etiqueta',
      '设备 {unit} 的 Claim ID 是在另一来源领取的：如要换新的 Claim ID，请先作废该设备；如要保留原 Claim ID，请按“返工”并扫描它的标签',
    ],
    inTurn: [
      'two devices take turns sending the identity of unit {unit}, here and at {station}: find out which one is genuine, and remove the other',
      'dos dispositivos usan por turnos la identidad de la unidad {unit}, aquí y en {station}: averigüe cuál es el correcto y retire el otro',
      '两台设备轮流使用设备 {unit} 的标识，一台在此处，另一台在 {station}：请查明哪一台正确，并移走另一台',
    ],
  }),
  'unit-ended': refused(409, 'The unit is void or scrapped', {
    notReturned: [
      'unit {unit} is {state}, so it cannot be received as a return',
      'la unidad {unit} está {state} y no puede recibirse como devolución',
      '设备 {unit} {state}，不能登记退货',
    ],
    takeLabel: [
      'unit {unit} is {state}: use another label',
      'la unidad {unit} está {state}: use otra etiqueta',
      '设备 {unit} {state}：请换一张标签',
    ],
    pressNext: [
      'unit {unit} is {state}: press Next',
      'la unidad {unit} está {state}: pulse Siguiente',
      '设备 {unit} {state}：请按“下一台”',
    ],
    notPrinted: [
      'unit {unit} is {state} and is not printed',
      'la unidad {unit} está {state}: su etiqueta no se imprime',
      '设备 {unit} {state}，不打印标签',
    ],
    nothingPrinted: [
      'unit {unit} is {state}: nothing was printed',
      'la unidad {unit} está {state}: no se ha imprimido nada',
      '设备 {unit} {state}：未打印任何标签',
    ],
    noLabel: [
      'a void or scrapped unit has no label',
      'una unidad anulada o desechada no tiene etiqueta',
      '已作废或已报废的设备没有标签',
    ],
    voidFirst: [
      "this device's unit {unit} was scrapped: to give the device a new Claim ID, void the unit",
      'la unidad de este dispositivo, {unit}, está desechada: anúlela para empezar de nuevo',
      '此设备的 {unit} 已报废：请先作废，再重新开始',
    ],
    armed: [
      'the armed unit {unit} was voided or scrapped: cancel, and arm with another unit',
      'la unidad {unit}, para la que se preparó la estación, está anulada o desechada: cancele y use otra',
      '预分配的设备 {unit} 已作废或报废：请取消预分配，并改用另一张标签',
    ],
    already: [
      'unit {unit} is already {state}',
      'la unidad {unit} ya está {state}',
      '设备 {unit} {state}，不能再次结束',
    ],
  }),
  'armed-mismatch': refused(409, 'Not the unit that was armed', {
    otherUnit: [
      "the station is armed with {armed}, but this device's unit is {unit}: cancel the arming, or change the device",
      'la estación está preparada para la unidad {armed}, pero este dispositivo es la unidad {unit}: cancele la preparación o cambie el dispositivo',
      '工位预分配的是 {armed}，而此设备是 {unit}：请取消预分配或更换设备',
    ],
    otherProduct: [
      'the station is armed with a unit of product {armed}, but this device is of product {product}: cancel the arming, or change the device',
      'la estación está preparada para una unidad del producto {armed}, pero este dispositivo es del producto {product}: cancele la preparación o cambie el dispositivo',
      '工位预分配的是产品 {armed} 的设备，而此设备属于产品 {product}：请取消预分配或更换设备',
    ],
    otherIdentity: [
      'the device\'s "{property}" is not that of unit {unit}: is it the right device?',
      'el valor de "{property}" del dispositivo no es el de la unidad {unit}: ¿es el dispositivo correcto?',
      '设备的 "{property}" 与设备 {unit} 的不符：请确认是否拿错了设备',
    ],
  }),
  'rework-needed': refused(409, 'The unit was given to a device', {
    reason: [
      'unit {unit} was already given to a device: if that device comes back for rework, arm the station with the reason "rework"',
      'la unidad {unit} ya se asignó a un dispositivo: si ese dispositivo vuelve para retrabajo, pulse Retrabajo',
      '设备 {unit} 已发放给一台设备：如该设备返回，请按“返工”',
    ],
  }),
  'armed-elsewhere': refused(409, 'The unit is at another station', {
    already: [
      'unit {unit} is already at station {station}',
      'la unidad {unit} ya está en la estación {station}',
      '设备 {unit} 已在工位 {station}',
    ],
    bringThere: [
      'station {station} is armed with unit {unit} of this device: bring the device to that station, or cancel the arming there',
      'la estación {station} está preparada para la unidad {unit} de este dispositivo: lleve el dispositivo a esa estación o cancele allí la preparación',
      '工位 {station} 已预分配此设备的 {unit}：请把设备拿到该工位，或在该工位取消预分配',
    ],
    meanwhile: [
      'in the meantime, unit {unit} was given out at {station}: press Next',
      'la unidad {unit} se asignó mientras tanto en {station}: pulse Siguiente',
      '设备 {unit} 其间已在 {station} 发放：请按“下一台”',
    ],
  }),
  'slot-held': refused(409, 'Another unit is open here', {
    verify: [
      'another device asked for a Claim ID while {unit} is open here: remove one device, or verify the open one and press Next',
      'otro dispositivo pide un Claim ID mientras {unit} está abierta aquí: retire uno, o verifique la abierta y pulse Siguiente',
      '{unit} 在此尚未完成时，另一台设备发出了请求：请取出一台，或验证当前设备后按“下一台”',
    ],
  }),
  'other-device': refused(409, 'Another device is at this address', {
    pressNext: [
      'the device at {address} is not the device of {unit}, the unit that is open here: press Next',
      'en {address} hay otro dispositivo, no el de {unit}, que está abierta aquí: pulse Siguiente',
      '{address} 处是另一台设备，不是此处未完成的 {unit}：请按“下一台”',
    ],
    unknown: [
      'the link address of the device at {address} is unknown, so it may not be the device of {unit}, the unit that is open here: press Next',
      'no se conoce la dirección de enlace del dispositivo en {address}, así que puede no ser el de {unit}, que está abierta aquí: pulse Siguiente',
      '{address} 处设备的链路地址未知，可能不是此处未完成的 {unit}：请按“下一台”',
    ],
    contradiction: [
      "the identity that the device of unit {unit} sent contradicts its link address {link}: check the device; if {link} is a network adapter of the fixture, add it to the station's fixtureAdapters",
      'el dispositivo de la unidad {unit} indica una identidad que contradice su dirección de enlace {link}: revise el dispositivo; si {link} es un adaptador de red del puesto, añádalo a fixtureAdapters de la estación',
      '设备 {unit} 提供的标识与其链路地址 {link} 矛盾：请检查设备；如果 {link} 是夹具上的网络适配器，请把它加入工位的 fixtureAdapters',
    ],
  }),
  'link-unknown': refused(409, 'The link address of the device is unknown', {
    proxy: [
      'the link address of {source} is unknown: the request came through a proxy; let devices connect to the service directly',
      'no se conoce la dirección de enlace de {source}: la solicitud llegó por un proxy; haga que los dispositivos se conecten directamente al servicio',
      '{source} 的链路地址未知：请求经由代理到达；请让设备直接连接服务',
    ],
    routed: [
      'the link address of {source} is unknown: the device is not on a network segment of this machine; connect the machine to the segment of the line',
      'no se conoce la dirección de enlace de {source}: el dispositivo no está en un segmento de red de este equipo; conecte el equipo al segmento de la línea',
      '{source} 的链路地址未知：设备不在本机所在的网段；请把本机接入产线的网段',
    ],
    gateway: [
      'the link address of {source} is unknown: a gateway sent the request; connect the device to the network segment of this machine',
      'no se conoce la dirección de enlace de {source}: la solicitud llegó por una puerta de enlace; conecte el dispositivo al segmento de red de este equipo',
      '{source} 的链路地址未知：请求来自网关；请把设备接入本机所在的网段',
    ],
    shared: [
      'the link address of {source} is unknown: several addresses have the same MAC, as behind a router (proxy ARP); connect the device to the network segment of this machine, or give it one fixed address',
      'no se conoce la dirección de enlace de {source}: varias direcciones tienen su MAC, como tras un enrutador (proxy ARP); conecte el dispositivo al segmento de red de este equipo o dele una sola dirección fija',
      '{source} 的链路地址未知：多个地址使用同一个 MAC，可能经过路由器（代理 ARP）；请把设备接入本机所在的网段，或为它设置唯一的固定地址',
    ],
    twice: [
      'the link address of {source} is unknown: this address exists on two network interfaces of this machine; use different addresses',
      'no se conoce la dirección de enlace de {source}: esta dirección existe en dos interfaces de red de este equipo; use direcciones distintas',
      '{source} 的链路地址未知：本机的两个网络接口上都有这个地址；请使用不同的地址',
    ],
    placeholder: [
      'the link address of {source} identifies no device: many devices have this MAC; give each device its own MAC',
      'la dirección de enlace de {source} no identifica ningún dispositivo: muchos dispositivos tienen esta MAC; dé a cada dispositivo su propia MAC',
      '{source} 的链路地址不能识别设备：许多设备使用这个 MAC；请为每台设备设置自己的 MAC',
    ],
    unreadable: [
      'the link address of {source} is unknown: the neighbour table of this machine cannot be read; read the log of the service',
      'no se conoce la dirección de enlace de {source}: no se puede leer la tabla de vecinos de este equipo; consulte el log del servicio',
      '{source} 的链路地址未知：无法读取本机的邻居表；请查看服务日志',
    ],
    system: [
      'the link address of {source} is unknown: link addresses need a service on Linux',
      'no se conoce la dirección de enlace de {source}: las direcciones de enlace necesitan un servicio en Linux',
      '{source} 的链路地址未知：链路地址需要在 Linux 上运行的服务',
    ],
  }),
  'slot-closed': refused(409, 'No unit is open here', {
    verified: [
      'the unit here was verified: press Next or Same device, or scan the label of the next unit',
      'la unidad de aquí ya se verificó: pulse Siguiente o Mismo dispositivo, o escanee la etiqueta de la próxima unidad',
      '此处的设备已验证：请按“下一台”或“同一台设备”，或扫描下一台设备的标签进行预分配',
    ],
    powerOn: [
      'no unit is open at {station}: power the device, then scan its label',
      'no hay ninguna unidad abierta en {station}: encienda el dispositivo y escanee su etiqueta',
      '{station} 没有进行中的设备：请给设备通电，然后扫描标签',
    ],
  }),
  'nothing-to-keep': refused(409, 'No unit was verified here', {
    noDevice: [
      'no unit was verified at {station} since Next was last pressed: there is no device to keep',
      'no se ha verificado ninguna unidad en {station} desde Siguiente: no hay dispositivo que mantener',
      '按“下一台”之后，{station} 还没有验证过设备：没有可保留的设备',
    ],
  }),
  'not-in-slot-mode': refused(409, 'The station is not in slot mode', {
    open: [
      '{station} is in open mode: Next and Same device belong to slot mode',
      '{station} está en modo abierto: Siguiente y Mismo dispositivo son del modo de puesto',
      '{station} 处于开放模式：“下一台”和“同一台设备”只用于单槽模式',
    ],
  }),
  'station-busy': refused(409, 'The station holds a unit', {
    open: [
      '{unit} is open at {station}: verify it or press Next first',
      '{unit} está abierta en {station}: primero verifíquela o pulse Siguiente',
      '{unit} 在 {station} 尚未完成：请先验证，或按“下一台”',
    ],
    changeOver: [
      'a unit is open at {station}: before the change-over, verify it, or press Next (claimstamp station next {station})',
      'hay una unidad abierta en {station}: antes del cambio, verifíquela o pulse Siguiente (claimstamp station next {station})',
      '{station} 有未完成的设备：换线前请先验证，或按“下一台”（claimstamp station next {station}）',
    ],
    workOrder: [
      'a unit of work order {workOrder} is open at {station}: verify it, or press Next (claimstamp station next {station})',
      'hay una unidad de la orden de trabajo {workOrder} abierta en {station}: verifíquela o pulse Siguiente (claimstamp station next {station})',
      '工单 {workOrder} 的一台设备在 {station} 尚未完成：请验证，或按“下一台”（claimstamp station next {station}）',
    ],
  }),
  'station-armed': refused(409, 'The station is armed', {
    cancel: [
      '{station} is armed with {unit}: cancel the arming first',
      '{station} está preparada para la unidad {unit}: cancele primero la preparación',
      '{station} 已预分配 {unit}：请先取消',
    ],
    changeOver: [
      '{station} is armed: cancel the arming before the change-over (claimstamp station cancel {station})',
      '{station} está preparada para una unidad: cancele la preparación antes del cambio (claimstamp station cancel {station})',
      '{station} 已有预分配：换线前请先取消（claimstamp station cancel {station}）',
    ],
    workOrder: [
      '{station} is armed with a unit for work order {workOrder}: cancel the arming first (claimstamp station cancel {station})',
      '{station} está preparada para una unidad de la orden de trabajo {workOrder}: cancele primero la preparación (claimstamp station cancel {station})',
      '{station} 已预分配工单 {workOrder} 的设备：请先取消（claimstamp station cancel {station}）',
    ],
  }),
  'over-issue': refused(409, 'The work order is full', {
    plan: [
      'work order {workOrder} has {units} of {planned} units, so {more} more would exceed the plan: raise the plan, or use another work order',
      'la orden de trabajo {workOrder} tiene {units} de {planned} unidades y {more} más superarían lo planificado: aumente la cantidad planificada o use otra orden',
      '工单 {workOrder} 已有 {units} / {planned} 台，无法再增加 {more} 台：请增加计划数量，或使用其他工单',
    ],
  }),
  'order-required': refused(409, 'The product needs a work order', {
    none: [
      'station {station} runs no work order, and product {product} needs one: ask a lead to change the station over',
      'la estación {station} no tiene orden de trabajo y el producto {product} necesita una: pida a un jefe de línea que haga el cambio de orden',
      '工位 {station} 没有工单，而产品 {product} 必须有工单：请班组长换线',
    ],
    other: [
      'station {station} runs {running}, and this device is of product {product}: take the device out, or ask a lead to change the station over',
      'la estación {station} fabrica {running} y este dispositivo es del producto {product}: retírelo o pida a un jefe de línea que haga el cambio de orden',
      '工位 {station} 正在生产 {running}，而这台设备属于产品 {product}：请取出设备，或请班组长换线',
    ],
    manual: [
      'product {product} needs a work order: name one of its work orders',
      'el producto {product} necesita una orden de trabajo: indique una de sus órdenes',
      '产品 {product} 必须有工单：请指定它的一个工单',
    ],
  }),
  'no-exception': refused(409, 'The unit has no such open exception', {
    open: [
      'unit {unit} has no open exception of this kind ({kind}): load the list of exceptions again',
      'la unidad {unit} no tiene ninguna excepción abierta de este tipo ({kind}): vuelva a cargar la lista de excepciones',
      '设备 {unit} 没有此类未关闭的异常（{kind}）：请重新加载异常列表',
    ],
  }),
  'not-a-sample': refused(409, 'The unit is not a sample', {
    order: [
      'unit {unit} does not belong to a work order of samples, so there is nothing to release',
      'la unidad {unit} no pertenece a una orden de muestras, así que no hay nada que liberar',
      '设备 {unit} 不属于样品工单，无需放行',
    ],
  }),
  'work-order-closed': refused(409, 'The work order is closed', {
    reopen: [
      'work order {workOrder} is closed: give the station another one, or reopen it (claimstamp work-order reopen {workOrder})',
      'la orden de trabajo {workOrder} está cerrada: asigne otra a la estación o reábrala (claimstamp work-order reopen {workOrder})',
      '工单 {workOrder} 已关闭：请为工位换一个工单，或重新打开它（claimstamp work-order reopen {workOrder}）',
    ],
    closing: [
      'work order {workOrder} is being closed: give the station another one, or wait until the work order is closed',
      'la orden de trabajo {workOrder} se está cerrando: asigne otra a la estación o espere a que termine el cierre',
      '工单 {workOrder} 正在关闭：请为工位换一个工单，或等待关闭结束',
    ],
  }),
  'work-order-open': refused(409, 'The work order is open', {
    cancelled: [
      'work order {workOrder} was reopened while it was being closed: close it again',
      'la orden de trabajo {workOrder} se reabrió mientras se cerraba: ciérrela de nuevo',
      '工单 {workOrder} 在关闭过程中被重新打开：请再次关闭',
    ],
    nothing: [
      'work order {workOrder} is open: nothing to reopen',
      'la orden de trabajo {workOrder} está abierta: no hay nada que reabrir',
      '工单 {workOrder} 未关闭：无需重新打开',
    ],
  }),
  leftovers: refused(409, 'Units are unaccounted', {
    many: [
      '{count} {count|unit|units} of work order {workOrder} {count|is|are} unaccounted for, but at most {max} may be signed off: verify, void or scrap the others',
      'hay {count} unidades sin justificar en la orden de trabajo {workOrder} y solo se pueden justificar {max}: verifique, anule o deseche las demás',
      '工单 {workOrder} 有 {count} 台去向不明的设备，最多可签核 {max} 台：其余请验证、作废或报废',
    ],
    some: [
      '{count} {count|unit|units} of work order {workOrder} {count|is|are} unaccounted for ({some}): verify, void or scrap them, or sign them off with a reason',
      'hay {count} unidades sin justificar en la orden de trabajo {workOrder} ({some}): verifíquelas, anúlelas o deséchelas, o justifíquelas con un motivo',
      '工单 {workOrder} 有 {count} 台去向不明的设备（{some}）：请验证、作废或报废，或填写原因签核',
    ],
  }),
  duplicate: refused(409, 'It is already in the ledger', {
    twice: ['the {what} is already in {place}', '{what} ya aparece en {place}', '{what} 已出现在 {place}'],
    claimId: [
      'the Claim ID {unit} is already in the ledger',
      'el Claim ID {unit} ya está en el registro',
      'Claim ID {unit} 已在台账中',
    ],
    identity: [
      'the value of "{property}" already belongs to unit {unit}',
      'el valor de "{property}" ya pertenece a la unidad {unit}',
      '"{property}" 的值已属于设备 {unit}',
    ],
  }),
  'report-alarm': refused(409, 'The device holds a Claim ID that is not its own', {
    what: ['{what} ({unit})', '{what} ({unit})', '{what}（{unit}）'],
    answer: [
      "the Claim ID {unit} is not this device's own: take the device out, and see the alarm at its station",
      'el Claim ID {unit} no es el de este dispositivo: retírelo y vea la alarma de su estación',
      'Claim ID {unit} 不属于此设备：请取出设备，并查看所在工位的警报',
    ],
  }),
};
