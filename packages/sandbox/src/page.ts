import type { ReceivedEvent } from "./model.ts";
import type { Store } from "./store.ts";

const STYLE = `
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1f24 }
  table { border-collapse: collapse; width: 100%; margin-bottom: 2rem }
  th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #e3e6ea }
  th { font-weight: 600 } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
  pre { margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px }
  .counted { color: #116329 } .duplicate, .validated { color: #5c6670 } .refused, .failed { color: #b42318 }
`;

/** The page for the person watching: counts per platform, and the latest events with the platform's verdict. */
export function renderPage(latestFirst: readonly ReceivedEvent[], counts: ReturnType<Store["counts"]>): string {
  const busy = Object.entries(counts.platforms).filter(([, { requests }]) => requests > 0);
  const totals = busy.map(([platform, { requests, events }]) => {
    const numbers = [requests, events.counted, events.duplicate, events.refused, events.failed];
    return `<tr><td>${platform}</td>${numbers.map((value) => `<td class="number">${value}</td>`).join("")}</tr>`;
  });
  const heads = ["Requests", "Counted", "Duplicate", "Refused", "Failed"];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sandbox platforms</title><style>${STYLE}</style></head><body>
<h1>What the platforms received</h1>
<table><tr><th>Platform</th>${heads.map((head) => `<th class="number">${head}</th>`).join("")}</tr>
${totals.join("\n")}</table>
<table><tr><th>Time (UTC)</th><th>Platform</th><th>Event</th><th>Id</th><th>Verdict</th><th class="number">Answer</th></tr>
${latestFirst.map(renderEvent).join("\n")}</table>
${latestFirst.length === 0 ? "<p>Nothing yet. Reload after sending an event.</p>" : ""}
</body></html>`;
}

function renderEvent(event: ReceivedEvent): string {
  const problems = event.problems.map((problem) => `<br>${escapeHtml(problem)}`).join("");
  const json = escapeHtml(JSON.stringify(event.event, null, 2) ?? "");
  return `<tr>
<td>${new Date(event.at).toISOString().slice(11, 23)}</td>
<td title="${escapeHtml(event.target)}">${event.platform}</td>
<td><details><summary>${escapeHtml(event.event_name)}</summary><pre>${json}</pre></details></td>
<td>${escapeHtml(event.event_id ?? "")}</td>
<td><span class="${event.verdict}">${event.verdict}</span>${problems}</td>
<td class="number">${event.status === 0 ? "reset" : event.status}</td></tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML content and quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
