// The page of the simulator. It reads and writes the control API below /_sim/ (control.py) only.
// Whatever comes from there is put into the page as text, never as markup.

const EVERY_MS = 800;
const MOST_ROWS = 400;
const SECRET_FIELD = /(^|_)(user_data|data|secret|password|private_key|token)$/;
const SECRET_KINDS = new Set(["metadata_token"]);

// Kinds in their order on the page, their names, and whether they are open at first.
const KINDS = [
  ["instance", "Instances", true], ["disk", "Disks", true], ["snapshot", "Snapshots", true],
  ["image", "Images", true], ["oss_bucket", "OSS buckets", true], ["oss_object", "OSS objects"],
  ["eni", "Network interfaces"], ["eip", "Elastic IP addresses"],
  ["load_balancer", "Load balancers"], ["slb_listener", "CLB listeners"],
  ["slb_backend", "CLB backend servers"], ["vserver_group", "VServer groups"],
  ["nlb_server_group", "NLB server groups"], ["nlb_server", "NLB servers"],
  ["alb_server_group", "ALB server groups"], ["alb_server", "ALB servers"],
  ["slb_certificate", "CLB certificates"],
  ["vpc", "VPCs"], ["vswitch", "vSwitches"], ["security_group", "Security groups"],
  ["security_group_rule", "Security group rules"], ["key_pair", "Key pairs"],
  ["kms_key", "KMS keys"], ["ram_role", "RAM roles"], ["ram_policy", "RAM policies"],
  ["ram_attachment", "RAM attachments"], ["resource_group", "Resource groups"],
  ["instance_type", "Instance types"], ["task", "Tasks"],
];
const ORDER = new Map(KINDS.map(([kind], index) => [kind, index]));
const NAMES = new Map(KINDS.map(([kind, name]) => [kind, name]));
const OPEN = new Set(KINDS.filter(([, , open]) => open).map(([kind]) => kind));

const COLUMNS = ["Id", "Name", "Status", "Place", "Notes"];

// What a row says beside id, name, status and place.
const NOTES = {
  instance: (r) => [r.instance_type, r.private_ip, r.public_ip],
  disk: (r) => [`${r.size_gib} GiB`, r.category, r.instance_id && `on ${r.instance_id}`],
  snapshot: (r) => [`${r.size_gib} GiB`, r.disk_id && `of ${r.disk_id}`],
  image: (r) => [`${r.size_gib} GiB`, r.os_name, r.is_public && "public"],
  eni: (r) => [r.type, r.private_ip, r.instance_id && `on ${r.instance_id}`],
  eip: (r) => [r.ip_address, r.instance_id && `on ${r.instance_id}`],
  vpc: (r) => [r.cidr_block],
  vswitch: (r) => [r.cidr_block],
  instance_type: (r) => [`${r.cpus} vCPU`, `${r.memory_gib} GiB`],
  load_balancer: (r) => [r.address, r.address_type],
  slb_listener: (r) => [`${r.protocol} ${r.port}`],
  oss_object: (r) => [`${r.size} bytes`, r.bucket],
  task: (r) => [r.action, r.resource_id],
};

const GOOD = /^(available|running|in_?use|active|accomplished|enabled|finished|associated|normal)$/i;
const BAD = /fail|error|locked|expired/i;
const BUSY = /(?<!runn)ing$/i;

const PRESETS = {
  lost: { kind: "lost" },
  throttled: { kind: "error", code: "Throttling.User" },
  stock: { kind: "error", code: "OperationDenied.NoStock" },
  late: { kind: "delay", seconds: 3 },
};

const $ = (id) => document.getElementById(id);

function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The control API

async function ask(method, path, given) {
  const body = given === undefined ? undefined : JSON.stringify(given);
  const response = await fetch(`/_sim/${path}`, { method, body, cache: "no-store" });
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Error(answer.error ?? `${method} ${path}: ${response.status}`);
  }
  return response;
}

const read = async (path) => (await ask("GET", path)).json();

// A click: send it, say what was wrong, and show what became of it at once.
async function act(method, path, given, complaint = $("problem")) {
  try {
    await ask(method, path, given);
    complaint.hidden = true;
  } catch (error) {
    complaint.textContent = error.message;
    complaint.hidden = false;
    return;
  }
  await running;
  await refresh();
}

