/**
 * A pod of a rendered manifest as flags of podman. Every field is either translated, known to need nothing on one machine,
 * or an error: so that none is written down and never tried.
 */
import type { IContainer, IPodSpec } from "kubernetes-models/v1";

export interface Sources {
  /** Where on this machine a volume's files are. */
  volumes(name: string): string;
  /** What a ConfigMap or Secret holds. */
  variables(kind: "ConfigMap" | "Secret", name: string): Readonly<Record<string, string>>;
}

/** Fails where something is left that nobody has looked at. */
function nothingElse(where: string, rest: object): void {
  const fields = Object.keys(rest);
  if (fields.length > 0) throw new Error(`${where}: nothing is done with ${fields.join(", ")}`);
}

function expect(where: string, value: unknown, wanted: readonly unknown[]): void {
  if (!wanted.some((each) => JSON.stringify(each) === JSON.stringify(value)))
    throw new Error(`${where} is ${JSON.stringify(value)}: that is not played here`);
}

/** The one container of a pod; probes, preStop and the grace period are `pod.ts`'s. */
export function flagsOf(spec: IPodSpec, sources: Sources): readonly string[] {
  const {
    containers,
    volumes: _volumes,
    securityContext = {},
    serviceAccountName: _account,
    automountServiceAccountToken,
    enableServiceLinks,
    terminationGracePeriodSeconds: _grace,
    // One node has one hostname and one zone.
    topologySpreadConstraints: _spread,
    ...rest
  } = spec;
  nothingElse("the pod", rest);
  // A container here gets neither, whatever the manifest says.
  expect("automountServiceAccountToken", automountServiceAccountToken, [false]);
  expect("enableServiceLinks", enableServiceLinks, [false]);
  expect("the number of containers", containers.length, [1]);
  return [...podSecurity(securityContext), ...containerFlags(containers[0]!, sources)];
}

function podSecurity(context: NonNullable<IPodSpec["securityContext"]>): readonly string[] {
  const {
    runAsUser,
    runAsGroup,
    fsGroup,
    runAsNonRoot,
    // Volumes are handed over as with Always.
    fsGroupChangePolicy: _policy,
    seccompProfile,
    ...rest
  } = context;
  nothingElse("the pod's securityContext", rest);
  expect("runAsNonRoot", runAsNonRoot, [true]);
  // Podman's default is the profile of the runtime.
  expect("seccompProfile", seccompProfile, [{ type: "RuntimeDefault" }]);
  return ["--user", `${runAsUser}:${runAsGroup}`, "--group-add", String(fsGroup)];
}

function containerFlags(container: IContainer, sources: Sources): readonly string[] {
  const {
    name: _name,
    image: _image,
    imagePullPolicy: _pull,
    envFrom = [],
    env = [],
    ports: _ports,
    startupProbe: _startup,
    livenessProbe: _liveness,
    readinessProbe: _readiness,
    lifecycle: _lifecycle,
    // No cgroups here: asked for and limited are only checked by the schemas and the policies.
    resources: _resources,
    securityContext = {},
    volumeMounts = [],
    ...rest
  } = container;
  nothingElse("the container", rest);
  const variables = {
    ...Object.assign({}, ...envFrom.map((source) => variablesOf(source, sources))),
    ...Object.fromEntries(env.map(({ name, value }) => [name, value ?? ""])),
  } as Record<string, string>;
  return [
    ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...containerSecurity(securityContext),
    ...volumeMounts.flatMap(({ name, mountPath, readOnly = false, ...more }) => {
      nothingElse("the mount", more);
      return ["--volume", `${sources.volumes(name)}:${mountPath}:${readOnly ? "ro" : "rw"}`];
    }),
  ];
}

function variablesOf(
  { configMapRef, secretRef, ...rest }: NonNullable<IContainer["envFrom"]>[number],
  { variables }: Sources,
): Readonly<Record<string, string>> {
  nothingElse("envFrom", rest);
  if (configMapRef !== undefined) return variables("ConfigMap", configMapRef.name!);
  return variables("Secret", secretRef!.name!);
}

function containerSecurity(context: NonNullable<IContainer["securityContext"]>): readonly string[] {
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, ...rest } = context;
  nothingElse("the container's securityContext", rest);
  expect("capabilities", capabilities, [{ drop: ["ALL"] }]);
  return [
    "--cap-drop=all",
    ...(allowPrivilegeEscalation === false ? ["--security-opt", "no-new-privileges"] : []),
    // Podman would otherwise add file systems that Kubernetes does not.
    ...(readOnlyRootFilesystem === true ? ["--read-only", "--read-only-tmpfs=false"] : []),
  ];
}
