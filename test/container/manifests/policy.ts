/** What a pod must be to be let into a namespace of Pod Security "restricted", and what Footbridge asks of itself. */
import type { IContainer, IPodSpec } from "kubernetes-models/v1";

import { all, type Document, the } from "./documents.ts";

export const podOf = (documents: readonly Document[]): IPodSpec =>
  the(documents, "Deployment").spec!.template.spec!;

export const containerOf = (documents: readonly Document[]): IContainer => {
  const { containers } = podOf(documents);
  if (containers.length !== 1) throw new Error(`${containers.length} containers, not 1`);
  return containers[0]!;
};

/** The volume types that "restricted" lets in. */
const VOLUMES: ReadonlySet<string> = new Set(
  "configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret".split(" "),
);

/** The rules of the Pod Security Standard "restricted" that this pod breaks (Kubernetes 1.25 and newer). */
export function unrestricted(pod: IPodSpec): readonly string[] {
  const broken: string[] = [];
  const must = (rule: string, kept: boolean): void => {
    if (!kept) broken.push(rule);
  };
  must("host namespaces", !(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC ?? false));
  must("sysctls", (pod.securityContext?.sysctls ?? []).length === 0);
  for (const { name, ...kinds } of pod.volumes ?? [])
    must(
      `volume ${name}`,
      Object.keys(kinds).every((kind) => VOLUMES.has(kind)),
    );
  for (const each of [...pod.containers, ...(pod.initContainers ?? [])]) {
    const own = each.securityContext ?? {};
    must("privileged", own.privileged !== true);
    must("privilege escalation", own.allowPrivilegeEscalation === false);
    must("runAsNonRoot", own.runAsNonRoot ?? pod.securityContext?.runAsNonRoot ?? false);
    must("runAsUser", (own.runAsUser ?? pod.securityContext?.runAsUser) !== 0);
    must("capabilities", own.capabilities?.drop?.includes("ALL") === true);
    must(
      "added capabilities",
      (own.capabilities?.add ?? []).every((capability) => capability === "NET_BIND_SERVICE"),
    );
    const seccomp = (own.seccompProfile ?? pod.securityContext?.seccompProfile)?.type;
    must("seccomp", seccomp === "RuntimeDefault" || seccomp === "Localhost");
    must(
      "host ports",
      (each.ports ?? []).every(({ hostPort }) => hostPort === undefined || hostPort === 0),
    );
    must("procMount", own.procMount === undefined || own.procMount === "Default");
  }
  return broken;
}

/** `kind name` of all that is named by another document. */
export function references(documents: readonly Document[]): readonly string[] {
  const pod = podOf(documents);
  return [
    ...(pod.serviceAccountName === undefined ? [] : [`ServiceAccount ${pod.serviceAccountName}`]),
    ...(pod.volumes ?? []).flatMap(({ configMap, secret, persistentVolumeClaim }) => [
      ...(configMap == null ? [] : [`ConfigMap ${configMap.name}`]),
      ...(secret == null ? [] : [`Secret ${secret.secretName}`]),
      ...(persistentVolumeClaim == null
        ? []
        : [`PersistentVolumeClaim ${persistentVolumeClaim.claimName}`]),
    ]),
    ...(containerOf(documents).envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
      ...(configMapRef == null ? [] : [`ConfigMap ${configMapRef.name}`]),
      ...(secretRef == null ? [] : [`Secret ${secretRef.name}`]),
    ]),
    ...all(documents, "HTTPRoute").flatMap(({ spec }) =>
      (spec.rules ?? []).flatMap(({ backendRefs = [] }) =>
        backendRefs.map(({ name }) => `Service ${name}`),
      ),
    ),
    ...all(documents, "Ingress").flatMap(({ spec }) =>
      (spec?.rules ?? []).flatMap(({ http }) =>
        (http?.paths ?? []).map(({ backend }) => `Service ${backend.service?.name}`),
      ),
    ),
    ...all(documents, "ServiceMonitor").flatMap(({ spec }) =>
      spec.endpoints.map(({ authorization }) => `Secret ${authorization?.credentials?.name}`),
    ),
  ];
}

type Labels = Readonly<Record<string, string>>;

/** The labels by which other documents find Footbridge's pods or its Service. */
export const selectors = (documents: readonly Document[]): readonly (Labels | undefined)[] => [
  ...all(documents, "Deployment").map(({ spec }) => spec?.selector.matchLabels),
  ...all(documents, "Service").map(({ spec }) => spec?.selector),
  ...all(documents, "NetworkPolicy").map(({ spec }) => spec?.podSelector?.matchLabels),
  ...all(documents, "PodDisruptionBudget").map(({ spec }) => spec?.selector?.matchLabels),
  ...all(documents, "ServiceMonitor").map(({ spec }) => spec.selector.matchLabels),
  ...(podOf(documents).topologySpreadConstraints ?? []).map(
    ({ labelSelector }) => labelSelector?.matchLabels,
  ),
];