// Resources

const kinds = new Map(); // kind -> its part of the page
const rows = new Map(); // "kind id" -> a row of it
let firstLook = true;

function kindPart(kind) {
  const count = h("span", { className: "count" });
  const body = h("tbody");
  const name = NAMES.get(kind) ?? kind.replaceAll("_", " ");
  const details = h("details", { open: OPEN.has(kind) },
    h("summary", {}, h("span", {}, name), " ", count),
    h("table", {}, h("caption", { className: "hidden" }, name),
      h("colgroup", {}, ...COLUMNS.map((column) => h("col", { className: column.toLowerCase() }))),
      h("thead", { className: "hidden" }, h("tr", {},
        ...COLUMNS.map((column) => h("th", { scope: "col" }, column)))),
      body));
  details.dataset.kind = kind;
  const place = (one) => ORDER.get(one) ?? ORDER.size;
  const next = [...kinds].filter(([one]) => place(one) > place(kind)
    || (place(one) === place(kind) && one > kind)).map(([, part]) => part.details);
  const first = [...$("kinds").children].find((child) => next.includes(child));
  $("kinds").insertBefore(details, first ?? null);
  return { details, count, body, name };
}

function resourceRow(id) {
  const button = h("button", { type: "button", className: "id", title: id }, id);
  button.setAttribute("aria-expanded", "false");
  const row = {
    button,
    name: h("td"),
    state: h("span", { className: "state" }),
    progress: h("progress", { max: 1, hidden: true }),
    place: h("td"),
    note: h("td", { className: "note" }),
    more: null,
    record: null,
  };
  row.element = h("tr", {}, h("td", {}, button), row.name,
    h("td", {}, row.state, row.progress), row.place, row.note);
  row.element.dataset.id = id;
  row.progress.setAttribute("aria-label", `progress of ${id}`);
  button.addEventListener("click", () => toggle(row));
  return row;
}

function toggle(row) {
  if (row.more) {
    row.more.remove();
    row.more = null;
  } else {
    row.more = h("tr", { className: "more" }, h("td", { colSpan: 5, className: "more" }));
    row.element.after(row.more);
    fillMore(row);
  }
  row.button.setAttribute("aria-expanded", String(row.more !== null));
}

function fillMore(row) {
  const list = h("dl");
  for (const [name, value] of Object.entries(row.record)) {
    if (value === "" || (Array.isArray(value) && !value.length)) continue;
    list.append(h("dt", {}, name), h("dd", {}, shownField(name, value)));
  }
  const cell = row.more.firstChild;
  if (cell.textContent !== list.textContent) cell.replaceChildren(list);
}

function shownField(name, value) {
  if (SECRET_FIELD.test(name) && typeof value === "string") return `${value.length} characters, not shown`;
  if (name === "created" && value) return new Date(value * 1000).toISOString();
  return typeof value === "string" ? value : JSON.stringify(value);
}

const NO_AGENT = { stopped: "", failed: "agent failed" };

function agentNote(agent) {
  return NO_AGENT[agent.state] ?? (agent.port ? `agent on port ${agent.port}` : "agent");
}

function showResources(state, { agents }) {
  const about = {
    now: state.clock.seconds,
    jobs: new Map(state.jobs.map((job) => [job.record.join(" "), job])),
    agents: new Map(agents.map((agent) => [`instance ${agent.instance}`, agentNote(agent)])),
  };
  const shown = new Map(Object.entries(state.records)
    .filter(([kind]) => !SECRET_KINDS.has(kind))
    .map(([kind, records]) => [kind, chosen(records)]));
  const present = new Set([...shown].flatMap(([kind, list]) => list.map((one) => `${kind} ${one.id}`)));
  for (const [key, row] of rows) {
    if (present.has(key)) continue;
    row.element.remove();
    row.more?.remove();
    rows.delete(key);
  }
  for (const [kind, list] of shown) {
    if (!kinds.has(kind)) kinds.set(kind, kindPart(kind));
    showKind(kind, list, Object.keys(state.records[kind]).length, about);
  }
  for (const [kind, part] of kinds) part.details.hidden = !shown.get(kind)?.length;
  $("nothing-found").hidden = present.size > 0;
  firstLook = false;
}

