import { BEYOND_ASCII, composed, fold } from "./fold.ts";

/** States and provinces that platforms want as two-letter codes, by their lower-case name without spaces. */
const NAMES: Readonly<Record<"US" | "CA", string>> = {
  US: `al alabama,ak alaska,az arizona,ar arkansas,ca california,co colorado,ct connecticut,de delaware,
    dc districtofcolumbia,fl florida,ga georgia,hi hawaii,id idaho,il illinois,in indiana,ia iowa,ks kansas,ky kentucky,
    la louisiana,me maine,md maryland,ma massachusetts,mi michigan,mn minnesota,ms mississippi,mo missouri,mt montana,
    ne nebraska,nv nevada,nh newhampshire,nj newjersey,nm newmexico,ny newyork,nc northcarolina,nd northdakota,oh ohio,
    ok oklahoma,or oregon,pa pennsylvania,pr puertorico,ri rhodeisland,sc southcarolina,sd southdakota,tn tennessee,
    tx texas,ut utah,vt vermont,va virginia,wa washington,wv westvirginia,wi wisconsin,wy wyoming`,
  CA: `ab alberta,bc britishcolumbia,mb manitoba,nb newbrunswick,nl newfoundlandandlabrador,nt northwestterritories,
    ns novascotia,nu nunavut,on ontario,pe princeedwardisland,qc quebec,sk saskatchewan,yt yukon`,
};

// Marked pure: bundles that import this file for nothing of it do not carry the table.
const CODES = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(NAMES).map(([country, names]) => [
    country,
    new Map(names.split(",").map((entry) => entry.trim().split(" ").reverse() as [string, string])),
  ]),
);

/**
 * A region as platforms take it: the two-letter code in lower case for the United States and Canada, elsewhere lower
 * case letters and digits. Accepts names, codes, and ISO 3166-2 (`US-CA`). Without a country, a name is looked up as a
 * state of the United States, whose states are the ones that senders spell out.
 */
export function regionCode(raw: string, country?: string): string {
  const letters = composed(
    fold(raw)
      .trim()
      .replace(/^[a-z]{2}-(?=[\p{L}\p{N}]{1,3}$)/u, "")
      .replace(/[^\p{L}\p{M}\p{N}]/gu, ""),
  );
  return CODES.get(country?.toUpperCase() ?? "US")?.get(withoutAccents(letters)) ?? letters;
}

/** "Québec" is found as "quebec". Only for the look-up: a region that stays a name keeps its accents. */
function withoutAccents(text: string): string {
  return BEYOND_ASCII.test(text) ? text.normalize("NFD").replace(/\p{M}/gu, "") : text;
}
