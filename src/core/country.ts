/** ISO 3166-1 alpha-3 and alpha-2 of every country, joined; `XKX` is the code that Kosovo is given in practice. */
const CODES = `
  ANDAD AREAE AFGAF ATGAG AIAAI ALBAL ARMAM AGOAO ATAAQ ARGAR ASMAS AUTAT AUSAU ABWAW ALAAX AZEAZ BIHBA BRBBB
  BGDBD BELBE BFABF BGRBG BHRBH BDIBI BENBJ BLMBL BMUBM BRNBN BOLBO BESBQ BRABR BHSBS BTNBT BVTBV BWABW BLRBY
  BLZBZ CANCA CCKCC CODCD CAFCF COGCG CHECH CIVCI COKCK CHLCL CMRCM CHNCN COLCO CRICR CUBCU CPVCV CUWCW CXRCX
  CYPCY CZECZ DEUDE DJIDJ DNKDK DMADM DOMDO DZADZ ECUEC ESTEE EGYEG ESHEH ERIER ESPES ETHET FINFI FJIFJ FLKFK
  FSMFM FROFO FRAFR GABGA GBRGB GRDGD GEOGE GUFGF GGYGG GHAGH GIBGI GRLGL GMBGM GINGN GLPGP GNQGQ GRCGR SGSGS
  GTMGT GUMGU GNBGW GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IRLIE ISRIL IMNIM INDIN IOTIO IRQIQ IRNIR
  ISLIS ITAIT JEYJE JAMJM JORJO JPNJP KENKE KGZKG KHMKH KIRKI COMKM KNAKN PRKKP KORKR KWTKW CYMKY KAZKZ LAOLA
  LBNLB LCALC LIELI LKALK LBRLR LSOLS LTULT LUXLU LVALV LBYLY MARMA MCOMC MDAMD MNEME MAFMF MDGMG MHLMH MKDMK
  MLIML MMRMM MNGMN MACMO MNPMP MTQMQ MRTMR MSRMS MLTMT MUSMU MDVMV MWIMW MEXMX MYSMY MOZMZ NAMNA NCLNC NERNE
  NFKNF NGANG NICNI NLDNL NORNO NPLNP NRUNR NIUNU NZLNZ OMNOM PANPA PERPE PYFPF PNGPG PHLPH PAKPK POLPL SPMPM
  PCNPN PRIPR PSEPS PRTPT PLWPW PRYPY QATQA REURE ROURO SRBRS RUSRU RWARW SAUSA SLBSB SYCSC SDNSD SWESE SGPSG
  SHNSH SVNSI SJMSJ SVKSK SLESL SMRSM SENSN SOMSO SURSR SSDSS STPST SLVSV SXMSX SYRSY SWZSZ TCATC TCDTD ATFTF
  TGOTG THATH TJKTJ TKLTK TLSTL TKMTM TUNTN TONTO TURTR TTOTT TUVTV TWNTW TZATZ UKRUA UGAUG UMIUM USAUS URYUY
  UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE MYTYT ZAFZA ZMBZM ZWEZW
`
  .trim()
  .split(/\s+/);

const BY_ALPHA_3: ReadonlyMap<string, string> = new Map(CODES.map((code) => [code.slice(0, 3), code.slice(3)]));
const ALPHA_2: ReadonlySet<string> = new Set(BY_ALPHA_3.values());

/** What forms and shops call countries besides the name that CLDR gives them; letters only. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    uk: "GB",
    greatbritain: "GB",
    england: "GB",
    scotland: "GB",
    wales: "GB",
    northernireland: "GB",
    unitedstatesofamerica: "US",
    america: "US",
    holland: "NL",
    czechrepublic: "CZ",
    turkey: "TR",
    hongkong: "HK",
    macau: "MO",
    macao: "MO",
    russianfederation: "RU",
    republicofkorea: "KR",
    korea: "KR",
    vietnam: "VN",
    ivorycoast: "CI",
    capeverde: "CV",
    swaziland: "SZ",
    macedonia: "MK",
    burma: "MM",
    myanmar: "MM",
    palestine: "PS",
    republicofireland: "IE",
    uae: "AE",
  }),
);

let names: ReadonlyMap<string, string> | undefined;

/** ISO 3166-1 alpha-2 from an alpha-2 or alpha-3 code or an English name, in any case; undefined for anything else. */
export function readCountry(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (ALPHA_2.has(code)) return code;
  const letters = lettersOf(text);
  return BY_ALPHA_3.get(code) ?? OTHER_NAMES.get(letters) ?? englishNames().get(letters);
}

// Made when first needed: most senders write codes.
function englishNames(): ReadonlyMap<string, string> {
  if (names === undefined) {
    const display = new Intl.DisplayNames("en", { type: "region" });
    names = new Map([...ALPHA_2].map((code) => [lettersOf(display.of(code) ?? code), code]));
  }
  return names;
}

// "The Netherlands" and "Côte d’Ivoire" in any spelling; "&" and "and" are one.
function lettersOf(text: string): string {
  return text
    .normalize("NFD")
    .toLowerCase()
    .replace(/^the\s/, "")
    .replaceAll("&", "and")
    .replaceAll(/[^a-z]/g, "");
}