// The records that fit the text to find, the newest first, and of many the newest only.
function chosen(records) {
  const wanted = $("find").value.trim().toLowerCase();
  return Object.values(records).filter((one) => [one.id, one.name, one.status, one.zone_id, one.region]
    .join(" ").toLowerCase().includes(wanted)).slice(-MOST_ROWS).reverse();
}

function showKind(kind, list, total, about) {
  const part = kinds.get(kind);
  let at = part.body.firstChild;
  for (const record of list) {
    const row = showResource(kind, record, about);
    for (const element of [row.element, row.more].filter(Boolean)) {
      if (element === at) at = at.nextSibling;
      else part.body.insertBefore(element, at);
    }
  }
  setText(part.count, list.length === total ? `${total}` : `${list.length} of ${total}`);
  const busy = list.some((record) => about.jobs.has(`${kind} ${record.id}`));
  part.count.classList.toggle("some-busy", busy);
}

function showResource(kind, record, { now, jobs, agents }) {
  const key = `${kind} ${record.id}`;
  const job = jobs.get(key);
  let row = rows.get(key);
  if (!row) {
    row = resourceRow(record.id);
    rows.set(key, row);
    row.element.classList.toggle("new", !firstLook);
  } else if (row.record.status !== record.status) {
    row.element.classList.remove("new");
    void row.element.offsetWidth; // starts the animation again
    row.element.classList.add("new");
  }
  row.record = record;
  setText(row.name, record.name ?? "");
  setText(row.state, record.status);
  row.state.className = `state ${tone(record.status, job)}`;
  row.progress.hidden = !job;
  if (job) row.progress.value = share(job, now);
  setText(row.place, record.zone_id || record.region || "");
  setText(row.note, [...(NOTES[kind]?.(record) ?? []), agents.get(key)].filter(Boolean).join(" · "));
  row.note.title = row.note.textContent;
  if (row.more) fillMore(row);
  return row;
}

function tone(status, job) {
  if (job || BUSY.test(status)) return "busy";
  if (BAD.test(status)) return "bad";
  return GOOD.test(status) ? "good" : "";
}

function share(job, now) {
  const whole = job.due - job.began;
  return whole > 0 ? Math.min(1, Math.max(0, (now - job.began) / whole)) : 1;
}

// Calls

let calls = []; // the oldest first
let lastCall = 0;
let paused = false;
const outcomes = new Set();
const seen = new Set();

const failed = (call) => call.status >= 400 || call.fate !== "sent" || Boolean(call.code);

function outcomeOf(call) {
  if (call.fate !== "sent") return call.fate;
  return call.code || String(call.status);
}

function fits(call) {
  const action = $("call-action").value.trim().toLowerCase();
  const outcome = $("call-outcome").value;
  if (!`${call.service} ${call.action}`.toLowerCase().includes(action)) return false;
  if (outcome === "") return true;
  return outcome === "errors" ? failed(call) : outcomeOf(call) === outcome;
}

function callRow(call) {
  const params = Object.entries(call.params).map(([name, value]) => `${name}=${value}`).join("  ");
  const toggle = h("button", { type: "button", className: "params" }, params || "none");
  toggle.setAttribute("aria-expanded", "false");
  toggle.addEventListener("click", () => {
    const open = toggle.getAttribute("aria-expanded") === "true";
    toggle.setAttribute("aria-expanded", String(!open));
    const rest = [`RequestId=${call.request_id}`, `key=${call.key}`, `HTTP ${call.status}`];
    const lines = [...Object.entries(call.params).map(([name, value]) => `${name}=${value}`), ...rest];
    toggle.textContent = open ? params || "none" : lines.join("\n");
  });
  const again = h("button", { type: "button", className: "again" }, "fail next");
  again.title = `Choose ${call.action} for a fault`;
  again.addEventListener("click", () => chooseAction(call.action));
  const outcome = h("span", { className: `state ${failed(call) ? "bad" : "good"}` }, outcomeOf(call));
  const row = h("tr", {},
    h("td", {}, new Date(call.time * 1000).toTimeString().slice(0, 8)),
    h("td", {}, h("b", {}, call.action || "?"), h("small", {}, call.service), again),
    h("td", {}, outcome),
    h("td", { className: "number" }, `${Math.round(call.duration * 1000)} ms`),
    h("td", {}, toggle));
  row.dataset.number = call.number;
  return row;
}

