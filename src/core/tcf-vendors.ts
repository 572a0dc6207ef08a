/**
 * Numbers on IAB Europe's Global Vendor List of the companies that events go to. Microsoft's is from its own help
 * (https://learn.microsoft.com/en-us/advertising/msa-help/hlp_ba_conc_uet_tcf), the others from the list
 * (https://iabeurope.eu/vendor-list-tcf/). A company that is not in here is asked about purposes only: it is not on the
 * list, or its number could not be made sure of.
 */
export const TCF_VENDORS = {
  taboola: 42,
  outbrain: 164,
  google: 755,
  amazon: 793,
  linkedin: 804,
  microsoft: 1126,
} as const;
