import type { z } from 'zod';
import type { ProductSettings } from '../model/product.ts';

/*
 * What the console calls settings and their choices. The help text is in the description itself (src/model); here are
 * its translations. A setting that a language lacks does not compile.
 */

type Name<S> = keyof S & string;
/** Its own name, and one for each value that can be chosen. */
type Word<S> = {
  [K in Name<S>]-?: K | `${K}.${Chosen<Exclude<S[K], undefined | null>>}`;
}[Name<S>];
type Chosen<V> = string extends V ? never : V extends string ? V : V extends boolean ? 'yes' | 'no' : never;

export interface SettingWords<S> {
  en: Record<Word<S>, string>;
  es: Record<Word<S> | `${Name<S>}.help`, string>;
  zh: Record<Word<S> | `${Name<S>}.help`, string>;
}

export const PRODUCT: SettingWords<z.infer<typeof ProductSettings>> = {
  en: {
    name: 'Name',
    code: 'Short code',
    claimIdLength: 'Claim ID length',
    company: 'Company',
    logo: 'Logo',
    label: 'Label template',
    qr: 'QR content',
    serialPattern: 'S/N pattern',
    claiming: 'Claiming',
    'claiming.user': 'by the customer (Claim ID on the label)',
    'claiming.pre': 'by the maker (no label needed)',
    account: 'Account',
    cloud: 'Cloud',
    release: 'Counts as released when',
    'release.verified': 'verified',
    'release.registered': 'registered',
    'release.both': 'verified and registered',
    repeat: 'When a finished device asks again',
    'repeat.same': 'the same Claim ID',
    'repeat.refuse': 'a refusal',
    'repeat.replace': 'a new Claim ID (the old one is void)',
  },
  es: {
    name: 'Nombre',
    'name.help': 'Nombre en las etiquetas y en las pantallas',
    code: 'Código corto',
    'code.help': 'Código corto para {code} en el patrón del n.º de serie',
    claimIdLength: 'Longitud del Claim ID',
    'claimIdLength.help': 'Letras de un Claim ID, de 10 a 20; cada una aporta 5 bits',
    company: 'Empresa',
    'company.help': 'Empresa que figura en la etiqueta',
    logo: 'Logotipo',
    'logo.help': 'Logotipo de la etiqueta: un archivo PNG o SVG de labels/logos',
    label: 'Plantilla de etiqueta',
    'label.help': 'Plantilla de etiqueta de labels/',
    qr: 'Contenido del QR',
    'qr.help': 'Por ejemplo https://example.com/claim/{uci}; si se deja vacío, solo el Claim ID',
    serialPattern: 'Patrón del n.º de serie',
    'serialPattern.help': 'Por ejemplo {code}{yy}{ww}U{seq:5}; «none» si no lleva n.º de serie',
    claiming: 'Reclamación',
    'claiming.help': 'Quién reclama el dispositivo: el cliente, con el Claim ID de la etiqueta, o el fabricante',
    'claiming.user': 'por el cliente (Claim ID en la etiqueta)',
    'claiming.pre': 'por el fabricante (sin etiqueta)',
    account: 'Cuenta',
    'account.help': 'Cuenta en la que se registra un dispositivo prerreclamado si su firmware no indica ninguna',
    cloud: 'Nube',
    'cloud.help': 'Nube en la que se registra un dispositivo prerreclamado si su firmware no indica ninguna',
    release: 'Cuenta como liberada cuando está',
    'release.help': 'De forma predeterminada, verificada; registrada si el producto es prerreclamado',
    'release.verified': 'verificada',
    'release.registered': 'registrada',
    'release.both': 'verificada y registrada',
    repeat: 'Si un dispositivo terminado vuelve a preguntar',
    'repeat.help': 'Respuesta a una unidad ya verificada o registrada que vuelve a preguntar',
    'repeat.same': 'el mismo Claim ID',
    'repeat.refuse': 'un rechazo',
    'repeat.replace': 'un Claim ID nuevo (el anterior se anula)',
  },
  zh: {
    name: '名称',
    'name.help': '标签和屏幕上显示的名称',
    code: '短代码',
    'code.help': '用于序列号格式中的 {code}',
    claimIdLength: 'Claim ID 长度',
    'claimIdLength.help': 'Claim ID 的位数，10 至 20；每位 5 比特',
    company: '公司',
    'company.help': '标签上的公司名称',
    logo: '标志',
    'logo.help': '标签上的标志：labels/logos 中的 PNG 或 SVG 文件',
    label: '标签模板',
    'label.help': 'labels/ 中的标签模板',
    qr: '二维码内容',
    'qr.help': '例如 https://example.com/claim/{uci}；留空则仅为 Claim ID',
    serialPattern: '序列号格式',
    'serialPattern.help': '例如 {code}{yy}{ww}U{seq:5}；填 none 表示无序列号',
    claiming: '认领方式',
    'claiming.help': '由客户凭标签上的 Claim ID 认领，或由制造商认领',
    'claiming.user': '客户认领（标签上有 Claim ID）',
    'claiming.pre': '制造商认领（无需标签）',
    account: '账户',
    'account.help': '固件未指定账户时，预认领设备注册到此账户',
    cloud: '云',
    'cloud.help': '固件未指定云时，预认领设备注册到此云',
    release: '放行条件',
    'release.help': '默认为已验证；预认领产品默认为已注册',
    'release.verified': '已验证',
    'release.registered': '已注册',
    'release.both': '已验证且已注册',
    repeat: '已完成的设备再次请求时',
    'repeat.help': '已验证或已注册的设备再次请求时得到的答复',
    'repeat.same': '同一个 Claim ID',
    'repeat.refuse': '拒绝',
    'repeat.replace': '新的 Claim ID（旧的作废）',
  },
};
