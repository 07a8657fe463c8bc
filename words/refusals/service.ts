import { refused } from '../sentence.ts';

/* The request is valid, but the service or the device cloud cannot serve it now. */

export const SERVICE = {
  'no-builder': refused(503, 'No device cloud is set', {
    set: [
      'recorded, but not passed on: CLAIMSTAMP_BUILDER_URL is not set',
      'registrado, pero no reenviado: CLAIMSTAMP_BUILDER_URL no está definida',
      '已记录，但未转发：没有设置 CLAIMSTAMP_BUILDER_URL',
    ],
  }),
  'cloud-unreachable': refused(502, 'The device cloud does not answer', {
    why: [
      'the device cloud did not answer ({why})',
      'la nube de dispositivos no respondió ({why})',
      '设备云没有应答（{why}）',
    ],
  }),
  importing: refused(503, 'An import is in progress', {
    unit: [
      'units are being imported, and one of them has this Claim ID, S/N or identity: ask again in a moment',
      'se están registrando las unidades de una importación y una de ellas tiene este Claim ID, S/N o identidad: inténtelo de nuevo en un momento',
      '正在录入一次导入的设备，其中一台已有此 Claim ID、S/N 或身份标识：请稍后再试',
    ],
    workOrder: [
      'units of work order {workOrder} are being imported: ask again in a moment',
      'se están importando unidades de la orden de trabajo {workOrder}: inténtelo de nuevo en un momento',
      '正在导入工单 {workOrder} 的设备：请稍后再试',
    ],
    product: [
      'units of product {product} are being imported: ask again in a moment',
      'se están importando unidades del producto {product}: inténtelo de nuevo en un momento',
      '正在导入产品 {product} 的设备：请稍后再试',
    ],
    another: [
      'another import is in progress: ask again in a moment',
      'otra importación está en curso: inténtelo de nuevo en un momento',
      '另一次导入正在进行：请稍后再试',
    ],
    dropped: [
      'the import was interrupted before it recorded a unit: send it again',
      'la importación se interrumpió antes de registrar una unidad: envíela de nuevo',
      '导入在录入设备之前被中断：请重新发送',
    ],
  }),
  busy: refused(503, 'Too many requests are waiting', {
    task: [
      'an internal error interrupted the work; the finished part is recorded: continue in a moment',
      'el trabajo se detuvo por un fallo, y lo hecho está registrado: continúe en un momento',
      '任务因故障停止，已完成的部分已记录：请稍后继续',
    ],
    orderChanges: [
      'the units of work order {workOrder} keep changing, so they cannot be counted: close the work order when the line is working on other orders',
      'las unidades de la orden de trabajo {workOrder} cambian sin cesar y no se pueden contar: ciérrela de nuevo cuando la línea trabaje en otras órdenes',
      '工单 {workOrder} 的设备不断变化，无法确定其数量：请在产线处理其他工单时再次关闭',
    ],
    slowClosing: [
      'the service is too busy to close work order {workOrder}: close it again in a moment',
      'el servicio está demasiado ocupado para cerrar la orden de trabajo {workOrder}: ciérrela de nuevo en un momento',
      '服务过于繁忙，无法关闭工单 {workOrder}：请稍后再次关闭',
    ],
    files: [
      '{max} files are already queued: ask again in a moment',
      'hay {max} archivos en espera: inténtelo de nuevo en un momento',
      '有 {max} 个文件等待生成：请稍后再试',
    ],
    filesOf: [
      'you already have {max} files in the queue: ask again when some of them are ready',
      'ya tiene {max} archivos en espera: inténtelo de nuevo cuando algunos estén listos',
      '您已有 {max} 个文件等待生成：请在其中一些完成后再试',
    ],
    signIns: [
      'too many people are signing in: try again in a moment',
      'demasiadas personas están iniciando sesión: inténtelo de nuevo en un momento',
      '同时登录的人过多：请稍后再试',
    ],
    requests: [
      '{max} requests are waiting: ask again in a moment',
      'hay {max} peticiones en espera: inténtelo de nuevo en un momento',
      '有 {max} 个请求在等待：请稍后再试',
    ],
    registrations: [
      '{max} registrations are in progress: ask again in a moment',
      'hay {max} registros en la nube en curso: inténtelo de nuevo en un momento',
      '有 {max} 个注册正在进行：请稍后再试',
    ],
    registrationsOf: [
      '{max} registrations of {source} are in progress: ask again in a moment',
      'hay {max} registros en la nube de {source} en curso: inténtelo de nuevo en un momento',
      '{source} 有 {max} 个注册正在进行：请稍后再试',
    ],
  }),
  'streams-full': refused(503, 'Too many streams are open', {
    close: [
      '{max} screens are open: close some of them',
      'hay {max} pantallas abiertas: cierre alguna',
      '已打开 {max} 个屏幕：请关闭一些',
    ],
    feeds: [
      '{max} programs already follow the events: stop some of them',
      'ya hay {max} programas que siguen los eventos: detenga alguno',
      '已有 {max} 个程序在跟踪事件：请结束一些',
    ],
  }),
  'webhook-refused': refused(422, 'The address is not allowed for webhooks', {
    target: [
      'the settings do not allow webhooks to {host}: add the host name or the address to CLAIMSTAMP_WEBHOOK_ALLOW and restart the service',
      'los ajustes no permiten webhooks hacia {host}: añada el nombre de host o la dirección a CLAIMSTAMP_WEBHOOK_ALLOW y reinicie el servicio',
      '设置不允许向 {host} 发送 webhook：请将主机名或地址加入 CLAIMSTAMP_WEBHOOK_ALLOW 并重启服务',
    ],
    training: [
      'this is a training copy: it sends nothing to other machines',
      'esta es una copia de entrenamiento: no envía nada a otras máquinas',
      '这是演练副本：不向其他机器发送任何内容',
    ],
  }),
  'webhooks-full': refused(409, 'Too many webhooks', {
    remove: [
      'there are already {max} webhooks: remove one first',
      'ya hay {max} webhooks: elimine uno primero',
      '已有 {max} 个 webhook：请先删除一个',
    ],
  }),
  'webhooks-unavailable': refused(503, 'The webhooks do not answer', {
    ask: [
      'the process of the webhooks does not answer: a change may still be made, so look at the webhooks before you try again; read the log if this persists',
      'el proceso de los webhooks no responde: es posible que el cambio aún se haga, así que mire los webhooks antes de intentarlo de nuevo; si persiste, consulte el log',
      'webhook 进程没有应答：更改可能仍会生效，重试前请先查看 webhook 列表；如仍然如此请查看日志',
    ],
    damaged: [
      '{file} is damaged, and has the only copy of the webhooks: stop the service, move the file to another place, start the service, and add the webhooks again',
      '{file} está dañado y tiene la única copia de los webhooks: detenga el servicio, mueva el archivo a otro lugar, inicie el servicio y añada los webhooks de nuevo',
      '{file} 已损坏，而其中是 webhook 的唯一副本：请停止服务，将该文件移到别处，启动服务，然后重新添加 webhook',
    ],
    otherVersion: [
      '{file} was made by another version of the program, or is another file: start the version that made it, or stop the service, move the file to another place, and add the webhooks again',
      '{file} lo creó otra versión del programa, o es otro archivo: inicie la versión que lo creó, o detenga el servicio, mueva el archivo a otro lugar y añada los webhooks de nuevo',
      '{file} 由程序的另一个版本创建，或者是其他文件：请启动创建它的版本，或停止服务，将该文件移到别处，然后重新添加 webhook',
    ],
  }),
  'disk-full': refused(507, 'The disk is full', {
    noRoom: [
      'the disk of the data folder has too little space for this file, because the service keeps some space free for the line: free some space on this disk',
      'el disco de la carpeta de datos no tiene espacio para este archivo, porque el servicio reserva espacio para la línea: libere espacio en este disco',
      '数据文件夹所在磁盘没有空间存放此文件，因为服务为产线保留了一些空间：请在此磁盘上腾出空间',
    ],
    ledger: [
      'the disk of the ledger is full: free some space; nothing is issued until then',
      'el disco del registro está lleno: libere espacio; hasta entonces no se emite ningún Claim ID',
      '台账所在磁盘已满：请腾出空间；在此之前不发放任何 Claim ID',
    ],
    copy: [
      "the disk with this process's copy of the ledger is full: free some space; this process issues nothing until then",
      'el disco de la copia local del registro está lleno: libere espacio; hasta entonces no se emite aquí ningún Claim ID',
      '本机台账副本所在磁盘已满：请腾出空间；在此之前此处不发放任何 Claim ID',
    ],
  }),
  'clock-wrong': refused(503, 'The clock cannot be right', {
    beforeRelease: [
      'the clock shows {now}, which is before the release of this version: no S/N with a date is made. Correct the clock. If it is right, an admin (or a lead with a hold code) must confirm it: claimstamp clock accept {date}',
      'el reloj muestra {now}, anterior a la publicación de esta versión: no se crea ningún número de serie con fecha. Corrija el reloj. Si es correcto, debe confirmarlo un administrador (o un jefe de línea con un código de reanudación): claimstamp clock accept {date}',
      '时钟显示 {now}，早于本版本的发布日期：不生成带日期的序列号。请校正时钟。如果时钟正确，由管理员（或持恢复码的班组长）确认：claimstamp clock accept {date}',
    ],
    behind: [
      'the clock shows {now}, but an S/N was dated {compared}: no S/N with a date is made. Correct the clock. If it is right, an admin (or a lead with a hold code) must confirm it: claimstamp clock accept {date}',
      'el reloj muestra {now}, pero ya hay números de serie con fecha de {compared}: no se crea ningún número de serie con fecha. Corrija el reloj. Si es correcto, debe confirmarlo un administrador (o un jefe de línea con un código de reanudación): claimstamp clock accept {date}',
      '时钟显示 {now}，但已有日期为 {compared} 的序列号：不生成带日期的序列号。请校正时钟。如果时钟正确，由管理员（或持恢复码的班组长）确认：claimstamp clock accept {date}',
    ],
    ahead: [
      'the clock shows {now}, more than five years after {compared}: no S/N with a date is made. Correct the clock. If it is right, an admin (or a lead with a hold code) must confirm it: claimstamp clock accept {date}',
      'el reloj muestra {now}, más de cinco años después de {compared}: no se crea ningún número de serie con fecha. Corrija el reloj. Si es correcto, debe confirmarlo un administrador (o un jefe de línea con un código de reanudación): claimstamp clock accept {date}',
      '时钟显示 {now}，比 {compared} 晚五年以上：不生成带日期的序列号。请校正时钟。如果时钟正确，由管理员（或持恢复码的班组长）确认：claimstamp clock accept {date}',
    ],
    early: [
      'the clock shows {now}, {days} days after {compared}, the last day on which it was right: S/Ns get the date of the clock. If the clock is wrong, correct it. If it is right, an admin (or a lead with a hold code) must confirm it: claimstamp clock accept {date}',
      'el reloj muestra {now}, {days} días después del último día correcto, {compared}: los números de serie llevan la fecha del reloj. Si el reloj no es correcto, corríjalo. Si es correcto, debe confirmarlo un administrador (o un jefe de línea con un código de reanudación): claimstamp clock accept {date}',
      '时钟显示 {now}，比上次确认正确的日期 {compared} 晚 {days} 天：序列号采用时钟的日期。如果时钟有误，请校正。如果时钟正确，由管理员（或持恢复码的班组长）确认：claimstamp clock accept {date}',
    ],
    slow: [
      'the clock is {minutes} minutes behind the last events: S/Ns get the date of these events. Correct the clock',
      'el reloj va {minutes} minutos por detrás de los últimos eventos: los números de serie llevan la fecha de esos eventos. Corrija el reloj',
      '时钟比最近的事件慢 {minutes} 分钟：序列号采用这些事件的日期。请校正时钟',
    ],
  }),
  'ledger-unavailable': refused(503, 'The ledger cannot be written', {
    latched: [
      'the ledger could not be written; nothing is issued until its file has been reopened and checked',
      'no se pudo escribir en el registro; no se emite ningún Claim ID hasta que su archivo se reabra y se compruebe',
      '无法写入台账；在重新打开并检查其文件之前不发放任何 Claim ID',
    ],
    locked: [
      'another program has locked ledger.db, so nothing can be recorded: end the program that has opened this file; devices ask again',
      'otro programa ha bloqueado ledger.db, así que no se puede guardar nada: cierre el programa que ha abierto este archivo; los dispositivos vuelven a pedir',
      '另一个程序锁定了 ledger.db，因此无法记录任何内容：请结束打开此文件的程序；设备会再次请求',
    ],
    moved: [
      'the file of the ledger was moved, deleted or replaced: put ledger.db and ledger.db-wal back into the data folder; nothing is issued until then',
      'el archivo del registro fue movido, borrado o sustituido: devuelva ledger.db y ledger.db-wal a la carpeta de datos; hasta entonces no se emite ningún Claim ID',
      '台账文件被移动、删除或替换：请将 ledger.db 和 ledger.db-wal 放回数据文件夹；在此之前不发放任何 Claim ID',
    ],
    otherLedger: [
      'the ledger that is now in the data folder lacks events that the service has recorded: put the former ledger back, or restart the service to have this ledger checked; nothing is issued until then',
      'al registro que está ahora en la carpeta de datos le faltan eventos que el servicio guardó: devuelva el registro anterior, o reinicie el servicio para comprobar este; hasta entonces no se emite ningún Claim ID',
      '数据文件夹中现有的台账缺少服务已记录的事件：请放回原来的台账，或重启服务以检查此台账；在此之前不发放任何 Claim ID',
    ],
    overwritten: [
      'another program has written to ledger.db, and its content is damaged: stop the service and restore a backup; nothing is issued until then',
      'otro programa ha escrito en ledger.db y su contenido está dañado: detenga el servicio y restaure una copia de seguridad; hasta entonces no se emite ningún Claim ID',
      '另一个程序写入了 ledger.db，其内容已损坏：请停止服务并恢复备份；在此之前不发放任何 Claim ID',
    ],
    noBackupHeld: [
      'the ledger is held, so no scheduled backup is made: accept the ledger first',
      'el registro está retenido y no se hacen copias de seguridad programadas: acepte primero el registro',
      '台账已暂停，不生成定期备份：请先确认台账',
    ],
    notRecorded: ['the ledger could not record this', 'el registro no pudo guardar esto', '台账无法记录此操作'],
    stopped: [
      'the ledger has stopped: restart the service',
      'el registro se ha detenido: reinicie el servicio',
      '台账已停止：请重启服务',
    ],
    shared: [
      'the PostgreSQL ledger cannot be reached or written, or its copy on this machine cannot be written; nothing is issued until both work again',
      'ahora no se puede acceder al registro de PostgreSQL o a su copia local, o no se puede escribir en ellos; hasta entonces no se emite ningún Claim ID',
      '目前无法访问或写入 PostgreSQL 台账或其本地副本；在恢复之前不发放任何 Claim ID',
    ],
    sharedUnread: [
      'the PostgreSQL ledger cannot be reached, so this process may lack the newest events: try again',
      'no se puede acceder al registro de PostgreSQL, por lo que a este proceso pueden faltarle los eventos más recientes: inténtelo de nuevo',
      '无法访问 PostgreSQL 台账，本进程可能缺少最新的事件：请重试',
    ],
    sharedNotRecorded: [
      'the ledger could not record this; nothing is issued until it can be written again',
      'el registro no pudo guardar esto; hasta que pueda no se emite ningún Claim ID',
      '台账无法记录此操作；在恢复之前不发放任何 Claim ID',
    ],
    heldOlder: [
      'the ledger has {events} events, and a checkpoint of {seen} was made here: an older copy was restored; it lacks Claim IDs and S/Ns that were given out. Nothing is issued and no checkpoint is signed until the newer ledger is restored, or until an admin (or a lead with a hold code) accepts this ledger: claimstamp checkpoint accept {accept}',
      'el registro tiene {events} eventos y aquí se hizo un punto de control de {seen}: se restauró una copia anterior; le faltan Claim ID y números de serie ya emitidos. No se emite nada ni se firma ningún punto de control hasta que se restaure el registro más reciente o hasta que un administrador (o un jefe de línea con un código de reanudación) acepte este registro: claimstamp checkpoint accept {accept}',
      '台账有 {events} 个事件，而此处曾生成覆盖 {seen} 个事件的检查点：恢复的是旧副本，缺少已发放的 Claim ID 和序列号。在恢复较新的台账，或由管理员（或持恢复码的班组长）接受此台账之前，不发放任何编号，也不签署检查点：claimstamp checkpoint accept {accept}',
    ],
    heldOther: [
      'the ledger contradicts the checkpoint of {seen} events that was made here: it was changed, or it belongs to another line. Nothing is issued and no checkpoint is signed until the right ledger is restored, or until an admin (or a lead with a hold code) accepts this ledger: claimstamp checkpoint accept {accept}',
      'el registro contradice el punto de control de {seen} eventos que se hizo aquí: fue modificado o pertenece a otra línea. No se emite nada ni se firma ningún punto de control hasta que se restaure el registro correcto o hasta que un administrador (o un jefe de línea con un código de reanudación) acepte este registro: claimstamp checkpoint accept {accept}',
      '台账与此处生成的覆盖 {seen} 个事件的检查点相矛盾：台账被改动过，或属于另一条产线。在恢复正确的台账，或由管理员（或持恢复码的班组长）接受此台账之前，不发放任何编号，也不签署检查点：claimstamp checkpoint accept {accept}',
    ],
    heldMissing: [
      'the ledger has {events} events, but there is no checkpoint of them outside the ledger ({why}): it is unknown whether events were removed or changed. Nothing is issued and no checkpoint is signed until the checkpoint file and the signing key that belong to this ledger are put back, or until an admin (or a lead with a hold code) accepts this ledger: claimstamp checkpoint accept {accept}',
      'el registro tiene {events} eventos, pero fuera de él no hay ningún punto de control que los cubra ({why}): no se sabe si se quitaron o modificaron eventos. No se emite nada ni se firma ningún punto de control hasta que se repongan el archivo del punto de control y la clave de firma de este registro, o hasta que un administrador (o un jefe de línea con un código de reanudación) acepte este registro: claimstamp checkpoint accept {accept}',
      '台账有 {events} 个事件，但台账之外没有覆盖它们的检查点（{why}）：无法得知事件是否被删除或改动。在放回属于此台账的检查点文件和签名密钥，或由管理员（或持恢复码的班组长）接受此台账之前，不发放任何编号，也不签署检查点：claimstamp checkpoint accept {accept}',
    ],
    heldUnproven: [
      'the ledger was restored from a backup in which no signature covers the events {from} to {accept}: someone may have added them to the file. Nothing is issued and no checkpoint is signed until these events are checked and an admin (or a lead with a hold code) accepts this ledger: claimstamp checkpoint accept {accept}',
      'el registro se restauró de una copia de seguridad en la que ninguna firma cubre los eventos {from} a {accept}: alguien pudo haberlos añadido al archivo. No se emite nada ni se firma ningún punto de control hasta que se comprueben esos eventos y un administrador (o un jefe de línea con un código de reanudación) acepte este registro: claimstamp checkpoint accept {accept}',
      '台账是从一个备份恢复的，其中第 {from} 至 {accept} 个事件没有签名覆盖：可能有人在文件中添加了这些事件。在检查这些事件，并由管理员（或持恢复码的班组长）接受此台账之前，不发放任何编号，也不签署检查点：claimstamp checkpoint accept {accept}',
    ],
    heldMarkDamaged: [
      'the file {file} is damaged, so it is unknown whether this machine or another one with the name {host} took over the ledger at {at}. Nothing is issued. If this machine did, copy {mark} to {file} and restart the service. If another machine did, stop this service and keep it off the network',
      'el archivo {file} está dañado, así que no se sabe si esta máquina u otra llamada {host} asumió el registro el {at}. No se emite nada. Si fue esta máquina, copie {mark} en {file} y reinicie el servicio. Si fue otra, detenga este servicio y desconéctelo de la red',
      '文件 {file} 已损坏，无法确定是此机器还是另一台名为 {host} 的机器在 {at} 接管了台账。不发放任何编号。若是此机器，请将 {mark} 复制为 {file} 并重启服务；若是另一台机器，请停止此服务并断开其网络',
    ],
    heldMarkTorn: [
      'the file {file} is damaged or empty, so it is unknown whether another machine has taken this ledger over. Nothing is issued. If no other machine serves this ledger, remove the file: the service then continues without a restart. If another machine serves it, stop this service and keep it off the network',
      'el archivo {file} está dañado o vacío, así que no se sabe si otra máquina ha asumido este registro. No se emite nada. Si ninguna otra máquina presta servicio con este registro, elimine el archivo: el servicio continúa entonces sin reiniciarlo. Si otra lo hace, detenga este servicio y desconéctelo de la red',
      '文件 {file} 已损坏或为空，无法确定是否有另一台机器接管了此台账。不发放任何编号。若没有其他机器使用此台账提供服务，请删除该文件：服务随后无需重启即可继续。若有其他机器，请停止此服务并断开其网络',
    ],
    heldTakenOver: [
      'the ledger was restored on {host} at {at} and continues there: two services must not issue from one ledger. Nothing is issued here and no checkpoint is signed. Stop this service and keep it off the network. Only if {host} will never serve again, an admin (or a lead with a hold code) may accept the ledger here: claimstamp checkpoint accept {accept}',
      'el registro se restauró en {host} el {at} y continúa allí: dos servicios no deben emitir con un mismo registro. Aquí no se emite nada ni se firma ningún punto de control. Detenga este servicio y desconéctelo de la red. Solo si {host} no va a volver a prestar servicio, un administrador (o un jefe de línea con un código de reanudación) puede aceptar el registro aquí: claimstamp checkpoint accept {accept}',
      '台账已于 {at} 在 {host} 上恢复并在那里继续使用：两个服务不得用同一台账发放编号。此处不发放任何编号，也不签署检查点。请停止此服务并断开其网络。只有当 {host} 不再提供服务时，才由管理员（或持恢复码的班组长）在此接受台账：claimstamp checkpoint accept {accept}',
    ],
    takenOver: [
      'the ledger was restored on {host} at {at} and continues there: nothing is written to the backup folder',
      'el registro se restauró en {host} el {at} y continúa allí: no se escribe nada en la carpeta de copias de seguridad',
      '台账已于 {at} 在 {host} 上恢复并在那里继续使用：不再向备份文件夹写入任何内容',
    ],
    heldBehind: [
      'the ledger stores a checkpoint of {events} events, but the newest one outside it covers {seen}: the file was replaced by an older one, or the ledger was used in another data folder. Nothing is issued and no checkpoint is signed until the newest checkpoint file is put back, or until an admin (or a lead with a hold code) accepts this ledger: claimstamp checkpoint accept {accept}',
      'el registro guarda un punto de control de {events} eventos, pero el más reciente fuera de él cubre {seen}: el archivo se sustituyó por uno anterior o el registro se usó en otra carpeta de datos. No se emite nada ni se firma ningún punto de control hasta que se reponga el archivo más reciente, o hasta que un administrador (o un jefe de línea con un código de reanudación) acepte este registro: claimstamp checkpoint accept {accept}',
      '台账中存有覆盖 {events} 个事件的检查点，但台账之外最新的检查点只覆盖 {seen} 个：文件被旧文件替换，或台账曾在另一个数据文件夹中使用。在放回最新的检查点文件，或由管理员（或持恢复码的班组长）接受此台账之前，不发放任何编号，也不签署检查点：claimstamp checkpoint accept {accept}',
    ],
  }),
  'random-failed': refused(503, 'The random source failed', {
    repeats: [
      'the random source repeats its output: no Claim ID is issued until the source is repaired',
      'la fuente aleatoria se repite: no se emite ningún Claim ID hasta que se repare',
      '随机源出现重复：在修复之前不发放任何 Claim ID',
    ],
  }),
  stopping: refused(503, 'The service is stopping', {
    wait: [
      'the service is stopping: ask again in a moment',
      'el servicio se está deteniendo: inténtelo de nuevo en un momento',
      '服务正在停止：请稍后再试',
    ],
  }),
};
