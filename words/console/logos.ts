import type { Dictionary } from '../sentence.ts';

const en = {
  logos: 'Pictures for labels',
  hint: 'An uploaded picture is redrawn in grey, because label printers print only black dots.',
  picture: 'Picture',
  name: 'Name',
  nameHint:
    'Leave it empty for the name of the file. If a picture already has this name, the new picture replaces it on future labels.',
  pixels: 'Pixels',
  file: 'a file in labels/logos',
  usedBy: 'Used by',
  remove: 'Remove',
  askRemove:
    'Remove the picture {name}? Its revisions stay in the ledger, because labels may have been printed with them.',
  upload: 'Upload picture',
  choose: 'PNG, JPEG or SVG',
  chooseHint: 'At most 2 MB',
};

/** Words of the page of pictures for labels. */
export const LOGOS: Dictionary<keyof typeof en> = {
  en,
  es: {
    logos: 'Imágenes para etiquetas',
    hint: 'La imagen que suba se dibuja de nuevo en gris, porque las impresoras de etiquetas solo imprimen puntos negros.',
    picture: 'Imagen',
    name: 'Nombre',
    nameHint:
      'Déjelo vacío para usar el nombre del archivo. Si ya hay una imagen con este nombre, la nueva la sustituye en las próximas etiquetas.',
    pixels: 'Píxeles',
    file: 'un archivo de labels/logos',
    usedBy: 'La usan',
    remove: 'Eliminar',
    askRemove: '¿Eliminar la imagen {name}? Se seguirá sabiendo qué etiquetas se imprimieron con ella.',
    upload: 'Subir imagen',
    choose: 'PNG, JPEG o SVG',
    chooseHint: 'Como máximo 2 MB',
  },
  zh: {
    logos: '标签图片',
    hint: '上传时会将图片重新绘制为灰度，因为标签打印机只打印黑点。',
    picture: '图片',
    name: '名称',
    nameHint: '留空则使用文件名。使用已有名称会在之后的标签上替换该图片。',
    pixels: '像素',
    file: 'labels/logos 中的文件',
    usedBy: '使用者',
    remove: '移除',
    askRemove: '移除图片 {name}？用它打印过的标签仍可查。',
    upload: '上传图片',
    choose: 'PNG、JPEG 或 SVG',
    chooseHint: '最多 2 MB',
  },
};
