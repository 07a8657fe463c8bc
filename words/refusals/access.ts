import { refused } from '../sentence.ts';

/* The caller lacks the right, or is not known. */

export const ACCESS = {
  unauthorized: refused(401, 'A bearer token is needed', {
    token: [
      'send a token that is valid as "Authorization: Bearer …" (claimstamp token create), or sign in',
      'envíe un token válido como "Authorization: Bearer …" (claimstamp token create) o inicie sesión',
      '请以 "Authorization: Bearer …" 发送有效令牌（claimstamp token create），或登录',
    ],
  }),
  'sign-in-failed': refused(401, 'The name or the password is wrong', {
    wrong: [
      'the name or the password is wrong. Names are case-sensitive. If you forgot the password, an admin can make a one-time link',
      'el nombre o la contraseña no son correctos. El nombre distingue mayúsculas y minúsculas; un administrador puede crear un enlace de un solo uso',
      '姓名或密码错误。姓名区分大小写；管理员可以生成一次性链接',
    ],
    former: ['the current password is wrong', 'la contraseña actual no es correcta', '当前密码错误'],
  }),
  'password-changed': refused(401, 'The password has been changed', {
    signIn: [
      'the password has been changed: sign in with the new one',
      'la contraseña cambió mientras tanto: inicie sesión con la nueva',
      '密码刚刚已被更改：请使用新密码登录',
    ],
  }),
  'sign-in-throttled': refused(429, 'Too many sign-ins failed', {
    wait: [
      'too many attempts failed: wait {waitS} s, then try again',
      'demasiados intentos fallidos: espere {waitS} s y vuelva a intentarlo',
      '失败次数过多：请等待 {waitS} 秒后再试',
    ],
  }),
  'password-unfit': refused(400, 'The password cannot be used', {
    short: [
      'the password is too short: use {min} characters or more',
      'la contraseña es demasiado corta: use {min} caracteres o más',
      '密码太短：至少 {min} 个字符',
    ],
    long: [
      'the password is too long: use at most {max} characters',
      'la contraseña es demasiado larga: use {max} caracteres como máximo',
      '密码太长：最多 {max} 个字符',
    ],
    differs: [
      'the two passwords are different: type them again',
      'las dos contraseñas no coinciden: escríbalas de nuevo',
      '两次输入的密码不一致：请重新输入',
    ],
  }),
  'password-common': refused(400, 'The password is easy to guess', {
    another: [
      'the password consists of common passwords, sequences or repetitions: choose several words that do not belong together',
      'la contraseña está formada por contraseñas habituales, secuencias o repeticiones: elija varias palabras sin relación entre sí',
      '密码由常见密码、连续字符或重复内容组成：请使用几个互不相关的词',
    ],
  }),
  'password-like-name': refused(400, 'The password is like a name', {
    another: [
      'the password is too much like your name or the name of this site: choose several words that do not belong together',
      'la contraseña se parece demasiado a su nombre o al de este sitio: elija varias palabras sin relación entre sí',
      '密码与您的姓名或本站点的名称过于相似：请使用几个互不相关的词',
    ],
  }),
  'link-ended': refused(403, 'The one-time link is no longer valid', {
    askNew: [
      'this link was already used, was replaced by a newer one, or has expired: ask for a new one',
      'este enlace ya se usó, se sustituyó por otro o ha caducado: pida uno nuevo',
      '此链接已使用、已被新链接取代或已过期：请索取新的链接',
    ],
  }),
  'access-ended': refused(403, "The person's access has ended", {
    lastDay: [
      'the last day of {name} was {ends}: an admin can set a later day with claimstamp person set {name} --ends DAY',
      'el último día de {name} fue el {ends}: un administrador puede fijar uno posterior con claimstamp person set {name} --ends DÍA',
      '{name} 的最后访问日是 {ends}：管理员可用 claimstamp person set {name} --ends 日期 延长',
    ],
  }),
  'not-for-auditors': refused(403, 'Not for auditors', {
    here: [
      '{actor} is an auditor, and auditors cannot do this: ask QA for changes, labels, checkpoints, proofs and bundles',
      '{actor} es auditor, y un auditor no puede hacer esto: pida a calidad los cambios, las etiquetas, los puntos de control, las pruebas y los paquetes',
      '{actor} 是审计员，审计员不能执行此操作：更改、标签、检查点、证明和证据包请找质检人员',
    ],
    prefix: [
      'auditors cannot search by the first characters of a Claim ID: search by S/N, by a masked Claim ID such as ********WQ.17, or by a complete Claim ID',
      'un auditor no busca por los primeros caracteres de un Claim ID: busque por n.º de serie, por un Claim ID enmascarado como ********WQ.17 o por uno completo',
      '审计员不能按 Claim ID 的开头查找：请使用序列号、掩码形式（如 ********WQ.17）或完整的 Claim ID',
    ],
    format: [
      'auditors get exports of units as CSV: ask QA for events, other formats and bundles',
      'un auditor solo obtiene unidades en CSV: pida a calidad los eventos, otros formatos y los paquetes',
      '审计员只能导出 CSV 格式的设备数据：事件、其他格式和证据包请找质检人员',
    ],
  }),
  'admin-exists': refused(403, 'An admin account exists', {
    makeLink: [
      'an admin account already exists: make a link with claimstamp person link NAME',
      'ya existe una cuenta de administrador: claimstamp person link NOMBRE crea un enlace',
      '已有管理员账号：可用 claimstamp person link NAME 生成链接',
    ],
    signIn: [
      'an admin account already exists: sign in',
      'ya existe una cuenta de administrador: inicie sesión',
      '已有管理员账号：请登录',
    ],
  }),
  forbidden: refused(403, 'Not allowed here', {
    person: [
      '{actor} has no account: sign in as a person',
      '{actor} no tiene cuenta: inicie sesión como persona',
      '{actor} 没有账号：请以人员身份登录',
    ],
    printAgent: [
      '{actor} is not the print agent of a printer: use the token of a printer',
      '{actor} no es el agente de impresión de una impresora: use el token de una impresora',
      '{actor} 不是打印机的打印代理：请使用打印机的令牌',
    ],
    permission: [
      '{actor} may not do this: it needs the permission {permission}',
      '{actor} no puede hacer esto: hace falta el permiso {permission}',
      '{actor} 无权执行此操作：需要权限 {permission}',
    ],
  }),
  'confirm-password': refused(403, 'Confirm your password', {
    again: [
      'this action requires that you confirmed your password within the last five minutes: confirm it at /account/confirm, or with POST /v1/account/confirm',
      'para esto hay que haber confirmado la contraseña en los últimos cinco minutos: confírmela en /account/confirm o con POST /v1/account/confirm',
      '此操作需要在最近五分钟内再次输入过密码：请在 /account/confirm 确认，或使用 POST /v1/account/confirm',
    ],
  }),
  'last-admin': refused(409, 'No admin would be left', {
    person: [
      '{name} is the only admin with a password: make another person an admin first',
      '{name} es el único administrador con contraseña: nombre antes a otro administrador',
      '{name} 是唯一设有密码的管理员：请先指定另一名管理员',
    ],
  }),
  'own-account': refused(409, "The caller's own account", {
    remove: [
      '{name} is your own account: ask another admin to remove it',
      '{name} es su propia cuenta: pida a otro administrador que la elimine',
      '{name} 是您自己的账户：请让另一名管理员移除',
    ],
    role: [
      '{name} is your own account: ask another admin to change its role',
      '{name} es su propia cuenta: pida a otro administrador que cambie su función',
      '{name} 是您自己的账户：请让另一名管理员更改其角色',
    ],
  }),
  'beyond-own-rights': refused(403, 'The caller lacks a permission', {
    permissions: [
      '{actor} may not grant permissions that it does not have: {permissions}',
      '{actor} no puede conceder permisos que no tiene: {permissions}',
      '{actor} 不能授予自己没有的权限：{permissions}',
    ],
    people: [
      '{actor} may only change people with the role {roles}, and {name} has or would get the role {role}: ask an admin',
      '{actor} solo puede cambiar personas con la función {roles}, y {name} tiene o tendría la función {role}: pídalo a un administrador',
      '{actor} 只能更改角色为 {roles} 的人员，而 {name} 的角色是或将是 {role}：请找管理员',
    ],
    changeOver: [
      '{actor} may change only these settings of a station: {allowed}. Not allowed: {settings}. Ask an admin',
      '{actor} solo puede cambiar estos ajustes de una estación: {allowed}. No: {settings}. Pídalo a un administrador',
      '{actor} 只能更改工位的这些设置：{allowed}，不能更改：{settings}。请找管理员',
    ],
    lasting: [
      '{actor} expires at {until}, so nothing that it makes may be valid for longer: set expiresAt to that time or earlier',
      '{actor} caduca el {until} y no puede crear accesos que duren más: indique una caducidad (expiresAt) anterior',
      '{actor} 于 {until} 到期，不能创建有效期更长的访问权限：请指定不晚于该时间的到期时间（expiresAt）',
    ],
  }),
  'hold-code-wrong': refused(403, 'The hold code is not valid', {
    check: [
      'this hold code is wrong, was already used or withdrawn, has expired, or is newer than the restored ledger: check what you typed, or ask an admin',
      'este código de reanudación es incorrecto, ya se usó o se retiró, ha caducado o es posterior al registro restaurado: revise lo que escribió o llame a un administrador',
      '此恢复码错误、已使用、已撤销、已过期，或晚于所恢复的台账：请检查输入，或联系管理员',
    ],
    missing: [
      '{actor} may accept this ledger only with a hold code: enter the code that an admin made in advance',
      '{actor} solo puede aceptar este registro con un código de reanudación: introduzca el que un administrador creó de antemano',
      '{actor} 只能凭恢复码接受此台账：请输入管理员事先生成的恢复码',
    ],
  }),
  'kiosk-station': refused(403, 'The screen is for another station', {
    signIn: [
      'this screen is for station {station} only: sign in to do this',
      'esta pantalla es solo para la estación {station}: inicie sesión para hacer esto',
      '此屏幕仅用于工位 {station}：请登录后再执行此操作',
    ],
    close: [
      'a screen does not close itself: an admin closes it in the settings of station {station}, or with claimstamp station kiosk {station} --close',
      'una pantalla no se cierra a sí misma: la cierra un administrador en los ajustes de la estación {station}, o con claimstamp station kiosk {station} --close',
      '屏幕不能自行关闭：请管理员在工位 {station} 的设置中关闭，或使用 claimstamp station kiosk {station} --close',
    ],
  }),
  'badge-needs-kiosk': refused(403, 'Badges are for the screen of a station', {
    signedIn: [
      'badges work only on station screens: a person is signed in here',
      'las credenciales son para la pantalla de una estación: aquí ya hay una sesión iniciada',
      '工牌只用于工位屏幕：此处已有人登录',
    ],
  }),
  'badge-required': refused(403, 'The station requires a badge', {
    scan: [
      'station {station} requires a badge: scan your badge at this screen, then try again',
      'la estación {station} exige una credencial: escanee la suya en esta pantalla y vuelva a intentarlo',
      '工位 {station} 要求工牌：请先在此屏幕扫描您的工牌，然后重试',
    ],
  }),
  'form-token': refused(403, 'The form token is missing or wrong', {
    reload: [
      'the form token is missing: reload the page, or send the token in {header}',
      'falta el token del formulario: recargue la página o envíe el token en {header}',
      '此更改缺少表单令牌：请刷新页面，或在 {header} 中发送令牌',
    ],
    cookies: [
      'the form has expired, or cookies are disabled: send it again',
      'el formulario ha caducado o las cookies están desactivadas: envíelo de nuevo',
      '表单已过期，或浏览器禁用了 Cookie：请重新提交',
    ],
  }),
  'page-stale': refused(409, 'The settings changed since the page was loaded', {
    reload: [
      'another user changed this in the meantime: reload the page and enter your change again',
      'alguien cambió estos datos mientras tanto: recargue la página e introduzca de nuevo su cambio',
      '其间有人修改了此内容：请刷新页面后重新输入您的更改',
    ],
  }),
  'web-origin': refused(403, 'A web page sent a request to an agent address', {
    origin: [
      'web pages may not ask for Claim IDs: the request has an Origin header, which agents do not send',
      'una página web no puede pedir Claim ID: los agentes no envían la cabecera Origin',
      '网页不能申请 Claim ID：代理程序不发送 Origin 头',
    ],
  }),
  'source-not-allowed': refused(403, 'The source address is not on the allow-list', {
    add: [
      "{source} is not on the allow-list: add it to CLAIMSTAMP_AGENT_ALLOW or to a station's sources",
      '{source} no está en la lista de direcciones admitidas: añádala a CLAIMSTAMP_AGENT_ALLOW o a las direcciones de una estación',
      '{source} 不在允许的地址列表中：请把它加入 CLAIMSTAMP_AGENT_ALLOW 或某个工位的地址',
    ],
  }),
  'station-key-needed': refused(403, "Agents need their station's key", {
    set: [
      "agents need their station's key: set api.serialize to …/ioto/serialize/<key>, api.builder to …/api/<key>",
      'los agentes necesitan la clave de su estación: ponga api.serialize en …/ioto/serialize/<clave> y api.builder en …/api/<clave>',
      '代理程序需要所在工位的密钥：请将 api.serialize 设为 …/ioto/serialize/<密钥>，api.builder 设为 …/api/<密钥>',
    ],
  }),
  'station-key-unknown': refused(404, 'No station has this key', {
    check: [
      "no station has the key in this URL: check the device's api.serialize or api.builder",
      'ninguna estación tiene la clave de esta URL: revise api.serialize o api.builder del dispositivo',
      '没有工位使用此 URL 中的密钥：请检查设备的 api.serialize 或 api.builder',
    ],
  }),
  'badge-unknown': refused(404, 'No one has this badge', {
    set: [
      'no one has this badge: an admin can enter it for a person (claimstamp person set NAME --badge CODE)',
      'nadie tiene esta credencial: un administrador puede asignarla a una persona (claimstamp person set NOMBRE --badge CÓDIGO)',
      '没有人使用此工牌：管理员可以为人员登记（claimstamp person set NAME --badge CODE）',
    ],
  }),
  'badge-taken': refused(409, 'The badge is in use', {
    person: [
      'this is the badge of {person}: give each person a badge of their own',
      'esta es la credencial de {person}: cada persona necesita la suya',
      '这是 {person} 的工牌：每个人必须使用自己的工牌',
    ],
    label: [
      'this code is on the label of unit {unit}: add a prefix to the badge',
      'este código está en la etiqueta de la unidad {unit}: añada un prefijo a la credencial',
      '此代码与设备 {unit} 的标签相同：请为工牌加前缀',
    ],
  }),
  'name-taken': refused(409, 'The name is in use', {
    person: [
      'there is already a person named {name}: choose another name',
      'ya existe una persona llamada {name}: elija otro nombre',
      '已有名为 {name} 的人员：请换一个姓名',
    ],
    webhook: [
      'there is already a webhook named {webhook}: choose another name',
      'ya existe un webhook llamado {webhook}: elija otro nombre',
      '已有名为 {webhook} 的 webhook：请换一个名称',
    ],
    holdCode: [
      'the name {name} is or was used for a hold code: choose another name',
      'ya existe o existió un código de reanudación {name}: elija otro nombre',
      '名为 {name} 的恢复码正在使用或曾经使用：请换一个名称',
    ],
    token: [
      'the name {name} is or was used for a token, and the ledger identifies tokens by name: choose another name',
      'ya existe o existió un token {name}: el registro los distingue por nombre, elija otro',
      '令牌名称 {name} 正在使用或曾经使用：台账按名称区分令牌，请换一个',
    ],
  }),
  'key-taken': refused(409, 'The key is in use', {
    key: [
      'the key for station {station} is already used as a {kind}: choose another',
      'la clave para la estación {station} ya se usa como {kind}: elija otra',
      '工位 {station} 的密钥已用作 {kind}：请换一个',
    ],
  }),
  'rate-limited': refused(429, 'More requests than the limit allows', {
    address: [
      'more than {rate} requests a minute from the address {name}: ask again in {waitS} s, or raise {setting}',
      'más de {rate} peticiones por minuto desde la dirección {name}: repita en {waitS} s o aumente {setting}',
      '地址 {name} 每分钟的请求超过 {rate} 次：请在 {waitS} 秒后再试，或调高 {setting}',
    ],
    key: [
      'more than {rate} requests a minute with the key of station {name}: ask again in {waitS} s, or raise {setting}',
      'más de {rate} peticiones por minuto con la clave de la estación {name}: repita en {waitS} s o aumente {setting}',
      '使用工位 {name} 密钥的请求每分钟超过 {rate} 次：请在 {waitS} 秒后再试，或调高 {setting}',
    ],
    stationAlarm: [
      'more than {rate} requests a minute at station {name}: find the device that asks too often; to refuse such requests, set {setting}',
      'más de {rate} peticiones por minuto en la estación {name}: busque el dispositivo que pide tanto; para rechazar estas peticiones, defina {setting}',
      '工位 {name} 每分钟的请求超过 {rate} 次：请找出频繁请求的设备；如要拒绝这些请求，请设置 {setting}',
    ],
    station: [
      'more than {rate} requests a minute from station {name}: ask again in {waitS} s, or raise {setting}',
      'más de {rate} peticiones por minuto desde la estación {name}: repita en {waitS} s o aumente {setting}',
      '工位 {name} 每分钟的请求超过 {rate} 次：请在 {waitS} 秒后再试，或调高 {setting}',
    ],
  }),
  'hourly-cap': refused(429, "This hour's new Claim IDs are used up", {
    wait: [
      "this hour's new Claim IDs are used up; devices that already have one are still answered: wait, or raise CLAIMSTAMP_HOURLY_CAP",
      'ya se emitieron todos los Claim ID nuevos de esta hora; los dispositivos que ya tienen el suyo siguen recibiéndolo: espere o aumente CLAIMSTAMP_HOURLY_CAP',
      '本小时的新 Claim ID 已发完，已有 Claim ID 的设备仍会得到应答：请等待，或调高 CLAIMSTAMP_HOURLY_CAP',
    ],
    source: [
      'more than {max} new Claim IDs in an hour for {source}; devices that already have one are still answered: wait, or raise CLAIMSTAMP_SOURCE_CAP',
      'más de {max} Claim ID nuevos en una hora para {source}; los dispositivos que ya tienen el suyo siguen recibiéndolo: espere o aumente CLAIMSTAMP_SOURCE_CAP',
      '{source} 一小时内的新 Claim ID 超过 {max} 个，已有 Claim ID 的设备仍会得到应答：请等待，或调高 CLAIMSTAMP_SOURCE_CAP',
    ],
    alarm: [
      'more than {max} new Claim IDs in an hour: check which station issues them; to set a limit, use CLAIMSTAMP_HOURLY_CAP',
      'más de {max} Claim ID nuevos en una hora: compruebe qué estación los usa; para rechazar el exceso, defina CLAIMSTAMP_HOURLY_CAP',
      '一小时内的新 Claim ID 超过 {max} 个：请检查是哪个工位在使用；如要拒绝超出的部分，请设置 CLAIMSTAMP_HOURLY_CAP',
    ],
  }),
  'lookups-throttled': refused(429, 'Too many look-ups found nothing', {
    registrations: [
      'too many devices at {source} report Claim IDs that do not exist: ask again in {waitS} s, and check these devices',
      'demasiados dispositivos en {source} comunican un Claim ID que no existe: repita en {waitS} s y compruebe esos dispositivos',
      '{source} 上有过多设备上报不存在的 Claim ID：请在 {waitS} 秒后再试，并检查这些设备',
    ],
    wait: [
      'too many look-ups of Claim IDs that do not exist: try again in {waitS} s, and check the scanned codes',
      'demasiados Claim ID que no existen: vuelva a buscar en {waitS} s y compruebe qué se escanea',
      '查询了过多不存在的 Claim ID：请在 {waitS} 秒后再查，并检查扫描的内容',
    ],
    codes: [
      'too many scanned codes are neither a badge nor on a label: scan again in {waitS} s',
      'se han escaneado demasiados códigos que no son ni credenciales ni etiquetas: vuelva a escanear en {waitS} s',
      '扫描了过多既不是工牌也不是标签的代码：请在 {waitS} 秒后再扫描',
    ],
  }),
};
