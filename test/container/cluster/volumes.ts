/** What a pod's volumes and variables hold, as files on this machine, owned as the kubelet hands them over. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { IPodSpec } from "kubernetes-models/v1";

import { all, type Document } from "../manifests/documents.ts";
import type { Sources } from "./translate.ts";

/** Root's, and the pod's group may write and hands its group on. */
const FOLDER_MODE = 0o2775;

/** The texts of a ConfigMap or Secret. */
function contents(
  documents: readonly Document[],
  kind: "ConfigMap" | "Secret",
  name: string,
): Readonly<Record<string, string>> {
  const found = all(documents, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  const entries = Object.entries((found.data ?? {}) as Record<string, string>);
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      kind === "ConfigMap" ? value : Buffer.from(value, "base64").toString(),
    ]),
  );
}

/** For one pod. Claims are shared by their names, all else is its own. */
export function sourcesOf(
  pod: string,
  spec: IPodSpec,
  documents: readonly Document[],
  home: string,
): Sources {
  const folder = (name: string): string => {
    const path = join(home, name);
    mkdirSync(path, { recursive: true });
    chownSync(path, 0, spec.securityContext!.fsGroup!);
    chmodSync(path, FOLDER_MODE);
    return path;
  };
  return {
    variables: (kind, name) => contents(documents, kind, name),
    volumes(name) {
      const volume = spec.volumes!.find((each) => each.name === name)!;
      const { configMap, secret, persistentVolumeClaim, emptyDir } = volume;
      if (persistentVolumeClaim) return folder(`claim-${persistentVolumeClaim.claimName}`);
      const path = folder(`${pod}-${name}`);
      if (emptyDir) return path;
      const files = configMap
        ? contents(documents, "ConfigMap", configMap.name!)
        : contents(documents, "Secret", secret!.secretName!);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
      return path;
    },
  };
}
