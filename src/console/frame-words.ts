import type { Dictionary } from './words.ts';

const en = {
  stations: 'Stations',
  account: 'Account',
  language: 'Language',
  skip: 'To the content',
  lost: 'No connection to the service. What is scanned now does not count. Trying again …',
  expired: 'The session has ended. Nothing is recorded until somebody signs in.',
  signIn: 'Sign in',
  main: 'Main',
  refused: 'Not possible',
  back: 'Back',
};

export const FRAME: Dictionary<keyof typeof en> = {
  en,
  es: {
    stations: 'Estaciones',
    account: 'Cuenta',
    language: 'Idioma',
    skip: 'Ir al contenido',
    lost: 'Sin conexión con el servicio. Lo que se escanee ahora no cuenta. Intentando de nuevo …',
    expired: 'La sesión ha terminado. No se registra nada hasta que alguien inicie sesión.',
    signIn: 'Iniciar sesión',
    main: 'Principal',
    refused: 'No es posible',
    back: 'Volver',
  },
  zh: {
    stations: '工位',
    account: '账户',
    language: '语言',
    skip: '跳到内容',
    lost: '与服务的连接已断开。现在的扫描无效。正在重试……',
    expired: '会话已结束。登录之前不会记录任何内容。',
    signIn: '登录',
    main: '主导航',
    refused: '无法执行',
    back: '返回',
  },
};
