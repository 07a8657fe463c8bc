import type { Dictionary } from '../sentence.ts';

const en = {
  title: 'Label set',
  hint: 'The labels of each unit. A new label needs a role, such as box or card, and a template. Without a template, a label is removed from the set.',
  role: 'Role',
  newRole: 'New label',
  template: 'Template',
  copies: 'Copies',
  required: 'Printed automatically with the others',
  secret: 'Shows the Claim ID',
  release: 'Must be scanned for a PASS',
  yes: 'Yes',
  no: 'No',
  removed: 'None',
  printer: 'Printer for labels: {role}',
};

/** Words of the fields for the labels of a product. */
export const LABEL_SET_WORDS: Dictionary<keyof typeof en> = {
  en,
  es: {
    title: 'Juego de etiquetas',
    hint: 'Las etiquetas de cada unidad. Una etiqueta nueva necesita un tipo, como box o card, y una plantilla. Sin plantilla, la etiqueta se quita del juego.',
    role: 'Tipo',
    newRole: 'Etiqueta nueva',
    template: 'Plantilla',
    copies: 'Copias',
    required: 'Se imprime automáticamente con las demás',
    secret: 'Muestra el Claim ID',
    release: 'Para un PASS hay que escanearla',
    yes: 'Sí',
    no: 'No',
    removed: 'Ninguna',
    printer: 'Impresora para las etiquetas: {role}',
  },
  zh: {
    title: '标签组',
    hint: '每台设备的标签。新标签需要角色（例如 box 或 card）和模板。不选模板则从标签组中移除该标签。',
    role: '角色',
    newRole: '新标签',
    template: '模板',
    copies: '份数',
    required: '与其他标签一起自动打印',
    secret: '显示 Claim ID',
    release: 'PASS 需要扫描此标签',
    yes: '是',
    no: '否',
    removed: '无',
    printer: '此标签的打印机：{role}',
  },
};
