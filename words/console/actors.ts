import type { Dictionary } from '../sentence.ts';

const en = {
  agent: 'Device at {name}',
  token: 'Program {name}',
  kiosk: 'Screen of {name}',
  operator: '{name} at the screen of {station}',
  webhook: 'Webhook {name}',
  admin: 'Admin (token of the service)',
  local: 'Command on the server',
  file: 'Configuration file',
  system: 'The service itself',
  localHint:
    'Command on the server: somebody ran a claimstamp command on the machine of the service, without signing in.',
};

/** Names of actors that have no account. */
export const ACTORS: Dictionary<keyof typeof en> = {
  en,
  es: {
    agent: 'Dispositivo en {name}',
    token: 'Programa {name}',
    kiosk: 'Pantalla de {name}',
    operator: '{name} en la pantalla de {station}',
    webhook: 'Webhook {name}',
    admin: 'Administrador (token del servicio)',
    local: 'Comando en el servidor',
    file: 'Archivo de configuración',
    system: 'El propio servicio',
    localHint:
      'Comando en el servidor: alguien ejecutó un comando claimstamp en la máquina del servicio, sin iniciar sesión.',
  },
  zh: {
    agent: '位于 {name} 的设备',
    token: '程序 {name}',
    kiosk: '{name} 的屏幕',
    operator: '{name}（在 {station} 的屏幕上）',
    webhook: 'Webhook {name}',
    admin: '管理员（服务的令牌）',
    local: '服务器上的命令',
    file: '配置文件',
    system: '服务本身',
    localHint: '服务器上的命令：有人在服务所在的机器上运行了 claimstamp 命令，没有登录。',
  },
};
