import type { QueueMessage } from "./queue-message.ts";

/** The messages of a queue that can be received now. */
export interface ReadyLine {
  /** A message became visible: sent, delay over, visibility timeout over. */
  add(message: QueueMessage): void;
  /** The next message that may be handed out; it is no longer in the line. */
  take(): QueueMessage | undefined;
  /** Takes note of a message that an earlier run handed out. */
  hold(message: QueueMessage): void;
  /** A handed out message came back or was deleted. */
  released(message: QueueMessage): void;
  /** Called once per receive: what was passed over during it may be taken again. */
  endOfReceive(): void;
  readonly hasAny: boolean;
}

/** The messages of one `MessageGroupId` of a standard queue, or all that have none. */
class Tenant {
  readonly groupId: string | undefined;
  inFlight = 0;
  #messages: QueueMessage[] = [];
  #head = 0;

  constructor(groupId: string | undefined) {
    this.groupId = groupId;
  }

  get hasAny(): boolean {
    // A message can be deleted while it lies here, by the handle of an earlier receive.
    while (this.#messages[this.#head]?.state === "gone") this.#head += 1;
    return this.#head < this.#messages.length;
  }

  add(message: QueueMessage): void {
    this.#messages.push(message);
  }

  take(): QueueMessage | undefined {
    const message = this.#messages[this.#head];
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }
}

/**
 * Standard queues: first come, first served, and no promise. Fair queues: the tenant with the fewest messages in flight
 * comes first, and of those the one that waits longest, so that no backlog of one holds up another. SQS does so only
 * for tenants it takes for noisy; here every receive is fair.
 */
export class StandardLine implements ReadyLine {
  readonly #tenants = new Map<string | undefined, Tenant>();
  /** Tenants with something to receive, by how many they have in flight. */
  readonly #byLoad = new Map<number, Set<Tenant>>();
  readonly #out = new Set<QueueMessage>();

  get hasAny(): boolean {
    return this.#next() !== undefined;
  }

  add(message: QueueMessage): void {
    const tenant = this.#tenantOf(message);
    tenant.add(message);
    this.#lineUp(tenant);
  }

  hold(message: QueueMessage): void {
    this.#out.add(message);
    this.#changeLoad(this.#tenantOf(message), 1);
  }

  take(): QueueMessage | undefined {
    const tenant = this.#next();
    const message = tenant?.take();
    if (tenant === undefined || message === undefined) return undefined;
    this.#out.add(message);
    this.#changeLoad(tenant, 1);
    return message;
  }

  released(message: QueueMessage): void {
    const tenant = this.#tenants.get(message.groupId);
    if (tenant === undefined || !this.#out.delete(message)) return;
    this.#changeLoad(tenant, -1);
  }

  endOfReceive(): void {}

  #tenantOf({ groupId }: QueueMessage): Tenant {
    let tenant = this.#tenants.get(groupId);
    if (tenant === undefined) {
      tenant = new Tenant(groupId);
      this.#tenants.set(groupId, tenant);
    }
    return tenant;
  }

  #next(): Tenant | undefined {
    while (this.#byLoad.size > 0) {
      const least = Math.min(...this.#byLoad.keys());
      const [tenant] = this.#byLoad.get(least) ?? [];
      if (tenant?.hasAny) return tenant;
      if (tenant === undefined) {
        this.#byLoad.delete(least);
        continue;
      }
      this.#stepOut(tenant);
      if (tenant.inFlight === 0) this.#tenants.delete(tenant.groupId);
    }
    return undefined;
  }

  /** A changed load puts a tenant behind the others that have as much. */
  #changeLoad(tenant: Tenant, by: 1 | -1): void {
    this.#stepOut(tenant);
    tenant.inFlight += by;
    if (tenant.hasAny) this.#lineUp(tenant);
    else if (tenant.inFlight === 0) this.#tenants.delete(tenant.groupId);
  }

  #lineUp(tenant: Tenant): void {
    const equals = this.#byLoad.get(tenant.inFlight);
    if (equals === undefined) this.#byLoad.set(tenant.inFlight, new Set([tenant]));
    else equals.add(tenant);
  }

  #stepOut(tenant: Tenant): void {
    const equals = this.#byLoad.get(tenant.inFlight);
    equals?.delete(tenant);
    if (equals?.size === 0) this.#byLoad.delete(tenant.inFlight);
  }
}

interface Group {
  /** By sequence. */
  readonly messages: QueueMessage[];
  inFlight: number;
}

/**
 * FIFO queues: order within a group, and a group with a message in flight is closed to every other receive. One receive
 * may take several messages of a group, and goes on to the next group when that one is empty.
 */
export class FifoLine implements ReadyLine {
  readonly #groups = new Map<string, Group>();
  /** Open groups, the longest waiting first. */
  readonly #open = new Set<string>();
  #current: string | undefined;

  get hasAny(): boolean {
    return this.#open.size > 0;
  }

  add(message: QueueMessage): void {
    const group = this.#groupOf(message);
    const behind = group.messages.findLastIndex((other) => other.sequence < message.sequence);
    group.messages.splice(behind + 1, 0, message);
    this.#openIfFree(message.groupId ?? "", group);
  }

  hold(message: QueueMessage): void {
    this.#groupOf(message).inFlight += 1;
    this.#open.delete(message.groupId ?? "");
  }

  take(): QueueMessage | undefined {
    for (;;) {
      this.#current ??= this.#open.values().next().value;
      if (this.#current === undefined) return undefined;
      this.#open.delete(this.#current);
      const group = this.#groups.get(this.#current);
      const message = group?.messages.shift();
      if (group !== undefined && message !== undefined) {
        group.inFlight += 1;
        return message;
      }
      this.#current = undefined;
    }
  }

  released(message: QueueMessage): void {
    const group = this.#groupOf(message);
    group.inFlight = Math.max(0, group.inFlight - 1);
    this.#openIfFree(message.groupId ?? "", group);
  }

  endOfReceive(): void {
    this.#current = undefined;
  }

  #groupOf(message: QueueMessage): Group {
    const id = message.groupId ?? "";
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { messages: [], inFlight: 0 };
      this.#groups.set(id, group);
    }
    return group;
  }

  #openIfFree(id: string, group: Group): void {
    if (group.inFlight > 0) return;
    if (group.messages.length > 0) this.#open.add(id);
    else this.#groups.delete(id);
  }
}
