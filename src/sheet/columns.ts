import { own } from '../platform/own.ts';

/*
 * People and programs name columns in many ways. Letter case, spaces, punctuation and accents do not matter: "Claim
 * ID", "claim-id" and "CLAIM_ID" are the same name.
 */

/**
 * The column names that the import knows, in the form that `bareName` returns. The value is the property that a column
 * with this name becomes.
 */
const KNOWN: Record<string, string> = {
  uci: 'uci',
  id: 'uci',
  identifiant: 'uci',
  claim: 'uci',
  claimid: 'uci',
  claimcode: 'uci',
  claimids: 'uci',
  claimno: 'uci',
  claimnr: 'uci',
  claimnumber: 'uci',
  claimidentifier: 'uci',
  deviceclaimid: 'uci',
  unitclaimid: 'uci',
  uniqueclaimid: 'uci',
  uniqueclaimidentifier: 'uci',
  serial: 'serial',
  sn: 'serial',
  serialno: 'serial',
  serialnr: 'serial',
  serialnum: 'serial',
  serialnumber: 'serial',
  serialcode: 'serial',
  serials: 'serial',
  serno: 'serial',
  sernr: 'serial',
  serialid: 'serial',
  seriennummer: 'serial',
  seriennr: 'serial',
  numerodeserie: 'serial',
  nodeserie: 'serial',
  ndeserie: 'serial',
  matricola: 'serial',
  numerodimatricola: 'serial',
  numerodiserie: 'serial',
  nseriale: 'serial',
  seriale: 'serial',
  numeroseriale: 'serial',
  numeroserie: 'serial',
  numserie: 'serial',
  numdeserie: 'serial',
  nserie: 'serial',
  noserie: 'serial',
  numerodeserial: 'serial',
  nrodeserie: 'serial',
  nroserie: 'serial',
  serialnummer: 'serial',
  serienummer: 'serial',
  numerseryjny: 'serial',
  nrseryjny: 'serial',
  серииныиномер: 'serial',
  заводскоиномер: 'serial',
  gerateseriennummer: 'serial',
  fabriknummer: 'serial',
  fabrikationsnummer: 'serial',
  herstellnummer: 'serial',
  序列号: 'serial',
  序列號: 'serial',
  序號: 'serial',
  序列号码: 'serial',
  产品序列号: 'serial',
  设备序列号: 'serial',
  sn码: 'serial',
  sn号: 'serial',
  產品序號: 'serial',
  シリアル: 'serial',
  シリアル番号: 'serial',
  シリアルno: 'serial',
  シリアルナンハー: 'serial',
  製造番号: 'serial',
  mac: 'mac',
  macid: 'mac',
  macaddr: 'mac',
  macaddress: 'mac',
  macaddresshex: 'mac',
  machex: 'mac',
  macno: 'mac',
  macnumber: 'mac',
  macadres: 'mac',
  macadress: 'mac',
  adresmac: 'mac',
  eui48: 'mac',
  bdaddr: 'mac',
  macadresse: 'mac',
  adressemac: 'mac',
  enderecomac: 'mac',
  indirizzomac: 'mac',
  direccionmac: 'mac',
  direcciondemac: 'mac',
  adressedemac: 'mac',
  adresseethernet: 'mac',
  mac地址: 'mac',
  mac位址: 'mac',
  macアトレス: 'mac',
  物理地址: 'mac',
  物理アトレス: 'mac',
  physicaladdress: 'mac',
  physicaladdr: 'mac',
  hardwareaddress: 'mac',
  hardwareaddr: 'mac',
  hwaddr: 'mac',
  hwaddress: 'mac',
  eui64: 'eui64',
  uid: 'uid',
  name: 'name',
  nombre: 'name',
  nom: 'name',
  名称: 'name',
  model: 'model',
  modell: 'model',
  modelo: 'model',
  modele: 'model',
  型号: 'model',
  description: 'description',
  product: 'product',
  productid: 'product',
  producto: 'product',
  produit: 'product',
  产品: 'product',
};

