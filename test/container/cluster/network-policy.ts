/**
 * NetworkPolicies as firewall rules of a pod's own network, as a network plugin would enforce them: the rules of all
 * policies that select it add up; a direction that no policy names stays open; the node may always come in, for its
 * probes.
 */
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";

import { NODE } from "./addresses.ts";

type Labels = Readonly<Record<string, string>>;

/** A pod, as policies see it. */
export interface Seen {
  readonly labels: Labels;
  readonly namespace: string;
  readonly ip: string | undefined;
  /** By name. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface World {
  readonly policies: readonly INetworkPolicy[];
  readonly pods: readonly Seen[];
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[] | null;
  }[];
}

export const selects = (
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Labels,
): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values }) => {
    if (operator !== "In") throw new Error(`the operator ${operator} is not played here`);
    return (values ?? []).includes(labels[key] ?? "");
  });

type Rule = NonNullable<NonNullable<INetworkPolicy["spec"]>["egress"]>[number];
type Peer = NonNullable<Rule["to"]>[number];

/** What `iptables-restore` takes; undefined where no policy selects the pod. */
export function firewallOf(pod: Seen, world: World): string | undefined {
  const own = world.policies.filter(
    ({ metadata, spec }) =>
      metadata?.namespace === pod.namespace && selects(spec?.podSelector ?? {}, pod.labels),
  );
  const of = (type: "Ingress" | "Egress") =>
    own.filter(({ spec }) => spec?.policyTypes?.includes(type));
  const [ingress, egress] = [of("Ingress"), of("Egress")];
  if (own.length === 0) return undefined;
  const lines = [
    "*filter",
    `:INPUT ${ingress.length > 0 ? "DROP" : "ACCEPT"}`,
    ":FORWARD DROP",
    `:OUTPUT ${egress.length > 0 ? "DROP" : "ACCEPT"}`,
    "-A INPUT -i lo -j ACCEPT",
    "-A OUTPUT -o lo -j ACCEPT",
    "-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    "-A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    `-A INPUT -s ${NODE} -j ACCEPT`,
  ];
  const rules = [
    ...ingress.flatMap(({ spec }) =>
      (spec?.ingress ?? []).map((rule) => ({
        chain: "INPUT",
        side: "-s",
        peers: rule.from,
        ports: rule.ports,
      })),
    ),
    ...egress.flatMap(({ spec }) =>
      (spec?.egress ?? []).map((rule) => ({
        chain: "OUTPUT",
        side: "-d",
        peers: rule.to,
        ports: rule.ports,
      })),
    ),
  ];
  for (const [index, { chain, side, peers, ports }] of rules.entries()) {
    if (peers === undefined || ports === undefined)
      throw new Error("a rule for everybody or for all ports is not played here");
    for (const [at, peer] of peers.entries()) {
      const block = `RULE-${index}-${at}`;
      lines.push(`:${block} -`, `-A ${chain} -j ${block}`);
      for (const except of peer.ipBlock?.except ?? [])
        if (!except.includes(":")) lines.push(`-A ${block} ${side} ${except} -j RETURN`);
      for (const address of addressesOf(peer, pod, world))
        for (const { protocol = "TCP", port } of ports) {
          const number = typeof port === "string" ? pod.ports[port] : port;
          if (number === undefined) throw new Error(`no port ${port}`);
          lines.push(
            `-A ${block} ${side} ${address} -p ${protocol.toLowerCase()} --dport ${number} -j ACCEPT`,
          );
        }
    }
  }
  return [...lines, "COMMIT", ""].join("\n");
}

/** IPv4 only, as the pods here have no other. */
function addressesOf(peer: Peer, pod: Seen, { pods }: World): readonly string[] {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock !== undefined) return ipBlock.cidr.includes(":") ? [] : [ipBlock.cidr];
  return pods.flatMap(({ ip, labels, namespace }) => {
    const inSpace =
      namespaceSelector === undefined
        ? namespace === pod.namespace
        : selects(namespaceSelector, { "kubernetes.io/metadata.name": namespace });
    const fits = inSpace && selects(podSelector ?? {}, labels);
    return fits && ip !== undefined ? [ip] : [];
  });
}
