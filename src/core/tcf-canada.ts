import { BitReader, isBase64Url } from "./bit-reader.ts";
import type { TcfAnswers, TcfString } from "./tcf-string.ts";

/** Of the core, bits. Source: IAB Canada TCF Technical Specification, Global-Privacy-Platform/Sections/Canada. */
const VERSION_BITS = 6;
const CREATED_BITS = 36;
const BEFORE_PURPOSES_BITS = 151;
const PURPOSE_COUNT = 24;
/** Two empty lists of vendors and no restriction: the least that follows the purposes in a core that is whole. */
const LEAST_AFTER_PURPOSES_BITS = 17 + 17 + 12;

/**
 * Reads the section of TCF Canada, for what it refuses. Canada's law lets a site take silence for consent where it told
 * what it does and nobody objected ("implied"), and asks for a yes elsewhere ("express"). A purpose with neither is refused.
 * Nothing is granted: implied consent is no word of the person's, so that the default of the place decides, and a grant
 * would be everybody's, since Canada has a list of vendors of its own which is not looked into. The first purpose, storage,
 * is not used there. Undefined for what is no whole section of version 1.
 */
export function readTcfCanada(text: string): Pick<TcfString, "answers" | "updatedAt"> | undefined {
  const segments = text.split(".");
  const [core] = segments;
  if (core === undefined || !segments.every(isBase64Url)) return undefined;
  const bits = new BitReader(core);
  if (bits.take(VERSION_BITS) !== 1) return undefined;
  bits.skip(CREATED_BITS);
  const updatedAt = bits.takeTime();
  bits.skip(BEFORE_PURPOSES_BITS - bits.at);
  const express = bits.take(PURPOSE_COUNT);
  const implied = bits.take(PURPOSE_COUNT);
  bits.skip(LEAST_AFTER_PURPOSES_BITS);
  if (bits.isSpent) return undefined;
  const isAllowed = (purpose: number) => (((express | implied) >> (PURPOSE_COUNT - purpose)) & 1) === 1;
  return { answers: refusalsOf(isAllowed), updatedAt };
}

/** By the purposes of the same numbers in Europe: 7 measures conversions, 3 and 4 are profiles and who is shown what by them. */
function refusalsOf(isAllowed: (purpose: number) => boolean): TcfAnswers {
  return {
    ...(isAllowed(7) ? {} : { ad_user_data: "denied" }),
    ...(isAllowed(3) && isAllowed(4) ? {} : { ad_personalization: "denied" }),
  };
}
