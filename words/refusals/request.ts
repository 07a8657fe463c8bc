import { refused } from '../sentence.ts';

/* The request itself is not valid, whatever it asks for. */

export const REQUEST = {
  invalid: refused(400, 'The request is not valid', {
    values: ['{problems}', '{problems}', '{problems}'],
    noCode: [
      'there is no code: scan or type the label',
      'no hay ningún código: escanee o escriba la etiqueta',
      '没有代码：请扫描或输入标签',
    ],
    otherDay: [
      'the clock of the service shows {date}: if this date is right, give it; if not, correct the clock',
      'el reloj del servicio muestra {date}: indique esta fecha si es correcta; si no, corrija el reloj',
      '服务的时钟显示 {date}：如果正确，请给出此日期；否则请校正时钟',
    ],
    onlyAuditors: [
      '{name} is not an auditor: remove ends and products, or set the role auditor',
      '{name} no es auditor: quite ends y products, o asigne la función auditor',
      '{name} 不是审计员：请去掉 ends 和 products，或设为审计员（auditor）',
    ],
    auditorNeeds: [
      '{name} is an auditor without a last day or without products: set ends and products',
      '{name} es auditor y le falta el último día o los productos: indique ends y products',
      '审计员 {name} 缺少最后访问日或产品：请设置 ends 和 products',
    ],
    auditorBadge: [
      '{name} is an auditor, and auditors have no badge: remove the badge',
      '{name} es auditor, y los auditores no tienen credencial: quite la credencial',
      '{name} 是审计员，审计员没有工牌：请去掉工牌',
    ],
    endsPast: [
      'ends: {ends} is in the past: set today or a later day',
      'ends: el {ends} ya pasó: indique hoy o un día posterior',
      'ends：{ends} 已过：请设置今天或以后的日期',
    ],
    twoLines: [
      'the request has two {header} lines: send one',
      'la petición tiene dos líneas {header}: envíe solo una',
      '请求中有两行 {header}：只能发送一行',
    ],
    notUtf8: [
      'the body is not UTF-8: send JSON as RFC 8259 defines it',
      'el cuerpo no está en UTF-8: envíe JSON según RFC 8259',
      '请求正文不是 UTF-8 编码：请按 RFC 8259 发送 JSON',
    ],
    notJson: [
      'the body is not JSON: send the device section as a JSON object',
      'el cuerpo no es JSON: envíe la sección del dispositivo como objeto JSON',
      '请求正文不是 JSON：请以 JSON 对象发送设备信息',
    ],
    notObject: [
      'the body must be a JSON object, such as {example}',
      'el cuerpo debe ser un objeto JSON, por ejemplo {example}',
      '请求正文必须是 JSON 对象，例如 {example}',
    ],
    manyProperties: [
      'the body has {count} properties: send at most {max}',
      'el cuerpo tiene {count} propiedades: envíe {max} como máximo',
      '请求正文有 {count} 个属性：最多可发送 {max} 个',
    ],
    namedTwice: [
      'the body contains a property twice: send each property only once',
      'el cuerpo repite el nombre de una propiedad: cada nombre debe aparecer una sola vez',
      '请求正文中有重复的属性名：每个名称只能出现一次',
    ],
    namedInTwoCases: [
      'the body has "{name}" and "{other}", and both can mean "{property}": send only one of them',
      'el cuerpo tiene "{name}" y "{other}", y ambos pueden significar "{property}": envíe solo uno',
      '请求正文中同时有 "{name}" 和 "{other}"，都可能是 "{property}"：请只发送其中一个',
    ],
    parameterTwice: [
      'the parameter {name} is given twice: give it only once',
      'el parámetro {name} aparece dos veces: indíquelo una sola vez',
      '参数 {name} 出现了两次：只能给出一次',
    ],
    numberTooLarge: [
      'a number in the body is too large to store exactly: send it as a string',
      'un número del cuerpo es demasiado grande para guardarlo con exactitud: envíelo como texto',
      '请求正文中有一个数字过大，无法精确保存：请以字符串发送',
    ],
    tooDeep: [
      'the body is nested too deep: at most {max} levels',
      'el cuerpo tiene demasiados niveles anidados: {max} como máximo',
      '请求正文嵌套过深：最多 {max} 层',
    ],
    proto: [
      'the body has a property "__proto__": rename it',
      'el cuerpo tiene una propiedad "__proto__": cámbiele el nombre',
      '请求正文含有属性 "__proto__"：请改名',
    ],
    property: ['"{name}" {problem}', '"{name}": {problem}', '"{name}"：{problem}'],
    longText: [
      '"{name}" must be a string of at most {max} characters',
      '"{name}" debe ser un texto de {max} caracteres como máximo',
      '"{name}" 必须是不超过 {max} 个字符的文本',
    ],
    badSerial: [
      '"serial" must be at most {max} letters, digits, ". _ / -" or spaces, and begin with a letter or digit',
      '"serial" admite como máximo {max} letras, dígitos, ". _ / -" o espacios, y debe empezar por letra o dígito',
      '"serial" 最多 {max} 个字符，可用字母、数字、". _ / -" 和空格，且必须以字母或数字开头',
    ],
    invisible: [
      '"{name}" has the invisible character {character} at position {position}: remove it',
      '"{name}" contiene el carácter invisible {character} en la posición {position}: quítelo',
      '"{name}" 的第 {position} 位有不可见字符 {character}：请删除',
    ],
    badIdentity: [
      '"{name}" must be a non-empty string of at most {max} characters or a whole number up to 2^53: send it as a string',
      '"{name}" debe ser un texto no vacío de {max} caracteres como máximo o un entero hasta 2^53: envíelo como texto',
      '"{name}" 必须是不超过 {max} 个字符的非空文本，或不大于 2^53 的整数：请以字符串发送',
    ],
    controlCharacter: [
      '"{name}" contains the control character or incomplete character {character} at position {position}: send plain text',
      '"{name}" contiene un carácter de control o incompleto ({character}) en la posición {position}: envíe texto simple',
      '"{name}" 的第 {position} 位是控制字符或不完整的字符 {character}：请发送纯文本',
    ],
    json: ['the body is not JSON in UTF-8', 'el cuerpo no es JSON en UTF-8', '请求正文不是 UTF-8 编码的 JSON'],
    nameDiffers: [
      '"name" differs from the address, which has {name}',
      '"name" no coincide con el nombre de la dirección, {name}',
      '"name" 与地址中的名称 {name} 不一致',
    ],
    noOnce: [
      'this address does not accept an Idempotency-Key: leave it out',
      'esta dirección no admite Idempotency-Key: quítela',
      '此地址不接受 Idempotency-Key：请去掉它',
    ],
    badOnce: [
      'Idempotency-Key: must be 1 to 255 printable ASCII characters, such as a UUID',
      'Idempotency-Key debe tener de 1 a 255 caracteres ASCII imprimibles, por ejemplo un UUID',
      'Idempotency-Key 必须是 1 到 255 个可打印的 ASCII 字符，例如 UUID',
    ],
    noKey: ['there is no such button', 'no existe ese botón', '没有这个按钮'],
    noReason: [
      'reason: "{reason}" is not one of {reasons}',
      'el motivo "{reason}" no es ninguno de estos: {reasons}',
      '原因“{reason}”不在可选范围内：{reasons}',
    ],
    noteMissing: [
      'note: the reason "other" needs a note that explains it',
      'el motivo "otro" necesita una nota que lo explique',
      '选择“其他”原因时，请在备注中说明',
    ],
    listedTwice: ['{unit} is in the list twice', '{unit} aparece dos veces en la lista', '{unit} 在列表中出现两次'],
    notClaimIds: [
      'not Claim IDs: {places}; nothing was changed',
      'no son Claim ID: {places}; no se ha cambiado nada',
      '以下不是 Claim ID：{places}；未做任何更改',
    ],
    signOff: [
      'signOff[{index}].uci: is not a Claim ID',
      'signOff[{index}].uci no es un Claim ID',
      'signOff[{index}].uci 不是 Claim ID',
    ],
    fromAfterTo: [
      'from: must be earlier than "to"',
      'el comienzo debe ser anterior al final',
      '开始时间必须早于结束时间',
    ],
    templateLarge: [
      'the label template has {bytes} bytes, at most {max} are allowed: remove boxes',
      'la plantilla de etiqueta tiene {bytes} bytes y se admiten {max} como máximo: quite recuadros',
      '标签模板有 {bytes} 字节，最多允许 {max} 字节：请删除一些框',
    ],
    logoLarge: [
      'the picture has {bytes} bytes, at most {max} are allowed: use a simpler picture',
      'la imagen tiene {bytes} bytes y se permiten {max}: use una imagen más sencilla',
      '图片有 {bytes} 字节，最多 {max}：请使用更简单的图片',
    ],
    templateRevisions: [
      'label template {template} has {max} revisions, the maximum: save it under another name',
      'la plantilla de etiqueta {template} tiene {max} revisiones, que es el máximo: guárdela con otro nombre',
      '标签模板 {template} 已有 {max} 个修订版，达到上限：请以其他名称保存',
    ],
    manyLabels: [
      'a file has at most {max} labels, counting all copies: choose fewer units or copies, or make several files',
      'un archivo admite {max} etiquetas como máximo, contando las copias: elija menos unidades o copias, o haga varios archivos',
      '一个文件最多 {max} 个标签（含全部份数）：请减少产品数量或份数，或分成多个文件',
    ],
    manyDays: [
      'to: {max} days at most: use an export for more',
      'el periodo admite {max} días como máximo: para más, haga una exportación',
      '时间范围最多 {max} 天：更长的范围请使用导出',
    ],
    longCode: [
      'with the default S/N pattern, the code {code} is too long for the bar code of the default label: use a code of at most {max} letters or digits, or set an S/N pattern',
      'con el patrón de n.º de serie predeterminado, el código {code} es demasiado largo para el código de barras de la etiqueta predeterminada: use un código de {max} letras o cifras como máximo, o indique un patrón',
      '使用默认序列号格式时，代码 {code} 太长，默认标签的条码放不下：请使用最多 {max} 个字母或数字的代码，或另设序列号格式',
    ],
    serialForMany: [
      'an S/N is for one unit only: omit the S/N, or make only one unit',
      'un n.º de serie es para una sola unidad: quítelo o cree una sola',
      '一个序列号只能用于一台设备：请去掉序列号，或只生成一台',
    ],
    reservedOrder: [
      'a reserved unit gets its work order when a device gets the unit: omit the work order',
      'una unidad reservada recibe su orden de trabajo al asignarse a un dispositivo: no indique ninguna',
      '预留的设备在发放时才分配工单：请不要填写工单',
    ],
    claimId: ['the Claim ID is malformed', 'el Claim ID no tiene el formato correcto', 'Claim ID 的格式不正确'],
    notYetClaimId: [
      '"id" is not a Claim ID: the device tried to register before it had one',
      '"id" no es un Claim ID: el dispositivo se registra antes de tener uno',
      '"id" 不是 Claim ID：设备在获得 Claim ID 之前就进行了注册',
    ],
    attributesProduct: [
      'the attributes must name the product {product}',
      'los atributos deben indicar el producto {product}',
      '属性中必须写明产品 {product}',
    ],
    attributesDiffer: [
      '"{name}" differs from the attributes',
      '"{name}" no coincide con el de los atributos',
      '"{name}" 与属性中的值不一致',
    ],
    damagedMac: [
      '{name}: this is not a MAC (12 digits) and not an EUI-64 (16 digits), such as A4:C1:38:AA:00:01: check that no zeros are missing, and that no program replaced the separators',
      '{name}: no es una MAC (12 dígitos) ni un EUI-64 (16 dígitos), como A4:C1:38:AA:00:01: compruebe que no falten ceros y que ningún programa haya cambiado los separadores',
      '{name}：不是 MAC（12 位）或 EUI-64（16 位），如 A4:C1:38:AA:00:01：请检查是否缺少零，或符号被程序替换',
    ],
    identityNotSet: [
      'the identity property "{name}" is not set: add it to CLAIMSTAMP_IDENTITY_PROPERTIES, or restore a backup instead (claimstamp restore)',
      'la propiedad de identidad "{name}" no está configurada: añádala a CLAIMSTAMP_IDENTITY_PROPERTIES o restaure una copia de seguridad (claimstamp restore)',
      '未设置标识属性 "{name}"：请将其加入 CLAIMSTAMP_IDENTITY_PROPERTIES，或改为恢复备份（claimstamp restore）',
    ],
    attributesJson: [
      'the attributes must be one JSON object on one line',
      'los atributos deben ser un objeto JSON en una sola línea',
      '属性必须是写在一行内的一个 JSON 对象',
    ],
    personName: ['the name {why}', 'el nombre {why}', '姓名{why}'],
    namePassword: ['choose a name and a password', 'elija un nombre y una contraseña', '请设置姓名和密码'],
    scopes: [
      'a service token needs scopes, and only a service token has them',
      'un token de servicio necesita permisos, y solo este tipo de token los tiene',
      '服务令牌必须指定权限，且只有服务令牌才有权限项',
    ],
    expired: [
      'the token would already have expired: give a time in the future',
      'el token ya habría caducado: indique una fecha futura',
      '该令牌一创建就已过期：请填写将来的时间',
    ],
    twoEnds: [
      'expiresAt and expiresInDays are both given: keep one',
      'se indican expiresAt y expiresInDays a la vez: deje solo uno',
      '同时给出了 expiresAt 和 expiresInDays：请只保留一个',
    ],
    farEnd: [
      'expiresAt is more than {max} days away: use "never"',
      'la caducidad queda a más de {max} días: indique "never" (nunca)',
      '有效期超过 {max} 天：请填写 "never"（永不过期）',
    ],
    copies: [
      '{copies} copies are not possible: ask for 1 to {max}',
      'de 1 a {max} copias, no {copies}',
      '份数为 1 到 {max}，不能是 {copies}',
    ],
    sheetStart: [
      'sheet {sheet} has {cells} labels: start with 1 to {cells}, not {start}',
      'la hoja {sheet} tiene {cells} etiquetas: empiece por una de la 1 a la {cells}, no por la {start}',
      '标签纸 {sheet} 有 {cells} 个标签：起始位置应为 1 到 {cells}，不能是 {start}',
    ],
    sheetFormat: [
      'a sheet is printed from PDF: leave out the sheet, or ask for pdf',
      'una hoja se imprime a partir de un PDF: quite la hoja o pida el formato pdf',
      '标签纸只能用 PDF 打印：请去掉标签纸，或选择 pdf 格式',
    ],
    namePrinter: [
      'name a printer, or a station that has one',
      'indique una impresora, o una estación que tenga una',
      '请指定打印机，或指定一个已配置打印机的工位',
    ],
    signOffTwice: [
      '{unit} is listed twice, or is not an unaccounted unit of work order {workOrder}: omit it',
      '{unit} aparece dos veces o no es una unidad sin justificar de la orden de trabajo {workOrder}: quítela',
      '{unit} 重复出现，或不是工单 {workOrder} 中去向不明的设备：请去掉',
    ],
    http: [
      'this is not an HTTP/1.1 request: see RFC 9112',
      'esto no es una petición HTTP/1.1: véase RFC 9112',
      '这不是 HTTP/1.1 请求：请参阅 RFC 9112',
    ],
  }),
  'request-broken': refused(400, 'The request ended before it was complete', {
    sendAgain: [
      'the request was aborted: send it again',
      'la petición se interrumpió: envíela de nuevo',
      '请求中断：请重新发送',
    ],
  }),
  'proxy-header': refused(400, 'The proxy does not name the client', {
    noAddress: [
      "a proxy in CLAIMSTAMP_TRUSTED_PROXIES sent no plain IP address in X-Forwarded-For: set the proxy to append the client's address",
      'el X-Forwarded-For de un proxy de CLAIMSTAMP_TRUSTED_PROXIES no contiene la dirección IP del cliente: haga que el proxy añada la dirección que ve',
      'CLAIMSTAMP_TRUSTED_PROXIES 中的代理发来的 X-Forwarded-For 没有客户端的 IP 地址：请让代理附加它所看到的地址',
    ],
  }),
  'too-large': refused(413, 'The body is too large', {
    bytes: [
      'the body is too large: send at most {max} bytes',
      'el cuerpo es demasiado grande: envíe {max} bytes como máximo',
      '请求正文过大：最多 {max} 字节',
    ],
    agentBody: [
      'the body has {bytes} bytes: send at most {max}, or raise CLAIMSTAMP_BODY_LIMIT',
      'el cuerpo tiene {bytes} bytes: envíe {max} como máximo o aumente CLAIMSTAMP_BODY_LIMIT',
      '请求正文有 {bytes} 字节：最多 {max} 字节，或调高 CLAIMSTAMP_BODY_LIMIT',
    ],
    chunkExtensions: [
      'the chunk extensions are too large: send no chunk extensions',
      'las extensiones de los fragmentos son demasiado grandes: no las envíe',
      '分块扩展过大：请不要发送分块扩展',
    ],
  }),
  'wrong-format': refused(415, 'Not in this format', {
    form: [
      'send the form as application/x-www-form-urlencoded',
      'envíe el formulario como application/x-www-form-urlencoded',
      '请以 application/x-www-form-urlencoded 提交表单',
    ],
  }),
  'method-not-allowed': refused(405, 'Not with this method', {
    allowed: [
      'this address does not support {method}, only {allowed}',
      'esta dirección no admite {method}, solo {allowed}',
      '此地址不支持 {method}，只支持 {allowed}',
    ],
    noProxy: [
      'this service is not a proxy: request only its own addresses',
      'este servicio no es un proxy: solicite solo sus propias direcciones',
      '本服务不是代理服务器：只能请求本服务自己的地址',
    ],
  }),
  misdirected: refused(421, 'Not a name of this service', {
    name: [
      'this service is not known by the name {name}: set CLAIMSTAMP_PUBLIC_URL to the address that people and agents use',
      'este servicio no responde al nombre {name}: ponga en CLAIMSTAMP_PUBLIC_URL la dirección que usan las personas y los agentes',
      '本服务不使用名称 {name}：请把 CLAIMSTAMP_PUBLIC_URL 设为人员和代理程序所用的地址',
    ],
  }),
  'headers-too-large': refused(431, 'The headers are too large', {
    shorter: [
      'the headers are too large: send fewer or shorter ones',
      'las cabeceras son demasiado grandes: envíe menos cabeceras o más cortas',
      '请求标头过大：请减少或缩短标头',
    ],
  }),
  'too-slow': refused(408, 'The request came too slowly', {
    sendAgain: [
      'the request did not arrive in time: send it again without pauses',
      'la petición no llegó a tiempo: envíela de nuevo sin pausas',
      '请求未及时到达：请不间断地重新发送',
    ],
  }),
  'expectation-failed': refused(417, 'The Expect header is not supported', {
    only: [
      'the service supports only the expectation 100-continue',
      'el servicio solo admite la expectativa 100-continue',
      '本服务只支持 100-continue 期望',
    ],
  }),
  'key-reused': refused(422, 'The Idempotency-Key was used for another request', {
    takeNew: [
      'this Idempotency-Key was used for another request: use a new one',
      'esta Idempotency-Key ya se usó con otra petición: use una nueva',
      '此 Idempotency-Key 已用于另一个请求：请换一个新的',
    ],
  }),
  'in-flight': refused(409, 'The same request is in progress', {
    wait: [
      'the request with this Idempotency-Key is in progress: ask again in a moment',
      'la petición con esta Idempotency-Key está en curso: repítala en un momento',
      '使用此 Idempotency-Key 的请求正在处理：请稍后再试',
    ],
    importing: [
      'the import with this Idempotency-Key is in progress: ask again in a moment',
      'la importación con esta Idempotency-Key está en curso: repítala en un momento',
      '使用此 Idempotency-Key 的导入正在进行：请稍后再试',
    ],
  }),
  'cursor-unknown': refused(409, 'The ledger has no such position', {
    unread: [
      'the header Last-Event-ID is not a cursor of this service: leave it out, or send the id of the last event',
      'la cabecera Last-Event-ID no es un cursor de este servicio: omítala o envíe el id del último evento',
      'Last-Event-ID 不是本服务的游标：请去掉它，或发送最后一个事件的 id',
    ],
    restored: [
      'the ledger does not have this event {seq}: it was restored to an older state, or it is another ledger. Start again from an earlier event: from the event before ledger-accepted, or an earlier one',
      'el registro no tiene este evento {seq}: se restauró a un estado anterior o es otro registro. Empiece de nuevo con un evento anterior, como muy tarde el previo al evento ledger-accepted',
      '账本中没有这个事件 {seq}：账本已恢复到较早的状态，或者是另一个账本。请从更早的事件重新开始，最晚从 ledger-accepted 之前的事件开始',
    ],
    webhook: [
      'the ledger was restored to an older state, so it is unknown which events this webhook still has to send: give the number of the event after which it continues, at the latest the one before the event ledger-accepted',
      'el registro se restauró a un estado anterior y no se conoce la posición de este webhook: indique el número del evento tras el que continúa, como muy tarde el previo al evento ledger-accepted',
      '台账已恢复到较早的状态，无法得知此 webhook 的位置：请给出从哪个事件之后继续，最晚为 ledger-accepted 之前的事件',
    ],
  }),
};
