import type { Settings } from '../config.ts';

type Name = Exclude<keyof typeof Settings.shape, 'catalog'>;

/**
 * The Spanish and Chinese help texts of the service's settings. The English text is the setting's own description. If a
 * translation is missing, this file does not compile.
 */
export const SERVICE_HELP: Record<Name, readonly [es: string, zh: string]> = {
  host: ['Dirección en la que escucha el servicio; 0.0.0.0 para todas', '服务监听的地址；0.0.0.0 表示所有地址'],
  port: ['Puerto en el que escucha el servicio; 0 toma uno libre', '服务监听的端口；0 表示使用空闲端口'],
  data: ['La carpeta de datos; el servicio la crea si falta', '数据文件夹；不存在时由服务创建'],
  agentAccess: [
    'open, allowlist o key; obligatorio en cuanto HOST no es loopback',
    'open、allowlist 或 key；HOST 不是本机回环地址时必须设置',
  ],
  agentAllow: ['Direcciones y bloques CIDR, separados por comas', '地址和 CIDR 网段，用逗号分隔'],
  addressRate: [
    'Peticiones por minuto de cada origen, hasta 1.000.000, u off',
    '每个来源每分钟的请求数，最多 1,000,000，或 off',
  ],
  stationRate: [
    'Peticiones por minuto en cada estación, hasta 1.000.000, u off',
    '每个工位每分钟的请求数，最多 1,000,000，或 off',
  ],
  hourlyCap: [
    'Claim IDs nuevos por hora para todos los agentes juntos, hasta 20.000.000, u off',
    '所有设备合计每小时的新 Claim ID 数，最多 20,000,000，或 off',
  ],
  sourceCap: [
    'Claim IDs nuevos por hora para cada origen, hasta 20.000.000, u off',
    '每个来源每小时的新 Claim ID 数，最多 20,000,000，或 off',
  ],
  productCap: [
    'Productos nuevos por día que puede añadir cada origen, hasta 1.000, u off',
    '每个来源每天可添加的新产品数，最多 1,000，或 off',
  ],
  bodyLimit: [
    'Bytes del cuerpo de la petición de un agente, hasta 16.384 (también con off)',
    '设备请求正文的字节数，最多 16,384（off 时也一样）',
  ],
  products: [
    'open: un producto desconocido se registra cuando aparece; strict: se rechaza',
    'open：未知产品首次出现时被记录；strict：拒绝未知产品',
  ],
  site: [
    'Código de esta planta, dos mayúsculas o cifras: {site} en los patrones de número de serie. Cada planta necesita el suyo',
    '本工厂的代码，两个大写字母或数字：序列号模式中的 {site}。每个工厂需要自己的代码',
  ],
  siteName: [
    'Nombre de esta planta, como Example Works, Ulm: en lo alto de la consola y en los informes',
    '本工厂的名称，例如 Example Works, Ulm：显示在控制台顶部和报告中',
  ],
  shifts: [
    'Horas en que empiezan los turnos, separadas por comas, en la zona horaria del servicio (TZ)',
    '各班次的开始时间，用逗号分隔，采用服务的时区（TZ）',
  ],
  search: [
    'off: sin archivo para buscar por partes; aún se encuentran números de serie, valores de identidad y Claim IDs completos',
    'off：不建立按片段搜索的文件；仍可搜索完整的序列号、设备标识和 Claim ID',
  ],
  auditViews: [
    'on: el registro anota también cuándo una persona mira la página de una unidad, como máximo una vez por hora para cada persona y unidad',
    'on：人员查看单台设备页面时也记入台账，每人每台设备每小时最多一次',
  ],
  siteLogo: [
    'Archivo del logotipo en lo alto de la consola: PNG o SVG, 256 KiB como máximo, mejor tan alto como ancho',
    '控制台顶部徽标的文件：PNG 或 SVG，最大 256 KiB，最好宽高相等',
  ],
  defaultProduct: [
    'El producto de una petición que no nombra ninguno; con este ajuste, el cuerpo puede estar vacío',
    '未指明产品的请求所用的产品；设置后，请求正文可以为空',
  ],
  identityProperties: ['Propiedades del cuerpo que identifican el equipo', '请求正文中用于识别设备的属性'],
  identityMacs: [
    'Propiedades de identidad cuyos valores son MAC o EUI-64; toda forma de escribir un valor, como a4-c1-38-aa-00-01 o A4C1.38AA.0001, nombra el mismo equipo',
    '值为 MAC 或 EUI-64 的身份属性；同一值的各种写法（例如 a4-c1-38-aa-00-01 或 A4C1.38AA.0001）指同一台设备',
  ],
  identityPlaceholders: [
    'Valores que no identifican ningún equipo. Tampoco lo identifican nunca: un valor formado solo por ceros, por F o por un mismo signo repetido; ocho o más cifras consecutivas, como 12345678; una plantilla como ${mac}; una MAC o EUI-64 de grupo (multicast)',
    '不能识别设备的值；全为零、全为 F、同一字符重复的值，八位以上的连续数字，${mac} 这样的模板，以及组播 MAC 或 EUI-64，从不识别设备',
  ],
  voidReasons: [
    'Códigos de motivo de la anulación; se elige uno y se puede añadir una nota',
    '作废的原因代码；人员选择一个，并可添加备注',
  ],
  scrapReasons: ['Códigos de motivo de la baja por rechazo', '报废的原因代码'],
  signOnIssuer: [
    'Dirección del emisor de OpenID Connect para el inicio de sesión, exactamente como en sus tokens; necesita CLAIMSTAMP_PUBLIC_URL',
    '登录所用的 OpenID Connect 签发方的地址，与其令牌中的完全一致；需要 CLAIMSTAMP_PUBLIC_URL',
  ],
  signOnClient: ['Identificador de este servicio en el emisor (client ID)', '本服务在签发方的客户端 ID'],
  signOnSecret: ['Secreto de este servicio en el emisor (client secret)', '本服务在签发方的客户端密钥'],
  signOnRoles: [
    'Qué grupo tiene qué función, separados por comas: line-leads=lead. Vale la primera fila que nombre un grupo de la persona',
    '哪个组对应哪个角色，用逗号分隔：line-leads=lead。采用第一条包含该人员某个组的规则',
  ],
  signOnGroups: ['Nombre del dato (claim) con los grupos de la persona', '包含人员所属组的声明的名称'],
  signOnScopes: [
    'Ámbitos (scopes) que se piden al emisor, separados por comas; algunos emisores necesitan uno más para los grupos',
    '向签发方请求的范围，用逗号分隔；有些签发方需要另加一个范围才提供组',
  ],
  signOnLogout: [
    'back-channel: el emisor avisa a este servicio cuando termina una sesión; none: las sesiones duran una hora como máximo',
    'back-channel：会话结束时签发方通知本服务；none：会话最长一小时',
  ],
  signOnName: [
    'Nombre del emisor en la página de inicio de sesión, como Cuenta de Example Works',
    '登录页面上显示的签发方名称，例如 Example Works 账号',
  ],
  adminToken: [
    'Token para /v1 y /metrics, de 32 caracteres como mínimo; nunca se guarda',
    '用于 /v1 和 /metrics 的令牌，至少 32 个字符，从不存储',
  ],
  backupFolder: ['Carpeta de las copias de seguridad programadas', '定时备份的文件夹'],
  backupEvery: ['Horas entre dos copias de seguridad programadas', '两次定时备份之间的小时数'],
  backupKeep: ['Copias de seguridad programadas que se conservan', '保留的定时备份数量'],
  drillDays: [
    'Días tras los que toca el siguiente simulacro de cada tipo; una previsión lo indica',
    '各类演练的间隔天数；到期前由预警提示',
  ],
  onAlarm: [
    'Programa que el servicio ejecuta una vez cuando empieza una alarma y otra cuando termina',
    '警报开始和结束时，服务各运行一次的程序',
  ],
  checkpointFolder: ['Carpeta que recibe una copia de cada punto de control', '接收每个检查点副本的文件夹'],
  checkpointWebhook: [
    'Dirección que recibe cada punto de control en una petición POST',
    '通过 POST 请求接收每个检查点的地址',
  ],
  witnesses: [
    'Testigos que firman los puntos de control: pares de clave de verificación y dirección, separados por comas',
    '为检查点签名的见证方：验证密钥和地址成对，用逗号分隔',
  ],
  signingKey: [
    'Clave privada Ed25519 en PEM (openssl genpkey -algorithm ed25519) que firma los puntos de control',
    '为检查点签名的 Ed25519 私钥，PEM 格式（openssl genpkey -algorithm ed25519）',
  ],
  origin: [
    'El nombre del registro en los puntos de control, como serials.example.com/plant-2',
    '台账在检查点中的名称，例如 serials.example.com/plant-2',
  ],
  logLevel: ['De fatal a trace, o silent', 'fatal 至 trace，或 silent'],
  logFormat: [
    'auto: líneas legibles en un terminal, JSON en los demás casos; json o text: siempre',
    'auto：在终端中显示易读的行，其他情况为 JSON；json 或 text：始终使用该格式',
  ],
  publicUrl: [
    'La dirección que usan personas y agentes; el servicio acepta peticiones con su nombre de equipo',
    '人员和设备使用的地址；服务接受带有其主机名的请求',
  ],
  securityContact: [
    'Dónde avisar de fallos de seguridad de esta instalación, como mailto:security@example.com; se muestra en /.well-known/security.txt (RFC 9116)',
    '报告本系统安全漏洞的联系方式，例如 mailto:security@example.com；显示在 /.well-known/security.txt（RFC 9116）',
  ],
  url: [
    'Dirección en la que los comandos y serialize encuentran el servicio, si está en otra máquina',
    '服务在另一台机器上时，命令和 serialize 查找服务所用的地址',
  ],
  ledger: [
    'postgres://user:password@host/database: un registro que comparten varios procesos; necesita CLAIMSTAMP_SIGNING_KEY',
    'postgres://user:password@host/database：多个进程共享的台账；需要 CLAIMSTAMP_SIGNING_KEY',
  ],
  trustedProxies: [
    'Direcciones y bloques CIDR de los proxies cuyo X-Forwarded-For cree el servicio',
    '服务信任其 X-Forwarded-For 的代理的地址和 CIDR 网段',
  ],
  tlsCert: ['Archivo PEM con el certificado; necesita CLAIMSTAMP_TLS_KEY', '证书的 PEM 文件；需要 CLAIMSTAMP_TLS_KEY'],
  tlsKey: ['Archivo PEM con la clave del certificado', '证书密钥的 PEM 文件'],
  builderUrl: [
    'La nube de dispositivos: el servicio reenvía los registros a <esta dirección>/device/register',
    '设备云：服务将注册转发到 <此地址>/device/register',
  ],
  builderLocal: [
    'accept: un modo de prueba que responde a los registros en lugar de una nube',
    'accept：代替设备云应答注册的测试模式',
  ],
  printerAllow: [
    'Nombres de equipo, direcciones y bloques CIDR que pueden tener las impresoras, separados por comas',
    '打印机可以使用的主机名、地址和 CIDR 网段，用逗号分隔',
  ],
  printFolders: [
    'Carpetas en las que pueden escribir las impresoras del tipo file, con sus subcarpetas',
    'file 类型的打印机可以写入的文件夹，包括其子文件夹',
  ],
  webhookAllow: [
    'Nombres de host, direcciones y bloques CIDR a los que los webhooks pueden enviar eventos, separados por comas',
    'webhook 可以发送事件的主机名、地址和 CIDR 网段，用逗号分隔',
  ],
  ordersFolder: [
    'Carpeta para un ERP: el servicio toma órdenes de trabajo de inbox/*.csv e inbox/*.xlsx y escribe lo fabricado en outbox/*.csv',
    '供 ERP 使用的文件夹：服务从 inbox/*.csv 和 inbox/*.xlsx 读取工单，并把产量写入 outbox/*.csv',
  ],
  ordersEvery: [
    'Minutos entre dos archivos en outbox; solo hay archivo si han cambiado órdenes de trabajo o sus cantidades',
    'outbox 中两个文件的间隔分钟数；仅当工单或其数量有变化时才有文件',
  ],
  badgeIdle: [
    'Minutos sin lectura ni tecla tras los que una credencial deja de tener efecto',
    '无扫描或按键多少分钟后，工牌不再有效',
  ],
  reportAlarms: [
    'Respuesta a un equipo que comunica el Claim ID de otro: pass reenvía su registro, refuse lo rechaza',
    '对上报他机 Claim ID 的设备的应答：pass 转发其注册，refuse 拒绝',
  ],
};
