/*
 * People and programs name columns in many ways. Letter case, spaces, punctuation and accents do not matter: "Claim
 * ID", "claim-id" and "CLAIM_ID" are the same name.
 */

/**
 * The column names that the import knows, in the form that `bareName` returns. Each is listed with the property that
 * the column becomes.
 */
const KNOWN: Record<string, string> = {
  uci: 'uci',
  id: 'uci',
  identifiant: 'uci',
  claim: 'uci',
  claimid: 'uci',
  claimcode: 'uci',
  serial: 'serial',
  sn: 'serial',
  serialno: 'serial',
  serialnr: 'serial',
  serialnum: 'serial',
  serialnumber: 'serial',
  seriennummer: 'serial',
  seriennr: 'serial',
  numerodeserie: 'serial',
  nodeserie: 'serial',
  ndeserie: 'serial',
  序列号: 'serial',
  mac: 'mac',
  macid: 'mac',
  macaddr: 'mac',
  macaddress: 'mac',
  macadresse: 'mac',
  adressemac: 'mac',
  enderecomac: 'mac',
  indirizzomac: 'mac',
  direccionmac: 'mac',
  mac地址: 'mac',
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

export function bareName(head: string): string {
  return head
    .normalize('NFKD')
    .replace(/[\p{M}\p{P}\p{S}\p{Z}\p{C}]/gu, '')
    .toLowerCase();
}

/**
 * Returns the property that a column becomes. `properties` are the names of more properties, such as those that
 * identify a device. A column with an unknown name keeps its name.
 */
export function propertyOf(head: string, properties: readonly string[]): string {
  const bare = bareName(head);
  const known = Object.hasOwn(KNOWN, bare) ? KNOWN[bare] : undefined;
  return known ?? properties.find((property) => bareName(property) === bare) ?? head.trim();
}

export function isKnownColumn(head: string): boolean {
  return Object.hasOwn(KNOWN, bareName(head));
}

/** Returns a key. Two columns whose values would overwrite each other have the same key. */
export function columnKey(property: string): string {
  return bareName(property) || property;
}
