/** Names of scripts in the order of ICU's numbers; "-" for numbers that no character has. */
const SCRIPTS = `
  Common Inherited Arabic Armenian Bengali Bopomofo Cherokee Coptic Cyrillic Deseret Devanagari Ethiopic Georgian
  Gothic Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam Mongolian
  Myanmar Ogham Old_Italic Oriya Runic Sinhala Syriac Tamil Telugu Thaana Thai Tibetan Canadian_Aboriginal Yi
  Tagalog Hanunoo Buhid Tagbanwa Braille Cypriot Limbu Linear_B Osmanya Shavian Tai_Le Ugaritic - Buginese
  Glagolitic Kharoshthi Syloti_Nagri New_Tai_Lue Tifinagh Old_Persian Balinese Batak - Brahmi Cham - - - -
  Egyptian_Hieroglyphs - - - Pahawh_Hmong Old_Hungarian - Javanese Kayah_Li - - Lepcha Linear_A Mandaic -
  Meroitic_Hieroglyphs Nko Old_Turkic Old_Permic Phags_Pa Phoenician Miao - - - - - - Vai - Cuneiform - - Carian -
  Tai_Tham Lycian Lydian Ol_Chiki Rejang Saurashtra SignWriting Sundanese - Meetei_Mayek Imperial_Aramaic Avestan
  Chakma - Kaithi Manichaean Inscriptional_Pahlavi Psalter_Pahlavi - Inscriptional_Parthian Samaritan Tai_Viet - -
  Bamum Lisu - Old_South_Arabian Bassa_Vah Duployan Elbasan Grantha - - Mende_Kikakui Meroitic_Cursive
  Old_North_Arabian Nabataean Palmyrene Khudawadi Warang_Citi - - Mro Nushu Sharada Sora_Sompeng Takri Tangut -
  Anatolian_Hieroglyphs Khojki Tirhuta Caucasian_Albanian Mahajani Ahom Hatran Modi Multani Pau_Cin_Hau Siddham
  Adlam Bhaiksuki Marchen Newa Osage - - - Masaram_Gondi Soyombo Zanabazar_Square Dogra Gunjala_Gondi Makasar
  Medefaidrin Hanifi_Rohingya Sogdian Old_Sogdian Elymaic Nyiakeng_Puachue_Hmong Nandinagari Wancho Chorasmian
  Dives_Akuru Khitan_Small_Script Yezidi
`;
/** The number of a character that belongs to no script. */
const UNKNOWN = 103;

/**
 * Makes a function from a code point to the number that ICU has for its script; -1 for what is no code point.
 * Characters that are younger than TensorFlow's copy of Unicode have their script here and none there.
 */
export function scriptNumbers(): (codePoint: number) => number {
  const scripts = SCRIPTS.trim()
    .split(/\s+/)
    .flatMap((name, number) => (name === "-" ? [] : [{ number, pattern: new RegExp(`^\\p{Script=${name}}$`, "u") }]));
  return (codePoint) => {
    if (codePoint < 0 || codePoint > 0x10ffff) return -1;
    const character = String.fromCodePoint(codePoint);
    return scripts.find(({ pattern }) => pattern.test(character))?.number ?? UNKNOWN;
  };
}
