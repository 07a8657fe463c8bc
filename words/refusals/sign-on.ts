import { refused } from '../sentence.ts';

/* Sign-on with an issuer (OpenID Connect). */

export const SIGN_ON = {
  'sign-on-unavailable': refused(503, 'The issuer of the accounts is not available', {
    silent: [
      '{issuer} does not answer: try again later; an admin with a password can sign in meanwhile',
      '{issuer} no responde: inténtelo más tarde; mientras tanto puede entrar un administrador con contraseña',
      '{issuer} 没有响应：请稍后再试；期间有密码的管理员可以登录',
    ],
    status: [
      '{issuer} answers with an error: check CLAIMSTAMP_SIGN_ON_ISSUER, or try again later',
      '{issuer} responde con un error: compruebe CLAIMSTAMP_SIGN_ON_ISSUER o inténtelo más tarde',
      '{issuer} 返回错误：请检查 CLAIMSTAMP_SIGN_ON_ISSUER，或稍后再试',
    ],
    answer: [
      '{issuer} answers {error}: try again later, or look into the log of the issuer',
      '{issuer} responde {error}: inténtelo más tarde o consulte el log del emisor',
      '{issuer} 返回 {error}：请稍后再试，或查看签发方的日志',
    ],
    otherIssuer: [
      'the issuer calls itself {other}, and the setting says {issuer}: write CLAIMSTAMP_SIGN_ON_ISSUER exactly as the issuer calls itself',
      'el emisor se llama {other} y el ajuste dice {issuer}: escriba CLAIMSTAMP_SIGN_ON_ISSUER exactamente como se llama el emisor',
      '签发方自称 {other}，而设置为 {issuer}：CLAIMSTAMP_SIGN_ON_ISSUER 必须与签发方的自称完全一致',
    ],
    client: [
      '{issuer} does not accept this service: check CLAIMSTAMP_SIGN_ON_CLIENT and CLAIMSTAMP_SIGN_ON_SECRET',
      '{issuer} no acepta este servicio: compruebe CLAIMSTAMP_SIGN_ON_CLIENT y CLAIMSTAMP_SIGN_ON_SECRET',
      '{issuer} 不接受本服务：请检查 CLAIMSTAMP_SIGN_ON_CLIENT 和 CLAIMSTAMP_SIGN_ON_SECRET',
    ],
  }),
  'sign-on-refused': refused(403, 'The issuer refused the sign-on', {
    issuer: [
      'the issuer refused the sign-on ({error}): try again, or ask the people who manage the accounts',
      'el emisor rechazó el inicio de sesión ({error}): inténtelo de nuevo o pregunte a quienes gestionan las cuentas',
      '签发方拒绝登录（{error}）：请重试，或联系管理账号的人员',
    ],
  }),
  'sign-on-stale': refused(403, 'The sign-on was not begun in this browser', {
    again: [
      'this browser did not begin this sign-on, or began it too long ago: begin again at /sign-in',
      'este navegador no empezó este inicio de sesión, o hace demasiado tiempo: empiece de nuevo en /sign-in',
      '此浏览器没有发起这次登录，或发起时间过久：请在 /sign-in 重新开始',
    ],
  }),
  'sign-on-failed': refused(403, 'The sign-on could not be checked', {
    token: [
      'the answer of the issuer is not valid for this service: begin again at /sign-in; if it fails again, the log of this service says more',
      'la respuesta del emisor no es válida para este servicio: empiece de nuevo en /sign-in; si vuelve a fallar, el log de este servicio dice más',
      '签发方的答复对本服务无效：请在 /sign-in 重新开始；若再次失败，请查看本服务的日志',
    ],
    codeUsed: [
      'the sign-on was already used or took too long: begin again at /sign-in',
      'el inicio de sesión ya se usó o tardó demasiado: empiece de nuevo en /sign-in',
      '此次登录已使用过或耗时过长：请在 /sign-in 重新开始',
    ],
    clock: [
      'the clocks of the issuer and of this service differ by more than a minute: synchronize both with NTP',
      'los relojes del emisor y de este servicio difieren en más de un minuto: sincronice ambos por NTP',
      '签发方与本服务的时钟相差超过一分钟：请用 NTP 校准两者',
    ],
    otherPerson: [
      'the issuer confirmed someone other than the person who is signed in: sign out, and sign in again',
      'el emisor confirmó a otra persona distinta de la que ha iniciado sesión: cierre la sesión y vuelva a entrar',
      '签发方确认的不是当前登录的人员：请退出后重新登录',
    ],
    noTime: [
      'the issuer does not say when you typed your password (auth_time), so it cannot confirm this action: ask an admin who has a password here',
      'el emisor no dice cuándo escribió usted la contraseña (auth_time), así que no puede confirmar esta acción: pida ayuda a un administrador con contraseña aquí',
      '签发方没有说明您何时输入了密码（auth_time），无法确认此操作：请找在此有密码的管理员',
    ],
    notAgain: [
      'the issuer did not ask for your password again: try again',
      'el emisor no volvió a pedir la contraseña: inténtelo de nuevo',
      '签发方没有再次要求输入密码：请重试',
    ],
  }),
  'no-role': refused(403, 'None of your groups has a role here', {
    noClaim: [
      'the issuer names no groups for you in {claim}: ask for a group that has a role here; the setting CLAIMSTAMP_SIGN_ON_GROUPS names the claim',
      'el emisor no indica los grupos de usted en {claim}: pida un grupo que tenga una función aquí; el ajuste CLAIMSTAMP_SIGN_ON_GROUPS nombra el dato',
      '签发方没有在 {claim} 中给出您的组：请申请一个在此有角色的组；该声明的名称由 CLAIMSTAMP_SIGN_ON_GROUPS 设置',
    ],
    noRow: [
      'none of your {count} groups has a role here: ask for a group that CLAIMSTAMP_SIGN_ON_ROLES names',
      'ninguno de sus {count} grupos tiene una función aquí: pida un grupo de los de CLAIMSTAMP_SIGN_ON_ROLES',
      '您的 {count} 个组在此都没有角色：请申请 CLAIMSTAMP_SIGN_ON_ROLES 中的组',
    ],
  }),
  'too-many-groups': refused(403, 'You are in too many groups', {
    limit: [
      'you are in more than {max} groups, so the issuer does not list them: at the issuer, send only the groups that are assigned to this application',
      'usted está en más de {max} grupos y el emisor no los enumera: configure en el emisor que envíe solo los grupos asignados a esta aplicación',
      '您所属的组超过 {max} 个，签发方不再列出：请在签发方设置为只发送分配给此应用的组',
    ],
  }),
  'person-removed': refused(403, 'The person was removed here', {
    addBack: [
      'an admin removed {name} here: an admin can add the person back with claimstamp person set {name} --role ROLE',
      'un administrador eliminó a {name} aquí: puede añadirlo de nuevo con claimstamp person set {name} --role ROL',
      '管理员已在此删除 {name}：管理员可用 claimstamp person set {name} --role 角色 重新添加',
    ],
  }),
  'signs-on': refused(409, 'The person signs in with the issuer', {
    noPassword: [
      '{name} signs in with {issuer} and has no password here: change the account there, or add another person for a local account',
      '{name} inicia sesión con {issuer} y no tiene contraseña aquí: cambie allí la cuenta o añada otra persona para una cuenta local',
      '{name} 使用 {issuer} 登录，在此没有密码：请在那里更改账号，或另外添加人员作为本地账号',
    ],
    confirm: [
      '{name} signs in with {issuer} and has no password here: open /account/confirm in the browser',
      '{name} inicia sesión con {issuer} y no tiene contraseña aquí: abra /account/confirm en el navegador',
      '{name} 使用 {issuer} 登录，在此没有密码：请在浏览器中打开 /account/confirm',
    ],
  }),
  'role-from-groups': refused(409, 'The role comes from the issuer', {
    groups: [
      'the groups at {issuer} decide the role of {name}: change the groups there, or the table CLAIMSTAMP_SIGN_ON_ROLES',
      'los grupos de {issuer} deciden la función de {name}: cambie allí los grupos o la tabla CLAIMSTAMP_SIGN_ON_ROLES',
      '{name} 的角色由 {issuer} 中的组决定：请在那里更改组，或更改 CLAIMSTAMP_SIGN_ON_ROLES',
    ],
  }),
  'logout-token-wrong': refused(400, 'The logout token is not valid', {
    token: [
      'the logout token is not valid: send the token of OpenID Connect Back-Channel Logout that the issuer signed for this service',
      'el token de cierre de sesión no es válido: envíe el token de OpenID Connect Back-Channel Logout que el emisor firmó para este servicio',
      '注销令牌无效：请发送签发方为本服务签名的 OpenID Connect Back-Channel Logout 令牌',
    ],
  }),
};
