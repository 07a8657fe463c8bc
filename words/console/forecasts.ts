import type { Dictionary } from '../sentence.ts';

/** Sentences about what will run out and what to do. */
const sentences = {
  'serial-counter':
    'Product {product}: {used} of the {capacity} S/Ns of {prefix} are used. Before all S/Ns are used, give the product an S/N pattern with more digits.',
  'serial-counter.rate':
    'Product {product}: {used} of the {capacity} S/Ns of {prefix} are used. At this rate, all S/Ns will be used before the date in the S/N changes. Give the product an S/N pattern with more digits.',
  'serial-counter.empty':
    'Product {product}: all {capacity} S/Ns of {prefix} are used, so its devices get no Claim ID. Give the product an S/N pattern with more digits: devices can ask again immediately.',
  'number-pool':
    'Product {product}: {used} of the {capacity} numbers of its pool {property} are used. Add a range to the pool before all its numbers are used.',
  'number-pool.empty':
    'Product {product}: all {capacity} numbers of its pool {property} are used, so its devices get no Claim ID. Add a range to the pool.',
  'work-order':
    'Work order {order}: {units} of {planned} units have been made. Prepare the next work order for its stations.',
  'work-order.full':
    'Work order {order}: all {planned} planned units have been made ({units}). Set the next work order at its stations.',
  'work-order.refuses':
    'Work order {order}: all {planned} planned units have been made, and the work order refuses more. Set the next work order at its stations.',
  'hourly-cap':
    '{made} of the {most} new Claim IDs allowed per hour have been made. Look for a device that asks for new Claim IDs too often, or raise CLAIMSTAMP_HOURLY_CAP.',
  products:
    'There are {count} products. When there are {most} products, devices of unknown products are refused. Remove products that have no units.',
  disk: "The ledger's disk has {free} left. Free space, or enlarge the disk.",
  'disk.rate': "The ledger's disk has {free} left and loses {daily} a day. Free space, or enlarge the disk.",
  certificate:
    'The TLS certificate of {names}, or a certificate in its chain, will expire. Renew the file, then send SIGHUP to the service.',
  'certificate.over':
    'The TLS certificate of {names}, or a certificate in its chain, has expired. Renew the file, then send SIGHUP to the service.',
  token:
    'The token {token} will expire. Make a new token for the program that uses this one, then revoke the old token.',
  'station-key.unused':
    'The former key of station {station} will expire. No device has used this key since the service started. Check that all devices have the new key.',
  'station-key.used':
    'The former key of station {station} will expire, and these addresses still use it: {devices}. Put the new key into the configuration of these devices.',
  'station-key.last':
    'The key of station {station} will expire, and the station has no newer key. Make a new key and put it into the configuration of its devices. Addresses that use the expiring key: {devices}',
  kiosk: 'The screen of station {station} will be signed out. Make a new link for the screen, and open it there.',
  'printer-token':
    "The token of printer {printer} will expire. Make a new token, and give it to the print agent on the printer's PC.",
  'backup-age':
    'The last good backup is {hours} {hours|hour|hours} old, and one is due every {every} hours. Find out from the log why there is no newer backup, and correct the cause.',
  'backup-age.never':
    'The service has made no backup since it started, and the folder has none. Read the reason in the log, and correct it.',
  'backup-age.off':
    'There are no scheduled backups. Set CLAIMSTAMP_BACKUP_FOLDER to a folder on another disk. If another program makes the backups, snooze this forecast.',
  'backup-room':
    'The backup folder has {free} left: room for {backups} more backups. Free space, or lower CLAIMSTAMP_BACKUP_KEEP.',
  'print-queue':
    'Printer {printer}: {waiting} {waiting|label is|labels are} waiting, the first one for more than an hour. Check the printer, or set another one.',
  'print-queue.trouble':
    'Printer {printer}: {waiting} {waiting|label is|labels are} waiting ({trouble}). Check the printer, or set another one.',
  'postgres-connections':
    'PostgreSQL: {used} of {most} connections are in use. Find the program that opens too many connections, or raise max_connections.',
  'postgres-transactions':
    'PostgreSQL: the oldest transaction ID is {age} transactions old. After {remaining} more transactions, the server accepts no writes. Run VACUUM FREEZE, and find out what stops autovacuum.',
  drill:
    'The last drill “{drill}” was {age} {age|day|days} ago, and one is due every {days} days. To hold the drill, run claimstamp drill {drill}.',
  'drill.never': 'No drill “{drill}” has been held yet. To hold the drill, run claimstamp drill {drill}.',
  webhook:
    'Webhook {webhook}: its receiver has accepted nothing for {hours} {hours|hour|hours} ({result}), and {waiting} {waiting|event waits|events wait}. Read the deliveries of the webhook, and correct the receiver.',
  'webhook.person':
    'Webhook {webhook} is paused, and {waiting} {waiting|event waits|events wait}. Resume the webhook when its receiver is ready.',
  'webhook.failing':
    'Webhook {webhook} is paused: its receiver accepted nothing for four days, and {waiting} {waiting|event waits|events wait}. Correct the receiver, then resume the webhook.',
  'webhook.gone':
    'Webhook {webhook} is paused: its receiver answered that it wants no more events (410). Remove the webhook, or correct the receiver and resume it.',
  'webhook.restored':
    'Webhook {webhook} is paused: the ledger was restored to an older state. Choose the event after which the webhook continues, and resume the webhook.',
  'erp-files.folder':
    'Files cannot be exchanged with the ERP: {why}. Mount the folder, or give the service the right to write to it.',
  'erp-files.unreadable':
    'The service cannot read the file “{file}” in the folder “inbox” ({why}), so it has not taken the work orders. Close the file in other programs, give the service the right to read it, or write it again as a plain file. Number of such files: {count}.',
  'erp-files.unmoved':
    'The service has handled the file “{file}”, but cannot move it from the folder “inbox” ({why}). Close the file in other programs, give the service the right to move it, or remove it yourself. Number of such files: {count}.',
  'erp-files.failed':
    'The service refused {count} {count|file|files} of the ERP. Read the files ….errors.txt in the folder “failed”, correct the work orders, and remove the files.',
  'erp-files.inbox':
    'The service has not taken {count} {count|file|files} in the folder “inbox” for an hour. Check that their names end with .csv or .xlsx, that they are not empty, and that the service may read them.',
  'erp-files.outbox':
    'The ERP has not taken {count} {count|file|files} from the folder “outbox”. Check the import of the ERP: the ERP must remove the files that it has read.',
  'not-measured': 'The service could not measure “{source}”: {why}. Forecasts that need this value are missing.',
  'alarm.held': 'The line is held: no Claim IDs are issued. Read /readyz and the log, then open the Hold page.',
  'alarm.clock':
    "The machine's clock is {days} {days|day|days} past the last day on which it was right, and S/Ns get the clock's date. Correct the clock, or accept it on the Hold page.",
  'alarm.disk': 'The ledger cannot be written, and devices are refused: {why}',
  'alarm.before': '{text}',
};
export type ForecastWords = keyof typeof sentences;

