/* The keyboard layouts of computers and scanners. */

export type Layout = 'qwertz' | 'azerty' | 'other';

/**
 * The characters that 48 keys produce without Shift and with Shift. The keys are in the rows E, D, C and B of ISO/IEC
 * 9995, from left to right.
 */
export interface KeyMap {
  layout?: Layout;
  plain: string;
  shifted: string;
}

/** `\0` stands for a key that the keyboard does not have. The maps were made from the X keyboard data. */
export const MAPS = {
  us: {
    plain: "`1234567890-=qwertyuiop[]asdfghjkl;'\\\0zxcvbnm,./",
    shifted: '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|\0ZXCVBNM<>?',
  },
  german: {
    layout: 'qwertz',
    plain: '^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-',
    shifted: '°!"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ\'>YXCVBNM;:_',
  },
  swiss: {
    layout: 'qwertz',
    plain: "§1234567890'^qwertzuiopü¨asdfghjklöä$<yxcvbnm,.-",
    shifted: '°+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_',
  },
  french: {
    layout: 'azerty',
    plain: '²&é"\'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!',
    shifted: '~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§',
  },
  belgian: {
    layout: 'azerty',
    plain: '²&é"\'(§è!çà)-azertyuiop^$qsdfghjklmùµ<wxcvbn,;:=',
    shifted: '³1234567890°_AZERTYUIOP¨*QSDFGHJKLM%£>WXCVBN?./+',
  },
  swissFrench: {
    layout: 'qwertz',
    plain: "§1234567890'^qwertzuiopè¨asdfghjkléà$<yxcvbnm,.-",
    shifted: '°+"*ç%&/()=?`QWERTZUIOPü!ASDFGHJKLöä£>YXCVBNM;:_',
  },
  czech: {
    layout: 'qwertz',
    plain: ';+ěščřžýáíé=´qwertzuiopú)asdfghjklů§¨\\yxcvbnm,.-',
    shifted: '°1234567890%ˇQWERTZUIOP/(ASDFGHJKL"!\'|YXCVBNM?:_',
  },
  hungarian: {
    layout: 'qwertz',
    plain: '0123456789öüóqwertzuiopőúasdfghjkléáűíyxcvbnm,.-',
    shifted: '§\'"+!%/=()ÖÜÓQWERTZUIOPŐÚASDFGHJKLÉÁŰÍYXCVBNM?:_',
  },
  italian: {
    layout: 'other',
    plain: "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.-",
    shifted: '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_',
  },
  portuguese: {
    layout: 'other',
    plain: "\\1234567890'«qwertyuiop+´asdfghjklçº~<zxcvbnm,.-",
    shifted: '|!"#$%&/()=?»QWERTYUIOP*`ASDFGHJKLÇª^>ZXCVBNM;:_',
  },
  latinAmerican: {
    layout: 'other',
    plain: "|1234567890'¿qwertyuiop´+asdfghjklñ{}<zxcvbnm,.-",
    shifted: '°!"#$%&/()=?¡QWERTYUIOP¨*ASDFGHJKLÑ[]>ZXCVBNM;:_',
  },
  dvorak: {
    layout: 'other',
    plain: "`1234567890[]',.pyfgcrl/=aoeuidhtns-\\\0;qjkxbmwvz",
    shifted: '~!@#$%^&*(){}"<>PYFGCRL?+AOEUIDHTNS_|\0:QJKXBMWVZ',
  },
  spanish: {
    layout: 'other',
    plain: "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.-",
    shifted: 'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_',
  },
  slovak: {
    layout: 'qwertz',
    plain: ';+ľščťžýáíé=´qwertzuiopúäasdfghjklô§ň\\yxcvbnm,.-',
    shifted: '°1234567890%ˇQWERTZUIOP/(ASDFGHJKL"!)|YXCVBNM?:_',
  },
  croatian: {
    layout: 'qwertz',
    plain: "¸1234567890'+qwertzuiopšđasdfghjklčćž<yxcvbnm,.-",
    shifted: '¨!"#$%&/()=?*QWERTZUIOPŠĐASDFGHJKLČĆŽ>YXCVBNM;:_',
  },
  british: {
    layout: 'other',
    plain: "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
    shifted: '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
  },
  swedish: {
    layout: 'other',
    plain: "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.-",
    shifted: '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_',
  },
  danish: {
    layout: 'other',
    plain: "½1234567890+´qwertyuiopå¨asdfghjklæø'<zxcvbnm,.-",
    shifted: '§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÆØ*>ZXCVBNM;:_',
  },
  norwegian: {
    layout: 'other',
    plain: "|1234567890+\\qwertyuiopå¨asdfghjkløæ'<zxcvbnm,.-",
    shifted: '§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLØÆ*>ZXCVBNM;:_',
  },
  dutch: {
    layout: 'other',
    plain: '@1234567890/°qwertyuiop¨*asdfghjkl+´<]zxcvbnm,.-',
    shifted: '§!"#$%&_()\'?~QWERTYUIOP^|ASDFGHJKL±`>[ZXCVBNM;:=',
  },
  canadianFrench: {
    layout: 'other',
    plain: '#1234567890-=qwertyuiop^¸asdfghjkl;`<«zxcvbnm,.é',
    shifted: '|!"/$%?&*()_+QWERTYUIOP^¨ASDFGHJKL:`>»ZXCVBNM\'.É',
  },
  romanian: {
    layout: 'other',
    plain: '„1234567890-=qwertyuiopăîasdfghjklșțâ\\zxcvbnm,./',
    shifted: '”!@#$%^&*()_+QWERTYUIOPĂÎASDFGHJKLȘȚÂ|ZXCVBNM;:?',
  },
  turkish: {
    layout: 'other',
    plain: '"1234567890*-qwertyuıopğüasdfghjklşi,<zxcvbnmöç.',
    shifted: "é!'^+%&/()=?_QWERTYUIOPĞÜASDFGHJKLŞİ;>ZXCVBNMÖÇ:",
  },
  japanese: {
    layout: 'other',
    plain: '\u00001234567890-^qwertyuiop@[asdfghjkl;:]\0zxcvbnm,./',
    shifted: '\0!"#$%&\'()\0=~QWERTYUIOP`{ASDFGHJKL+*}\0ZXCVBNM<>?',
  },
  brazilian: {
    layout: 'other',
    plain: "'1234567890-=qwertyuiop´[asdfghjklç~]\\zxcvbnm,.;",
    shifted: '"!@#$%¨&*()_+QWERTYUIOP`{ASDFGHJKLÇ^}|ZXCVBNM<>:',
  },
} as const satisfies Record<string, KeyMap>;

