import type { Dictionary } from '../sentence.ts';

/** Words of the page that people read in the bundle of one unit. */
const en = {
  title: 'History of a unit',
  made: 'Exported: {at}. Ledger: {origin}. Times on this page are in the time zone {zone}.',
  event: 'Event',
  time: 'When',
  what: 'What happened',
  who: 'Who',
  where: 'Station',
  files: 'The other files',
  'units.csv':
    'The unit in one line, for spreadsheets. A time is empty if the step has not been done in the current life of the unit: after a return, steps must be repeated.',
  'events.jsonl': 'The events above, byte for byte as they were hashed',
  'leaves.txt': 'The hash of every event of the ledger. It proves that no event above was changed',
  'labels.jsonl': 'What is needed to draw the printed labels again',
  checkpoint: 'The signed state of the ledger',
  'public-key.pem': 'The key with which to check the signature. Compare it with a key that was kept elsewhere',
  'manifest.json': 'A list of the files with the SHA-256 of each. To check everything: claimstamp verify FILE.zip',
  names: 'Names in the files',
  namesHint: 'The files use the names of the ledger, and times in UTC. This page uses the time zone {zone}.',
  proven: 'These files prove the events. This page only describes the events in words.',
};

export const BUNDLE: Dictionary<keyof typeof en> = {
  en,
  es: {
    title: 'Historia de una unidad',
    made: 'Exportado: {at}. Registro: {origin}. Las horas de esta página son de la zona horaria {zone}.',
    event: 'Evento',
    time: 'Cuándo',
    what: 'Qué ocurrió',
    who: 'Quién',
    where: 'Estación',
    files: 'Los demás archivos',
    'units.csv':
      'La unidad en una línea, para hojas de cálculo. Una hora está vacía si su paso aún no se ha hecho en la vida actual de la unidad: tras una devolución hay que repetir los pasos.',
    'events.jsonl': 'Los eventos de arriba, byte a byte como se calculó su hash',
    'leaves.txt': 'El hash de cada evento del registro. Prueba que no se cambió ningún evento de arriba',
    'labels.jsonl': 'Lo necesario para dibujar de nuevo las etiquetas impresas',
    checkpoint: 'El estado firmado del registro',
    'public-key.pem': 'La clave con la que se comprueba la firma. Compárela con una clave guardada en otro lugar',
    'manifest.json':
      'Lista de los archivos con el SHA-256 de cada uno. Para comprobarlo todo: claimstamp verify ARCHIVO.zip',
    names: 'Nombres en los archivos',
    namesHint: 'Los archivos usan los nombres del registro y horas en UTC. Esta página usa la zona horaria {zone}.',
    proven: 'Estos archivos prueban los eventos. Esta página solo los describe con palabras.',
  },
  zh: {
    title: '设备的历史记录',
    made: '导出时间：{at}。台账：{origin}。本页时间的时区为 {zone}。',
    event: '事件',
    time: '时间',
    what: '发生了什么',
    who: '谁',
    where: '工位',
    files: '其他文件',
    'units.csv':
      '以一行记录该设备，供电子表格使用。若某一步在设备当前的生命周期中尚未发生，其时间为空：退货后需要重新完成各步骤。',
    'events.jsonl': '以上事件，与计算哈希时逐字节一致',
    'leaves.txt': '台账中每个事件的哈希，证明以上事件未被更改',
    'labels.jsonl': '重新绘制已打印标签所需的内容',
    checkpoint: '台账的签名状态',
    'public-key.pem': '用于验证签名的公钥。请与另处保存的公钥比较',
    'manifest.json': '文件列表及各自的 SHA-256。检查全部内容：claimstamp verify 文件.zip',
    names: '文件中的名称',
    namesHint: '文件使用台账中的名称和 UTC 时间，本页使用时区 {zone}。',
    proven: '事件由这些文件证明，本页只是用文字说明。',
  },
};