const en = {
  ...sentences,
  forecasts: 'Forecasts',
  hint: 'What will run out, when, and what to do. Only forecasts that you can act on are listed.',
  none: 'Nothing will run out soon.',
  what: 'What',
  when: 'When',
  level: 'Level',
  snooze: 'Snooze',
  days: 'Snooze for',
  forDay: '1 day',
  forDays: '{days} {days|day|days}',
  'level.notice': 'Notice',
  'level.warning': 'Warning',
  'level.critical': 'Critical',
  snoozed: 'Snoozed',
  snoozedBy: 'Until, by',
  snoozeHint: 'A snoozed forecast is hidden from everyone. It reappears on that day, or as soon as its level rises.',
  showAgain: 'Show again',
  some: 'Forecasts to act on: {count}',
};

export const FORECAST_WORDS: Dictionary<keyof typeof en> = {
  en,
  es: {
    'serial-counter':
      'Producto {product}: se han usado {used} de los {capacity} números de serie de {prefix}. Antes de que se agoten, dé al producto un patrón de número de serie con más dígitos.',
    'serial-counter.rate':
      'Producto {product}: se han usado {used} de los {capacity} números de serie de {prefix}. A este ritmo se agotarán antes de que cambie la fecha del número de serie. Dé al producto un patrón con más dígitos.',
    'serial-counter.empty':
      'Producto {product}: se han usado los {capacity} números de serie de {prefix}, así que sus dispositivos no reciben Claim ID. Dé al producto un patrón con más dígitos: los dispositivos pueden pedir de nuevo enseguida.',
    'number-pool':
      'Producto {product}: se han usado {used} de los {capacity} números de su reserva {property}. Añada un rango a la reserva antes de que se agoten.',
    'number-pool.empty':
      'Producto {product}: se han usado los {capacity} números de su reserva {property}, así que sus dispositivos no reciben Claim ID. Añada un rango a la reserva.',
    'work-order':
      'Orden de trabajo {order}: hechas {units} de {planned} unidades. Prepare la siguiente orden de sus estaciones.',
    'work-order.full':
      'Orden de trabajo {order}: hechas todas las unidades previstas, {planned} ({units}). Ponga la siguiente orden en sus estaciones.',
    'work-order.refuses':
      'Orden de trabajo {order}: hechas las {planned} unidades previstas, y la orden no admite más. Ponga la siguiente orden en sus estaciones.',
    'hourly-cap':
      'Se han creado {made} Claim ID nuevos de un máximo de {most} por hora. Busque un dispositivo que pida demasiados, o aumente CLAIMSTAMP_HOURLY_CAP.',
    products:
      'Hay {count} productos. Con {most} productos, se rechazarán los dispositivos de productos desconocidos. Elimine productos que no tengan unidades.',
    disk: 'Al disco del registro le quedan {free}. Libere espacio o amplíe el disco.',
    'disk.rate': 'Al disco del registro le quedan {free} y pierde {daily} al día. Libere espacio o amplíe el disco.',
    certificate:
      'El certificado TLS de {names}, o uno de su cadena, va a caducar. Renueve el archivo y envíe SIGHUP al servicio.',
    'certificate.over':
      'El certificado TLS de {names}, o uno de su cadena, ha caducado. Renueve el archivo y envíe SIGHUP al servicio.',
    token: 'El token {token} va a caducar. Cree otro para el programa que lo usa y después revoque este.',
    'station-key.unused':
      'La clave anterior de la estación {station} va a caducar. Ningún dispositivo ha usado esta clave desde que se inició el servicio. Compruebe que todos los dispositivos tienen la clave nueva.',
    'station-key.used':
      'La clave anterior de la estación {station} va a caducar y estas direcciones aún la usan: {devices}. Ponga la clave nueva en la configuración de esos dispositivos.',
    'station-key.last':
      'La clave de la estación {station} va a caducar y no hay otra posterior. Cree una clave nueva y póngala en la configuración de sus dispositivos. Direcciones que la usan: {devices}',
    kiosk:
      'La sesión de la pantalla de la estación {station} va a terminar. Cree un enlace nuevo y ábralo en esa pantalla.',
    'printer-token':
      'El token de la impresora {printer} va a caducar. Cree otro y póngalo en el agente de impresión del PC de la impresora.',
    'backup-age':
      'La última copia de seguridad correcta tiene {hours} horas, y toca una cada {every} horas. El log indica por qué no hay una copia más reciente. Corríjalo.',
    'backup-age.never':
      'El servicio no ha hecho ninguna copia de seguridad desde que se inició ni ha encontrado ninguna en la carpeta. El log indica el motivo. Corríjalo.',
    'backup-age.off':
      'No hay copias de seguridad programadas. Ponga en CLAIMSTAMP_BACKUP_FOLDER una carpeta de otro disco. Si las hace otro programa, posponga este aviso.',
    'backup-room':
      'A la carpeta de copias de seguridad le quedan {free}: caben {backups} copias más. Libere espacio o reduzca CLAIMSTAMP_BACKUP_KEEP.',
    'print-queue':
      'Impresora {printer}: {waiting} {waiting|etiqueta|etiquetas} en espera, la primera desde hace más de una hora. Revise la impresora o ponga otra.',
    'print-queue.trouble':
      'Impresora {printer}: {waiting} {waiting|etiqueta|etiquetas} en espera ({trouble}). Revise la impresora o ponga otra.',
    'postgres-connections':
      'PostgreSQL: {used} de {most} conexiones en uso. Busque el programa que abre demasiadas conexiones, o aumente max_connections.',
    'postgres-transactions':
      'PostgreSQL: el identificador de transacción más antiguo tiene {age} transacciones. Tras {remaining} transacciones más, el servidor no admitirá escrituras. Ejecute VACUUM FREEZE y averigüe qué detiene a autovacuum.',
    drill:
      'El último simulacro «{drill}» fue hace {age} {age|día|días}, y toca uno cada {days} días. Haga el simulacro con claimstamp drill {drill}.',
    'drill.never': 'Todavía no se ha hecho ningún simulacro «{drill}». Haga el simulacro con claimstamp drill {drill}.',
    webhook:
      'Webhook {webhook}: su receptor no acepta nada desde hace {hours} {hours|hora|horas} ({result}) y {waiting|espera|esperan} {waiting} {waiting|evento|eventos}. Consulte las entregas del webhook y corrija el receptor.',
    'webhook.person':
      'El webhook {webhook} está en pausa y {waiting|espera|esperan} {waiting} {waiting|evento|eventos}. Reanude el webhook cuando su receptor esté listo.',
    'webhook.failing':
      'El webhook {webhook} está en pausa: su receptor no aceptó nada durante cuatro días y {waiting|espera|esperan} {waiting} {waiting|evento|eventos}. Corrija el receptor y reanude el webhook.',
    'webhook.gone':
      'El webhook {webhook} está en pausa: su receptor respondió que no quiere más eventos (410). Elimine el webhook, o corrija el receptor y reanúdelo.',
    'webhook.restored':
      'El webhook {webhook} está en pausa: el registro se restauró a un estado anterior. Elija el evento tras el que continúa el webhook y reanude el webhook.',
    'erp-files.folder':
      'No se pueden intercambiar archivos con el ERP: {why}. Monte la carpeta, o dé al servicio permiso para escribir en ella.',
    'erp-files.unreadable':
      'El servicio no puede leer el archivo «{file}» de la carpeta «inbox» ({why}), por lo que no ha tomado sus órdenes. Cierre el archivo en otros programas, dé al servicio permiso para leerlo o escríbalo de nuevo como archivo normal. Archivos en esta situación: {count}.',
    'erp-files.unmoved':
      'El servicio ha procesado el archivo «{file}», pero no puede moverlo de la carpeta «inbox» ({why}). Cierre el archivo en otros programas, dé al servicio permiso para moverlo o retírelo usted. Archivos en esta situación: {count}.',
    'erp-files.failed':
      'El servicio rechazó {count} {count|archivo|archivos} del ERP. Lea los archivos ….errors.txt de la carpeta «failed», corrija las órdenes y retire los archivos.',
    'erp-files.inbox':
      'El servicio no ha tomado {count} {count|archivo|archivos} de la carpeta «inbox» desde hace una hora. Compruebe que sus nombres terminan en .csv o .xlsx, que no están vacíos y que el servicio puede leerlos.',
    'erp-files.outbox':
      'El ERP no ha recogido {count} {count|archivo|archivos} de la carpeta «outbox». Revise la importación del ERP, que debe eliminar los archivos leídos.',
    'not-measured':
      'El servicio no ha podido medir «{source}»: {why}. Mientras tanto faltan las previsiones que necesitan este valor.',
    'alarm.held':
      'La línea está retenida: no se emiten Claim ID. Consulte /readyz y el log, y después la página Retención.',
    'alarm.clock':
      'El reloj del equipo muestra una hora {days} días posterior al último día correcto, y los números de serie llevan su fecha. Corrija el reloj, o confírmelo en la página Retención.',
    'alarm.disk': 'No se puede escribir en el registro y se rechazan dispositivos: {why}',
    'alarm.before': '{text}',
    forecasts: 'Previsiones',
    hint: 'Qué se va a agotar, cuándo y qué hacer. La lista contiene solo lo que usted puede resolver.',
    none: 'Nada se va a agotar pronto.',
    what: 'Qué',
    when: 'Cuándo',
    level: 'Nivel',
    snooze: 'Posponer',
    days: 'Posponer durante',
    forDay: '1 día',
    forDays: '{days} {days|día|días}',
    'level.notice': 'Aviso',
    'level.warning': 'Advertencia',
    'level.critical': 'Crítico',
    snoozed: 'Pospuestas',
    snoozedBy: 'Hasta, por',
    snoozeHint:
      'Una previsión pospuesta se oculta para todas las personas. La previsión vuelve a aparecer ese día, o antes si sube su nivel.',
    showAgain: 'Mostrar de nuevo',
    some: 'Previsiones que requieren su atención: {count}',
  },
  zh: {
    'serial-counter':
      '产品 {product}：{prefix} 的 {capacity} 个 S/N 已用 {used} 个。请在用完之前为该产品设置位数更多的 S/N 格式。',
    'serial-counter.rate':
      '产品 {product}：{prefix} 的 {capacity} 个 S/N 已用 {used} 个。按目前的速度，在 S/N 中的日期变化之前就会用完。请为该产品设置位数更多的 S/N 格式。',
    'serial-counter.empty':
      '产品 {product}：{prefix} 的 {capacity} 个 S/N 已全部用完，设备得不到 Claim ID。请为该产品设置位数更多的 S/N 格式，设备可立即重新请求。',
    'number-pool':
      '产品 {product}：号码池 {property} 的 {capacity} 个号码已用 {used} 个。请在用完之前为该号码池添加号段。',
    'number-pool.empty':
      '产品 {product}：号码池 {property} 的 {capacity} 个号码已全部用完，设备无法获得 Claim ID。请为该号码池添加号段。',
    'work-order': '工单 {order}：计划 {planned} 台，已生产 {units} 台。请为相关工位准备下一个工单。',
    'work-order.full': '工单 {order}：计划的 {planned} 台已全部完成（{units}）。请在相关工位设置下一个工单。',
    'work-order.refuses':
      '工单 {order}：计划的 {planned} 台已全部完成，该工单不再接受更多设备。请在相关工位设置下一个工单。',
    'hourly-cap':
      '每小时最多新建 {most} 个 Claim ID，目前已建 {made} 个。请查找请求过于频繁的设备，或调高 CLAIMSTAMP_HOURLY_CAP。',
    products: '现有 {count} 个产品。达到 {most} 个时，未知产品的设备会被拒绝。请删除没有设备的产品。',
    disk: '台账所在磁盘还剩 {free}。请释放空间或扩大磁盘。',
    'disk.rate': '台账所在磁盘还剩 {free}，每天减少 {daily}。请释放空间或扩大磁盘。',
    certificate: '{names} 的 TLS 证书或其证书链中的证书即将到期。请更新文件，然后向服务发送 SIGHUP。',
    'certificate.over': '{names} 的 TLS 证书或其证书链中的证书已过期。请更新文件，然后向服务发送 SIGHUP。',
    token: '令牌 {token} 即将到期。请为使用它的程序创建新令牌，然后撤销此令牌。',
    'station-key.unused':
      '工位 {station} 的旧密钥即将到期。服务启动以来没有设备使用过它。请确认所有设备都已使用新密钥。',
    'station-key.used': '工位 {station} 的旧密钥即将到期，以下地址仍在使用：{devices}。请把新密钥写入这些设备的配置。',
    'station-key.last':
      '工位 {station} 的密钥即将到期，且没有更晚到期的密钥。请创建新密钥并写入设备的配置。正在使用的地址：{devices}',
    kiosk: '工位 {station} 的屏幕即将退出登录。请为该屏幕创建新链接，并在屏幕上打开。',
    'printer-token': '打印机 {printer} 的令牌即将到期。请创建新令牌，并交给打印机所在电脑上的打印代理。',
    'backup-age': '最近一次成功的备份是 {hours} 小时前，而备份间隔应为 {every} 小时。日志中有原因，请予以解决。',
    'backup-age.never': '服务启动以来没有做过备份，文件夹中也没有备份。日志中有原因，请予以解决。',
    'backup-age.off':
      '没有定时备份。请把 CLAIMSTAMP_BACKUP_FOLDER 设为另一块磁盘上的文件夹。如果由其他程序备份，请暂缓此提醒。',
    'backup-room': '备份文件夹还剩 {free}，只能再放 {backups} 个备份。请释放空间，或调低 CLAIMSTAMP_BACKUP_KEEP。',
    'print-queue': '打印机 {printer}：{waiting} 张标签在等待，第一张已等待超过一小时。请检查打印机，或改用其他打印机。',
    'print-queue.trouble': '打印机 {printer}：{waiting} 张标签在等待（{trouble}）。请检查打印机，或改用其他打印机。',
    'postgres-connections':
      'PostgreSQL：{most} 个连接中已用 {used} 个。请查找打开大量连接的程序，或调高 max_connections。',
    'postgres-transactions':
      'PostgreSQL：最早的事务 ID 已有 {age} 个事务之久。再过 {remaining} 个事务，服务器将拒绝写入。请执行 VACUUM FREEZE，并查明 autovacuum 停滞的原因。',
    drill: '最近一次演练“{drill}”是 {age} 天前，应每 {days} 天进行一次。请用 claimstamp drill {drill} 进行演练。',
    'drill.never': '尚未进行过演练“{drill}”。请用 claimstamp drill {drill} 进行演练。',
    webhook:
      'Webhook {webhook}：接收方已有 {hours} 小时没有接受任何事件（{result}），{waiting} 个事件在等待。请查看其发送记录，并修复接收方。',
    'webhook.person': 'Webhook {webhook} 已暂停，{waiting} 个事件在等待。接收方就绪后请恢复发送。',
    'webhook.failing':
      'Webhook {webhook} 已暂停：接收方四天内没有接受任何事件，{waiting} 个事件在等待。请修复接收方，然后恢复发送。',
    'webhook.gone':
      'Webhook {webhook} 已暂停：接收方回答不再需要事件（410）。请删除该 webhook，或修复接收方后恢复发送。',
    'webhook.restored': 'Webhook {webhook} 已暂停：台账已恢复到较早的状态。请选择从哪个事件之后继续，然后恢复发送。',
    'erp-files.folder': '无法与 ERP 交换文件：{why}。请挂载该文件夹，或给予服务写入权限。',
    'erp-files.unreadable':
      '服务无法读取“inbox”文件夹中的文件“{file}”（{why}），因此未接收其中的工单。请在其他程序中关闭该文件、给予服务读取权限，或将其重新写为普通文件。此类文件共 {count} 个。',
    'erp-files.unmoved':
      '服务已处理文件“{file}”，但无法将其移出“inbox”文件夹（{why}）。请在其他程序中关闭该文件、给予服务移动权限，或自行移除该文件。此类文件共 {count} 个。',
    'erp-files.failed':
      '服务拒绝了 ERP 的 {count} 个文件。请查看“failed”文件夹中的 ….errors.txt，更正工单，然后移除这些文件。',
    'erp-files.inbox':
      '“inbox”文件夹中有 {count} 个文件一小时未被读取。请检查文件名是否以 .csv 或 .xlsx 结尾、文件是否为空，以及服务是否有权读取。',
    'erp-files.outbox': 'ERP 尚未取走“outbox”文件夹中的 {count} 个文件。请检查 ERP 的导入；ERP 必须删除已读的文件。',
    'not-measured': '服务无法测量“{source}”：{why}。在恢复之前，缺少与之有关的预警。',
    'alarm.held': '产线已停发：不再发放 Claim ID。请查看 /readyz 和日志，然后查看“停发”页面。',
    'alarm.clock': '本机时钟比上次确认正确的日期晚 {days} 天，序列号采用该日期。请校正时钟，或在“停发”页面确认。',
    'alarm.disk': '台账无法写入，设备会被拒绝：{why}',
    'alarm.before': '{text}',
    forecasts: '预警',
    hint: '什么将用尽或到期、何时、该怎么做。列表只包含您能处理的事项。',
    none: '近期没有即将用尽或到期的事项。',
    what: '事项',
    when: '时间',
    level: '级别',
    snooze: '暂缓',
    days: '暂缓时间',
    forDay: '1 天',
    forDays: '{days} 天',
    'level.notice': '提示',
    'level.warning': '警告',
    'level.critical': '严重',
    snoozed: '已暂缓',
    snoozedBy: '截止时间、操作者',
    snoozeHint: '暂缓的预警对所有人隐藏，到期后或级别升高时会重新显示。',
    showAgain: '重新显示',
    some: '需要处理的预警：{count}',
  },
};