/** Keyboard layouts without Latin letters. Only computers have such a layout; scanners do not. */
export const OTHER_SCRIPTS = {
  russian: {
    layout: 'other',
    plain: 'ё1234567890-=йцукенгшщзхъфывапролджэ\\/ячсмитьбю.',
    shifted: 'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭ/|ЯЧСМИТЬБЮ,',
  },
  ukrainian: {
    layout: 'other',
    plain: "'1234567890-=йцукенгшщзхїфівапролджєґ/ячсмитьбю.",
    shifted: 'ʼ!"№;%:?*()_+ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄҐ|ЯЧСМИТЬБЮ,',
  },
  greek: {
    layout: 'other',
    plain: "`1234567890-=;ςερτυθιοπ[]ασδφγηξκλ΄'\\<ζχψωβνμ,./",
    shifted: '~!@#$%^&*()_+:΅ΕΡΤΥΘΙΟΠ{}ΑΣΔΦΓΗΞΚΛ¨"|>ΖΧΨΩΒΝΜ<>?',
  },
  thai: {
    layout: 'other',
    plain: '_ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฟหกดเ้่าสวงฃ\0ผปแอิืทมใฝ',
    shifted: '%+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฤฆฏโฌ็๋ษศซ.ฅ\0()ฉฮฺ์?ฒฬฦ',
  },
} as const satisfies Record<string, KeyMap>;
