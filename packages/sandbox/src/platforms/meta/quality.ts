/** What the Dataset Quality API says of any dataset here. */
export const META_QUALITY = {
  web: [
    {
      event_name: "Purchase",
      event_match_quality: {
        composite_score: 6.9,
        match_key_feedback: [
          { identifier: "email", coverage: { percentage: 82.5 } },
          { identifier: "ip_address", coverage: { percentage: 100 } },
        ],
      },
    },
    { event_name: "Lead", event_match_quality: { composite_score: 4.2, match_key_feedback: [] } },
  ],
};
