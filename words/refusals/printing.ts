import { refused } from '../sentence.ts';

/* Labels, and the jobs that print them. */

export const PRINTING = {
  'labels-differ': refused(409, 'The labels in the printer have the wrong size', {
    size: [
      'printer {printer} has labels of {loaded} mm, and the product needs {needed} mm: load other labels, or choose another printer',
      'la impresora {printer} tiene etiquetas de {loaded} mm y el producto las necesita de {needed} mm: cargue otras o elija otra impresora',
      '打印机 {printer} 装的是 {loaded} 毫米的标签，而产品需要 {needed} 毫米：请更换标签，或选择其他打印机',
    ],
  }),
  'label-too-large': refused(422, 'The label does not fit', {
    text: [
      'the text of {length} characters does not fit {width} × {height} mm at {size} pt: shorten it, or widen the box',
      'el texto de {length} caracteres no cabe en {width} × {height} mm a {size} pt: acórtelo o ensanche el recuadro',
      '{length} 个字符的文本在 {size} pt 下放不进 {width} × {height} mm：请缩短文本，或加宽文本框',
    ],
    longText: [
      'the text has {length} characters: at most {max} fit a label',
      'el texto tiene {length} caracteres: en una etiqueta caben {max} como máximo',
      '文本有 {length} 个字符：标签最多容纳 {max} 个',
    ],
    modules: [
      '{modules} modules with their quiet zone need {needed} mm at {dpi} dpi (each at least two dots and {least} mm): widen the box, shorten the text, or use a finer printer',
      '{modules} módulos con su zona de silencio necesitan {needed} mm a {dpi} ppp (cada uno, al menos dos puntos y {least} mm): ensanche el recuadro, acorte el texto o use una impresora de mayor resolución',
      '{modules} 个模块连同静区在 {dpi} dpi 下需要 {needed} mm（每模块至少两点且不小于 {least} mm）：请加宽条码框、缩短文本或使用更高分辨率的打印机',
    ],
    code: [
      '{kind} cannot encode this text of {length} characters: {why}',
      '{kind} no puede contener este texto de {length} caracteres: {why}',
      '{kind} 无法容纳这段 {length} 个字符的文本：{why}',
    ],
    sheet: [
      'a label of {width} × {height} mm does not fit the cells of sheet {sheet}, {cellWidth} × {cellHeight} mm: use the template {template}',
      'una etiqueta de {width} × {height} mm no cabe en las celdas de la hoja {sheet}, de {cellWidth} × {cellHeight} mm: use la plantilla {template}',
      '{width} × {height} mm 的标签放不进标签纸 {sheet} 的单元格（{cellWidth} × {cellHeight} mm）：请使用模板 {template}',
    ],
  }),
  'label-unprintable': refused(422, 'The label has text that cannot be printed', {
    noGlyph: [
      'none of the fonts {fonts} has {character}: use a font in labels/fonts/ that has it',
      '{character} no está en ninguna de las fuentes {fonts}: indique una fuente de labels/fonts/ que lo tenga',
      '字体 {fonts} 中都没有 {character}：请指定 labels/fonts/ 中含有该字符的字体',
    ],
    ascii: [
      '{kind} allows printable ASCII only: change the text of the box',
      '{kind} solo admite ASCII imprimible: cambie el texto del recuadro',
      '{kind} 只支持可打印的 ASCII 字符：请修改框中的文本',
    ],
    empty: ['{kind} needs a text', '{kind} necesita un texto', '{kind} 需要文本'],
    publicClaimId: [
      'a public code must not contain the Claim ID, but a value of this unit contains it: change the text of the box',
      'un código público no debe contener el Claim ID y un valor de esta unidad lo contiene: cambie el texto del recuadro',
      '公开的条码不得包含 Claim ID，而此设备的某个值含有它：请修改框中的文本',
    ],
    publicPasscode: [
      'a public code must not contain the passcode of a Matter device, but a value of this unit contains it: change the text of the box',
      'un código público no debe contener la contraseña de un dispositivo Matter y un valor de esta unidad la contiene: cambie el texto del recuadro',
      '公开的条码不得包含 Matter 设备的配对密码，而此设备的某个值含有它：请修改框中的文本',
    ],
    secretValue: [
      'label {template}, box {box}: labels of the role "{role}" must not show a secret, but a value of this unit contains the Claim ID or the passcode of a Matter device: change the text of the box',
      'etiqueta {template}, recuadro {box}: las etiquetas de tipo «{role}» no deben mostrar un secreto, y un valor de esta unidad contiene el Claim ID o la contraseña de un dispositivo Matter: cambie el texto del recuadro',
      '标签 {template} 的框 {box}：角色“{role}”的标签不得显示机密，而此设备的某个值含有 Claim ID 或 Matter 设备的配对密码：请修改框中的文本',
    ],
    link: [
      'an identification link (IEC 61406-1) is a URL: http:// or https:// and the host in lowercase, then a path, and only characters that a URL may have: change the text of the box',
      'un enlace de identificación (IEC 61406-1) es una URL: http:// o https:// y el servidor en minúsculas, después una ruta, y solo caracteres admitidos en una URL: cambie el texto del recuadro',
      '标识链接（IEC 61406-1）是一个 URL：小写的 http:// 或 https:// 和主机名，其后是路径，且只含 URL 允许的字符：请修改框中的文本',
    ],
    linkLong: [
      'an identification link (IEC 61406-1) has at most {max} characters, but this one has {length}: shorten the text of the box',
      'un enlace de identificación (IEC 61406-1) tiene {max} caracteres como máximo y este tiene {length}: acorte el texto del recuadro',
      '标识链接（IEC 61406-1）最多 {max} 个字符，此链接有 {length} 个：请缩短框中的文本',
    ],
    digitalLink: [
      'a GS1 Digital Link is a URL that ends with /01/ and a GTIN of 14 digits, then /21/ and the S/N: change the text of the box',
      'un GS1 Digital Link es una URL que termina en /01/ y un GTIN de 14 dígitos, seguido de /21/ y el n.º de serie: cambie el texto del recuadro',
      'GS1 Digital Link 是以 /01/ 加 14 位 GTIN、再加 /21/ 和序列号结尾的 URL：请修改框中的文本',
    ],
    gtin: [
      'the check digit of the GTIN {gtin} is wrong: correct the GTIN',
      'el dígito de control del GTIN {gtin} es incorrecto: corrija el GTIN',
      'GTIN {gtin} 的校验位错误：请更正 GTIN',
    ],
    gs1Serial: [
      'the S/N {serial} cannot be a GS1 serial number, which has at most {max} letters, digits and common symbols: use another S/N, or another code',
      'el n.º de serie {serial} no puede ser un número de serie GS1, que tiene como máximo {max} letras, cifras y signos usuales: use otro n.º de serie u otro código',
      '序列号 {serial} 不能作为 GS1 序列号（最多 {max} 个字母、数字和常用符号）：请使用其他序列号或其他条码',
    ],
    gs1Brackets: [
      'the value {value} has a bracket, but brackets start the fields of a GS1 code: use another value',
      'el valor {value} tiene un paréntesis, que en un código GS1 inicia un campo: use otro valor',
      '值 {value} 含有括号，而括号在 GS1 条码中表示字段开始：请使用其他值',
    ],
    gs1: [
      'the text is not a GS1 element string such as (01)09521101530001(21)A7: {why}',
      'el texto no es una cadena de elementos GS1 como (01)09521101530001(21)A7: {why}',
      '文本不是 GS1 元素字符串（例如 (01)09521101530001(21)A7）：{why}',
    ],
    matter: [
      'the text is not a Matter onboarding payload, which is "MT:" followed by data in base 38 with a permitted passcode',
      'el texto no es una carga de incorporación de Matter: "MT:" con los datos en base 38 y una contraseña que un dispositivo pueda tener',
      '文本不是 Matter 配网载荷：应为“MT:”加 38 进制数据，且含设备允许使用的配对密码',
    ],
  }),
  'template-wrong': refused(422, 'The label template has an error', {
    problems: ['{file}: {problems}', '{file}: {problems}', '{file}：{problems}'],
    page: [
      '{file}: {columns} × {rows} labels do not fit the page of {width} × {height} mm',
      '{file}: {columns} × {rows} etiquetas no caben en la página de {width} × {height} mm',
      '{file}：{columns} × {rows} 个标签放不进 {width} × {height} mm 的页面',
    ],
    brace: [
      'a single "{brace}" in "{text}": write "{brace}{brace}" for the character itself',
      'hay un solo "{brace}" en "{text}": para el signo mismo escriba "{brace}{brace}"',
      '“{text}”中有单独的“{brace}”：要显示该符号请写成“{brace}{brace}”',
    ],
    placeholder: [
      'there is no placeholder {placeholder}: use {known}',
      'no existe el marcador {placeholder}: use {known}',
      '没有占位符 {placeholder}：可用 {known}',
    ],
    font: [
      'there is no font "{font}": use sans, bold, mono, or a TTF or OTF file in labels/fonts/',
      'no existe la fuente "{font}": use sans, bold, mono o un archivo TTF u OTF de labels/fonts/',
      '没有字体“{font}”：请使用 sans、bold、mono，或 labels/fonts/ 中的 TTF 或 OTF 文件',
    ],
    fontUnreadable: [
      'the font "{font}" cannot be read: {why}',
      'no se puede leer la fuente "{font}": {why}',
      '无法读取字体“{font}”：{why}',
    ],
    picture: [
      'there is no picture "{file}": put a PNG, JPEG or SVG into labels/logos/',
      'no existe la imagen "{file}": ponga un PNG, JPEG o SVG en labels/logos/',
      '没有图片“{file}”：请把 PNG、JPEG 或 SVG 放入 labels/logos/',
    ],
    secretRole: [
      'label template {template} shows a secret, but labels of the role "{role}" must not: use another template, or mark the role as secret',
      'la plantilla {template} muestra un secreto, pero las etiquetas de tipo «{role}» no deben mostrarlo: use otra plantilla o marque ese tipo como secreto',
      '标签模板 {template} 显示机密，而角色“{role}”的标签不得显示：请使用其他模板，或将该角色标为机密',
    ],
    unmarkedRole: [
      'a PASS needs a scan of the label "{role}", but no code of label template {template} tells it from the other labels: add a code with the text "{example}"',
      'un PASS necesita escanear la etiqueta «{role}», pero ningún código de la plantilla {template} la distingue de las demás: añada un código con el texto «{example}»',
      'PASS 需要扫描标签“{role}”，但标签模板 {template} 中没有能将其与其他标签区分开的条码：请添加文本为“{example}”的条码',
    ],
    inUse: [
      'label template {template} is used for the labels of {products}, and this revision has problems: {problems}',
      'la plantilla de etiqueta {template} se usa en las etiquetas de {products} y esta revisión tiene problemas: {problems}',
      '标签模板 {template} 正用于 {products} 的标签，而此修订版有问题：{problems}',
    ],
    noExport: [
      'the text is not an exported label template: export the template again, and paste the complete file',
      'el texto no es una plantilla de etiqueta exportada: expórtela de nuevo y pegue el archivo completo',
      '文本不是导出的标签模板：请重新导出，并粘贴完整的文件',
    ],
    needs: [
      'the template needs files that are not in labels/ here: {files}',
      'la plantilla necesita archivos que aquí no están en labels/: {files}',
      '该模板需要的文件不在此处的 labels/ 中：{files}',
    ],
    missing: [
      'there is no label template {template}: use one of {names}, or put a template into labels/',
      'no existe la plantilla de etiqueta {template}: use una de {names} o ponga una plantilla en labels/',
      '没有标签模板 {template}：请使用 {names} 之一，或把模板放入 labels/',
    ],
    slow: [
      'the label took longer than {seconds} s to draw: simplify its pictures, or save them as PNG',
      'la etiqueta tardó más de {seconds} s en dibujarse: simplifique sus imágenes o guárdelas como PNG',
      '绘制标签超过 {seconds} 秒：请简化其图片，或保存为 PNG',
    ],
    pictureFaulty: [
      'the picture "{file}" cannot be printed: {why}',
      'no se puede imprimir la imagen "{file}": {why}',
      '无法打印图片“{file}”：{why}',
    ],
    pictureLarge: [
      'the picture "{file}" has more than {max} bytes: use a smaller one',
      'la imagen "{file}" tiene más de {max} bytes: use una más pequeña',
      '图片“{file}”超过 {max} 字节：请使用更小的图片',
    ],
    pictureDetailed: [
      'the picture "{file}" has too much detail for a label: it takes more than {max} bytes; use a logo with plain areas',
      'la imagen "{file}" tiene demasiado detalle para una etiqueta: ocupa más de {max} bytes; use un logotipo de áreas lisas',
      '图片“{file}”对标签来说过于复杂：超过 {max} 字节；请使用色块简单的标志',
    ],
    pictureUnreadable: [
      'a picture cannot be drawn: {why}',
      'no se puede dibujar una imagen: {why}',
      '无法绘制图片：{why}',
    ],
  }),
  'approval-second': refused(409, 'A second person must approve', {
    author: [
      'you saved revision {revision}: a second person must approve this change',
      'usted guardó la revisión {revision}: este cambio debe aprobarlo otra persona',
      '修订版 {revision} 由您保存：须由另一人批准此更改',
    ],
    nobody: [
      'an approval must name a person: sign in, or use a token with a name',
      'una aprobación debe llevar el nombre de una persona: inicie sesión o use un token con nombre',
      '批准须注明批准人：请登录，或使用有名称的令牌',
    ],
  }),
  'approval-needed': refused(409, 'No revision of the label template is approved', {
    none: [
      'product {product} prints only approved revisions, and label template {template} has none: save it in the ledger and approve a revision first',
      'el producto {product} solo imprime revisiones aprobadas y la plantilla {template} no tiene ninguna: guárdela en el registro y apruebe antes una revisión',
      '产品 {product} 只打印已批准的修订版，而标签模板 {template} 没有：请先将其保存到台账并批准一个修订版',
    ],
    template: [
      'this product prints only approved revisions, and label template {template} has none: approve a revision, or use another template',
      'este producto solo imprime revisiones aprobadas y la plantilla {template} no tiene ninguna: apruebe una revisión o use otra plantilla',
      '此产品只打印已批准的修订版，而标签模板 {template} 没有：请批准一个修订版，或使用其他模板',
    ],
    last: [
      'revision {revision} is the only approved revision of {template}, and these products need it: {products}. Approve another revision first, or stop the labels of these products',
      'la revisión {revision} es la única aprobada de {template} y estos productos la necesitan: {products}. Apruebe antes otra revisión o detenga las etiquetas de estos productos',
      '修订版 {revision} 是 {template} 唯一已批准的修订版，以下产品需要它：{products}。请先批准另一个修订版，或停止这些产品的标签',
    ],
  }),
  'labels-stopped': refused(409, 'The labels of the product are stopped', {
    product: [
      'the labels of product {product} are stopped: ask the person who set this up, and do not use other labels',
      'las etiquetas del producto {product} están detenidas: pregunte a quien lo configuró y no use otras etiquetas',
      '产品 {product} 的标签已停止打印：请询问设置人，不要使用其他标签',
    ],
  }),
  'template-changed': refused(409, 'The label template was changed by someone else', {
    revision: [
      'label template {template} is at revision {revision}, but your change is based on revision {base}: load the newest revision, and make your change there',
      'la plantilla de etiqueta {template} está en la revisión {revision} y su cambio partió de la revisión {base}: lea la revisión más reciente y haga el cambio en ella',
      '标签模板 {template} 已是修订版 {revision}，而您的更改基于修订版 {base}：请读取最新修订版，再做更改',
    ],
  }),
  'template-file': refused(409, 'The label template is a file', {
    fixed: [
      'label template {template} is a file in labels/ and cannot be changed here: save it under another name',
      'la plantilla de etiqueta {template} es un archivo de labels/ y no se puede cambiar aquí: guárdela con otro nombre',
      '标签模板 {template} 是 labels/ 中的文件，不能在此更改：请以其他名称保存',
    ],
  }),
  'template-in-use': refused(409, 'The label template is in use', {
    products: [
      'label template {template} is used for the labels of {products}: choose another label for these products first',
      'la plantilla de etiqueta {template} se usa en las etiquetas de {products}: elija antes otra etiqueta para esos productos',
      '标签模板 {template} 正用于 {products} 的标签：请先为这些产品选择其他标签',
    ],
  }),
  'logo-in-use': refused(409, 'The picture is in use', {
    users: [
      'the picture {logo} is on the labels of {users}: choose another picture there first',
      'la imagen {logo} se usa en las etiquetas de {users}: elija antes otra imagen allí',
      '图片 {logo} 正用于 {users} 的标签：请先在那里选择其他图片',
    ],
    file: [
      '{logo} is a file in labels/logos/ and cannot be changed here: use another name',
      '{logo} es un archivo de labels/logos/ y no se puede cambiar aquí: use otro nombre',
      '{logo} 是 labels/logos/ 中的文件，不能在此更改：请使用其他名称',
    ],
  }),
  'print-queued': refused(409, 'A label of the unit is in the queue', {
    wait: [
      'a label of unit {unit} is already in the queue: wait until it is printed, or cancel it',
      'ya hay una etiqueta de la unidad {unit} en la cola: espere a que salga o cancélela',
      '设备 {unit} 的标签已在队列中：请等待，或取消它',
    ],
  }),
  'reprint-reason': refused(400, 'Printing again needs a reason', {
    labels: [
      'unit {unit} already has a label (labels: {labels}): give a reason for another one',
      'la unidad {unit} ya está etiquetada (etiquetas: {labels}): indique el motivo para imprimir otra',
      '设备 {unit} 已有 {labels} 张标签：请说明为什么再打印一张（原因）',
    ],
  }),
  'print-job-moved': refused(409, 'The print job has already passed that state', {
    cannot: [
      'print job {job} is {state}: it cannot become {to}',
      'el trabajo de impresión {job} está en estado «{state}»: ya no puede pasar a «{to}»',
      '打印任务 {job} 的状态为“{state}”：不能再变为“{to}”',
    ],
    sending: [
      'the label of print job {job} is being sent to {printer}: wait until the outcome is known, then try again',
      'la etiqueta del trabajo {job} se está enviando a {printer}: espere a conocer el resultado y vuelva a intentarlo',
      '打印任务 {job} 的标签正在发送到 {printer}：请等待结果，然后重试',
    ],
  }),
  'printer-unfit': refused(409, 'The printer does not fit the label', {
    media: [
      'printer {printer} has labels of the size {media}, and this label is {width} x {height} mm: choose another printer',
      'la impresora {printer} tiene etiquetas de tamaño {media} y esta etiqueta mide {width} x {height} mm: elija otra impresora',
      '打印机 {printer} 装的标签尺寸为 {media}，而此标签为 {width} x {height} mm：请选择其他打印机',
    ],
    same: [
      'print job {job} is already at printer {printer}: choose another printer',
      'el trabajo de impresión {job} ya está en la impresora {printer}: elija otra',
      '打印任务 {job} 已在打印机 {printer} 上：请选择其他打印机',
    ],
  }),
  'printer-lacks-pdf': refused(409, 'The printer takes no PDF', {
    formats: [
      'printer {printer} does not accept PDF, and labels are sent as PDF over IPP: if it accepts ZPL or TSPL, set its address as a label printer (port 9100); if not, set up a CUPS queue for it and give the address of the queue',
      'la impresora {printer} no acepta PDF, y por IPP las etiquetas se envían en PDF: si acepta ZPL o TSPL, indique su dirección como impresora de etiquetas (puerto 9100); si no, cree para ella una cola de CUPS e indique la dirección de la cola',
      '打印机 {printer} 不接受 PDF，而通过 IPP 发送的标签是 PDF：如果它支持 ZPL 或 TSPL，请将其地址设为标签打印机（端口 9100）；否则请为它建立 CUPS 队列，并填写队列的地址',
    ],
  }),
  'printer-without-user': refused(409, 'The printer has no user', {
    set: [
      'printer {printer} has no user name, so it cannot have a password: set its user first (only printers with an IPP address have one)',
      'la impresora {printer} no tiene usuario para una contraseña: solo lo tienen las impresoras con dirección IPP; indique primero el usuario',
      '打印机 {printer} 没有需要密码的用户：只有使用 IPP 地址的打印机才有；请先设置用户',
    ],
  }),
  'printer-address-refused': refused(422, 'No printer may have this address', {
    thisMachine: [
      '{host} is an address of this machine itself ({address}): if a printer is there, add {address} to CLAIMSTAMP_PRINTER_ALLOW and restart the service',
      '{host} lleva a esta misma máquina ({address}): si hay ahí una impresora, añada {address} a CLAIMSTAMP_PRINTER_ALLOW y reinicie el servicio',
      '{host} 指向本机（{address}）：如果那里确有打印机，请把 {address} 加入 CLAIMSTAMP_PRINTER_ALLOW 并重启服务',
    ],
    linkLocal: [
      '{host} resolves to {address}, which is a link-local address or reserved for special purposes: if a printer is there, add {address} to CLAIMSTAMP_PRINTER_ALLOW and restart the service',
      '{host} lleva a {address}, una dirección de enlace local o reservada para fines especiales: si hay ahí una impresora, añada {address} a CLAIMSTAMP_PRINTER_ALLOW y reinicie el servicio',
      '{host} 指向 {address}，这是链路本地地址或特殊用途的保留地址：如果那里确有打印机，请把 {address} 加入 CLAIMSTAMP_PRINTER_ALLOW 并重启服务',
    ],
    unlisted: [
      '{host} is not in CLAIMSTAMP_PRINTER_ALLOW: add it and restart the service, or use an address that is listed',
      '{host} no figura en CLAIMSTAMP_PRINTER_ALLOW: añádalo y reinicie el servicio, o use una dirección que figure ahí',
      '{host} 不在 CLAIMSTAMP_PRINTER_ALLOW 中：请将其加入并重启服务，或使用其中已有的地址',
    ],
  }),
  'printer-folder-refused': refused(422, 'No printer may have this folder', {
    outside: [
      '{folder} is outside the folders for print files ({folders}): use a folder inside one of them, or add it to CLAIMSTAMP_PRINT_FOLDERS and restart the service',
      '{folder} está fuera de las carpetas para archivos de impresión ({folders}): use una carpeta dentro de ellas, o añádala a CLAIMSTAMP_PRINT_FOLDERS y reinicie el servicio',
      '{folder} 不在打印文件夹（{folders}）之内：请使用其中的文件夹，或把它加入 CLAIMSTAMP_PRINT_FOLDERS 并重启服务',
    ],
    unreadable: ['{folder} cannot be used: {why}', 'no se puede usar {folder}: {why}', '无法使用 {folder}：{why}'],
  }),
  'not-agent-printer': refused(409, 'The printer has no print agent', {
    kind: [
      'printer {printer} is not of the kind "agent", so no print agent prints its labels: change the kind of the printer first',
      'la impresora {printer} no es de tipo «agent», así que ningún agente de impresión imprime sus etiquetas: cambie primero el tipo de la impresora',
      '打印机 {printer} 的类型不是“agent”，因此没有打印代理为其打印标签：请先更改打印机的类型',
    ],
  }),
  'other-print-agent': refused(409, 'Another print agent serves the printer', {
    stop: [
      'a print agent on {host} already serves printer {printer}: stop that print agent, and wait a minute; to use a second printer, set it up as a separate printer',
      'un agente de impresión en {host} ya atiende la impresora {printer}: deténgalo allí y espere un minuto; para una segunda impresora, defina otra impresora',
      '{host} 上的打印代理正在为打印机 {printer} 服务：请在那里停止它，然后等待一分钟；如有第二台打印机，请另行设置一台打印机',
    ],
  }),
  'print-claim-over': refused(409, 'The label is no longer for this print agent', {
    drop: [
      'this label was cancelled, or is waiting for another attempt: ask for the next label',
      'esta etiqueta se canceló o espera otro intento: pida la siguiente',
      '此标签已取消，或在等待下一次尝试：请取下一张标签',
    ],
  }),
  'printing-elsewhere': refused(503, 'This process is not printing labels', {
    later: [
      'this process of the service is not printing labels at the moment: try again',
      'este proceso del servicio no imprime etiquetas ahora: inténtelo de nuevo',
      '服务的此进程目前不打印标签：请重试',
    ],
  }),
  'roll-ended': refused(404, 'The roll has no more labels', {
    last: [
      'the roll has no label after this one',
      'el rollo no tiene más etiquetas después de esta',
      '标签卷上这张之后没有更多标签',
    ],
  }),
};