function noteCall(call) {
  if (call.action && !seen.has(call.action)) {
    seen.add(call.action);
    $("seen").append(h("option", { value: call.action }));
  }
  const outcome = outcomeOf(call);
  if (failed(call) && !outcomes.has(outcome)) {
    outcomes.add(outcome);
    $("call-outcome").append(h("option", { value: outcome }, outcome));
  }
}

function addCalls(added) {
  calls = [...calls, ...added].slice(-MOST_ROWS);
  added.forEach(noteCall);
  if (paused) return;
  const fitting = added.slice(-MOST_ROWS).filter(fits).map(callRow);
  if (!firstCalls) fitting.forEach((row) => row.classList.add("new"));
  $("rows").prepend(...fitting.reverse());
  trimRows();
}
let firstCalls = true;

function trimRows() {
  while ($("rows").childElementCount > MOST_ROWS) $("rows").lastElementChild.remove();
  const shown = $("rows").childElementCount;
  $("no-calls").hidden = shown > 0;
  setText($("no-calls"), calls.length ? "No call fits." : "No call yet.");
  setText($("shown"), calls.length ? `${shown} of the last ${calls.length}` : "");
}

function filterCalls() {
  $("rows").replaceChildren(...calls.filter(fits).reverse().map(callRow));
  trimRows();
}

function forgetCalls(first) {
  if (!calls.length || calls[0].number >= first) return;
  calls = calls.filter((call) => call.number >= first);
  filterCalls();
}

// Faults

function chooseAction(action) {
  $("fault-action").value = action;
  $("fault-action").focus();
  $("fault-action").select();
}

function addFault(rule) {
  const given = { action: $("fault-action").value.trim() || "*", ...rule };
  return act("POST", "faults", given, $("fault-error"));
}

function faultOfForm() {
  const kind = $("fault-kind").value;
  const rule = { kind, nth: $("fault-nth").valueAsNumber, count: $("fault-count").valueAsNumber };
  if (kind === "error") rule.code = $("fault-code").value.trim();
  if (kind === "delay" || kind === "stall") rule.seconds = $("fault-seconds").valueAsNumber;
  return rule;
}

function whenOf(rule) {
  const first = rule.nth === 1 ? "" : ` from call ${rule.nth} on`;
  if (rule.count === 0) return `all calls${first}`;
  return rule.count === 1 ? (rule.nth === 1 ? "next call" : `call ${rule.nth}`) : `${rule.count} calls${first}`;
}

function showFaults({ faults, limits }) {
  const keep = document.activeElement?.dataset?.fault;
  const list = faults.map((rule) => {
    const remove = h("button", { type: "button" }, "Remove");
    remove.dataset.fault = rule.id;
    remove.setAttribute("aria-label", `Remove fault ${rule.id}: ${rule.kind} of ${rule.action}`);
    remove.addEventListener("click", () => act("DELETE", `faults/${rule.id}`, undefined, $("fault-error")));
    const what = [rule.kind === "error" ? rule.code : rule.kind,
      (rule.kind === "delay" || rule.kind === "stall") && `${rule.seconds} s`].filter(Boolean).join(" ");
    const where = rule.action === "*" ? "any action" : rule.action;
    const spent = rule.count > 0 && rule.hit >= rule.count;
    return h("li", { className: spent ? "spent" : "" },
      h("div", {}, h("b", {}, what), ` · ${where}`,
        h("small", {}, `${whenOf(rule)} · ${spent ? "spent, " : ""}hit ${rule.hit} of ${rule.matched}`)),
      remove);
  });
  for (const limit of limits) {
    const rate = limit.per_minute ? `${limit.per_minute} a minute` : `${limit.rate} a second`;
    list.push(h("li", {}, h("div", {}, h("b", {}, `limit ${rate}`),
      ` · ${limit.action === "*" ? "any action" : limit.action}`, h("small", {}, limit.code))));
  }
  const text = JSON.stringify([faults, limits]);
  if (showFaults.last !== text) $("rules").replaceChildren(...list);
  showFaults.last = text;
  $("no-rules").hidden = list.length > 0;
  $("clear-faults").hidden = list.length === 0;
  if (keep) [...$("rules").querySelectorAll("button")].find((one) => one.dataset.fault === keep)?.focus();
}