/**
 * The parts of a column name that say which of a device's MACs or S/Ns the column contains, as in "Ethernet MAC", "MAC
 * 1" or "Device serial". The parts have the form that `bareName` returns.
 */
const PART = 'ethernet|ether|eth|en|wifi|wlan|wireless|lan|wan|bt|ble|bluetooth|base|first|primary|device|unit|product';
const WHOSE = new RegExp(`^(?:${PART}|\\d)+(?=mac|serial|sn)|\\d+$|(?<=serial|number|no|nr)sn$`, 'g');

/**
 * Returns the property for a heading that names one of several MACs or S/Ns, such as `Ethernet MAC`. The caller may use
 * this property only if no other column has it: a device may have a MAC for each of its networks.
 */
export function looseProperty(head: string): 'mac' | 'serial' | undefined {
  const bare = bareName(head).replace(WHOSE, '');
  const known = own(KNOWN, bare);
  if (known === 'mac' || known === 'serial') return known;
  const tail = new RegExp(`^(mac(?:id|addr|address|adresse|地址)?|serial(?:no|nr|number)?|sn)(?:${PART}|\\d)+$`).exec(
    bare,
  );
  if (tail === null) return undefined;
  return tail[1]?.startsWith('mac') ? 'mac' : 'serial';
}

/** True if the name of a column says that it contains MACs or S/Ns. */
export function soundsLikeIdentity(head: string): boolean {
  return /\b(?:mac|eui[-_ ]?(?:48|64)|s\/?n|serial|seriale|matricola|s[eé]rie|seriennummer|seriennr)\b|mac(?:addr|[-_ ]?id|地址)|serial|序列|序號|シリアル/i.test(
    head.replace(/_|(?<=[a-z])(?=[A-Z])|\d+/g, ' '),
  );
}

export function bareName(head: string): string {
  return head
    .normalize('NFKD')
    .replace(/[\p{M}\p{P}\p{S}\p{Z}\p{C}]/gu, '')
    .toLowerCase();
}

/** Returns the property of a known name. A heading may give several names, such as "Claim ID (UCI)". */
function knownProperty(head: string): string | undefined {
  const whole = own(KNOWN, bareName(head));
  if (whole !== undefined) return whole;
  const names = head.split(/[()[\]{}（）【】/]/).map(bareName);
  const [only, ...others] = new Set(names.filter((name) => name !== '').map((name) => own(KNOWN, name)));
  return others.length === 0 ? only : undefined;
}

/**
 * Returns the property that a column becomes. `properties` are the names of more properties, such as those that
 * identify a device. A column with an unknown name keeps its name.
 */
export function propertyOf(head: string, properties: readonly string[]): string {
  const bare = bareName(head);
  return knownProperty(head) ?? properties.find((property) => bareName(property) === bare) ?? head.trim();
}

export interface Column {
  /** The heading exactly as in the file. */
  head: string;
  property: string;
}

/**
 * Returns the columns with the properties that they become. In a file of another program (`isOther`), a column such as
 * "Ethernet MAC" becomes the MAC if it is the only column with MACs.
 */
export function columnsOf(heads: string[], properties: readonly string[], isOther: boolean): Column[] {
  const columns = heads.map((text) => ({ head: text.trim(), property: propertyOf(text, properties) }));
  if (!isOther) return columns;
  for (const wanted of ['mac', 'serial'] as const) {
    if (columns.some(({ property }) => property === wanted)) continue;
    const loose = columns.filter(
      ({ head, property }) => looseProperty(head) === wanted && !properties.includes(property) && property !== 'uci',
    );
    const [only, second] = loose;
    if (only !== undefined && second === undefined) only.property = wanted;
  }
  return columns;
}

export function isKnownColumn(head: string): boolean {
  return knownProperty(head) !== undefined;
}

/** Returns a key. Two columns whose values would overwrite each other have the same key. */
export function columnKey(property: string): string {
  return bareName(property) || property;
}