// The loop

function showClock(state) {
  setText($("now"), state.clock.now.replace("T", " ").replace("Z", " UTC"));
  $("now").classList.toggle("frozen", state.clock.frozen);
  $("freeze").setAttribute("aria-pressed", String(state.clock.frozen));
  setText($("freeze"), state.clock.frozen ? "Frozen" : "Freeze");
  if (document.activeElement !== $("pace")) $("pace").value = state.pace.name;
}

function showConnection(mode, text) {
  $("connection").dataset.state = mode;
  setText($("connection"), text);
}

let running = null;

function refresh() {
  running ??= look().finally(() => { running = null; });
  return running;
}

async function look() {
  try {
    const query = firstCalls ? `last=${MOST_ROWS}` : `after=${lastCall}`;
    const [state, agents, faults, lines] = await Promise.all([
      read("state"), read("agents"), read("faults"),
      ask("GET", `calls?${query}`).then((answer) => answer.text()),
    ]);
    showClock(state);
    showResources(state, agents);
    showFaults(faults);
    forgetCalls(state.calls.first);
    const added = lines.split("\n").filter(Boolean).map((line) => JSON.parse(line))
      .filter((call) => call.number > lastCall);
    if (added.length) lastCall = added.at(-1).number;
    addCalls(added);
    firstCalls = false;
    if (state.bugs) showConnection("gone", `${state.bugs} bugs of the simulator, see /_sim/bugs`);
    else showConnection("live", "live");
  } catch (error) {
    showConnection("gone", error instanceof TypeError ? "the simulator does not answer" : error.message);
  }
}

// A cloud with many resources takes its time to tell: it is asked less often then.
async function loop() {
  const began = performance.now();
  if (document.visibilityState === "visible") await refresh();
  setTimeout(loop, Math.max(EVERY_MS, 4 * (performance.now() - began)));
}

function askTwice(button, text, then) {
  const usual = button.textContent;
  const calm = () => {
    button.classList.remove("sure");
    button.textContent = usual;
  };
  button.addEventListener("click", () => {
    if (!button.classList.contains("sure")) {
      button.classList.add("sure");
      button.textContent = text;
      setTimeout(calm, 4000);
      return;
    }
    calm();
    then();
  });
  button.addEventListener("blur", calm);
}

function start() {
  $("freeze").addEventListener("click", () => act("POST", "clock",
    { freeze: $("freeze").getAttribute("aria-pressed") !== "true" }));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => act("POST", "clock", { advance: Number(button.dataset.advance) }));
  }
  $("pace").addEventListener("change", () => act("POST", "pace", { name: $("pace").value }));
  askTwice($("reset"), "Reset everything?", () => act("POST", "reset"));
  $("find").addEventListener("input", refresh);
  $("call-action").addEventListener("input", filterCalls);
  $("call-outcome").addEventListener("change", filterCalls);
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    setText($("pause"), paused ? "Paused" : "Pause");
    if (!paused) filterCalls();
  });
  for (const button of document.querySelectorAll("[data-preset]")) {
    button.addEventListener("click", () => addFault(PRESETS[button.dataset.preset]));
  }
  $("fault").addEventListener("submit", (event) => {
    event.preventDefault();
    addFault(faultOfForm());
  });
  $("clear-faults").addEventListener("click", () => act("DELETE", "faults", undefined, $("fault-error")));
  read("actions").then(({ actions }) => {
    const names = new Set(Object.values(actions).flat());
    $("actions").append(...["*", ...[...names].sort()].map((value) => h("option", { value })));
  }).catch(() => {});
  loop();
}

start();
